/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One coordinate after the other, by Gauss-Newton steps: see surface_fit.h. */
#include "stage/surface_fit.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vmath.h"
#include "stage/dependence.h"

#define STEP_MAX 1.0 /* of a log scale */

int surface_fitter_create(const particles *p, surface_fitter *f) {
  const size_t ld = p->ld, most = WARP_SURFACE * (p->dim + 2) + 1;
  *f = (surface_fitter){.p = p,
                        .kernels = columns_chosen(),
                        .t = NEW2(double, 2, ld),
                        .term = NEW2(double, WARP_SURFACE, ld),
                        .product = NEW2(double, WARP_SURFACE * p->dim, ld),
                        .score_term = NEW2(double, WARP_SURFACE, ld),
                        .score = NEW2(double, p->dim, ld),
                        .rest = NEW(double, ld),
                        .log_scale = NEW(double, ld),
                        .variance = NEW(double, ld),
                        .weight = NEW(double, ld),
                        .response = NEW(double, ld),
                        .coefficient = NEW(double, most)};
  return least_squares_create(ld, most, &f->fit) || !f->t || !f->term || !f->product || !f->score_term || !f->score || !f->rest ||
         !f->log_scale || !f->variance || !f->weight || !f->response || !f->coefficient;
}

void surface_fitter_clear(surface_fitter *f) {
  void *const arrays[] = {f->t,         f->term,     f->product, f->score_term, f->score,      f->rest,
                          f->log_scale, f->variance, f->weight,  f->response,   f->coefficient};
  for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++) memory_free(arrays[k]);
  least_squares_clear(&f->fit);
  *f = (surface_fitter){0};
}

static int is_hyper(const surface_fitter *f, size_t j) {
  return j == f->hyper[0] || j == f->hyper[1];
}

/* Whether coordinate k shifts j: all after it; where there are no surfaces the hypers, too. */
static int is_parent(const surface_fitter *f, size_t j, size_t k) {
  return is_hyper(f, k) ? f->terms == 1 : k > j;
}

/* ---- One coordinate ---- */

/* Columns of the location: terms, and their products with the parents.  Returns how many. */
static size_t set_location_columns(surface_fitter *f, size_t j) {
  const size_t ld = f->p->ld;
  size_t m = 0;
  for (size_t b = 0; b < f->terms; b++) f->fit.column[m++] = f->term + b * ld;
  for (size_t k = 0; k < f->p->dim; k++)
    for (size_t b = 0; b < f->terms && is_parent(f, j, k); b++) f->fit.column[m++] = f->product + (k * WARP_SURFACE + b) * ld;
  return m;
}

/* What the location of m terms leaves of x_j. */
static void take_rest(surface_fitter *f, size_t j, size_t m) {
  const double *x = f->p->x + j * f->p->ld;
  f->kernels->combine(f->p->ld, m, f->fit.column, f->coefficient, f->rest);
  for (size_t i = 0; i < f->p->n; i++) f->rest[i] = x[i] - f->rest[i];
}

static void set_variances(surface_fitter *f) {
  const size_t n = f->p->n;
  for (size_t i = 0; i < n; i++) f->variance[i] = 2 * f->log_scale[i];
  vmath_exp(n, f->variance, f->variance);
  columns_invert(n, f->variance, f->weight);
}

/* The log scale from what is left: log v_j = log |rest| - log |score|, where there is one of either. */
static int regress_log_scale(surface_fitter *f, size_t j, size_t m) {
  const size_t n = f->p->n, ld = f->p->ld;
  double *log_score = f->variance;
  columns_log_size(n, f->score + j * ld, log_score);
  regression_log_scales(n, f->rest, log_score, f->response, f->weight);
  for (size_t b = 0; b < f->terms; b++) f->fit.column[b] = f->term + b * ld;
  f->fit.column[f->terms] = f->response;
  if (least_squares_fit(&f->fit, f->terms + 1, f->weight)) return 1;
  memcpy(f->coefficient + m, f->fit.right, f->terms * sizeof *f->fit.right);
  f->kernels->combine(ld, f->terms, f->fit.column, f->fit.right, f->log_scale);
  set_variances(f);
  return 0;
}

/* x_j on the location's terms and the score. */
static int begin(surface_fitter *f, size_t j, size_t m) {
  for (size_t i = 0; i < f->p->n; i++) f->weight[i] = 1;
  f->fit.column[m] = f->score + j * f->p->ld;
  f->fit.column[m + 1] = f->p->x + j * f->p->ld;
  if (least_squares_fit(&f->fit, m + 2, f->weight)) return 1;
  memcpy(f->coefficient, f->fit.right, m * sizeof *f->fit.right);
  take_rest(f, j, m);
  return regress_log_scale(f, j, m);
}

/* The derivatives of x_j - m_j - .. + v_j g_j by the coefficients of s_j, and what there is to be explained, become the last columns. */
static void set_score_columns(surface_fitter *f, size_t j, size_t m) {
  const size_t n = f->p->n, ld = f->p->ld;
  const double *x = f->p->x + j * ld, *score = f->score + j * ld;
  for (size_t b = 0; b < f->terms; b++) {
    const double *term = f->term + b * ld;
    double *to = f->score_term + b * ld;
    for (size_t i = 0; i < n; i++) to[i] = -2 * f->variance[i] * score[i] * term[i];
    f->fit.column[m + b] = to;
  }
  for (size_t i = 0; i < n; i++) f->response[i] = x[i] + f->variance[i] * score[i];
  f->fit.column[m + f->terms] = f->response;
}

/* The log scale moves by the surface of these coefficients, or part of the way where that is far. */
static void move_log_scale(surface_fitter *f, const double *by, double *coefficient) {
  const size_t n = f->p->n, ld = f->p->ld;
  const double *term[WARP_SURFACE];
  double largest = STEP_MAX;
  for (size_t b = 0; b < f->terms; b++) term[b] = f->term + b * ld;
  f->kernels->combine(ld, f->terms, term, by, f->response);
  for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(f->response[i]));
  for (size_t b = 0; b < f->terms; b++) coefficient[b] += STEP_MAX / largest * by[b];
  for (size_t i = 0; i < n; i++) f->log_scale[i] += STEP_MAX / largest * f->response[i];
  set_variances(f);
}

static int step(surface_fitter *f, size_t j, size_t m) {
  set_location_columns(f, j);
  set_score_columns(f, j, m);
  if (least_squares_fit(&f->fit, m + f->terms + 1, f->weight)) return 1;
  memcpy(f->coefficient, f->fit.right, m * sizeof *f->fit.right);
  move_log_scale(f, f->fit.right + m, f->coefficient + m);
  return 0;
}

/* Share of the score that stays unexplained, a degree of freedom. */
static double unexplained(const surface_fitter *f, size_t j, size_t m) {
  const double n = (double)f->p->n, free = n - (double)(m + f->terms);
  const double left = regression_share_left(f->p->ld, f->rest, f->score + j * f->p->ld, f->variance, f->weight) * n / free;
  return fmin(fmax(left, UNEXPLAINED_LEAST), 1);
}

/* The scores of the parents given z_j. */
static void take_out(surface_fitter *f, size_t j) {
  const size_t n = f->p->n, ld = f->p->ld;
  const double *score = f->score + j * ld, *by = f->coefficient + f->terms;
  for (size_t k = 0; k < f->p->dim; k++)
    for (size_t b = 0; b < f->terms && is_parent(f, j, k); b++) {
      const double *term = f->term + b * ld;
      const double weight = *by++;
      double *to = f->score + k * ld;
      for (size_t i = 0; i < n; i++) to[i] += weight * term[i] * score[i];
    }
}

static int fit_coordinate(surface_fitter *f, size_t j, int steps, double *left) {
  const size_t m = set_location_columns(f, j);
  int failed = begin(f, j, m);
  for (int k = 0; k < steps && !failed; k++) failed = step(f, j, m);
  if (failed) return 1;
  set_location_columns(f, j);
  take_rest(f, j, m);
  *left = unexplained(f, j, m);
  take_out(f, j);
  return 0;
}

/* ---- All of them ---- */

/* u is what is left of the second coordinate, standardised, when the first is known. */
static void standardise(surface_fitter *f) {
  const particles *p = f->p;
  const size_t n = p->n, ld = p->ld;
  warp_surface *s = &f->ground;
  s->hyper[0] = f->hyper[0];
  s->hyper[1] = f->hyper[1] < p->dim ? f->hyper[1] : f->hyper[0];
  s->slope = 0;
  for (size_t e = 0; e < 2; e++) regression_standardise(n, p->x + s->hyper[e] * ld, &s->centre[e], &s->unit[e]);
  warp_surface_place(s, n, ld, p->x, f->t, f->t + ld);
  for (size_t i = 0; i < n && f->hyper[1] < p->dim; i++) s->slope += f->t[i] * f->t[ld + i] / (double)n;
  warp_surface_place(s, n, ld, p->x, f->t, f->t + ld);
}

static void set_ground(surface_fitter *f, const size_t h[2], size_t terms) {
  const particles *p = f->p;
  const size_t n = p->n, ld = p->ld;
  double *term[WARP_SURFACE];
  for (size_t b = 0; b < WARP_SURFACE; b++) term[b] = f->term + b * ld;
  for (size_t e = 0; e < 2; e++) f->hyper[e] = h[e];
  f->terms = terms;
  standardise(f);
  warp_surface_terms(n, f->t, f->t + ld, term);
  for (size_t k = 0; k < p->dim; k++)
    for (size_t b = 0; b < terms; b++) columns_multiply(n, term[b], p->x + k * ld, f->product + (k * WARP_SURFACE + b) * ld);
  memcpy(f->score, p->grad, p->dim * ld * sizeof *f->score);
}

/* Coefficients of coordinate j, the last that was fitted. */
static void keep(const surface_fitter *f, size_t j, warp_surface *out) {
  const double *from = f->coefficient;
  const size_t dim = f->p->dim, size = WARP_SURFACE * sizeof *from;
  memcpy(out->location + j * WARP_SURFACE, from, size);
  for (size_t k = j + 1; k < dim; k++)
    if (!is_hyper(f, k)) memcpy(out->weight + (j * dim + k) * WARP_SURFACE, from += WARP_SURFACE, size);
  memcpy(out->log_scale + j * WARP_SURFACE, from + WARP_SURFACE, size);
}

/* Minus half the sum of the logs of what stays unexplained. */
static double explained(surface_fitter *f, const size_t h[2], size_t terms, int steps, warp_surface *out) {
  double sum = 0, left;
  set_ground(f, h, terms);
  for (size_t j = 0; j < f->p->dim; j++) {
    if (is_hyper(f, j)) continue;
    if (fit_coordinate(f, j, steps, &left)) return -INFINITY;
    if (out) keep(f, j, out);
    sum -= 0.5 * log(left);
  }
  return sum;
}

double surface_gain(surface_fitter *f, const size_t h[2], size_t terms, int steps, warp_surface *out) {
  const double plain = explained(f, h, 1, steps, NULL);
  return plain > -INFINITY ? explained(f, h, terms, steps, out) - plain : -INFINITY;
}
