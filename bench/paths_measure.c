/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distances of a run's draws from exact ones: those along directions against a sample of 1e5, the others against 1000 of them. */
#include "bench/paths_measure.h"

#include "bench/paths_shares.h"
#include "bench/support.h"
#include <math.h>
#include <stdlib.h>

#define EXACT_DRAWS         100000
#define EXACT_SEED          1
#define NEAR_SEED           2
#define SINKHORN_MOST       400
#define SINKHORN_ITERATIONS 1000 /* draws in far tails would take minutes */
#define ASTRAY              1e-4

const paths_measure_kind paths_measure_list[PATHS_MEASURES] = {[PATHS_EVALUATIONS] = {"evaluations", "evaluations / 1000", 0, 0},
                                                               [PATHS_FOUND] = {"found", "modes found", 0, 1},
                                                               [PATHS_ASTRAY] = {"astray", "astray, %", 0, 1},
                                                               [PATHS_TV] = {"tv", "mode-weight TV", 0, 3},
                                                               [PATHS_W2] = {"w2", "sliced W2", 1, 4},
                                                               [PATHS_KS] = {"ks", "sliced KS", 1, 4},
                                                               [PATHS_KS_FIRST] = {"ks_first", "KS of v", 1, 4},
                                                               [PATHS_MMD] = {"mmd", "MMD", 1, 4},
                                                               [PATHS_KSD] = {"ksd", "KSD", 1, 4},
                                                               [PATHS_SINKHORN] = {"sinkhorn", "Sinkhorn W2", 1, 3},
                                                               [PATHS_LOG_Z] = {"log_z_error", "log Z error", 0, 3},
                                                               [PATHS_SECONDS] = {"seconds", "CPU s", 0, 2}};

/* ---- The yardstick ---- */

double *paths_exact(const builtin *target, unsigned long seed, size_t n) {
  double *const x = ALLOCATE(double, n * target->target.dim);
  gsl_rng *const rng = gsl_rng_alloc(gsl_rng_mt19937);
  if (rng == NULL) give_up("out of memory");
  gsl_rng_set(rng, seed);
  for (size_t i = 0; i < n; i++) target->draw(target, rng, x + i * target->target.dim);
  gsl_rng_free(rng);
  return x;
}

static double log_density(const builtin *target, const double *x, double *gradient) {
  double logp = NAN;
  const int outside = target->target.logp(target->target.dim, x, &logp, gradient, target->target.params);
  return outside ? (double)-INFINITY : logp;
}

double paths_level(const builtin *target, size_t n, const double *x, double p) {
  double *const logp = ALLOCATE(double, n);
  uint64_t *const work = ALLOCATE(uint64_t, 2 * n);
  for (size_t i = 0; i < n; i++) logp[i] = log_density(target, x + i * target->target.dim, NULL);
  sort_ascending(n, logp, work);
  const double level = logp[(size_t)(p * (double)(n - 1))];
  free(logp);
  free(work);
  return level;
}

static size_t fewer(size_t n, size_t most) {
  return n < most ? n : most;
}

static dilate_distance_options distance_options(const paths_yardstick *y) {
  dilate_distance_options options;
  dilate_distance_options_init(&options);
  options.threads = 1;
  options.bandwidth = y->bandwidth;
  options.epsilon = y->epsilon;
  options.iterations = SINKHORN_ITERATIONS;
  return options;
}

static void set_lengths(paths_yardstick *y) {
  const dilate_distance_options options = distance_options(y);
  dilate_error err;
  dilate_error_init(&err);
  if (dilate_distance_median(y->target->target.dim, PATHS_POINTS_MAX, y->near, 0, NULL, &options, &y->bandwidth, &err) < 0)
    give_up("%s: %s", y->row->name, err.message);
  y->epsilon = 0.01 * y->bandwidth * y->bandwidth;
}

void paths_yardstick_make(const paths_target *row, const builtin *target, paths_yardstick *out) {
  *out = (paths_yardstick){.row = row, .target = target, .n = PATHS_ISLANDS * row->draws};
  const size_t dim = target->target.dim;
  double *const x = paths_exact(target, EXACT_SEED, EXACT_DRAWS);
  sliced_make(&out->sliced, SLICED_RANDOM, dim, EXACT_DRAWS, x);
  sliced_cells_make(&out->sliced, out->n, &out->cells);
  if (row->figures & PATHS_FUNNEL) sliced_make(&out->first, SLICED_FIRST, dim, EXACT_DRAWS, x);
  out->lowest = paths_level(target, EXACT_DRAWS, x, ASTRAY);
  out->near = paths_exact(target, NEAR_SEED, PATHS_POINTS_MAX);
  set_lengths(out);
  out->shares = paths_weights(row, target, out->weight);
  free(x);
}

void paths_yardstick_free(paths_yardstick *y) {
  sliced_free(&y->sliced);
  sliced_free(&y->first);
  sliced_cells_free(&y->cells);
  free(y->near);
  *y = (paths_yardstick){0};
}

/* ---- Distances ---- */

static void along_directions(const paths_yardstick *y, const double *x, double *value) {
  uint64_t *const work = ALLOCATE(uint64_t, 3 * y->n);
  double *const projection = ALLOCATE(double, y->sliced.directions * y->n);
  sliced_project(&y->sliced, y->n, x, projection);
  value[PATHS_W2] = sliced_w2(&y->sliced, &y->cells, y->n, projection, work);
  value[PATHS_KS] = sliced_kolmogorov(&y->sliced, y->n, y->n, projection, work);
  if (y->first.dim > 0) {
    sliced_project(&y->first, y->n, x, projection);
    value[PATHS_KS_FIRST] = sliced_kolmogorov(&y->first, y->n, y->n, projection, work);
  }
  free(projection);
  free(work);
}

/* Every so many of the draws, so that all islands are among them. */
static double *every(const paths_yardstick *y, const double *x, size_t n) {
  const size_t dim = y->target->target.dim;
  double *const some = ALLOCATE(double, n *dim);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < dim; j++) some[i * dim + j] = x[i * y->n / n * dim + j];
  return some;
}

/* A density without gradient somewhere has no discrepancy: NaN. */
static void by_scores(const paths_yardstick *y, size_t n, const double *x, double *value) {
  const dilate_distance_options options = distance_options(y);
  const size_t dim = y->target->target.dim;
  double *const scores = ALLOCATE(double, n *dim);
  for (size_t i = 0; i < n; i++) log_density(y->target, x + i * dim, scores + i * dim);
  dilate_distance_ksd(dim, n, x, scores, &options, &value[PATHS_KSD], NULL, NULL);
  free(scores);
}

static void by_pairs(const paths_yardstick *y, const double *x, double *value) {
  const dilate_distance_options options = distance_options(y);
  const size_t n = fewer(y->n, PATHS_POINTS_MAX), few = fewer(y->n, SINKHORN_MOST), dim = y->target->target.dim;
  double *const many = every(y, x, n), *const some = every(y, x, few);
  dilate_distance_mmd(dim, n, many, PATHS_POINTS_MAX, y->near, &options, &value[PATHS_MMD], NULL, NULL);
  dilate_distance_sinkhorn(dim, few, some, few, y->near, &options, &value[PATHS_SINKHORN], NULL);
  by_scores(y, n, many, value);
  free(many);
  free(some);
}

/* ---- For the figures ---- */

static void keep_bins(const paths_yardstick *y, const double *x, paths_run *out) {
  const double width = (PATHS_BIN_HIGH - PATHS_BIN_LOW) / PATHS_BINS;
  out->bins = PATHS_BINS;
  for (size_t i = 0; i < y->n; i++) {
    const double at = floor((x[i * y->target->target.dim] - PATHS_BIN_LOW) / width);
    if (at >= 0 && at < PATHS_BINS) out->bin[(size_t)at] += 1 / (double)y->n;
  }
}

static void keep_points(const paths_yardstick *y, const double *x, paths_run *out) {
  out->points = fewer(y->n, PATHS_POINTS_MAX);
  out->point = every(y, x, out->points);
}

static char shade(double pixel) {
  return "0123456789abcdef"[(int)(15 * fmin(1, fmax(0, pixel)) + 0.5)];
}

static void keep_images(const paths_yardstick *y, const double *x, paths_run *out) {
  out->images = fewer(y->n, PATHS_IMAGES_MAX);
  out->image = allocate(out->images, sizeof *out->image);
  double *const some = every(y, x, out->images);
  for (size_t i = 0; i < out->images; i++)
    for (size_t j = 0; j < PATHS_PIXELS; j++) out->image[i][j] = shade(some[i * PATHS_PIXELS + j]);
  free(some);
}

void paths_measure_draws(const paths_yardstick *y, const double *x, int shown, paths_run *out) {
  along_directions(y, x, out->value);
  by_pairs(y, x, out->value);
  paths_count(y, x, out);
  if (y->row->figures & PATHS_FUNNEL) keep_bins(y, x, out);
  if (shown && y->row->figures & PATHS_PARTICLES) keep_points(y, x, out);
  if (shown && y->row->figures & PATHS_IMAGES) keep_images(y, x, out);
}

void paths_run_release(paths_run *r) {
  free(r->failure);
  free(r->point);
  free(r->image);
  *r = (paths_run){0};
}
