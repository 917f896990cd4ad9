/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measuring points of a target against a fixed exact sample of 1e5 draws.
 *
 * Shares of components too are compared with those of the exact sample, not with the weights: a component's cell, where it is the most
 * likely one, also catches what its neighbours lose, in heavy tails most of all.  The calibration knows of the sample's own noise. */
#include "bench/accuracy_measure.h"

#include "bench/support.h"
#include <math.h>
#include <stdlib.h>

#define SAMPLE_SEED 1

const size_t size_list[SIZES] = {1000, 2500, 4000};

static double *exact_sample(const builtin *target) {
  double *const x = ALLOCATE(double, EXACT_DRAWS * target->target.dim);
  gsl_rng *const rng = gsl_rng_alloc(gsl_rng_mt19937);
  if (rng == NULL) give_up("out of memory");
  gsl_rng_set(rng, SAMPLE_SEED);
  for (size_t i = 0; i < EXACT_DRAWS; i++) target->draw(target, rng, x + i * target->target.dim);
  gsl_rng_free(rng);
  return x;
}

static void make_slices(yardstick *y, const double *x) {
  const sliced_kind kind = y->slices == MEASURE_KOLMOGOROV_FIRST   ? SLICED_FIRST
                           : y->slices == MEASURE_KOLMOGOROV_WELLS ? SLICED_EVEN
                                                                   : SLICED_RANDOM;
  sliced_make(&y->sliced, kind, y->target->target.dim, EXACT_DRAWS, x);
  for (size_t s = 0; s < SIZES && y->slices == MEASURE_SLICED_W2; s++) sliced_cells_make(&y->sliced, size_list[s], &y->cells[s]);
}

static void make_shares(yardstick *y, const double *x) {
  const builtin *const target = y->target;
  y->share = ALLOCATE(double, target->components);
  for (size_t k = 0; x == NULL && k < target->components; k++) y->share[k] = target->component_weight[k];
  for (size_t i = 0; x != NULL && i < EXACT_DRAWS; i++)
    y->share[target->component(target, x + i * target->target.dim)] += 1.0 / EXACT_DRAWS;
}

void yardstick_make(const row *r, const builtin *target, yardstick *out) {
  *out = (yardstick){.row = r, .target = target};
  for (size_t m = 0; m < MEASURES_MAX; m++) {
    const measure_kind kind = r->measures[m].kind;
    if (measure_is_calibrated(kind) && target->draw == NULL) give_up("%s: no exact draws", r->name);
    if (kind == MEASURE_SHARES && target->components == 0) give_up("%s: no true components", r->name);
    if (measure_is_calibrated(kind) && kind != MEASURE_SHARES) out->slices = kind;
  }
  double *const x = target->draw != NULL ? exact_sample(target) : NULL;
  if (out->slices != MEASURE_NONE) make_slices(out, x);
  if (target->components > 0) make_shares(out, x);
  free(x);
}

void yardstick_free(yardstick *y) {
  sliced_free(&y->sliced);
  for (size_t s = 0; s < SIZES; s++) sliced_cells_free(&y->cells[s]);
  free(y->share);
  *y = (yardstick){0};
}

void points_make(const yardstick *y, size_t most, points *out) {
  *out = (points){.projection = ALLOCATE(double, y->sliced.directions *most),
                  .component = y->share != NULL ? ALLOCATE(size_t, most) : NULL,
                  .work = ALLOCATE(uint64_t, 3 * most)};
}

void points_set(const yardstick *y, size_t n, const double *x, points *p) {
  p->n = n;
  if (y->slices != MEASURE_NONE) sliced_project(&y->sliced, n, x, p->projection);
  for (size_t i = 0; y->share != NULL && i < n; i++) p->component[i] = y->target->component(y->target, x + i * y->target->target.dim);
}

void points_free(points *p) {
  free(p->projection);
  free(p->component);
  free(p->work);
  *p = (points){0};
}

void points_count(const yardstick *y, size_t n, const points *p, size_t *count) {
  for (size_t k = 0; k < y->target->components; k++) count[k] = 0;
  for (size_t i = 0; i < n; i++) count[p->component[i]]++;
}

static double total_variation(const yardstick *y, size_t n, const points *p) {
  size_t *const count = ALLOCATE(size_t, y->target->components);
  points_count(y, n, p, count);
  double sum = 0;
  for (size_t k = 0; k < y->target->components; k++) sum += fabs((double)count[k] / (double)n - y->share[k]);
  free(count);
  return sum / 2;
}

static double distance_w2(const yardstick *y, size_t n, const points *p) {
  for (size_t s = 0; s < SIZES; s++)
    if (size_list[s] == n) return sliced_w2(&y->sliced, &y->cells[s], p->n, p->projection, p->work);
  sliced_cells cells;
  sliced_cells_make(&y->sliced, n, &cells);
  const double distance = sliced_w2(&y->sliced, &cells, p->n, p->projection, p->work);
  sliced_cells_free(&cells);
  return distance;
}

double yardstick_measure(const yardstick *y, measure_kind kind, size_t n, const points *p) {
  if (kind == MEASURE_SHARES) return total_variation(y, n, p);
  if (kind == MEASURE_SLICED_W2) return distance_w2(y, n, p);
  return sliced_kolmogorov(&y->sliced, n, p->n, p->projection, p->work);
}
