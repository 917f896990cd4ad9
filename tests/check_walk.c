/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks: the step against its formula, guidance, and the rows ve, vp and ncsn on four unit Gaussians at radius 4, whose sliced W2 distance
 * from exact draws must be at most 1.5 times that of exact draws, in the mean over ten seeds.  A walk with twice the noise is the twin
 * that this must reject. */
#include <check.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "gaussians.h"
#include "kernel/random_walk.h"
#include "score/guidance.h"
#include "runner.h"

#define SEEDS 10
#define DRAWS 4000
#define LIMIT 1.5

/* ---- The step ---- */

static void fill(particles *p) {
  for (size_t i = 0; i < p->dim * p->ld; i++) {
    p->x[i] = cos((double)i);
    p->grad[i] = 3 * sin((double)i);
  }
}

static random_walk walk_on(size_t threads, size_t dim) {
  const random_walk k = {
      .stream = stream_make(5, STREAM_USER, 2, 0), .threads = threads, .work = NEW(double, random_walk_work(threads, dim))};
  ck_assert_ptr_nonnull(k.work);
  return k;
}

START_TEST(step_follows_its_formula) {
  const size_t dims[] = {1, 3}, threads[] = {1, 2, 5};
  const double temperatures[] = {0, 0.5, 1}, tau = 0.3;
  for (int k = 0; k < 18; k++) {
    const size_t dim = dims[k % 2], n = 99;
    const double temperature = temperatures[k / 2 % 3];
    random_walk walk = walk_on(threads[k / 6], dim);
    particles p, before;
    ck_assert_int_eq(particles_create(dim, n, &p) || particles_create(dim, n, &before), 0);
    fill(&p);
    fill(&before);
    random_walk_step(&walk, 7, tau, temperature, &p);
    for (uint32_t i = 0; i < n; i++) {
      double z[3];
      stream_normals(walk.stream, 7, dim, 1, 1, &i, z);
      for (size_t j = 0; j < dim; j++) {
        const size_t at = j * p.ld + i;
        ck_assert_double_le(fabs(p.x[at] - before.x[at] - tau * before.grad[at] - sqrt(2 * tau * temperature) * z[j]), 1e-14);
        if (temperature == 0) ck_assert_double_le(fabs(p.x[at] - before.x[at] - tau * before.grad[at]), 1e-15);
      }
    }
    memory_free(walk.work);
    particles_clear(&p);
    particles_clear(&before);
  }
}
END_TEST

START_TEST(threads_give_the_same_bits) {
  const size_t threads[] = {1, 2, 5};
  particles p[3];
  for (size_t k = 0; k < 3; k++) {
    random_walk walk = walk_on(threads[k], 3);
    ck_assert_int_eq(particles_create(3, 301, &p[k]), 0);
    fill(&p[k]);
    for (uint32_t step = 0; step < 10; step++) random_walk_step(&walk, step, 0.1, 0.5, &p[k]);
    ck_assert_mem_eq(p[k].x, p[0].x, 3 * p[0].ld * sizeof(double));
    memory_free(walk.work);
  }
  for (size_t k = 0; k < 3; k++) particles_clear(&p[k]);
}
END_TEST

/* What would overflow, or is not a number, stays whole; its neighbours move. */
START_TEST(overflow_stays) {
  random_walk walk = walk_on(1, 2);
  particles p;
  ck_assert_int_eq(particles_create(2, 8, &p), 0);
  const double broken[] = {1e308, INFINITY, -INFINITY, NAN};
  fill(&p);
  for (size_t i = 0; i < 4; i++) p.grad[p.ld + 2 * i] = broken[i];
  random_walk_step(&walk, 0, 1e10, 1, &p);
  for (size_t i = 0; i < 8; i++) {
    ck_assert_int_eq(p.x[i] == cos((double)i), i % 2 == 0);
    ck_assert_int_eq(p.x[p.ld + i] == cos((double)(p.ld + i)), i % 2 == 0);
  }
  memory_free(walk.work);
  particles_clear(&p);
}
END_TEST

/* ---- Guidance ---- */

static atomic_int at_work, calls;
static atomic_int together; /* calls that ran while another did */

/* log l = -|x|^2/2 + x_0; what it does elsewhere depends on the place. */
static int likelihood(size_t dim, const double *x, double *logp, double *grad, void *params) {
  if (atomic_fetch_add(&at_work, 1) > 0) atomic_fetch_add(&together, 1);
  atomic_fetch_add(&calls, 1);
  *logp = x[0];
  for (size_t j = 0; j < dim; j++) {
    *logp -= 0.5 * x[j] * x[j];
    grad[j] = (j == 0) - x[j];
  }
  if (x[0] == 2) grad[1] = NAN;
  if (x[0] == 3) *logp = -INFINITY;
  if (x[0] == 4) *logp = NAN;
  if (x[0] == 5) grad[0] = INFINITY;
  atomic_fetch_sub(&at_work, 1);
  if (x[0] == 6) return 1;
  return x[0] == 7 ? *(const int *)params : 0;
}

static guidance guidance_on(unsigned flags, size_t threads, double scale, int *params) {
  gaussians g = gaussians_random(1, 2, 1, 1);
  dilate_target user = gaussians_target(&g);
  dilate_options o;
  guidance guide = {0};
  target *t;
  user.flags = flags;
  dilate_options_init(&o);
  o.guidance = likelihood;
  o.guidance_params = params;
  o.guidance_scale = scale;
  ck_assert_int_eq(target_create(&user, threads, &t, NULL), DILATE_OK);
  ck_assert_int_eq(guidance_create(&o, t, &guide, NULL), DILATE_OK);
  target_free(t);
  return guide;
}

START_TEST(guidance_adds_its_share) {
  int code = 0;
  guidance guide = guidance_on(0, 2, -1.5, &code);
  particles p, before;
  ck_assert_int_eq(particles_create(2, 70, &p) || particles_create(2, 70, &before), 0);
  fill(&p);
  fill(&before);
  for (size_t i = 2; i < 7; i++) p.x[i] = (double)i; /* where its answer says nothing */
  guidance_add(&guide, INFINITY, &p);
  for (size_t i = 0; i < 70; i++)
    for (size_t j = 0; j < 2; j++) {
      const size_t at = j * p.ld + i;
      const double slope = i >= 2 && i < 7 ? 0 : (j == 0) - p.x[at];
      ck_assert_double_le(fabs(p.grad[at] - before.grad[at] + 1.5 * slope), 1e-15);
    }
  ck_assert_int_eq(guidance_status(&guide, NULL), DILATE_OK);
  guidance_clear(&guide);
  particles_clear(&p);
  particles_clear(&before);
}
END_TEST

/* No longer than it may be, in its own direction. */
START_TEST(guidance_is_limited) {
  int code = 0;
  guidance guide = guidance_on(0, 1, -1.5, &code);
  particles p, before;
  ck_assert_int_eq(particles_create(2, 70, &p) || particles_create(2, 70, &before), 0);
  fill(&p);
  fill(&before);
  guidance_add(&guide, 0.9, &p);
  size_t limited = 0;
  for (size_t i = 0; i < 70; i++) {
    const double slope[] = {1 - p.x[i], -p.x[p.ld + i]}, length = 1.5 * hypot(slope[0], slope[1]), share = fmin(1, 0.9 / length);
    for (size_t j = 0; j < 2; j++)
      ck_assert_double_le(fabs(p.grad[j * p.ld + i] - before.grad[j * p.ld + i] + 1.5 * share * slope[j]), 1e-14);
    limited += share < 1;
  }
  ck_assert(limited > 10 && limited < 70);
  guidance_clear(&guide);
  particles_clear(&p);
  particles_clear(&before);
}
END_TEST

/* The first that asks to abort is the last that is asked. */
START_TEST(guidance_aborts) {
  int code = -9;
  guidance guide = guidance_on(0, 1, 1, &code);
  particles p;
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_int_eq(particles_create(2, 70, &p), 0);
  fill(&p);
  p.x[10] = 7;
  atomic_store(&calls, 0);
  guidance_add(&guide, INFINITY, &p);
  ck_assert_int_eq(atomic_load(&calls), 11);
  guidance_add(&guide, INFINITY, &p);
  ck_assert_int_eq(atomic_load(&calls), 11);
  ck_assert_int_eq(guidance_status(&guide, &err), DILATE_ETARGET);
  ck_assert_ptr_nonnull(strstr(err.message, "guidance callback asked to abort (it returned -9)"));
  guidance_clear(&guide);
  particles_clear(&p);
}
END_TEST

START_TEST(guidance_of_serial_targets_is_serial) {
  int code = 0;
  for (int serial = 0; serial < 2; serial++) {
    guidance guide = guidance_on(serial ? DILATE_TARGET_SERIAL : 0, 5, 1, &code);
    ck_assert_uint_eq(guide.threads, serial ? 1 : 5);
    particles p;
    ck_assert_int_eq(particles_create(2, 2000, &p), 0);
    fill(&p);
    atomic_store(&together, 0);
    guidance_add(&guide, INFINITY, &p);
    if (serial) ck_assert_int_eq(atomic_load(&together), 0);
    guidance_clear(&guide);
    particles_clear(&p);
  }
}
END_TEST

/* ---- The rows ---- */

static const double places[4][2] = {{4, 0}, {0, 4}, {-4, 0}, {0, -4}};

/* Four unit Gaussians at radius 4, convolved: of variance 1 + sigma^2. */
static int four_convolve(size_t dim, double noise, size_t n, size_t ld, const double *x, double *logp, double *score, void *params) {
  (void)dim, (void)params;
  const double precision = 1 / (1 + noise * noise);
  for (size_t i = 0; i < n; i++) {
    double term[4], largest = -INFINITY, sum = 0, pull[2] = {0, 0};
    for (int k = 0; k < 4; k++) {
      term[k] = -0.5 * precision * (pow(x[i] - places[k][0], 2) + pow(x[ld + i] - places[k][1], 2));
      largest = fmax(largest, term[k]);
    }
    for (int k = 0; k < 4; k++) {
      const double share = exp(term[k] - largest);
      sum += share;
      pull[0] += share * (places[k][0] - x[i]);
      pull[1] += share * (places[k][1] - x[ld + i]);
    }
    logp[i] = largest + log(sum * precision / (4 * 6.283185307179586477));
    for (size_t j = 0; score && j < 2; j++) score[j * ld + i] = precision * pull[j] / sum;
  }
  return 0;
}

static int four_batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  return four_convolve(dim, 0, n, ld, x, logp, grad, params);
}

static dilate_target four_target(int convolved) {
  dilate_target user;
  dilate_target_init(&user);
  user.dim = 2;
  user.batch = four_batch;
  if (convolved) user.convolve = four_convolve;
  return user;
}

static void draw_exactly(unsigned long seed, size_t n, double *x) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, seed);
  for (size_t i = 0; i < n; i++) {
    const size_t k = gsl_rng_uniform_int(rng, 4);
    for (size_t j = 0; j < 2; j++) x[2 * i + j] = places[k][j] + gsl_ran_ugaussian(rng);
  }
  gsl_rng_free(rng);
}

static dilate_options walk_options(const char *row, uint64_t seed) {
  dilate_options o;
  dilate_options_init(&o);
  o.method = "walk";
  o.walk = row;
  o.seed = seed;
  o.threads = 2;
  return o;
}

static dilate_result *sample(const dilate_target *user, const dilate_options *o) {
  dilate_error err;
  dilate_error_init(&err);
  dilate_result *result = NULL;
  ck_assert_msg(dilate_sample(user, o, &result, &err) == DILATE_OK, "%s", err.message);
  return result;
}

static double distance(size_t n, const double *x, const double *y) {
  double w2;
  ck_assert_int_eq(dilate_distance_sliced_w2(2, n, x, n, y, NULL, &w2, NULL), DILATE_OK);
  return w2;
}

/* Mean distance of the runs from exact draws, over that of exact draws from the same, over so many seeds. */
static double ratio_of(const dilate_target *user, dilate_options o, unsigned seeds) {
  static double reference[2 * DRAWS], other[2 * DRAWS];
  double of_walk = 0, of_exact = 0;
  for (unsigned seed = 1; seed <= seeds; seed++) {
    o.seed = seed;
    const size_t n = o.islands * o.draws;
    ck_assert_uint_le(n, DRAWS);
    draw_exactly(100 + seed, n, reference);
    draw_exactly(200 + seed, n, other);
    dilate_result *result = sample(user, &o);
    of_walk += distance(n, dilate_result_unconstrained(result), reference);
    of_exact += distance(n, other, reference);
    dilate_result_free(result);
  }
  return of_walk / of_exact;
}

START_TEST(rows_come_close_to_exact_draws) {
  static const char *const rows[] = {"ve", "vp", "ncsn"};
  const dilate_target user = four_target(1);
  const double ratio = ratio_of(&user, walk_options(rows[_i], 1), SEEDS);
  printf("walk %-4s: sliced W2 %.2f times that of exact draws\n", rows[_i], ratio);
  ck_assert_msg(ratio <= LIMIT, "%s: %g", rows[_i], ratio);
}
END_TEST

/* By estimated scores, on the same target without its convolution: fewer draws, which hide the bias that is left. */
START_TEST(estimated_scores_serve_too) {
  const dilate_target user = four_target(0);
  dilate_options o = walk_options("ve", 1);
  o.draws = 100;
  o.steps = 100;
  const double ratio = ratio_of(&user, o, 5);
  printf("walk ve  : by importance, 400 draws: sliced W2 %.2f times that of exact draws\n", ratio);
  ck_assert_double_le(ratio, 2.5);
}
END_TEST

/* ---- The user's own ---- */

#define STEPS  250
#define SPREAD 3.0

static double sigma[STEPS], tau[STEPS], temperature[STEPS];

static double geometric(double from, double to, size_t k, size_t count) {
  return SPREAD * (from * pow(to / from, (double)k / (double)(count - 1)));
}

/* The rows as their papers state them. */
static void fill_ve(double heat) {
  for (size_t k = 0; k < STEPS; k++) {
    sigma[k] = geometric(10, 1e-3, k, STEPS);
    const double next = k + 1 < STEPS ? geometric(10, 1e-3, k + 1, STEPS) : 0;
    tau[k] = sigma[k] * sigma[k] - next * next;
    temperature[k] = k + 1 < STEPS ? heat : 0;
  }
}

/* DDPM's x <- (x + beta s) / sqrt(1 - beta) + sqrt(beta) n, in u = x / sqrt(abar). */
static void fill_vp(double heat) {
  double abar = 1;
  for (size_t t = 0; t < STEPS; t++) {
    const double beta = (1e-4 + (0.02 - 1e-4) * (double)t / (STEPS - 1)) * 1000 / STEPS, before = abar;
    abar *= 1 - beta;
    const size_t k = STEPS - 1 - t;
    sigma[k] = SPREAD * sqrt((1 - abar) / abar);
    tau[k] = SPREAD * SPREAD * beta / abar;
    temperature[k] = t > 0 ? heat * SPREAD * SPREAD * beta / before / tau[k] : 0; /* 2 tau T = beta / abar before */
  }
}

static void fill_ncsn(double heat) {
  for (size_t k = 0; k < STEPS; k++) {
    sigma[k] = geometric(10, 1e-2, k / 5, STEPS / 5);
    tau[k] = 0.2 * sigma[k] * sigma[k];
    temperature[k] = k + 1 < STEPS ? 2 * heat : 0;
  }
}

static const struct {
  const char *row;
  void (*fill)(double heat);
} rows[] = {{"ve", fill_ve}, {"vp", fill_vp}, {"ncsn", fill_ncsn}};

static dilate_options free_options(uint64_t seed, const double *centre) {
  dilate_options o = walk_options("free", seed);
  o.walk_count = STEPS;
  o.walk_sigma = sigma;
  o.walk_tau = tau;
  o.walk_temperature = temperature;
  o.path_centre = centre;
  o.path_scale = SPREAD;
  return o;
}

/* The named rows are rows of the user's walk: VE bit for bit, the others up to the rounding of their formulas. */
START_TEST(rows_are_free_walks) {
  const dilate_target user = four_target(1);
  const double centre[] = {0.25, -0.5};
  for (size_t k = 0; k < 3; k++) {
    dilate_options named = walk_options(rows[k].row, 3);
    named.path_centre = centre;
    named.path_scale = SPREAD;
    rows[k].fill(0.5);
    const dilate_options own = free_options(3, centre);
    dilate_result *a = sample(&user, &named), *b = sample(&user, &own);
    const double *x = dilate_result_unconstrained(a), *y = dilate_result_unconstrained(b);
    if (k == 0) ck_assert_mem_eq(x, y, 2 * DRAWS * sizeof *x);
    for (size_t i = 0; i < 2 * DRAWS; i++) ck_assert_double_le(fabs(x[i] - y[i]), 1e-6);
    dilate_result_free(a);
    dilate_result_free(b);
  }
}
END_TEST

/* The twins: the same rows with the noise of twice the temperature. */
START_TEST(too_hot_a_walk_is_caught) {
  const dilate_target user = four_target(1);
  const double centre[] = {0, 0};
  for (size_t k = 0; k < 3; k++) {
    rows[k].fill(1);
    const double ratio = ratio_of(&user, free_options(1, centre), 2);
    printf("walk %-4s: twice as hot: %.2f\n", rows[k].row, ratio);
    ck_assert_msg(ratio > LIMIT, "%s: %g", rows[k].row, ratio);
  }
}
END_TEST

/* The arrays are copied. */
START_TEST(arrays_are_copied) {
  const dilate_target user = four_target(1);
  double centre[] = {0.25, -0.5};
  fill_ve(0.5);
  dilate_options o = free_options(4, centre);
  o.draws = 50;
  dilate_result *kept = sample(&user, &o), *gone;
  dilate_sampler *sampler;
  ck_assert_int_eq(dilate_sampler_create(&user, &o, &sampler, NULL), DILATE_OK);
  centre[0] = NAN;
  for (size_t k = 0; k < STEPS; k++) sigma[k] = tau[k] = temperature[k] = NAN;
  while (dilate_sampler_step(sampler, NULL) == DILATE_CONTINUE) continue;
  ck_assert_int_eq(dilate_sampler_result(sampler, &gone, NULL), DILATE_OK);
  ck_assert_mem_eq(dilate_result_unconstrained(kept), dilate_result_unconstrained(gone), 2 * 200 * sizeof(double));
  dilate_sampler_free(sampler);
  dilate_result_free(kept);
  dilate_result_free(gone);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("walks");
  TCase *tests = tcase_create("walks");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, step_follows_its_formula);
  tcase_add_test(tests, threads_give_the_same_bits);
  tcase_add_test(tests, overflow_stays);
  tcase_add_test(tests, guidance_adds_its_share);
  tcase_add_test(tests, guidance_is_limited);
  tcase_add_test(tests, guidance_aborts);
  tcase_add_test(tests, guidance_of_serial_targets_is_serial);
  tcase_add_loop_test(tests, rows_come_close_to_exact_draws, 0, 3);
  tcase_add_test(tests, estimated_scores_serve_too);
  tcase_add_test(tests, rows_are_free_walks);
  tcase_add_test(tests, too_hot_a_walk_is_caught);
  tcase_add_test(tests, arrays_are_copied);
  suite_add_tcase(suite, tests);
  return run_all(srunner_create(suite));
}
