/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Langevin kernels: each leaves its target invariant, wherever on a path, and kernels that are wrong on purpose are caught by the same
 * test.
 *
 * The test: exact draws, some steps of fixed size, and Kolmogorov-Smirnov distances of quantities whose law is known.  An invariant kernel
 * leaves the draws independent, so each distance exceeds its limit with probability below 1e-6; some hundred are taken, seeds are fixed. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/tile.h"
#include "kernel_cases.h"
#include "runner.h"

#define DRAWS 8000
#define STEPS 6

/* Twin 1: MALA whose proposals are judged as if they were symmetric. */
static void mala_without_ratio(cloud *c, uint32_t step) {
  for (size_t tile = 0; tile < tile_count(c->p.n); tile++) {
    kernel_tile t;
    tile_open(&c->kernel, step, &c->p, tile, &t);
    const double none[PARTICLE_TILE] = {0};
    tile_noise(&t);
    tile_slope(&t, &c->p);
    for (size_t j = 0; j < t.dim; j++)
      for (size_t i = 0; i < t.n; i++) {
        const double h = c->h[t.begin + i], slope = t.slope[j * PARTICLE_TILE + i];
        t.move[j * PARTICLE_TILE + i] = h * slope + sqrt(2 * h) * t.move[j * PARTICLE_TILE + i];
      }
    tile_displace(&t, &c->p, &c->p, t.move, &c->proposal);
    tile_evaluate(&t, &c->proposal);
    tile_metropolis(&t, none, &c->p, &c->proposal, c->h, c->acceptance);
  }
}

/* Twin 2: HMC that accepts every trajectory. */
static void hmc_always(cloud *c, uint32_t step) {
  cloud_hmc(c, step);
  for (size_t i = 0; i < c->p.n; i++) particles_copy(&c->p, i, &c->proposal, i);
}

/* Twin 3: MALA on the path with the target's own gradient. */
static void mala_unscaled(cloud *c, uint32_t step) {
  for (size_t j = 0; j < c->p.dim * c->p.ld; j++) c->p.grad[j] *= sqrt(c->kernel.lambda);
  cloud_mala(c, step);
}

#define BOUND 0.8

/* MALA with a drift that is bounded where many particles are. */
static void mala_bounded(cloud *c, uint32_t step) {
  c->kernel.bound = BOUND;
  cloud_mala(c, step);
}

/* Twin 4: the drift is bounded on the way there and not on the way back. */
static void mala_half_bounded(cloud *c, uint32_t step) {
  for (size_t tile = 0; tile < tile_count(c->p.n); tile++) {
    kernel_tile t;
    tile_open(&c->kernel, step, &c->p, tile, &t);
    double move[DENSITY_DIM][PARTICLE_TILE], forward[PARTICLE_TILE], square[PARTICLE_TILE], ratio[PARTICLE_TILE];
    tile_noise(&t);
    tile_square(&t, PARTICLE_TILE, t.move, forward);
    tile_slope(&t, &c->p);
    tile_square(&t, t.slope_ld, t.slope, square);
    for (size_t j = 0; j < t.dim; j++)
      for (size_t i = 0; i < t.n; i++) {
        const double h = c->h[t.begin + i], slope = t.slope[j * t.slope_ld + i] / fmax(1, h * sqrt(square[i]) / BOUND);
        t.move[j * PARTICLE_TILE + i] = move[j][i] = h * slope + sqrt(2 * h) * t.move[j * PARTICLE_TILE + i];
      }
    tile_displace(&t, &c->p, &c->p, t.move, &c->proposal);
    tile_evaluate(&t, &c->proposal);
    tile_slope(&t, &c->proposal);
    for (size_t j = 0; j < t.dim; j++)
      for (size_t i = 0; i < t.n; i++) t.scratch[j * PARTICLE_TILE + i] = -move[j][i] - c->h[t.begin + i] * t.slope[j * t.slope_ld + i];
    tile_square(&t, PARTICLE_TILE, t.scratch, ratio);
    for (size_t i = 0; i < t.n; i++) ratio[i] = 0.5 * forward[i] - ratio[i] / (4 * c->h[t.begin + i]);
    tile_metropolis(&t, ratio, &c->p, &c->proposal, c->h, c->acceptance);
  }
}

/* The distance after some steps from exact draws. */
static double distance_after(step_fn step, density *f, const path_type *type, double lambda, const double *metric_c, double h) {
  const dilate_target user = density_target(f);
  cloud *c = cloud_open(type, &user, 2, DRAWS, lambda, h);
  c->kernel.metric_c = metric_c;
  cloud_draw(c, f, 5);
  ck_assert_double_lt(cloud_distance(c, f, lambda), KS_LIMIT);
  for (uint32_t k = 0; k < STEPS; k++) step(c, k);
  const double distance = cloud_distance(c, f, lambda);
  cloud_close(c);
  return distance;
}

START_TEST(mala_leaves_its_target_invariant) {
  density line = density_normal(1, 1), plane = density_correlated(), chained = density_chained(10), modes = density_modes(1),
          modes2 = density_modes(2);
  ck_assert_double_lt(distance_after(cloud_mala, &line, &path_none, 1, NULL, 0.8), KS_LIMIT);
  ck_assert_double_lt(distance_after(cloud_mala, &plane, &path_none, 1, NULL, 0.1), KS_LIMIT);
  ck_assert_double_lt(distance_after(cloud_mala, &plane, &path_none, 1, plane.c, 0.8), KS_LIMIT);
  ck_assert_double_lt(distance_after(cloud_mala, &chained, &path_none, 1, NULL, 0.5), KS_LIMIT);
  ck_assert_double_lt(distance_after(cloud_mala, &chained, &path_none, 1, chained.c, 0.5), KS_LIMIT);
  ck_assert_double_lt(distance_after(cloud_mala, &modes, &path_none, 1, NULL, 1.5), KS_LIMIT);
  ck_assert_double_lt(distance_after(cloud_mala, &modes2, &path_none, 1, NULL, 1.0), KS_LIMIT);
}
END_TEST

START_TEST(bounded_drift_leaves_its_target_invariant) {
  density line = density_normal(1, 1), plane = density_correlated(), modes = density_modes(1), modes2 = density_modes(2);
  ck_assert_double_lt(distance_after(mala_bounded, &line, &path_none, 1, NULL, 0.8), KS_LIMIT);
  ck_assert_double_lt(distance_after(mala_bounded, &plane, &path_none, 1, plane.c, 0.8), KS_LIMIT);
  ck_assert_double_lt(distance_after(mala_bounded, &modes, &path_none, 1, NULL, 1.5), KS_LIMIT);
  ck_assert_double_lt(distance_after(mala_bounded, &modes2, &path_none, 1, NULL, 1), KS_LIMIT);
  ck_assert_double_gt(distance_after(mala_half_bounded, &line, &path_none, 1, NULL, 0.8), KS_LIMIT);
  ck_assert_double_gt(distance_after(mala_half_bounded, &plane, &path_none, 1, plane.c, 0.8), KS_LIMIT);
}
END_TEST

START_TEST(hmc_leaves_its_target_invariant) {
  density line = density_normal(1, 1), plane = density_correlated(), chained = density_chained(10), modes = density_modes(1);
  ck_assert_double_lt(distance_after(cloud_hmc, &line, &path_none, 1, NULL, 1.2), KS_LIMIT);
  ck_assert_double_lt(distance_after(cloud_hmc, &plane, &path_none, 1, plane.c, 1.2), KS_LIMIT);
  ck_assert_double_lt(distance_after(cloud_hmc, &chained, &path_none, 1, NULL, 0.8), KS_LIMIT);
  ck_assert_double_lt(distance_after(cloud_hmc, &chained, &path_none, 1, chained.c, 0.8), KS_LIMIT);
  ck_assert_double_lt(distance_after(cloud_hmc, &modes, &path_none, 1, NULL, 1.0), KS_LIMIT);
}
END_TEST

START_TEST(kernels_are_invariant_along_the_path) {
  const double lambdas[] = {0.01, 0.3};
  density plane = density_correlated(), modes = density_modes(2), chained = density_chained(10);
  for (size_t l = 0; l < 2; l++) {
    const double lambda = lambdas[l];
    ck_assert_double_lt(distance_after(cloud_mala, &plane, &path_dilation, lambda, NULL, 0.1 * lambda), KS_LIMIT);
    ck_assert_double_lt(distance_after(cloud_mala, &modes, &path_dilation, lambda, NULL, lambda), KS_LIMIT);
    ck_assert_double_lt(distance_after(cloud_mala, &chained, &path_dilation, lambda, chained.c, 0.5 * lambda), KS_LIMIT);
    ck_assert_double_lt(distance_after(cloud_hmc, &modes, &path_dilation, lambda, NULL, sqrt(lambda)), KS_LIMIT);
    ck_assert_double_lt(distance_after(cloud_hmc, &plane, &path_dilation, lambda, plane.c, sqrt(lambda)), KS_LIMIT);
  }
}
END_TEST

START_TEST(wrong_kernels_are_caught) {
  density line = density_normal(1, 1), plane = density_correlated(), modes = density_modes(1);
  ck_assert_double_gt(distance_after(mala_without_ratio, &line, &path_none, 1, NULL, 0.8), KS_LIMIT);
  ck_assert_double_gt(distance_after(mala_without_ratio, &plane, &path_none, 1, plane.c, 0.8), KS_LIMIT);
  ck_assert_double_gt(distance_after(mala_without_ratio, &modes, &path_none, 1, NULL, 3), KS_LIMIT);
  ck_assert_double_gt(distance_after(hmc_always, &line, &path_none, 1, NULL, 1.2), KS_LIMIT);
  ck_assert_double_gt(distance_after(mala_unscaled, &modes, &path_dilation, 0.01, NULL, 0.02), KS_LIMIT);
  ck_assert_double_gt(distance_after(cloud_ula, &line, &path_none, 1, NULL, 0.8), KS_LIMIT);
}
END_TEST

/* On N(0, S) with metric S, ULA's chain is autoregressive in whitened coordinates, u <- (1 - h) u + sqrt(2h) xi, and its stationary
 * variance is 2h / (1 - (1 - h)^2) = 1 / (1 - h/2). */
START_TEST(ula_has_its_known_bias) {
  const double h = 0.6;
  density line = density_normal(1, 1), wide = density_normal(1, 1 / sqrt(1 - h / 2)), ten = density_normal(10, 3),
          wide10 = density_normal(10, 3 / sqrt(1 - h / 2));
  density *target_density[] = {&line, &ten}, *law[] = {&wide, &wide10};
  for (size_t k = 0; k < 2; k++) {
    const dilate_target user = density_target(target_density[k]);
    cloud *c = cloud_open(&path_none, &user, 2, DRAWS, 1, h);
    c->kernel.metric_c = target_density[k]->c;
    cloud_draw(c, law[k], 3);
    for (uint32_t s = 0; s < STEPS; s++) cloud_ula(c, s);
    ck_assert_double_lt(cloud_distance(c, law[k], 1), KS_LIMIT);
    ck_assert_double_gt(cloud_distance(c, target_density[k], 1), KS_LIMIT);
    cloud_close(c);
  }
}
END_TEST

/* A metric is a change of coordinates: on N(0, C C') with metric C C' the chain is C times that on N(0, I). */
START_TEST(metric_is_a_change_of_coordinates) {
  const step_fn steps[] = {cloud_mala, cloud_hmc};
  for (size_t s = 0; s < 2; s++) {
    density chained = density_chained(10), white = density_normal(10, 1);
    memset(chained.mean, 0, sizeof chained.mean);
    const dilate_target users[] = {density_target(&chained), density_target(&white)};
    cloud *c = cloud_open(&path_none, &users[0], 1, 64, 1, 0.5), *w = cloud_open(&path_none, &users[1], 1, 64, 1, 0.5);
    c->kernel.metric_c = chained.c;
    cloud_draw(c, &chained, 2);
    cloud_draw(w, &white, 2);
    c->kernel.rate = w->kernel.rate = 1.6;
    for (uint32_t k = 0; k < 8; k++) {
      steps[s](c, k);
      steps[s](w, k);
      for (size_t i = 0; i < 64; i++) ck_assert_double_le(fabs(c->acceptance[i] - w->acceptance[i]), 1e-6);
    }
    cloud_close(c);
    cloud_close(w);
  }
}
END_TEST

/* log h moves by rate (a - accept) a step, so over n steps the mean acceptance differs from the goal by no more than the change of log h
 * over rate n. */
START_TEST(adaptation_reaches_its_acceptance) {
  const struct {
    step_fn step;
    double accept, h;
  } cases[] = {{cloud_mala, 0.574, 1e-4}, {cloud_mala, 0.574, 1e3}, {cloud_hmc, 0.8, 1e-3}, {cloud_hmc, 0.8, 50}};
  density chained = density_chained(10);
  const dilate_target user = density_target(&chained);
  for (size_t k = 0; k < 4; k++) {
    cloud *c = cloud_open(&path_none, &user, 2, 64, 1, cases[k].h);
    c->kernel.metric_c = chained.c;
    c->kernel.rate = 0.5;
    c->kernel.accept = cases[k].accept;
    cloud_draw(c, &chained, 2);
    double sum = 0;
    for (uint32_t s = 0; s < 400; s++) {
      cases[k].step(c, s);
      for (size_t i = 0; i < 64 && s >= 200; i++) sum += c->acceptance[i] / (200 * 64);
    }
    ck_assert_double_le(fabs(sum - cases[k].accept), 0.02);
    cloud_close(c);
  }
}
END_TEST

START_TEST(steps_stay_within_their_limits) {
  density line = density_normal(1, 1);
  const dilate_target user = density_target(&line);
  cloud *c = cloud_open(&path_none, &user, 1, 10, 1, 1);
  cloud_draw(c, &line, 1);
  c->kernel.h_min = 0.9;
  c->kernel.h_max = 1.1;
  c->kernel.rate = 0;
  cloud_mala(c, 0);
  for (size_t i = 0; i < 10; i++) ck_assert_double_eq(c->h[i], 1);
  c->kernel.rate = 1.6;
  for (uint32_t k = 1; k < 50; k++) {
    cloud_mala(c, k);
    for (size_t i = 0; i < 10; i++) ck_assert(c->h[i] >= 0.9 && c->h[i] <= 1.1 && c->acceptance[i] >= 0 && c->acceptance[i] <= 1);
  }
  cloud_close(c);
}
END_TEST

/* From exact draws of the uniform law on the unit box: all stay inside, and uniform. */
START_TEST(box_stays_uniform) {
  const dilate_target user = target_of(2, flat_box_logp, NULL);
  const step_fn steps[] = {cloud_mala, cloud_hmc};
  for (size_t s = 0; s < 2; s++) {
    cloud *c = cloud_open(&path_none, &user, 2, DRAWS, 1, 0.1);
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (size_t i = 0; i < 2 * c->p.ld; i++) c->p.x[i] = gsl_rng_uniform_pos(rng);
    gsl_rng_free(rng);
    path_evaluate(&c->path, 1, &c->p);
    for (uint32_t k = 0; k < 10; k++) steps[s](c, k);
    for (size_t i = 0; i < c->p.n; i++) ck_assert(c->p.logp[i] == 0);
    for (size_t j = 0; j < 2; j++) ck_assert_double_lt(ks_statistic(c->p.n, c->p.x + j * c->p.ld), KS_LIMIT);
    cloud_close(c);
  }
}
END_TEST

/* A NaN is the outside of the support like any other: no particle that is inside leaves, and those outside take the first place inside. */
START_TEST(particles_enter_the_support_and_stay) {
  int nan_outside = 1;
  for (int k = 0; k < 2; k++) {
    const dilate_target user = target_of(2, box_logp, k ? &nan_outside : NULL);
    cloud *c = cloud_open(&path_none, &user, 1, 100, 1, 0.1);
    for (size_t i = 0; i < 2 * c->p.ld; i++) c->p.x[i] = 1.1;
    path_evaluate(&c->path, 1, &c->p);
    ck_assert(c->p.logp[0] == -INFINITY);
    size_t entered = 0;
    for (uint32_t s = 0; s < 60; s++) {
      const size_t inside_before = entered;
      entered = 0;
      cloud_mala(c, s);
      for (size_t i = 0; i < 100; i++) {
        entered += isfinite(c->p.logp[i]) != 0;
        if (isfinite(c->proposal.logp[i]) && inside_before == 0) ck_assert_double_eq(c->acceptance[i], 1);
      }
      ck_assert_uint_ge(entered, inside_before);
    }
    ck_assert_uint_eq(entered, 100);
    cloud_close(c);
  }
}
END_TEST

static int finite_only_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  size_t *broken = params;
  for (size_t j = 0; j < dim; j++) *broken += isfinite(x[j]) == 0;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    *logp -= 0.5 * x[j] * x[j];
    if (grad) grad[j] = -x[j];
  }
  return 0;
}

/* Steps so long that positions overflow: the target never sees such a point, and particles stay where they are. */
START_TEST(overflow_is_rejected) {
  size_t broken = 0;
  const dilate_target user = target_of(3, finite_only_logp, &broken);
  const step_fn steps[] = {cloud_mala, cloud_hmc, cloud_ula};
  for (size_t s = 0; s < 3; s++) {
    cloud *c = cloud_open(&path_none, &user, 1, 20, 1, 1e308);
    for (size_t i = 0; i < 3 * c->p.ld; i++) c->p.x[i] = 100 + (double)i;
    path_evaluate(&c->path, 1, &c->p);
    steps[s](c, 0);
    for (size_t i = 0; i < 20; i++) {
      ck_assert_double_eq(c->p.x[i], 100 + (double)i);
      if (steps[s] == cloud_ula) continue;
      ck_assert_double_eq(c->acceptance[i], 0);
      ck_assert(c->proposal.logp[i] == -INFINITY && c->proposal.x[i] == 100 + (double)i && c->proposal.grad[i] == 0);
    }
    cloud_close(c);
  }
  ck_assert_uint_eq(broken, 0);
}
END_TEST

/* After a step a particle is where it was or where its proposal is, and both carry their log-density and gradient. */
START_TEST(proposals_stand_as_they_were_evaluated) {
  density modes = density_modes(3);
  const dilate_target user = density_target(&modes);
  const step_fn steps[] = {cloud_mala, cloud_hmc};
  for (size_t s = 0; s < 2; s++) {
    cloud *c = cloud_open(&path_dilation, &user, 2, 77, 0.5, 0.4);
    particles before, check;
    ck_assert_int_eq(particles_create(3, 77, &before) || particles_create(3, 77, &check), 0);
    cloud_draw(c, &modes, 4);
    for (size_t i = 0; i < 77; i++) particles_copy(&before, i, &c->p, i);
    steps[s](c, 0);
    for (size_t i = 0; i < 77; i++) particles_copy(&check, i, &c->proposal, i);
    path_evaluate(&c->path, 0.5, &check);
    size_t moved = 0;
    for (size_t i = 0; i < 77; i++) {
      const int here = c->p.x[i] == c->proposal.x[i];
      moved += here != 0;
      const particles *from = here ? &check : &before;
      ck_assert_double_eq(check.logp[i], c->proposal.logp[i]);
      ck_assert_double_eq(from->logp[i], c->p.logp[i]);
      for (size_t j = 0; j < 3; j++) {
        ck_assert_double_eq(from->x[j * from->ld + i], c->p.x[j * c->p.ld + i]);
        ck_assert_double_eq(from->grad[j * from->ld + i], c->p.grad[j * c->p.ld + i]);
        ck_assert_double_eq(check.grad[j * from->ld + i], c->proposal.grad[j * c->p.ld + i]);
      }
    }
    ck_assert(moved > 20 && moved < 77);
    particles_clear(&before);
    particles_clear(&check);
    cloud_close(c);
  }
}
END_TEST

START_TEST(threads_give_the_same_bits) {
  density modes = density_modes(3);
  const dilate_target user = density_target(&modes);
  const step_fn steps[] = {cloud_mala, cloud_hmc, cloud_ula};
  const size_t threads[] = {1, 2, 5};
  for (size_t s = 0; s < 3; s++) {
    cloud *c[3];
    for (size_t k = 0; k < 3; k++) {
      c[k] = cloud_open(&path_dilation, &user, threads[k], 301, 0.3, 0.2);
      c[k]->kernel.rate = 1.6;
      cloud_draw(c[k], &modes, 8);
      for (uint32_t t = 0; t < 20; t++) steps[s](c[k], t);
      ck_assert_mem_eq(c[k]->p.x, c[0]->p.x, 3 * c[0]->p.ld * sizeof(double));
      ck_assert_mem_eq(c[k]->p.logp, c[0]->p.logp, 301 * sizeof(double));
      ck_assert_mem_eq(c[k]->h, c[0]->h, 301 * sizeof(double));
      ck_assert_mem_eq(c[k]->acceptance, c[0]->acceptance, 301 * sizeof(double));
    }
    for (size_t k = 0; k < 3; k++) cloud_close(c[k]);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("kernel");
  TCase *tests = tcase_create("kernel");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, mala_leaves_its_target_invariant);
  tcase_add_test(tests, hmc_leaves_its_target_invariant);
  tcase_add_test(tests, kernels_are_invariant_along_the_path);
  tcase_add_test(tests, wrong_kernels_are_caught);
  tcase_add_test(tests, ula_has_its_known_bias);
  tcase_add_test(tests, bounded_drift_leaves_its_target_invariant);
  tcase_add_test(tests, metric_is_a_change_of_coordinates);
  tcase_add_test(tests, adaptation_reaches_its_acceptance);
  tcase_add_test(tests, steps_stay_within_their_limits);
  tcase_add_test(tests, box_stays_uniform);
  tcase_add_test(tests, particles_enter_the_support_and_stay);
  tcase_add_test(tests, overflow_is_rejected);
  tcase_add_test(tests, proposals_stand_as_they_were_evaluated);
  tcase_add_test(tests, threads_give_the_same_bits);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_add_suite(runner, kernel_steps_suite());
  return run_all(runner);
}
