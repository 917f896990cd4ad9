/* SPDX-License-Identifier: GPL-3.0-or-later */
/* y = A x + e, e_i ~ N(0, s_i^2): with residuals r = y - A x,
 *   log l = -sum_i (r_i^2 / s_i^2 + log s_i^2 + log 2 pi)/2,   grad log l = A' (r / s^2).
 * A row at a time, over the points of a block: residuals live on the stack, and every loop over points vectorises. */
#include <math.h>
#include <string.h>

#include "base/constants.h"
#include "target/check.h"
#include "target/condition.h"

/* y += w x */
static void add_multiple(size_t n, double w, const double *x, double *y) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) y[i] += w * x[i];
}

/* square[i] is increased by (r/s)^2 of one row, grad by its part of the gradient. */
static void add_row(const condition_linear *l, size_t row, size_t dim, size_t n, size_t ld, const double *x, double *square, double *grad) {
  const double *a = l->a + row * dim, s = l->noise[row];
  double residual[CONDITION_BLOCK];
  for (size_t i = 0; i < n; i++) residual[i] = l->y[row];
  for (size_t j = 0; j < dim; j++) add_multiple(n, -a[j], x + j * ld, residual);
  for (size_t i = 0; i < n; i++) {
    residual[i] /= s;
    square[i] += residual[i] * residual[i];
    residual[i] /= s;
  }
  for (size_t j = 0; grad && j < dim; j++) add_multiple(n, a[j], residual, grad + j * ld);
}

static int evaluate(const dilate_condition *c, int batch, size_t n, size_t ld, const double *x, double *logp, double *grad,
                    double *scratch) {
  double square[CONDITION_BLOCK] = {0};
  (void)scratch;
  const int status = condition_prior(c, batch, n, ld, x, logp, grad);
  for (size_t row = 0; status == DILATE_OK && row < c->linear.rows; row++) add_row(&c->linear, row, c->prior.dim, n, ld, x, square, grad);
  /* What overflows, to NaN in the end, is so far off that its density is 0. */
  for (size_t i = 0; i < n; i++) logp[i] += square[i] < INFINITY ? c->linear.constant - 0.5 * square[i] : -INFINITY;
  return status;
}

static double *copy(size_t a, size_t b, const double *x) {
  double *to = NEW2(double, a, b);
  if (to) memcpy(to, x, a * b * sizeof *to);
  return to;
}

static int check(size_t rows, size_t dim, const double *a, const double *y, const double *noise, dilate_error *err) {
  if (rows < 1 || rows > TARGET_DIM_MAX)
    return error_set(err, DILATE_EINVAL, "condition: A and y have %zu rows; there must be from 1 to %d", rows, TARGET_DIM_MAX);
  if (!a || !y || !noise)
    return error_set(err, DILATE_EINVAL, "condition: %s is NULL; give A (%zu x %zu, row-major), y and noise (%zu each)",
                     !a   ? "A"
                     : !y ? "y"
                          : "noise",
                     rows, dim, rows);
  int status = condition_check_finite("A", rows * dim, a, err);
  if (!status) status = condition_check_finite("y", rows, y, err);
  if (!status) status = condition_check_finite("noise", rows, noise, err);
  for (size_t i = 0; i < rows && !status; i++)
    if (!(noise[i] > 0))
      status = error_set(err, DILATE_EINVAL, "condition: noise[%zu] is %g; a standard deviation must be above 0", i, noise[i]);
  return status;
}

static int observe(dilate_condition *c, size_t rows, const double *a, const double *y, const double *noise, dilate_error *err) {
  const size_t dim = c->prior.dim;
  const int status = check(rows, dim, a, y, noise, err);
  if (status != DILATE_OK) return status;
  c->linear = (condition_linear){.rows = rows, .a = copy(rows, dim, a), .y = copy(rows, 1, y), .noise = copy(rows, 1, noise)};
  if (!c->linear.a || !c->linear.y || !c->linear.noise) return error_memory(err, "the condition's measurements");
  for (size_t i = 0; i < rows; i++) c->linear.constant -= log(noise[i]) + 0.5 * LOG_2PI;
  return DILATE_OK;
}

int dilate_condition_linear(const dilate_target *prior, size_t rows, const double *a, const double *y, const double *noise,
                            dilate_condition **out, dilate_error *err) {
  int status = condition_create(prior, evaluate, out, err);
  if (status == DILATE_OK) status = observe(*out, rows, a, y, noise, err);
  return condition_finish(status, out);
}
