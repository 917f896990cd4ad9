/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a result that may be spread over ranks: who has which, and some of them brought together.  Where a result is not spread all
 * is here, and nothing is exchanged. */
#ifndef DILATE_METHOD_RESULT_ROWS_H
#define DILATE_METHOD_RESULT_ROWS_H

#include "method/result.h"

/* For loops over the rows that are here, with an exchange at their end. */
shared_loop result_rows(const dilate_result *result, target *t);
/* Column j of all rows; held: the rows that are here, `width` numbers each. */
void result_column(const dilate_result *result, target *t, const double *held, size_t width, size_t j, double *column);
/* Draws row[k] as points, one behind the other, on all ranks. */
void result_pick(const dilate_result *result, target *t, size_t n, const size_t *row, double *x);

#endif
