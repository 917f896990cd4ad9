/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evaluation: point and batch callbacks give the same, whatever the tile; what misbehaving callbacks return is turned into -inf, counted
 * and reported; finite differences; serial targets; threads. */
#include <math.h>
#include <omp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "check_target.h"
#include "target/particles.h"

enum { DIM = 3, POINTS = 150, LD = 152 };

/* A density with third derivatives, log p = sum_j cos(x_j) - x_j^4 / 8 + x_0 x_1, and hooks to misbehave at. */
typedef struct script {
  double nan_density_above, infinite_density_above, outside_above, nan_gradient_above, infinite_gradient_above, abort_above; /* of x[0] */
  int abort_code, silent; /* silent: writes nothing */
  atomic_int inside, most_inside;
  atomic_int calls;
} script;

static script well_behaved(void) {
  return (script){.nan_density_above = INFINITY,
                  .infinite_density_above = INFINITY,
                  .outside_above = INFINITY,
                  .nan_gradient_above = INFINITY,
                  .infinite_gradient_above = INFINITY,
                  .abort_above = INFINITY};
}

static double density_at(size_t dim, const double *x) {
  double sum = dim > 1 ? x[0] * x[1] : 0;
  for (size_t j = 0; j < dim; j++) sum += cos(x[j]) - x[j] * x[j] * x[j] * x[j] / 8;
  return sum;
}

static void gradient_at(size_t dim, const double *x, double *grad) {
  for (size_t j = 0; j < dim; j++) grad[j] = -sin(x[j]) - x[j] * x[j] * x[j] / 2;
  if (dim > 1) {
    grad[0] += x[1];
    grad[1] += x[0];
  }
}

static int point(size_t dim, const double *x, double *logp, double *grad, void *params) {
  script *s = params;
  atomic_fetch_add(&s->calls, 1);
  if (s->silent) return 0;
  if (x[0] > s->abort_above) return s->abort_code;
  if (x[0] > s->outside_above) return 1;
  *logp = density_at(dim, x);
  if (x[0] > s->nan_density_above) *logp = NAN;
  if (x[0] > s->infinite_density_above) *logp = INFINITY;
  if (grad) gradient_at(dim, x, grad);
  if (grad && x[0] > s->nan_gradient_above) grad[dim - 1] = NAN;
  if (grad && x[0] > s->infinite_gradient_above) grad[0] = -INFINITY;
  return 0;
}

/* The same, a tile at a time. */
static int batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  script *s = params;
  atomic_fetch_add(&s->calls, 1);
  if (s->silent) return 0;
  for (size_t i = 0; i < n; i++) {
    double place[DIM], slope[DIM] = {0};
    for (size_t j = 0; j < dim; j++) place[j] = x[j * ld + i];
    atomic_fetch_sub(&s->calls, 1);
    const int code = point(dim, place, &logp[i], grad ? slope : NULL, params);
    if (code < 0) return code;
    if (code > 0) logp[i] = -INFINITY;
    for (size_t j = 0; grad && j < dim; j++) grad[j * ld + i] = slope[j];
  }
  return 0;
}

static target *make(script *s, int batched, unsigned flags, size_t threads) {
  dilate_target user;
  dilate_target_init(&user);
  user.dim = DIM;
  user.flags = flags;
  user.params = s;
  if (batched)
    user.batch = batch;
  else
    user.logp = point;
  target *t = NULL;
  ck_assert_int_eq(target_create(&user, threads, &t, NULL), DILATE_OK);
  return t;
}

static double x[DIM * LD], logp[LD], grad[DIM * LD];

/* x[0] of the points ascends from -2 to 2. */
static void place_points(void) {
  for (size_t i = 0; i < POINTS; i++) {
    x[i] = -2 + 4 * (double)i / (POINTS - 1);
    for (size_t j = 1; j < DIM; j++) x[j * LD + i] = sin((double)(i * j));
  }
}

static void point_of(size_t i, double *out) {
  for (size_t j = 0; j < DIM; j++) out[j] = x[j * LD + i];
}

/* Point i is right: its density, and its gradient within tolerance. */
static void assert_right(size_t i, double tolerance) {
  double place[DIM], slope[DIM];
  point_of(i, place);
  gradient_at(DIM, place, slope);
  ck_assert(logp[i] == density_at(DIM, place));
  for (size_t j = 0; j < DIM; j++) ck_assert_double_le(fabs(grad[j * LD + i] - slope[j]), tolerance);
}

static void assert_outside(size_t i) {
  ck_assert(logp[i] == -INFINITY);
  for (size_t j = 0; j < DIM; j++) ck_assert(grad[j * LD + i] == 0);
}

static void assert_counts(const target *t, uint64_t evaluations, uint64_t gradients, uint64_t bad_density, uint64_t bad_gradient) {
  const target_counts c = target_count(t);
  ck_assert_uint_eq(c.evaluations, evaluations);
  ck_assert_uint_eq(c.gradients, gradients);
  ck_assert_uint_eq(c.bad_density, bad_density);
  ck_assert_uint_eq(c.bad_gradient, bad_gradient);
}

/* How many of the points have x[0] above the bound. */
static size_t points_above(double bound) {
  size_t count = 0;
  for (size_t i = 0; i < POINTS; i++) count += x[i] > bound;
  return count;
}

/* ---- Both kinds of callback ---- */

START_TEST(values_and_gradients_are_the_callbacks) {
  script s = well_behaved();
  target *t = make(&s, _i, 0, 1);
  place_points();
  for (size_t n = 1; n <= POINTS; n += 13) {
    for (size_t i = 0; i < DIM * LD; i++) grad[i] = 42;
    target_evaluate(t, 0, n, LD, x, logp, grad);
    for (size_t i = 0; i < n; i++) assert_right(i, 0);
    for (size_t j = 0; j < DIM; j++)
      for (size_t i = n; i < LD; i++) ck_assert(grad[j * LD + i] == 42);
  }
  ck_assert_int_eq(target_has_gradient(t), 1);
  target_free(t);
}
END_TEST

START_TEST(gradients_are_computed_when_asked) {
  script s = well_behaved();
  target *t = make(&s, _i, 0, 1);
  place_points();
  target_evaluate(t, 0, POINTS, LD, x, logp, NULL);
  assert_counts(t, POINTS, 0, 0, 0);
  target_evaluate(t, 0, POINTS, LD, x, logp, grad);
  assert_counts(t, 2 * POINTS, POINTS, 0, 0);
  target_evaluate(t, 0, 0, LD, x, logp, grad);
  assert_counts(t, 2 * POINTS, POINTS, 0, 0);
  target_free(t);
}
END_TEST

START_TEST(batch_wins_over_point) {
  script s = well_behaved();
  dilate_target user;
  dilate_target_init(&user);
  user.dim = DIM;
  user.logp = point;
  user.batch = batch;
  user.params = &s;
  target *t = NULL;
  ck_assert_int_eq(target_create(&user, 1, &t, NULL), DILATE_OK);
  place_points();
  target_evaluate(t, 0, 32, LD, x, logp, grad);
  ck_assert_int_eq(atomic_load(&s.calls), 1);
  target_free(t);
}
END_TEST

/* ---- Misbehaviour ---- */

START_TEST(bad_values_are_outside_the_support) {
  script s = well_behaved();
  s.infinite_gradient_above = 0.2; /* five classes of points as x[0] ascends, each counted where it belongs */
  s.nan_gradient_above = 0.6;
  s.infinite_density_above = 1;
  s.outside_above = 1.7;
  s.nan_density_above = 1.4;
  target *t = make(&s, _i, 0, 1);
  place_points();
  target_evaluate(t, 0, POINTS, LD, x, logp, grad);
  for (size_t i = 0; i < POINTS; i++) {
    if (x[i] > 0.2)
      assert_outside(i);
    else
      assert_right(i, 0);
  }
  const size_t bad_density = points_above(1) - points_above(1.7), bad_gradient = points_above(0.2) - points_above(1);
  assert_counts(t, POINTS, POINTS, bad_density, bad_gradient);
  target_evaluate(t, 0, POINTS, LD, x, logp, NULL); /* nobody asks for the gradient: it cannot be bad */
  assert_counts(t, 2 * POINTS, POINTS, 2 * bad_density, bad_gradient);
  ck_assert_int_eq(target_status(t, NULL), DILATE_OK);
  target_free(t);
}
END_TEST

START_TEST(nan_wins_over_infinity) {
  script s = well_behaved();
  s.nan_density_above = 0;
  target *t = make(&s, _i, 0, 1);
  place_points();
  target_evaluate(t, 0, POINTS, LD, x, logp, grad);
  assert_counts(t, POINTS, POINTS, points_above(0), 0);
  target_free(t);
}
END_TEST

/* A callback that writes nothing must not let stale numbers through. */
START_TEST(silent_callbacks_are_found_out) {
  script s = well_behaved();
  s.silent = 1;
  target *t = make(&s, _i, 0, 1);
  place_points();
  for (size_t i = 0; i < LD; i++) logp[i] = 1;
  for (size_t i = 0; i < DIM * LD; i++) grad[i] = 1;
  target_evaluate(t, 0, POINTS, LD, x, logp, grad);
  for (size_t i = 0; i < POINTS; i++) assert_outside(i);
  assert_counts(t, POINTS, POINTS, POINTS, 0);
  target_free(t);
}
END_TEST

static int forgets_gradient(size_t dim, const double *place, double *value, double *slope, void *params) {
  (void)slope, (void)params;
  *value = density_at(dim, place);
  return 0;
}

START_TEST(forgotten_gradients_are_found_out) {
  dilate_target user;
  dilate_target_init(&user);
  user.dim = DIM;
  user.logp = forgets_gradient;
  target *t = NULL;
  ck_assert_int_eq(target_create(&user, 1, &t, NULL), DILATE_OK);
  place_points();
  target_evaluate(t, 0, POINTS, LD, x, logp, grad);
  for (size_t i = 0; i < POINTS; i++) assert_outside(i);
  assert_counts(t, POINTS, POINTS, 0, POINTS);
  target_free(t);
}
END_TEST

START_TEST(lowest_offender_is_reported) {
  script s = well_behaved();
  s.nan_density_above = 0;
  target *t = make(&s, _i, 0, 1);
  place_points();
  double first[DIM];
  point_of(POINTS - points_above(0), first);
  ck_assert_ptr_null(target_first_bad(t));
  target_evaluate(t, 1000 + 100, POINTS - 100, LD, x + 100, logp, NULL); /* later points first, as another thread might */
  ck_assert_ptr_nonnull(target_first_bad(t));
  ck_assert(target_first_bad(t)[0] == x[100]);
  target_evaluate(t, 1000, 100, LD, x, logp, NULL);
  ck_assert_mem_eq(target_first_bad(t), first, sizeof first);
  target_evaluate(t, 1000, 100, LD, x, logp, NULL);
  ck_assert_mem_eq(target_first_bad(t), first, sizeof first);
  target_free(t);
}
END_TEST

/* Two points of one number: the one reported does not depend on which came first. */
START_TEST(ties_between_offenders_do_not_depend_on_order) {
  double reported[2];
  for (int order = 0; order < 2; order++) {
    script s = well_behaved();
    s.nan_density_above = 0;
    target *t = make(&s, 0, 0, 1);
    place_points();
    target_evaluate(t, 5, 1, LD, x + (order ? 100 : 120), logp, NULL);
    target_evaluate(t, 5, 1, LD, x + (order ? 120 : 100), logp, NULL);
    reported[order] = target_first_bad(t)[0];
    target_free(t);
  }
  ck_assert(reported[0] == reported[1]);
}
END_TEST

START_TEST(abort_ends_all_calls) {
  script s = well_behaved();
  s.abort_above = 1;
  s.abort_code = -17;
  target *t = make(&s, _i, 0, 1);
  place_points();
  target_evaluate(t, 0, POINTS, LD, x, logp, grad);
  for (size_t i = 0; i < POINTS; i++) {
    if (x[i] > 1) assert_outside(i);
  }
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_int_eq(target_status(t, &err), DILATE_ETARGET);
  ck_assert_int_eq(err.status, DILATE_ETARGET);
  ck_assert_ptr_nonnull(strstr(err.message, "returned -17"));
  const int calls = atomic_load(&s.calls);
  target_evaluate(t, 0, POINTS, LD, x, logp, grad);
  for (size_t i = 0; i < POINTS; i++) assert_outside(i);
  ck_assert_int_eq(atomic_load(&s.calls), calls);
  ck_assert_int_eq(target_status(t, NULL), DILATE_ETARGET);
  ck_assert_ptr_null(target_first_bad(t));
  target_free(t);
}
END_TEST

/* ---- Finite differences ---- */

START_TEST(differences_are_close_to_the_gradient) {
  script s = well_behaved();
  target *t = make(&s, _i, DILATE_TARGET_NO_GRADIENT, 1);
  place_points();
  target_evaluate(t, 0, POINTS, LD, x, logp, grad);
  for (size_t i = 0; i < POINTS; i++) assert_right(i, 3e-8);
  ck_assert_int_eq(target_has_gradient(t), 0);
  assert_counts(t, POINTS * (1 + 2 * DIM), 0, 0, 0);
  target_evaluate(t, 0, POINTS, LD, x, logp, NULL);
  assert_counts(t, POINTS * (2 + 2 * DIM), 0, 0, 0);
  target_free(t);
}
END_TEST

/* An edge of the support just beside a point: the difference is taken on the inner side; beyond it the point is outside. */
START_TEST(differences_at_an_edge_are_one_sided) {
  script s = well_behaved();
  target *t = make(&s, _i, DILATE_TARGET_NO_GRADIENT, 1);
  place_points();
  const size_t edge = 90;
  s.outside_above = nextafter(x[edge], INFINITY);
  target_evaluate(t, 0, POINTS, LD, x, logp, grad);
  for (size_t i = 0; i < POINTS; i++) {
    if (i > edge)
      assert_outside(i);
    else
      assert_right(i, i == edge ? 1e-4 : 3e-8);
  }
  ck_assert_uint_eq(target_count(t).bad_gradient, 0);
  target_free(t);
}
END_TEST

/* log p = -(x - centre)^2 / (2 sd^2) far from the origin and at tiny scales: the step follows the coordinate. */
typedef struct bell {
  double centre, sd;
} bell;

static int bell_logp(size_t dim, const double *place, double *value, double *slope, void *params) {
  (void)dim, (void)slope;
  const bell *b = params;
  const double z = (place[0] - b->centre) / b->sd;
  *value = -0.5 * z * z;
  return 0;
}

START_TEST(differences_over_many_scales) {
  bell bells[] = {{0, 1}, {0, 1e-4}, {0, 1e4}, {100, 1}, {-3000, 0.1}, {1e6, 1e4}};
  for (size_t k = 0; k < sizeof bells / sizeof *bells; k++) {
    dilate_target user;
    dilate_target_init(&user);
    user.dim = 1;
    user.logp = bell_logp;
    user.params = &bells[k];
    user.flags = DILATE_TARGET_NO_GRADIENT;
    target *t = NULL;
    ck_assert_int_eq(target_create(&user, 1, &t, NULL), DILATE_OK);
    for (double z = -3; z <= 3; z += 0.5) {
      const double place = bells[k].centre + z * bells[k].sd;
      double value, slope;
      target_evaluate(t, 0, 1, 1, &place, &value, &slope);
      ck_assert_double_eq_tol(slope * bells[k].sd, -z, 1e-4);
    }
    target_free(t);
  }
}
END_TEST

/* ---- Threads ---- */

/* A callback that notices company. */
static int lonely(size_t dim, const double *place, double *value, double *slope, void *params) {
  script *s = params;
  const int inside = atomic_fetch_add(&s->inside, 1) + 1;
  int most = atomic_load(&s->most_inside);
  while (inside > most && !atomic_compare_exchange_weak(&s->most_inside, &most, inside)) continue;
  *value = density_at(dim, place);
  for (volatile int i = 0; i < 2000; i++) continue;
  if (slope) gradient_at(dim, place, slope);
  atomic_fetch_sub(&s->inside, 1);
  return 0;
}

START_TEST(serial_targets_are_called_one_at_a_time) {
  script s = well_behaved();
  dilate_target user;
  dilate_target_init(&user);
  user.dim = DIM;
  user.logp = lonely;
  user.params = &s;
  user.flags = DILATE_TARGET_SERIAL;
  target *t = NULL;
  ck_assert_int_eq(target_create(&user, 4, &t, NULL), DILATE_OK);
  particles p;
  ck_assert_int_eq(particles_create(DIM, 1000, &p), 0);
  particles_evaluate(&p, t);
  ck_assert_int_eq(atomic_load(&s.most_inside), 1);
  assert_counts(t, 1000, 1000, 0, 0);
  particles_clear(&p);
  target_free(t);
}
END_TEST

/* 1, 2 and 5 threads: the same bits, counts and offender. */
START_TEST(threads_do_not_show) {
  enum { N = 1000 };
  static const size_t threads[] = {1, 2, 5};
  particles p[3];
  double bad[3][DIM];
  for (size_t k = 0; k < 3; k++) {
    script s = well_behaved();
    s.nan_density_above = 0.9;
    target *t = make(&s, _i & 1, _i & 2 ? DILATE_TARGET_NO_GRADIENT : 0, threads[k]);
    ck_assert_int_eq(particles_create(DIM, N, &p[k]), 0);
    for (size_t i = 0; i < N; i++)
      for (size_t j = 0; j < DIM; j++) p[k].x[j * p[k].ld + i] = sin((double)(i + 1) * (double)(j + 3));
    particles_evaluate(&p[k], t);
    memcpy(bad[k], target_first_bad(t), sizeof bad[k]);
    ck_assert_mem_eq(p[k].grad, p[0].grad, DIM * p[k].ld * sizeof(double));
    ck_assert_mem_eq(p[k].logp, p[0].logp, p[k].ld * sizeof(double));
    ck_assert_mem_eq(bad[k], bad[0], sizeof bad[k]);
    target_free(t);
  }
  for (size_t k = 0; k < 3; k++) particles_clear(&p[k]);
}
END_TEST

/* A caller's own team: thread numbers beyond the target's threads must find a place to work. */
START_TEST(targets_of_one_thread_inside_a_team) {
  int right[4] = {0};
#pragma omp parallel num_threads(4)
  {
    script s = well_behaved();
    dilate_target user;
    dilate_target_init(&user);
    user.dim = 1;
    user.logp = point;
    user.params = &s;
    target *t = NULL;
    const double place = 0.5;
    double value = 0;
    if (target_create(&user, 1, &t, NULL) == DILATE_OK) target_evaluate(t, 0, 1, 1, &place, &value, NULL);
    right[omp_get_thread_num()] = value == density_at(1, &place);
    target_free(t);
    for (int i = omp_get_num_threads(); i < 4; i++) right[i] = 1; /* the team may be smaller than asked */
  }
  for (int i = 0; i < 4; i++) ck_assert_int_eq(right[i], 1);
}
END_TEST

TCase *evaluate_tests(void) {
  TCase *tests = tcase_create("evaluation");
  tcase_add_loop_test(tests, values_and_gradients_are_the_callbacks, 0, 2); /* 0: point, 1: batch */
  tcase_add_loop_test(tests, gradients_are_computed_when_asked, 0, 2);
  tcase_add_test(tests, batch_wins_over_point);
  tcase_add_loop_test(tests, bad_values_are_outside_the_support, 0, 2);
  tcase_add_loop_test(tests, nan_wins_over_infinity, 0, 2);
  tcase_add_loop_test(tests, silent_callbacks_are_found_out, 0, 2);
  tcase_add_test(tests, forgotten_gradients_are_found_out);
  tcase_add_loop_test(tests, lowest_offender_is_reported, 0, 2);
  tcase_add_test(tests, ties_between_offenders_do_not_depend_on_order);
  tcase_add_loop_test(tests, abort_ends_all_calls, 0, 2);
  tcase_add_loop_test(tests, differences_are_close_to_the_gradient, 0, 2);
  tcase_add_loop_test(tests, differences_at_an_edge_are_one_sided, 0, 2);
  tcase_add_test(tests, differences_over_many_scales);
  tcase_add_test(tests, serial_targets_are_called_one_at_a_time);
  tcase_add_loop_test(tests, threads_do_not_show, 0, 4);
  tcase_add_test(tests, targets_of_one_thread_inside_a_team);
  return tests;
}
