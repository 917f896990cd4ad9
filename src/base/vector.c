/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vectorised exp and log for callbacks: the public names of vmath's. */
#include "base/vmath.h"
#include "dilate.h"

void dilate_vector_exp(size_t n, const double *x, double *y) {
  if (x != NULL && y != NULL) vmath_exp(n, x, y);
}

void dilate_vector_log(size_t n, const double *x, double *y) {
  if (x != NULL && y != NULL) vmath_log(n, x, y);
}
