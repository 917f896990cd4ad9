/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Least squares of a column on others: see least_squares.h. */
#include "stage/least_squares.h"

#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"

int least_squares_create(size_t n, size_t most, least_squares *s) {
  *s = (least_squares){.kernels = columns_chosen(),
                       .n = n,
                       .column = NEW(const double *, most),
                       .right = NEW(double, most),
                       .normal = NEW2(double, 2 * most, most),
                       .scaled = NEW2(double, most, n)};
  return !s->column || !s->right || !s->normal || !s->scaled;
}

void least_squares_clear(least_squares *s) {
  memory_free(s->column);
  memory_free(s->right);
  memory_free(s->normal);
  memory_free(s->scaled);
  *s = (least_squares){0};
}

void least_squares_products(const least_squares *s, size_t m, const double *weight, double *product) {
  if (m <= FEW_COLUMNS)
    s->kernels->few_products(s->n, m, s->column, weight, product);
  else
    s->kernels->products(s->n, m, s->column, weight, s->scaled, product);
}

int least_squares_solve(size_t m, double *normal, double *right) {
  if (cholesky_ridge(m, normal)) return 1;
  cholesky_solve(m, normal, right);
  return 0;
}

int least_squares_fit(const least_squares *s, size_t m, const double *weight) {
  const size_t terms = m - 1;
  double *product = s->normal + m * m;
  least_squares_products(s, m, weight, product);
  for (size_t r = 0; r < terms; r++) memcpy(s->normal + r * terms, product + r * m, terms * sizeof *product);
  memcpy(s->right, product + terms * m, terms * sizeof *product);
  return least_squares_solve(terms, s->normal, s->right);
}
