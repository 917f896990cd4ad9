/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entropic optimal transport with the cost |x - y|^2 (Cuturi 2013), in the log domain, debiased (Genevay, Peyre & Cuturi 2018; Feydy et
 * al. 2019, arXiv 1810.08278):
 *   OT(x,y) = max_{f,g} mean f + mean g,   f_i = (T g)_i = -e log 1/m sum_j exp((g_j - |x_i - y_j|^2) / e),   g = T f,
 *   S = OT(x,y) - OT(x,x)/2 - OT(y,y)/2 = mean(f - p) + mean(g - q),   p = T p and q = T q those of each sample with itself,
 * which tends to W2^2 as e does to 0.  p comes from p <- (p + T p)/2, which halves its error a sweep; f and g take turns, over-relaxed
 * (Thibault, Chizat, Dossal & Papadakis 2021, arXiv 1711.01851), at an e that falls by halves from the squared extent of the samples.  They
 * are right when the coupling's first marginal differs from uniform by at most the tolerance in total, the second one being exact.  Where p
 * and q are right for f and g already they are kept: equal samples have S = 0 to the last bit. */
#include <math.h>

#include "base/memory.h"
#include "base/team.h"
#include "base/vmath.h"
#include "diag/pairs.h"

#define EPSILON_SHARE   0.01  /* of the median squared distance */
#define EPSILON_LEAST   1e-12 /* of the squared extent: its rounding is 1e-4 of that */
#define LOOSE           0.05  /* the tolerance, and */
#define LOOSE_SWEEPS    50    /* the most sweeps, at an e on the way */
#define RELAXATION_MAX  0.999 /* how far beyond T a step goes at most, */
#define RELAXATION_HALF 10    /* and after how many sweeps half of the way beyond */

typedef struct transport {
  const comparison *c;
  double epsilon;
  size_t left;           /* sweeps that may still be made */
  double *f, *g, *p, *q; /* potentials: n, m, n, m */
  double *next;          /* the larger of n and m */
} transport;

/* -e log 1/m sum_j exp((g_j - |a_i - b_j|^2) / e): a running largest exponent, a tile at a time. */
static double soft_minimum(const draw_set *a, size_t i, const draw_set *b, const double *g, double epsilon) {
  double value[PAIR_TILE], top = -INFINITY, sum = 0;
  for (size_t from = 0; from < b->n; from += PAIR_TILE) {
    const size_t count = b->n - from < PAIR_TILE ? b->n - from : PAIR_TILE;
    double largest = top;
    pair_squares(a, i, b, from, count, value);
    for (size_t k = 0; k < count; k++) {
      value[k] = (g[from + k] - value[k]) / epsilon;
      if (value[k] > largest) largest = value[k];
    }
    for (size_t k = 0; k < count; k++) value[k] -= largest;
    vmath_exp(count, value, value);
    sum = sum * exp(top - largest) + pair_sum(count, value);
    top = largest;
  }
  return -epsilon * (top + log(sum / (double)b->n));
}

/* next = T g. */
static void sweep(transport *t, const draw_set *a, const draw_set *b, const double *g, double epsilon) {
#pragma omp parallel for schedule(static) num_threads(team_size(t->c->set.threads))
  for (size_t i = 0; i < a->n; i++) t->next[i] = soft_minimum(a, i, b, g, epsilon);
  if (t->left > 0) t->left--;
}

/* The total difference from uniform of the marginal that belongs to f: a row's mass is exp((f_i - next_i)/e) / n. */
static double marginal_error(size_t n, const double *f, const double *next, double epsilon) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += fabs(expm1((f[i] - next[i]) / epsilon));
  return sum / (double)n;
}

static void copy(size_t n, const double *from, double *to) {
  for (size_t i = 0; i < n; i++) to[i] = from[i];
}

static int give_up(const transport *t, const char *what, double error, dilate_error *err) {
  return error_set(
      err, DILATE_ENUMERIC,
      "Sinkhorn: after %zu iterations the marginal of %s still differs by %.3g from uniform, more than the tolerance %g, at epsilon "
      "%g: allow more iterations, or a larger epsilon or tolerance",
      t->c->set.iterations, what, error, t->c->set.tolerance, t->epsilon);
}

static int solve_self(transport *t, const draw_set *a, double *p, const char *what, dilate_error *err) {
  double error = INFINITY;
  t->left = t->c->set.iterations;
  while (t->left > 0) {
    sweep(t, a, a, p, t->epsilon);
    error = marginal_error(a->n, p, t->next, t->epsilon);
    if (error <= t->c->set.tolerance) return 0;
    if (isnan(error)) break;
    for (size_t i = 0; i < a->n; i++) p[i] = 0.5 * (p[i] + t->next[i]);
  }
  return give_up(t, what, error, err);
}

/* 1: p and q serve as f and g. */
static int try_selves(transport *t) {
  const comparison *c = t->c;
  const double tolerance = c->set.tolerance;
  copy(c->x.n, t->p, t->f);
  copy(c->y.n, t->q, t->g);
  sweep(t, &c->x, &c->y, t->q, t->epsilon);
  if (!(marginal_error(c->x.n, t->p, t->next, t->epsilon) <= tolerance)) return 0;
  sweep(t, &c->y, &c->x, t->p, t->epsilon);
  return marginal_error(c->y.n, t->q, t->next, t->epsilon) <= tolerance;
}

/* What the dual gains, over e, when f goes omega times the way to next: mean of -omega u - (exp((1 - omega) u) - exp(u)), u = (f - next)/e.
 */
static double gain(size_t n, const double *f, const double *next, double omega, double epsilon) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    const double u = (f[i] - next[i]) / epsilon;
    sum += expm1(u) - expm1((1 - omega) * u) - omega * u;
  }
  return sum / (double)n;
}

/* f goes omega times the way to next, or less far where the dual would gain less than half of what it does close to its maximum,
 * omega (2 - omega) times the gain at omega = 1. */
static void relax(size_t n, double *f, const double *next, double omega, double epsilon) {
  const double half = 0.5 * gain(n, f, next, 1, epsilon);
  while (omega > 1 && !(gain(n, f, next, omega, epsilon) >= omega * (2 - omega) * half)) omega = omega < 1.01 ? 1 : 0.5 * (1 + omega);
  for (size_t i = 0; i < n; i++) f[i] = omega > 1 ? f[i] + omega * (next[i] - f[i]) : next[i];
}

/* Sweeps at one e, f and then g, until the first marginal's error is at most the tolerance while the second one is exact; returns the
 * error.  The second one is exact after a step that is not relaxed, which is tried at an error of `promising`, less each time it fails. */
static double alternate(transport *t, double epsilon, double tolerance, size_t most) {
  const draw_set *x = &t->c->x, *y = &t->c->y;
  double error = INFINITY, omega = 0, promising = tolerance;
  for (size_t k = 0; k < most && t->left > 0; k++) {
    sweep(t, x, y, t->g, epsilon);
    if (k > 0) error = marginal_error(x->n, t->f, t->next, epsilon);
    if (isnan(error) || (omega == 1 && error <= tolerance)) return error;
    if (omega == 1) promising *= 0.3;
    omega = error <= promising ? 1 : 1 + fmin(RELAXATION_MAX, (double)(k + 1) / (double)(k + 1 + RELAXATION_HALF));
    relax(x->n, t->f, t->next, omega, epsilon);
    sweep(t, y, x, t->f, epsilon);
    relax(y->n, t->g, t->next, omega, epsilon);
  }
  return fmax(error, nextafter(tolerance, 1));
}

/* The squared diagonal of the box that holds both samples. */
static double squared_extent(const comparison *c) {
  double sum = 0;
  for (size_t j = 0; j < c->x.dim; j++) {
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < c->x.n; i++) low = fmin(low, c->x.x[j * c->x.n + i]), high = fmax(high, c->x.x[j * c->x.n + i]);
    for (size_t i = 0; i < c->y.n; i++) low = fmin(low, c->y.x[j * c->y.n + i]), high = fmax(high, c->y.x[j * c->y.n + i]);
    sum += (high - low) * (high - low);
  }
  return sum;
}

static int solve_pair(transport *t, dilate_error *err) {
  t->left = 2 * t->c->set.iterations; /* f and g are a sweep each */
  if (try_selves(t)) return 0;
  double epsilon = t->epsilon;
  for (const double extent = squared_extent(t->c); epsilon < extent;) epsilon *= 2;
  for (; epsilon > t->epsilon; epsilon /= 2) alternate(t, epsilon, LOOSE, LOOSE_SWEEPS);
  const double error = alternate(t, t->epsilon, t->c->set.tolerance, SIZE_MAX);
  return error <= t->c->set.tolerance ? 0 : give_up(t, "x", error, err);
}

static double mean_difference(size_t n, const double *f, const double *p) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += f[i] - p[i];
  return sum / (double)n;
}

static int solve(transport *t, double *square, dilate_error *err) {
  const comparison *c = t->c;
  *square = squared_extent(c);
  if (!isfinite(*square)) return 0; /* the caller says so */
  if (t->epsilon < EPSILON_LEAST * *square)
    return error_set(err, DILATE_ENUMERIC,
                     "Sinkhorn: epsilon %g drowns in the rounding of squared distances of up to %g: it must be larger", t->epsilon,
                     *square);
  int status = solve_self(t, &c->x, t->p, "x", err);
  if (!status) status = solve_self(t, &c->y, t->q, "y", err);
  if (!status) status = solve_pair(t, err);
  if (!status) *square = mean_difference(c->x.n, t->f, t->p) + mean_difference(c->y.n, t->g, t->q);
  return status;
}

static int choose_epsilon(transport *t, dilate_error *err) {
  const comparison *c = t->c;
  double median;
  t->epsilon = c->set.epsilon;
  if (t->epsilon > 0) return 0;
  const int status = pair_median(&c->x, &c->y, c->set.threads, &median, err);
  if (!status) t->epsilon = EPSILON_SHARE * median * median;
  return status;
}

int dilate_distance_sinkhorn(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options,
                             double *out, dilate_error *err) {
  comparison c;
  transport t = {.c = &c};
  double square, *work = NULL;
  int status = comparison_make(dim, n, x, m, y, options, out, &c, err);
  if (!status) status = choose_epsilon(&t, err);
  if (!status) {
    work = NEW(double, 2 * (n + m) + (n > m ? n : m));
    if (!work) status = error_memory(err, "dilate_distance_sinkhorn");
  }
  if (!status) {
    t.f = work, t.p = t.f + n, t.g = t.p + n, t.q = t.g + m, t.next = t.q + m;
    status = solve(&t, &square, err);
  }
  if (!status) status = distance_finish("Sinkhorn", square, out, err);
  memory_free(work);
  comparison_clear(&c);
  return status;
}
