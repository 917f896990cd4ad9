/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Modes of draws of densities whose modes are known: mixtures, a ring, products of double wells, hard edges.
 *
 * Draws are exact; answers are counted, not estimated, so nothing here can fail by chance once the seed is fixed. */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "check_stats.h"
#include "modes_densities.h"
#include "stats/modes.h"

/* ---- A search for modes ---- */

typedef struct fixture {
  target *target;
  particles draws;
  size_t *metric, metrics;
  factor_form form;
  double *c[COMPONENTS_MAX];
  modes found;
} fixture;

static fixture open_fixture(size_t dim, size_t n, size_t threads, dilate_logp_fn logp, void *params) {
  fixture f = {.metrics = 1};
  dilate_target user;
  dilate_target_init(&user);
  user.dim = dim;
  user.logp = logp;
  user.params = params;
  ck_assert_int_eq(target_create(&user, threads, &f.target, NULL), 0);
  ck_assert_int_eq(particles_create(dim, n, &f.draws), 0);
  f.metric = NEW(size_t, n);
  ck_assert_ptr_nonnull(f.metric);
  return f;
}

/* One metric for all, sd in every coordinate. */
static void isotropic_metric(fixture *f, size_t m, double sd) {
  const size_t dim = f->draws.dim;
  f->c[m] = NEW2(double, dim, dim);
  ck_assert_ptr_nonnull(f->c[m]);
  for (size_t j = 0; j < dim; j++) f->c[m][j * dim + j] = sd;
}

/* The draws' own covariance for all. */
static void global_metric(fixture *f) {
  const size_t dim = f->draws.dim;
  double mean[DIM_MAX];
  f->c[0] = NEW2(double, dim, dim);
  ck_assert_ptr_nonnull(f->c[0]);
  weighted_mean(dim, f->draws.n, f->draws.ld, f->draws.x, NULL, mean);
  weighted_covariance(dim, f->draws.n, f->draws.ld, f->draws.x, NULL, mean, f->c[0]);
  ck_assert_int_eq(cholesky(dim, f->c[0]), 0);
}

/* The draws' variances for all. */
static void diagonal_metric(fixture *f) {
  const size_t dim = f->draws.dim;
  double mean[DIM_MAX];
  f->form = FACTOR_DIAGONAL;
  f->c[0] = NEW(double, dim);
  ck_assert_ptr_nonnull(f->c[0]);
  weighted_mean(dim, f->draws.n, f->draws.ld, f->draws.x, NULL, mean);
  weighted_squares(dim, f->draws.n, f->draws.ld, f->draws.x, NULL, f->c[0]);
  for (size_t j = 0; j < dim; j++) f->c[0][j] = sqrt(f->c[0][j] - mean[j] * mean[j]);
}

#define BUDGET 20000

static void search_within(fixture *f, size_t budget) {
  particles_evaluate(&f->draws, f->target);
  const uint64_t before = target_count(f->target).evaluations;
  const parted draws = parted_whole(f->target, &f->draws);
  ck_assert_int_eq(modes_find(f->target, &draws, f->metric, f->metrics, f->form, (const double *const *)f->c, budget, &f->found, NULL), 0);
  ck_assert_uint_le(target_count(f->target).evaluations - before, budget);
}

static void search(fixture *f) {
  search_within(f, BUDGET);
}

static void close_fixture(fixture *f) {
  modes_clear(&f->found);
  for (size_t m = 0; m < f->metrics; m++) memory_free(f->c[m]);
  memory_free(f->metric);
  particles_clear(&f->draws);
  target_free(f->target);
}

static gsl_rng *generator(unsigned long seed) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, seed);
  return rng;
}

/* Exact draws; from[i]: the component of draw i. */
static void draw_blobs(const blobs *b, unsigned long seed, particles *p, size_t *from) {
  gsl_rng *rng = generator(seed);
  for (size_t i = 0; i < p->n; i++) {
    double u = gsl_rng_uniform(rng);
    size_t k = 0;
    while (k + 1 < b->components && u > b->weight[k]) u -= b->weight[k++];
    from[i] = k;
    for (size_t j = 0; j < b->dim; j++) p->x[j * p->ld + i] = b->mean[k][j] + b->sd * gsl_ran_ugaussian(rng);
  }
  gsl_rng_free(rng);
}

/* Means uniform in a cube of the given half side, at least `apart` from one another. */
static blobs random_blobs(size_t dim, size_t components, double half, double apart, unsigned long seed) {
  blobs b = {.dim = dim, .components = components, .sd = 1};
  gsl_rng *rng = generator(seed);
  for (size_t k = 0; k < components; k++) {
    double nearest;
    do {
      for (size_t j = 0; j < dim; j++) b.mean[k][j] = half * (2 * gsl_rng_uniform(rng) - 1);
      nearest = INFINITY;
      for (size_t l = 0; l < k; l++) {
        double square = 0;
        for (size_t j = 0; j < dim; j++) square += pow(b.mean[k][j] - b.mean[l][j], 2);
        nearest = fmin(nearest, sqrt(square));
      }
    } while (nearest < apart);
    b.weight[k] = 1.0 / (double)components;
  }
  gsl_rng_free(rng);
  return b;
}

/* Modes and components must be one to one, peaks near the means, and at most `wrong` draws in another mode than their own. */
static void assert_components(const fixture *f, const blobs *b, const size_t *from, size_t wrong, double peak_tolerance) {
  ck_assert_uint_eq(f->found.count, b->components);
  ck_assert_int_eq(f->found.countable, 1);
  size_t mode_of[COMPONENTS_MAX], misplaced = 0, seen = 0;
  for (size_t k = 0; k < b->components; k++) {
    double best = INFINITY;
    for (size_t m = 0; m < f->found.count; m++) {
      double square = 0;
      for (size_t j = 0; j < b->dim; j++) square += pow(f->found.peak[m * b->dim + j] - b->mean[k][j], 2);
      if (square < best) mode_of[k] = m;
      best = fmin(best, square);
    }
    ck_assert_double_lt(sqrt(best), peak_tolerance * b->sd);
    for (size_t l = 0; l < k; l++) seen += mode_of[l] == mode_of[k];
  }
  ck_assert_uint_eq(seen, 0);
  for (size_t i = 0; i < f->draws.n; i++) misplaced += f->found.of[i] != (int)mode_of[from[i]];
  ck_assert_msg(misplaced <= wrong, "%zu draws are in another mode than their own", misplaced);
}

static void assert_ordered(const fixture *f) {
  size_t share[MODES_MAX + 1] = {0};
  for (size_t i = 0; i < f->draws.n; i++)
    if (f->found.of[i] >= 0) share[f->found.of[i]]++;
  for (size_t m = 1; m < f->found.count; m++) ck_assert_uint_ge(share[m - 1], share[m]);
}

/* ---- Mixtures ---- */

typedef enum metric_kind { SHARED, OWN, DIAGONAL } metric_kind;

/* OWN: every component has its metric; else all share the draws' covariance, which is far too wide, or its diagonal. */
static void find_blobs(blobs b, size_t n, metric_kind kind, size_t wrong) {
  fixture f = open_fixture(b.dim, n, 2, blobs_logp, &b);
  size_t *from = NEW(size_t, n);
  draw_blobs(&b, 1, &f.draws, from);
  if (kind == OWN) {
    f.metrics = b.components;
    memcpy(f.metric, from, n * sizeof *from);
    for (size_t k = 0; k < b.components; k++) isotropic_metric(&f, k, b.sd);
  } else if (kind == DIAGONAL) {
    diagonal_metric(&f);
  } else {
    global_metric(&f);
  }
  search(&f);
  assert_components(&f, &b, from, wrong, 0.1);
  assert_ordered(&f);
  memory_free(from);
  close_fixture(&f);
}

static blobs unequal_blobs(void) {
  blobs b = {.dim = 2, .components = 4, .sd = 1, .weight = {0.05, 0.5, 0.15, 0.3}};
  const double mean[4][2] = {{0, 0}, {10, 0}, {0, 10}, {30, -40}};
  for (int k = 0; k < 4; k++) memcpy(b.mean[k], mean[k], sizeof mean[k]);
  return b;
}

START_TEST(four_unequal_modes) {
  find_blobs(unequal_blobs(), 1000, OWN, 0);
  find_blobs(unequal_blobs(), 1000, SHARED, 0);
}
END_TEST

START_TEST(forty_modes_in_the_plane) {
  find_blobs(random_blobs(2, 40, 40, 8, 2), 4000, OWN, 4);
  find_blobs(random_blobs(2, 40, 40, 8, 2), 4000, SHARED, 4);
}
END_TEST

START_TEST(modes_in_ten_dimensions) {
  find_blobs(random_blobs(10, 6, 10, 8, 3), 1000, OWN, 1);
  find_blobs(random_blobs(10, 6, 10, 8, 3), 1000, SHARED, 1);
  find_blobs(random_blobs(10, 6, 10, 8, 3), 1000, DIAGONAL, 1);
}
END_TEST

START_TEST(modes_in_fifty_dimensions) {
  find_blobs(random_blobs(50, 40, 10, 20, 4), 2000, OWN, 0);
  find_blobs(random_blobs(50, 4, 1.5, 8, 4), 1000, SHARED, 1);
  find_blobs(random_blobs(50, 4, 1.5, 8, 4), 40, DIAGONAL, 1); /* fewer draws than dimensions */
}
END_TEST

/* Two equal normals, s standard deviations apart: the density between them falls by s^2/8 - log 2 below the peaks (a little less where
 * they overlap), which exceeds 1 from s = 3.7 on. */
static size_t modes_of_pair(double apart) {
  blobs b = {.dim = 2, .components = 2, .sd = 1, .weight = {0.5, 0.5}, .mean = {{0, 0}, {apart, 0}}};
  fixture f = open_fixture(2, 800, 1, blobs_logp, &b);
  size_t from[800];
  draw_blobs(&b, 5, &f.draws, from);
  isotropic_metric(&f, 0, 1);
  search(&f);
  const size_t count = f.found.count;
  close_fixture(&f);
  return count;
}

START_TEST(two_modes_or_one) {
  ck_assert_uint_eq(modes_of_pair(0), 1);
  ck_assert_uint_eq(modes_of_pair(1.5), 1);
  ck_assert_uint_eq(modes_of_pair(3.5), 1); /* a fall of 0.84 */
  ck_assert_uint_eq(modes_of_pair(3.9), 2); /* a fall of 1.21 */
  ck_assert_uint_eq(modes_of_pair(8), 2);
}
END_TEST

/* ---- Shapes ---- */

static void draw_ring(particles *p) {
  gsl_rng *rng = generator(6);
  for (size_t i = 0; i < p->n; i++) {
    const double angle = 2 * 3.141592653589793 * gsl_rng_uniform(rng), r = 5 + 0.3 * gsl_ran_ugaussian(rng);
    p->x[i] = r * cos(angle);
    p->x[p->ld + i] = r * sin(angle);
  }
  gsl_rng_free(rng);
}

START_TEST(a_ring_is_one_mode) {
  fixture f = open_fixture(2, 1000, 2, ring_logp, NULL);
  draw_ring(&f.draws);
  global_metric(&f);
  search(&f);
  ck_assert_uint_eq(f.found.count, 1);
  ck_assert_int_eq(f.found.countable, 1);
  close_fixture(&f);
}
END_TEST

/* Slices of the ridge have the local covariances of their draws for metrics, as the components of a fit would. */
static void slice_metrics(fixture *f) {
  enum { SLICES = 8 };
  f->metrics = SLICES;
  double *weight = NEW(double, f->draws.n), mean[2];
  for (size_t i = 0; i < f->draws.n; i++) f->metric[i] = (size_t)fmin(SLICES - 1, fmax(0, floor((f->draws.x[i] + 8) / 2.3)));
  for (size_t m = 0; m < SLICES; m++) {
    isotropic_metric(f, m, 1);
    for (size_t i = 0; i < f->draws.n; i++) weight[i] = f->metric[i] == m;
    weighted_mean(2, f->draws.n, f->draws.ld, f->draws.x, weight, mean);
    weighted_covariance(2, f->draws.n, f->draws.ld, f->draws.x, weight, mean, f->c[m]);
    ck_assert_int_eq(cholesky(2, f->c[m]), 0);
  }
  memory_free(weight);
}

START_TEST(a_curved_ridge_is_one_mode) {
  fixture f = open_fixture(2, 1000, 2, ridge_logp, NULL);
  gsl_rng *rng = generator(14);
  for (size_t i = 0; i < f.draws.n; i++) {
    f.draws.x[i] = 1 + sqrt(10) * gsl_ran_ugaussian(rng);
    f.draws.x[f.draws.ld + i] = f.draws.x[i] * f.draws.x[i] + sqrt(0.1) * gsl_ran_ugaussian(rng);
  }
  gsl_rng_free(rng);
  slice_metrics(&f);
  search(&f);
  ck_assert_uint_eq(f.found.count, 1);
  ck_assert_double_eq_tol(f.found.peak_logp[0], 0, 1e-3);
  close_fixture(&f);
}
END_TEST

START_TEST(a_funnel_is_one_mode) {
  fixture f = open_fixture(10, 1000, 2, funnel_logp, NULL);
  gsl_rng *rng = generator(10);
  for (size_t i = 0; i < f.draws.n; i++)
    for (size_t j = 0; j < 10; j++) f.draws.x[j * f.draws.ld + i] = gsl_ran_ugaussian(rng) * (j ? exp(0.5 * f.draws.x[i]) : 3);
  gsl_rng_free(rng);
  global_metric(&f);
  search(&f);
  ck_assert_uint_eq(f.found.count, 1);
  close_fixture(&f);
}
END_TEST

START_TEST(modes_with_heavy_tails) {
  blobs b = random_blobs(10, 5, 15, 12, 11);
  fixture f = open_fixture(10, 1000, 2, heavy_logp, &b);
  size_t from[1000];
  draw_blobs(&b, 12, &f.draws, from);
  gsl_rng *rng = generator(13);
  for (size_t i = 0; i < 1000; i++)
    for (size_t j = 0; j < 10; j++) f.draws.x[j * f.draws.ld + i] = b.mean[from[i]][j] + gsl_ran_tdist(rng, 2);
  gsl_rng_free(rng);
  f.metrics = b.components;
  memcpy(f.metric, from, sizeof from);
  for (size_t k = 0; k < b.components; k++) isotropic_metric(&f, k, 2);
  search(&f);
  assert_components(&f, &b, from, 10, 0.1);
  close_fixture(&f);
}
END_TEST

/* Eight wells in space; 2^12 in twelve dimensions, of which no more than 256 can be listed. */
static fixture search_wells(size_t dim, size_t n) {
  fixture f = open_fixture(dim, n, 2, wells_logp, NULL);
  gsl_rng *rng = generator(7);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < dim; j++) f.draws.x[j * f.draws.ld + i] = (gsl_rng_uniform(rng) < 0.5 ? 2 : -2) + 0.25 * gsl_ran_ugaussian(rng);
  gsl_rng_free(rng);
  isotropic_metric(&f, 0, 0.25);
  search(&f);
  return f;
}

START_TEST(wells_that_can_be_counted) {
  fixture f = search_wells(3, 800);
  ck_assert_uint_eq(f.found.count, 8);
  ck_assert_int_eq(f.found.countable, 1);
  for (size_t i = 0; i < f.draws.n; i++)
    for (size_t j = 0; j < 3; j++) ck_assert(f.found.peak[(size_t)f.found.of[i] * 3 + j] * f.draws.x[j * f.draws.ld + i] > 0);
  close_fixture(&f);
}
END_TEST

START_TEST(wells_beyond_counting) {
  fixture f = search_wells(12, 1000);
  ck_assert_int_eq(f.found.countable, 0);
  ck_assert_uint_gt(f.found.count, 100);
  ck_assert_uint_le(f.found.count, MODES_MAX);
  assert_ordered(&f);
  close_fixture(&f);
}
END_TEST

/* ---- Hard edges ---- */

/* Number of modes of boxes; *highest: log-density of the first peak. */
static size_t modes_of_boxes(double slope, double gap, double *highest) {
  double p[2] = {slope, gap};
  fixture f = open_fixture(2, 600, 1, boxes_logp, p);
  gsl_rng *rng = generator(8);
  for (size_t i = 0; i < f.draws.n; i++) {
    f.draws.x[i] = gsl_rng_uniform(rng) + (i % 2 ? gap : 0);
    f.draws.x[f.draws.ld + i] = gsl_rng_uniform(rng);
  }
  gsl_rng_free(rng);
  isotropic_metric(&f, 0, 0.3);
  search(&f);
  const size_t count = f.found.count;
  *highest = f.found.peak_logp[0];
  close_fixture(&f);
  return count;
}

START_TEST(boxes) {
  double highest;
  ck_assert_uint_eq(modes_of_boxes(0, 0, &highest), 1);
  ck_assert_uint_eq(modes_of_boxes(0, 5, &highest), 2);
  ck_assert_uint_eq(modes_of_boxes(20, 0, &highest), 1);
  ck_assert_double_gt(highest, 19.5); /* at the edge, where the gradient never vanishes */
}
END_TEST

/* ---- Promises ---- */

START_TEST(draws_without_density_have_no_mode) {
  double p[2] = {0, 0};
  fixture f = open_fixture(2, 64, 1, boxes_logp, p);
  for (size_t i = 0; i < f.draws.n; i++) f.draws.x[i] = i % 4 ? 0.5 + 0.001 * (double)i : 2;
  isotropic_metric(&f, 0, 0.3);
  search(&f);
  for (size_t i = 0; i < f.draws.n; i++) ck_assert_int_eq(f.found.of[i], i % 4 ? 0 : -1);
  close_fixture(&f);
}
END_TEST

START_TEST(nothing_but_draws_without_density) {
  double p[2] = {0, 0};
  fixture f = open_fixture(2, 20, 1, boxes_logp, p);
  for (size_t i = 0; i < f.draws.n; i++) f.draws.x[i] = 7;
  isotropic_metric(&f, 0, 1);
  search(&f);
  ck_assert_uint_eq(f.found.count, 0);
  for (size_t i = 0; i < f.draws.n; i++) ck_assert_int_eq(f.found.of[i], -1);
  close_fixture(&f);
}
END_TEST

START_TEST(small_budgets_are_kept) {
  blobs b = unequal_blobs();
  for (size_t budget = 0; budget < 3000; budget = 2 * budget + 1) {
    fixture f = open_fixture(2, 500, 2, blobs_logp, &b);
    size_t from[500];
    draw_blobs(&b, 1, &f.draws, from);
    global_metric(&f);
    search_within(&f, budget);
    ck_assert_uint_ge(f.found.count, 1);
    for (size_t i = 0; i < 500; i++) ck_assert_int_ge(f.found.of[i], 0);
    close_fixture(&f);
  }
}
END_TEST

/* The modes of the unequal blobs, moved by `shift` and scaled by `scale`; threads as given. */
static modes moved_modes(double shift, double scale, size_t threads) {
  blobs b = unequal_blobs(), moved = b;
  fixture f;
  size_t from[500];
  moved.sd *= scale;
  for (size_t k = 0; k < b.components; k++)
    for (size_t j = 0; j < 2; j++) moved.mean[k][j] = scale * b.mean[k][j] + shift;
  f = open_fixture(2, 500, threads, blobs_logp, &moved);
  draw_blobs(&b, 1, &f.draws, from);
  for (size_t i = 0; i < 2 * f.draws.ld; i++) f.draws.x[i] = scale * f.draws.x[i] + shift;
  isotropic_metric(&f, 0, 3 * scale);
  search(&f);
  const modes found = f.found;
  f.found = (modes){0};
  close_fixture(&f);
  return found;
}

START_TEST(threads_do_not_show) {
  modes one = moved_modes(0, 1, 1);
  for (size_t threads = 2; threads <= 5; threads += 3) {
    modes more = moved_modes(0, 1, threads);
    ck_assert_uint_eq(more.count, one.count);
    ck_assert_mem_eq(more.of, one.of, 500 * sizeof *one.of);
    ck_assert_mem_eq(more.peak, one.peak, 2 * one.count * sizeof *one.peak);
    ck_assert_mem_eq(more.peak_logp, one.peak_logp, one.count * sizeof *one.peak_logp);
    modes_clear(&more);
  }
  modes_clear(&one);
}
END_TEST

START_TEST(place_and_scale_do_not_matter) {
  modes here = moved_modes(0, 1, 1);
  const double shift[] = {0, 0, 3000, -1e5}, scale[] = {0.001, 1000, 1, 0.125};
  for (int k = 0; k < 4; k++) {
    modes there = moved_modes(shift[k], scale[k], 1);
    ck_assert_uint_eq(there.count, here.count);
    ck_assert_mem_eq(there.of, here.of, 500 * sizeof *here.of);
    modes_clear(&there);
  }
  modes_clear(&here);
}
END_TEST

static int aborting_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  return (*(int *)params)-- > 0 ? wells_logp(dim, x, logp, grad, NULL) : -1;
}

/* A failing callback is the target's to report: the search ends with what it has. */
START_TEST(a_target_that_aborts) {
  int calls = 120;
  fixture f = open_fixture(2, 100, 1, aborting_logp, &calls);
  for (size_t i = 0; i < 200; i++) f.draws.x[i % 2 * f.draws.ld + i / 2] = (i % 3 ? 2 : -2) + 0.01 * (double)(i % 17);
  isotropic_metric(&f, 0, 0.25);
  search(&f);
  ck_assert_int_eq(target_status(f.target, NULL), DILATE_ETARGET);
  for (size_t i = 0; i < f.draws.n; i++) ck_assert_int_lt(f.found.of[i], (int)f.found.count);
  close_fixture(&f);
}
END_TEST

Suite *modes_suite(void) {
  Suite *suite = suite_create("modes");
  TCase *known = tcase_create("known modes"), *promises = tcase_create("promises");
  tcase_add_test(known, four_unequal_modes);
  tcase_add_test(known, forty_modes_in_the_plane);
  tcase_add_test(known, modes_in_ten_dimensions);
  tcase_add_test(known, modes_in_fifty_dimensions);
  tcase_add_test(known, two_modes_or_one);
  tcase_add_test(known, a_ring_is_one_mode);
  tcase_add_test(known, a_curved_ridge_is_one_mode);
  tcase_add_test(known, a_funnel_is_one_mode);
  tcase_add_test(known, modes_with_heavy_tails);
  tcase_add_test(known, wells_that_can_be_counted);
  tcase_add_test(known, wells_beyond_counting);
  tcase_add_test(known, boxes);
  suite_add_tcase(suite, known);
  tcase_add_test(promises, draws_without_density_have_no_mode);
  tcase_add_test(promises, nothing_but_draws_without_density);
  tcase_add_test(promises, small_budgets_are_kept);
  tcase_add_test(promises, threads_do_not_show);
  tcase_add_test(promises, place_and_scale_do_not_matter);
  tcase_add_test(promises, a_target_that_aborts);
  suite_add_tcase(suite, promises);
  return suite;
}
