/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What many particles cost: at most 32 MB and six copies of particles x dimension x 8 bytes, and time in proportion to their number.
 *
 * Every run has a process of its own, whose peak and processor time are the kernel's account.  Growth is the exponent between 5e5 and 4e6
 * particles, from the fastest of three runs each that take turns, in one thread: others on the machine only ever add to a run's time.
 * Both are more than caches hold: between 1e5 and 1e6 particles leave them on the way, which costs time and is no growth of the work (make
 * bench prints that exponent, too).
 */
#define _DEFAULT_SOURCE /* wait4 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "runner.h"
#include "targets/targets.h"

#define DIM      10
#define ISLANDS  4
#define STEPS    20
#define FEW      500000
#define MANY     4000000
#define TURNS    3
#define EXPONENT 1.05

/* What a process took. */
typedef struct cost {
  double bytes, seconds;
  int status;
} cost;

static double allowed(size_t particles) {
  return 32e6 + 6.0 * (double)particles * DIM * sizeof(double);
}

/* A run of the four Gaussians in ten dimensions, beside so many copies of the particles. */
static int sample(const char *method, size_t particles, size_t copies) {
  dilate_error err;
  dilate_error_init(&err);
  builtin b = {0};
  if (builtin_create("gmm4", NULL, &b, &err)) return 1;
  dilate_options o;
  dilate_options_init(&o);
  o.method = method;
  o.islands = ISLANDS;
  o.draws = particles / ISLANDS;
  o.steps = STEPS;
  o.threads = 1;
  double *beside = NEW2(double, particles *DIM, copies); /* zeroed, and so there */
  dilate_result *result = NULL;
  const int failed = b.target.dim != DIM || !beside || dilate_sample(&b.target, &o, &result, &err);
  dilate_result_free(result);
  memory_free(beside);
  return failed;
}

static cost run_apart(const char *method, size_t particles, size_t copies) {
  struct rusage used;
  int status = 1;
  (void)fflush(NULL);
  const pid_t child = fork();
  ck_assert_int_ge(child, 0);
  if (child == 0) _exit(sample(method, particles, copies));
  ck_assert_int_eq(wait4(child, &status, 0, &used), child);
  return (cost){.bytes = 1024.0 * (double)used.ru_maxrss,
                .seconds = (double)used.ru_utime.tv_sec + 1e-6 * (double)used.ru_utime.tv_usec,
                .status = status};
}

static double fastest(const double *x) {
  return fmin(x[0], fmin(x[1], x[2]));
}

static void check_memory(const char *method, size_t particles, const cost *c) {
  ck_assert_int_eq(c->status, 0);
  printf("%s: %zu particles, %.1f MB of %.1f, %.2f s\n", method, particles, c->bytes / 1e6, allowed(particles) / 1e6, c->seconds);
  ck_assert_msg(c->bytes <= allowed(particles), "%s: %zu particles take %.1f MB, above %.1f", method, particles, c->bytes / 1e6,
                allowed(particles) / 1e6);
}

static void check_method(const char *method) {
  double few[TURNS], many[TURNS];
  for (int turn = 0; turn < TURNS; turn++) {
    const cost small = run_apart(method, FEW, 0), large = run_apart(method, MANY, 0);
    check_memory(method, FEW, &small);
    check_memory(method, MANY, &large);
    few[turn] = small.seconds;
    many[turn] = large.seconds;
  }
  const double exponent = log(fastest(many) / fastest(few)) / log((double)MANY / FEW);
  printf("%s: exponent %.3f\n", method, exponent);
  ck_assert_msg(exponent < EXPONENT, "%s: time grows with the particles to the power of %.3f", method, exponent);
}

START_TEST(langevin_is_linear) {
  check_method("langevin");
}
END_TEST

START_TEST(dilation_is_linear) {
  check_method("dilation");
}
END_TEST

START_TEST(bridge_is_linear) {
  check_method("bridge");
}
END_TEST

/* The account sees what it should: with four copies beside them the particles take too much. */
START_TEST(copies_too_many_are_noticed) {
  const cost c = run_apart("langevin", MANY, 4);
  ck_assert_int_eq(c.status, 0);
  ck_assert_double_gt(c.bytes, allowed(MANY));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("memory");
  TCase *tests = tcase_create("many particles");
  tcase_set_timeout(tests, 1800);
  tcase_add_test(tests, langevin_is_linear);
  tcase_add_test(tests, dilation_is_linear);
  tcase_add_test(tests, bridge_is_linear);
  TCase *twin = tcase_create("too many copies");
  tcase_set_timeout(twin, 1800);
  tcase_add_test(twin, copies_too_many_are_noticed);
  suite_add_tcase(suite, tests);
  suite_add_tcase(suite, twin);
  return run_all(srunner_create(suite));
}
