/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Factors of metrics in either form: see factor.h. */
#include "base/factor.h"

static void diagonal_times(size_t d, const double *c, size_t n, size_t ld, double *x) {
  for (size_t j = 0; j < d; j++)
    for (size_t i = 0; i < n; i++) x[j * ld + i] *= c[j];
}

void factor_times(size_t d, factor_form form, const double *c, size_t n, size_t ld, double *x) {
  if (form == FACTOR_DIAGONAL)
    diagonal_times(d, c, n, ld, x);
  else
    lower_times(d, c, n, ld, x);
}

void factor_transpose_times(size_t d, factor_form form, const double *c, size_t n, size_t ld, double *x) {
  if (form == FACTOR_DIAGONAL)
    diagonal_times(d, c, n, ld, x);
  else
    lower_transpose_times(d, c, n, ld, x);
}

void factor_inverse(size_t d, factor_form form, const double *c, double *ci) {
  if (form == FACTOR_LOWER) {
    lower_inverse(d, c, ci);
    return;
  }
  for (size_t j = 0; j < d; j++) ci[j] = 1 / c[j];
}
