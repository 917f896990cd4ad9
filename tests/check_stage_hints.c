/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hints are in the user's coordinates, whatever those are in which a target is explored. */
#include "check_stage.h"

#include <math.h>
#include <string.h>

#include "stage/explore.h"
#include "stage_cases.h"

enum { DIM = 2, BATCHES = 4 };

static const double needle[] = {25, 80};
#define SHARP 0.02

/* x_0 ~ N(0, 3), x_1 ~ N(x_0^2, 0.3); and a narrow normal off the banana. */
static int banana_and_needle(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)params;
  const double u = x[0] / 3, v = (x[1] - x[0] * x[0]) / 0.3, p = (x[0] - needle[0]) / SHARP, q = (x[1] - needle[1]) / SHARP;
  const double a = -0.5 * (u * u + v * v) - log(3 * 0.3), b = -0.5 * (p * p + q * q) - 2 * log(SHARP), most = fmax(a, b);
  const double share = exp(a - most) / (exp(a - most) + exp(b - most));
  *logp = most + log(exp(a - most) + exp(b - most));
  if (!grad) return 0;
  grad[0] = share * (-u / 3 + 2 * x[0] * v / 0.3) - (1 - share) * p / SHARP;
  grad[1] = -share * v / 0.3 - (1 - share) * q / SHARP;
  return 0;
}

static target *t;
static warp *straight;

/* The coordinates in which the banana is a normal. */
static void set_up(void) {
  dilate_target user;
  dilate_target_init(&user);
  user.dim = DIM;
  user.logp = banana_and_needle;
  t = target_open(&user, 1);
  straight = warp_create(DIM);
  warp_conditional *c = warp_add_conditional(straight);
  c->depends[1] = 1;
  c->quadratic[1] = 1;
  c->low = -60;
  c->high = 60;
}

static void tear_down(void) {
  target_free(t);
  warp_free(straight);
}

static const double point[] = {25.01, 80}, scale[] = {SHARP, SHARP}, lower[] = {24.9, 79.9}, upper[] = {25.1, 80.1};

static hints hint(int which) {
  hints h = {0};
  if (which == 0) h = (hints){.points = 1, .point = point};
  if (which == 1) h = (hints){.centre = needle, .scale = scale};
  if (which == 2) h = (hints){.lower = lower, .upper = upper};
  return h;
}

/* Particles of some batches that ended at the needle. */
static size_t found(const hints *h, const warp *w) {
  explore e;
  size_t count = 0;
  ck_assert_int_eq(target_set_warp(t, w), 0);
  ck_assert_int_eq(explore_create(t, 3, 1, 1, &e, NULL), DILATE_OK);
  e.hints = *h;
  for (int k = 0; k < BATCHES; k++) ck_assert_int_ge(explore_step(&e, NULL), 0);
  for (size_t i = 0; i < BATCHES * EXPLORE_BATCH; i++) {
    double x[DIM] = {e.settled.x[i], e.settled.x[e.settled.ld + i]};
    if (w) warp_forward(w, 1, 1, x, NULL);
    count += hypot(x[0] - needle[0], x[1] - needle[1]) < 10 * SHARP;
  }
  explore_clear(&e);
  return count;
}

START_TEST(hints_are_in_the_user_s_coordinates) {
  const hints h = hint(_i);
  ck_assert_uint_gt(found(&h, NULL), 30);
  ck_assert_uint_gt(found(&h, straight), 30);
}
END_TEST

/* The twin: without a hint the needle is not found. */
START_TEST(nothing_else_finds_it) {
  const hints none = hint(3);
  ck_assert_uint_lt(found(&none, straight), 3);
}
END_TEST

/* Only hinted particles are moved, and all of them to where they were meant to be. */
START_TEST(others_are_not_moved) {
  particles p;
  double factor[32];
  const hints h = hint(0);
  ck_assert_int_eq(particles_create(DIM, 32, &p), 0);
  for (size_t i = 0; i < 32; i++) p.x[i] = p.x[p.ld + i] = factor[i] = 5;
  hints_drop(&h, 0, stream_make(1, STREAM_EXPLORE, 0, 0), straight, &p, factor);
  size_t moved = 0;
  for (size_t i = 0; i < 32; i++) {
    const int same = p.x[i] == 5 && p.x[p.ld + i] == 5 && factor[i] == 5;
    ck_assert(same || (p.x[i] == point[0] && p.x[p.ld + i] == point[1] - point[0] * point[0] && factor[i] == 1));
    moved += (size_t)!same;
  }
  ck_assert_uint_eq(moved, 16);
  particles_clear(&p);
}
END_TEST

START_TEST(a_centre_is_taken_along) {
  const hints centre = hint(1), box = hint(2);
  double place[DIM] = {1, 2};
  hints_place(&box, DIM, straight, place);
  ck_assert(place[0] == 1 && place[1] == 2);
  hints_place(&centre, DIM, straight, place);
  ck_assert(place[0] == needle[0] && place[1] == needle[1] - needle[0] * needle[0]);
  hints_place(&centre, DIM, NULL, place);
  ck_assert_mem_eq(place, needle, sizeof place);
  for (size_t i = 0; i < 32; i++) {
    ck_assert_int_eq(hints_contracts(&centre, 0, 32, i), i % 2);
    ck_assert_int_eq(hints_contracts(&box, 0, 32, i), 0);
  }
}
END_TEST

Suite *hints_suite(void) {
  Suite *suite = suite_create("hints");
  TCase *tests = tcase_create("all");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_loop_test(tests, hints_are_in_the_user_s_coordinates, 0, 3);
  tcase_add_test(tests, nothing_else_finds_it);
  tcase_add_test(tests, others_are_not_moved);
  tcase_add_test(tests, a_centre_is_taken_along);
  suite_add_tcase(suite, tests);
  return suite;
}
