/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of every kind, for the tests of the transforms. */
#ifndef DILATE_TESTS_TRANSFORM_CASES_H
#define DILATE_TESTS_TRANSFORM_CASES_H

#include "dilate.h"

enum { MAX = 289 }; /* values: a matrix that is too large for the stack */

extern const dilate_block transform_blocks[];
extern const int transform_block_count;

int is_matrix(const dilate_block *block);
size_t rows_of(const dilate_block *block); /* of a matrix */
/* Indices of the natural values that are free to move; returns how many. */
size_t free_values(const dilate_block *block, size_t *index);
/* MAX values u: a smooth choice, another for every `turn`, within (-2, 2); of a large matrix within (-0.2, 0.2), so that it is not
 * singular. */
void unconstrained_at(const dilate_block *block, int turn, double *u);

#endif
