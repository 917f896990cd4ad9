/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixtures on every instruction set: the same values but for rounding, the same bits at every place of a tile, and components that are left
 * early change no bit. */
#include <check.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "check_mixture.h"
#include "mixture/em_state.h"
#include "mixture/mixture_isa.h"
#include "mixture_cases.h"

static const char *const names[] = {"generic", "sse2", "avx2", "avx512"};
#define NAMES (sizeof names / sizeof *names)

enum { N = 37, LD = 40, DIM = 21, LOCATIONS = 7 };

/* What an evaluator says of N points. */
typedef struct answers {
  double logq[LD], grad[DIM * LD], share[2 * LOCATIONS * LD];
} answers;

/* Families 0 to 3; the last, products of t's, has no twins. */
static mixture *mixture_of(gsl_rng *rng, int family) {
  const mixture_family kind = family == MIXTURE_PRODUCT ? MIXTURE_DIAGONAL : (mixture_family)family;
  mixture *q = mixture_random(rng, kind, DIM, LOCATIONS, 4, family != MIXTURE_PRODUCT);
  for (size_t l = 0; family == MIXTURE_PRODUCT && l < LOCATIONS; l++) q->freedom[l] = l % 3 == 2 ? 0 : 3;
  ck_assert_int_eq(mixture_prepare(q), 0);
  return q;
}

/* Points of all components, near and far. */
static void points_of(gsl_rng *rng, const mixture *q, double *x) {
  memset(x, 0, DIM * LD * sizeof *x);
  for (size_t i = 0; i < N; i++)
    for (size_t j = 0; j < DIM; j++) x[j * LD + i] = q->mean[i % LOCATIONS * DIM + j] + gsl_ran_gaussian(rng, i % 5 == 4 ? 4 : 1);
}

static void ask(const char *name, const mixture *q, size_t begin, size_t n, const double *x, answers *out) {
  double *work = NEW(double, mixture_work(q, N));
  ck_assert_ptr_nonnull(work);
  mixture_evaluator_of(vmath_find(name))(q, n, LD, x + begin, out->logq + begin, out->grad + begin, out->share + begin, work);
  memory_free(work);
}

static double difference(const answers *a, const answers *b, const mixture *q) {
  double worst = 0;
  for (size_t i = 0; i < N; i++) {
    double size = 1;
    for (size_t j = 0; j < DIM; j++) size = fmax(size, fabs(b->grad[j * LD + i]));
    worst = fmax(worst, fabs(a->logq[i] - b->logq[i]) / (1 + fabs(b->logq[i])));
    for (size_t j = 0; j < DIM; j++) worst = fmax(worst, fabs(a->grad[j * LD + i] - b->grad[j * LD + i]) / size);
    for (size_t k = 0; k < q->components; k++) worst = fmax(worst, fabs(a->share[k * LD + i] - b->share[k * LD + i]));
  }
  return worst;
}

static answers generic, other;
static double x[DIM * LD];

START_TEST(instruction_sets_agree) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  for (int family = 0; family < 4; family++) {
    mixture *q = mixture_of(rng, family);
    points_of(rng, q, x);
    ask("generic", q, 0, N, x, &generic);
    ask(names[_i], q, 0, N, x, &other);
    ck_assert_double_lt(difference(&other, &generic, q), 1e-12);
    mixture_free(q);
  }
  gsl_rng_free(rng);
}
END_TEST

START_TEST(a_point_does_not_know_its_place) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  for (int family = 0; family < 4; family++) {
    mixture *q = mixture_of(rng, family);
    points_of(rng, q, x);
    ask(names[_i], q, 0, N, x, &generic);
    for (size_t begin = 0; begin < N; begin++) {
      memset(&other, 0, sizeof other);
      ask(names[_i], q, begin, begin % 2 ? 1 : N - begin, x, &other);
      ck_assert(other.logq[begin] == generic.logq[begin]);
      for (size_t j = 0; j < DIM; j++) ck_assert(other.grad[j * LD + begin] == generic.grad[j * LD + begin]);
      for (size_t k = 0; k < q->components; k++) ck_assert(other.share[k * LD + begin] == generic.share[k * LD + begin]);
    }
    mixture_free(q);
  }
  gsl_rng_free(rng);
}
END_TEST

/* Without a bound nothing is left early.  A bound that is 60 too low leaves what matters, and shows. */
START_TEST(what_is_left_early_changes_no_bit) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  for (int family = 0; family < 3; family++) {
    mixture *q = mixture_of(rng, family), *unbounded = mixture_copy(q), *broken = mixture_copy(q);
    ck_assert(unbounded && broken);
    for (size_t l = 0; l < LOCATIONS; l++) {
      unbounded->most_norm[l] = INFINITY;
      broken->most_norm[l] -= 60;
    }
    points_of(rng, q, x);
    memset(&generic, 0, sizeof generic);
    memset(&other, 0, sizeof other);
    ask(names[_i], q, 0, N, x, &generic);
    ask(names[_i], unbounded, 0, N, x, &other);
    ck_assert_mem_eq(&generic, &other, sizeof other);
    ask(names[_i], broken, 0, N, x, &other);
    ck_assert_double_gt(difference(&other, &generic, q), 1e-12);
    mixture *const made[] = {q, unbounded, broken};
    for (size_t i = 0; i < 3; i++) mixture_free(made[i]);
  }
  gsl_rng_free(rng);
}
END_TEST

/* The sums of the M step of products of t's as loops over points say them. */
static void plain_sums(size_t n, const double *share, const double *at, const double *grad, double sum[8]) {
  const double nu = 3, mean = 0.4, scale = 0.7;
  memset(sum, 0, 8 * sizeof *sum);
  for (size_t i = 0; i < n; i++) {
    const double d = at[i] - mean, w = share[i] * (nu + 1) / (nu + d / scale * (d / scale));
    const double a = -grad[i], b = 2 * d * grad[i] + nu + 1, y = d * (grad[i] * d + nu + 1), error = nu * scale * scale + d * d;
    const double of[8] = {w, w * d, w * d * d, a * a, a * b, b * b, a * y, b * y};
    for (size_t k = 0; k < 8; k++) sum[k] += k < 3 ? of[k] : of[k] * share[i] / (error * error);
  }
}

/* Any number of points, and none beyond the last is read into a sum. */
START_TEST(sums_of_the_fit_are_those_of_plain_loops) {
  const em_sums *const sums = em_sums_of(vmath_find(names[_i]));
  double share[LD], at[LD], grad[LD], plain[8], got[8];
  for (size_t n = 0; n <= N; n++) {
    for (size_t i = 0; i < LD; i++) share[i] = i < n ? 0.5 + 0.5 * sin((double)i) : 1e300;
    for (size_t i = 0; i < LD; i++) at[i] = i < n ? 3 * cos(1.7 * (double)i) : 1e300;
    for (size_t i = 0; i < LD; i++) grad[i] = i < n ? 2 * sin(2.3 * (double)i) : 1e300;
    plain_sums(n, share, at, grad, plain);
    sums->moments(n, share, at, 3, 0.4, 0.7, got);
    sums->equations(n, share, at, grad, 3, 0.4, 0.7, got + 3);
    for (size_t k = 0; k < 8; k++) ck_assert_double_eq_tol(got[k], plain[k], 1e-12 * (double)N);
  }
}
END_TEST

/* One share in three is something, or two, or all; nothing is written beyond the last point. */
START_TEST(members_are_those_with_a_share) {
  const em_sums *const sums = em_sums_of(vmath_find(names[_i]));
  double share[LD], kept[LD];
  uint32_t member[LD];
  for (size_t n = 0; n <= N; n++)
    for (size_t each = 1; each <= 3; each++) {
      size_t count = 0;
      for (size_t i = 0; i < LD; i++) share[i] = i >= n ? 1 : i % 3 < each ? 1e-11 * (double)(i + 1) : i % 2 ? EM_NEGLIGIBLE : 0;
      for (size_t i = 0; i < LD; i++) member[i] = LD;
      const size_t got = sums->members(n, share, member, kept);
      for (size_t i = 0; i < n; i++) {
        if (!(share[i] > EM_NEGLIGIBLE)) continue;
        ck_assert_uint_eq(member[count], i);
        ck_assert(kept[count] == share[i]);
        count++;
      }
      ck_assert_uint_eq(got, count);
      for (size_t i = n; i < LD; i++) ck_assert_uint_eq(member[i], LD);
    }
}
END_TEST

Suite *isa_suite(void) {
  Suite *suite = suite_create("mixture: instruction sets");
  TCase *tests = tcase_create("all");
  tcase_add_loop_test(tests, instruction_sets_agree, 0, NAMES);
  tcase_add_loop_test(tests, a_point_does_not_know_its_place, 0, NAMES);
  tcase_add_loop_test(tests, what_is_left_early_changes_no_bit, 0, NAMES);
  tcase_add_loop_test(tests, sums_of_the_fit_are_those_of_plain_loops, 0, NAMES);
  tcase_add_loop_test(tests, members_are_those_with_a_share, 0, NAMES);
  suite_add_tcase(suite, tests);
  return suite;
}
