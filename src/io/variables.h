/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns of draws as the variables that they are elements of: theta[1], theta[2] ... (or theta.1, theta.2 ..., as Stan's files have them)
 * are a vector theta, L[1,1] ... L[2,2] a matrix. */
#ifndef DILATE_IO_VARIABLES_H
#define DILATE_IO_VARIABLES_H

#include "io/failure.h"
#include <stddef.h>

enum { VARIABLE_RANK = 8 };

/* "L[2,1]" or "L.2.1" is the element (2, 1) of L; any other name, and one with more indices than VARIABLE_RANK, has rank 0. */
typedef struct element_name {
  size_t base; /* bytes of the name that stand before the indices */
  size_t rank;
  size_t index[VARIABLE_RANK]; /* from 1 */
} element_name;

element_name element_name_of(const char *name);

typedef struct variable {
  char *name;  /* what stands before the indices; of a column that is no element of a block, its whole name */
  size_t rank; /* 0: one number */
  size_t extent[VARIABLE_RANK], size;
  const size_t *column; /* size: where each element stands, the last index running fastest */
} variable;

typedef struct variable_list {
  size_t count, columns;
  variable *item; /* in the order of their first columns */
  size_t *column; /* those of the variables, one after another */
} variable_list;

/* Elements of one name are a block when each index from 1 to the largest stands there exactly once, and no single number has the block's
 * name; otherwise each is a variable of its own under its whole name.  Every column belongs to exactly one variable.  On failure *out is
 * empty. */
int variables_find(size_t columns, const char *const *name, variable_list *out, failure *f);
void variables_clear(variable_list *list);

/* The index of element `at` of the variable, from 1, at dimension k. */
size_t variable_index(const variable *v, size_t at, size_t k);
/* The elements' places with the first index running fastest, as Stan's files have them: the at-th of them. */
size_t variable_first_fastest(const variable *v, size_t at);

#endif
