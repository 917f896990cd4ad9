/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running a target's callbacks: tiles in, log-densities and gradients out, whatever the callbacks do.
 *
 * Results hold NaN before a callback runs, so that one which forgets to write is found out.  Counters are integers, so the order of
 * threads does not show.  Where there is no gradient: central differences with step cbrt(eps) max(|x_j|, 0.01), one-sided at an edge. */
#include "base/clones.h"
#include "target/state.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define DIFFERENCE_SCALE 0.01 /* coordinates nearer to 0 are stepped as if they were there */
#define ATTEMPTS         3    /* at a derivative whose neighbours are both outside */

/* ---- Scratch ---- */

/* A free place to work.  There are as many as threads may call at once; the thread number is only where to look first, since a
 * caller's own parallel region may give any number. */
static target_scratch *take_scratch(target *t) {
  for (size_t i = (size_t)omp_get_thread_num();; i++)
    if (!atomic_flag_test_and_set_explicit(&t->scratch[i % t->threads].taken, memory_order_acquire)) return &t->scratch[i % t->threads];
}

static void give_back(target_scratch *s) {
  atomic_flag_clear_explicit(&s->taken, memory_order_release);
}

/* Nobody else writes to the counter while the scratch is taken: no locked instruction is needed. */
static void count(atomic_uint_least64_t *counter, size_t n) {
  atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n, memory_order_relaxed);
}

/* ---- Callbacks ---- */

static void fill(size_t n, double value, double *x) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) x[i] = value;
}

static void fill_rows(size_t dim, size_t n, size_t ld, double value, double *x) {
  for (size_t j = 0; j < dim; j++) fill(n, value, x + j * ld);
}

WIDE_LOOPS void target_fill(size_t dim, size_t n, size_t ld, double *logp, double *grad) {
  fill(n, (double)NAN, logp);
  if (grad) fill_rows(dim, n, ld, (double)NAN, grad);
}

void target_remember_failure(target *t, int code) {
  int none = 0;
  atomic_compare_exchange_strong(&t->failure, &none, code);
}

int target_has_failed(const target *t) {
  return atomic_load_explicit(&t->failure, memory_order_relaxed) != 0;
}

static void call_batch(target *t, size_t n, size_t ld, const double *x, double *logp, double *grad) {
  const int code = t->user.batch(t->user.dim, n, ld, x, logp, grad, t->user.params);
  if (code < 0) target_remember_failure(t, code);
  if (code != 0) fill(n, -INFINITY, logp);
}

/* Point by point; `point` holds dim coordinates and dim derivatives, which are copied only where they do not stand together already. */
static void call_points(target *t, size_t n, size_t ld, const double *x, double *logp, double *grad, double *point) {
  const size_t dim = t->user.dim;
  const int together = dim == 1 || ld == 1;
  for (size_t i = 0; i < n; i++) {
    if (target_is_over(t)) {
      fill(n - i, -INFINITY, logp + i);
      return;
    }
    double *const slope = grad && together ? grad + i : point + dim;
    for (size_t j = 0; !together && j < dim; j++) point[j] = x[j * ld + i];
    if (grad) fill(dim, (double)NAN, slope);
    const int code = t->user.logp(dim, together ? x + i : point, &logp[i], grad ? slope : NULL, t->user.params);
    if (code < 0) {
      target_remember_failure(t, code);
      fill(n - i, -INFINITY, logp + i);
      return;
    }
    if (code > 0) logp[i] = -INFINITY;
    for (size_t j = 0; grad && !together && j < dim; j++) grad[j * ld + i] = slope[j];
  }
}

/* At most TARGET_BLOCK points, as the user computes them.  After a failure, or past a deadline, nothing is called any more. */
static void call(target *t, size_t n, size_t ld, const double *x, double *logp, double *grad, target_scratch *s) {
  if (target_is_over(t)) {
    fill(n, -INFINITY, logp);
    return;
  }
  const int serial = (t->user.flags & DILATE_TARGET_SERIAL) != 0;
  target_fill(t->user.dim, n, ld, logp, t->user.batch ? grad : NULL);
  if (serial) omp_set_lock(&t->serial);
  if (t->user.batch)
    call_batch(t, n, ld, x, logp, grad);
  else
    call_points(t, n, ld, x, logp, grad, s->values + t->user.dim * TARGET_BLOCK);
  if (serial) omp_unset_lock(&t->serial);
  count(&s->evaluations, n);
  if (grad) count(&s->gradients, n);
}

/* ---- Finite differences ---- */

static double slope_between(double low, double at_low, double high, double at_high) {
  return (at_high - at_low) / (high - low);
}

/* The derivative from values at x - h, x and x + h; NaN when neither neighbour is inside the support. */
static double difference(double below, double x, double above, double at_below, double at_x, double at_above) {
  if (isfinite(at_below) && isfinite(at_above)) return slope_between(below, at_below, above, at_above);
  if (isfinite(at_above)) return slope_between(x, at_x, above, at_above);
  if (isfinite(at_below)) return slope_between(below, at_below, x, at_x);
  return (double)NAN;
}

/* In a support narrower than the first step, the second or the third is tried. */
static double step_size(double x, int attempt) {
  return ldexp(cbrt(DBL_EPSILON) * fmax(fabs(x), DIFFERENCE_SCALE), -12 * attempt);
}

/* Row j of n points, moved by direction * step_size, into row j of `moved`, and the log-densities there. */
static void values_beside(target *t, size_t j, size_t n, const double *x, double direction, int attempt, double *at, double *value,
                          target_scratch *s) {
  for (size_t i = 0; i < n; i++) at[i] = x[i] + direction * step_size(x[i], attempt);
  memcpy(s->values + j * n, at, n * sizeof *at);
  call(t, n, n, s->values, value, NULL, s);
}

static int any_nan(size_t n, const double *x, const double *logp) {
  for (size_t i = 0; i < n; i++)
    if (isnan(x[i]) && isfinite(logp[i])) return 1;
  return 0;
}

/* Moved points stand at the beginning of the scratch, a point callback's own behind them. */
static void differentiate(target *t, size_t n, size_t ld, const double *x, const double *logp, double *grad, target_scratch *s) {
  double below[TARGET_BLOCK], above[TARGET_BLOCK], at_below[TARGET_BLOCK], at_above[TARGET_BLOCK];
  for (size_t j = 0; j < t->user.dim; j++) memcpy(s->values + j * n, x + j * ld, n * sizeof *x);
  for (size_t j = 0; j < t->user.dim; j++) {
    const double *row = x + j * ld;
    fill(n, (double)NAN, grad + j * ld);
    for (int attempt = 0; attempt < ATTEMPTS && (attempt == 0 || any_nan(n, grad + j * ld, logp)); attempt++) {
      values_beside(t, j, n, row, -1, attempt, below, at_below, s);
      values_beside(t, j, n, row, 1, attempt, above, at_above, s);
      for (size_t i = 0; i < n; i++)
        if (isnan(grad[j * ld + i])) grad[j * ld + i] = difference(below[i], row[i], above[i], at_below[i], logp[i], at_above[i]);
    }
    memcpy(s->values + j * n, row, n * sizeof *row);
  }
}

/* ---- What came back ---- */

/* Keeps the offender of the lowest number; between equal numbers the one whose coordinates come first as bytes.  A minimum,
 * so it does not depend on the order in which threads come. */
void target_report_bad(target *t, uint64_t number, size_t ld, const double *x) {
  const size_t dim = t->user.dim;
  omp_set_lock(&t->report);
  if (!t->has_bad || number <= t->bad_number) {
    for (size_t j = 0; j < dim; j++) t->suspect[j] = x[j * ld];
    if (!t->has_bad || number < t->bad_number || memcmp(t->suspect, t->bad, dim * sizeof *t->bad) < 0) {
      memcpy(t->bad, t->suspect, dim * sizeof *t->bad);
      t->bad_number = number;
      t->bad_changes++;
      t->has_bad = 1;
    }
  }
  omp_unset_lock(&t->report);
}

/* zero[i]: 0 where the gradient of point i is finite (or was not asked for), else NaN: what 0 times it is.  Several rows at a time. */
WIDE_LOOPS static void check_gradients(size_t dim, size_t n, size_t ld, const double *grad, double *zero) {
  size_t j = 0;
  fill(n, 0, zero);
  for (; grad && j + 4 <= dim; j += 4) {
    const double *const a = grad + j * ld, *const b = a + ld, *const c = b + ld, *const d = c + ld;
#pragma omp simd
    for (size_t i = 0; i < n; i++) zero[i] += (0 * a[i] + 0 * b[i]) + (0 * c[i] + 0 * d[i]);
  }
  for (; grad && j < dim; j++) {
    const double *const row = grad + j * ld;
#pragma omp simd
    for (size_t i = 0; i < n; i++) zero[i] += 0 * row[i];
  }
}

/* Makes a log-density that is NaN or +inf, or whose gradient is not finite, -inf; counts and reports it. */
static void screen(target *t, uint64_t number, size_t ld, const double *x, double *logp, double zero) {
  if (*logp == -INFINITY || (isfinite(*logp) && zero == 0)) return;
  atomic_fetch_add_explicit(isfinite(*logp) ? &t->bad_gradient : &t->bad_density, 1, memory_order_relaxed);
  target_report_bad(t, number, ld, x);
  *logp = -INFINITY;
}

/* Whether all is as it should be; 0 times a number that is not finite is NaN. */
WIDE_LOOPS static int all_well(size_t n, const double *logp, const double *zero) {
  int64_t bad = 0;
#pragma omp simd reduction(| : bad)
  for (size_t i = 0; i < n; i++) bad |= 0 * logp[i] + zero[i] != 0;
  return !bad;
}

void target_screen(target *t, uint64_t first, size_t n, size_t ld, const double *x, double *logp, double *grad) {
  double zero[TARGET_BLOCK];
  check_gradients(t->user.dim, n, ld, grad, zero);
  if (all_well(n, logp, zero)) return;
  for (size_t i = 0; i < n; i++) screen(t, first + i, ld, x + i, &logp[i], zero[i]);
  for (size_t j = 0; grad && j < t->user.dim; j++)
    for (size_t i = 0; i < n; i++) grad[j * ld + i] = logp[i] == -INFINITY ? 0 : grad[j * ld + i];
}

static void evaluate_block(target *t, uint64_t first, size_t n, size_t ld, const double *x, double *logp, double *grad, target_scratch *s) {
  const int differences = grad && !target_has_gradient(t);
  call(t, n, ld, x, logp, differences ? NULL : grad, s);
  if (differences) differentiate(t, n, ld, x, logp, grad, s);
  target_screen(t, first, n, ld, x, logp, grad);
}

/* Moves the points whose x and log |dx/dz| are finite to the front, with index[k] the place that point k was at; returns how many.  The
 * others are outside the support, and no callback meets them. */
static size_t finite_first(size_t dim, size_t n, double *x, double *log_det, size_t *index) {
  double zero[TARGET_BLOCK];
  size_t count = 0;
  check_gradients(dim, n, TARGET_BLOCK, x, zero);
  const int all = all_well(n, log_det, zero);
  for (size_t i = 0; i < n && all; i++) index[i] = i;
  if (all) return n;
  for (size_t i = 0; i < n; i++) {
    if (zero[i] + 0 * log_det[i] != 0) continue;
    for (size_t j = 0; j < dim; j++) x[j * TARGET_BLOCK + count] = x[j * TARGET_BLOCK + i];
    log_det[count] = log_det[i];
    index[count++] = i;
  }
  return count;
}

WIDE_LOOPS static void add_to(size_t n, const double *a, const double *b, double *sum) {
#pragma omp simd
  for (size_t i = 0; i < n; i++) sum[i] = a[i] + b[i];
}

/* The same for points in the coordinates of the warp. */
static void evaluate_warped(target *t, uint64_t first, size_t n, size_t ld, const double *z, double *logp, double *grad,
                            target_scratch *s) {
  const size_t dim = t->user.dim;
  size_t index[TARGET_BLOCK];
  double log_det[TARGET_BLOCK] = {0}, value[TARGET_BLOCK], zero[TARGET_BLOCK];
  double *x = s->warped, *slope = grad ? x + dim * TARGET_BLOCK : NULL;
  for (size_t j = 0; j < dim; j++) memcpy(x + j * TARGET_BLOCK, z + j * ld, n * sizeof *x);
  warp_forward(t->warp, n, TARGET_BLOCK, x, log_det);
  const size_t inside = finite_first(dim, n, x, log_det, index);
  if (inside > 0) evaluate_block(t, first, inside, TARGET_BLOCK, x, value, slope, s);
  if (grad && inside > 0) warp_backward(t->warp, inside, TARGET_BLOCK, x, slope, NULL);
  check_gradients(dim, inside, TARGET_BLOCK, slope, zero);
  if (inside == n && all_well(n, value, zero)) { /* as nearly always */
    add_to(n, value, log_det, logp);
    for (size_t j = 0; grad && j < dim; j++) memcpy(grad + j * ld, slope + j * TARGET_BLOCK, n * sizeof *grad);
    return;
  }
  fill(n, -INFINITY, logp);
  if (grad) fill_rows(dim, n, ld, 0, grad);
  for (size_t k = 0; k < inside; k++) {
    if (value[k] == -INFINITY || zero[k] != 0) continue;
    logp[index[k]] = value[k] + log_det[k];
    for (size_t j = 0; grad && j < dim; j++) grad[j * ld + index[k]] = slope[j * TARGET_BLOCK + k];
  }
}

void target_evaluate(target *t, uint64_t first, size_t n, size_t ld, const double *x, double *logp, double *grad) {
  target_scratch *s = take_scratch(t);
  for (size_t begin = 0; begin < n; begin += TARGET_BLOCK) {
    const size_t size = n - begin < TARGET_BLOCK ? n - begin : TARGET_BLOCK;
    if (t->warp)
      evaluate_warped(t, first + begin, size, ld, x + begin, logp + begin, grad ? grad + begin : NULL, s);
    else
      evaluate_block(t, first + begin, size, ld, x + begin, logp + begin, grad ? grad + begin : NULL, s);
  }
  give_back(s);
}
