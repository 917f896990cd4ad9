/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Gaussian target along every path at five fixed values of lambda: 1e5 particles start from exact draws of the law, take 20 Metropolis-
 * adjusted Langevin steps, and are still draws of it. Each particle is a chain of its own, so they are independent, and with whitened
 * coordinates u = L^-1 (x - m), L L' the law's covariance,
 *   X2 = n |mean u|^2 + n sum_j (mean u_j^2 - 1)^2 / 2 + n sum_(j<k) (mean u_j u_k)^2
 * is chi-square of d + d (d + 1)/2 degrees of freedom for large n: mean and covariance at once. Twenty of them, so that each is rejected
 * at 1e-3 / 20. The twins, MALA without its proposal ratio and laws of a wrong scale, must all be rejected. */
#include <check.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "gaussians.h"
#include "kernel/langevin.h"
#include "kernel/tile.h"
#include "runner.h"

#define DIM     3
#define DRAWS   100000
#define STEPS   20
#define FREEDOM (DIM + DIM * (DIM + 1) / 2)
#define SCALE   1.5
#define TESTS   20
#define LEVEL   (1e-3 / TESTS)

static const double centre[DIM] = {0.5, -1, 2}, lambdas[] = {1e-4, 0.05, 0.3, 0.8, 1};
#define LAMBDAS (int)(sizeof lambdas / sizeof *lambdas)

/* Of the Gaussian target: its precision, and its mean times that. */
static void canonical(const gaussians *g, double *precision, double *pull) {
  for (size_t j = 0; j < DIM; j++) {
    double column[DIM] = {0};
    column[j] = 1;
    cholesky_solve(DIM, g->factor[0], column);
    for (size_t i = 0; i < DIM; i++) precision[i * DIM + j] = column[i];
  }
  for (size_t i = 0; i < DIM; i++) {
    pull[i] = 0;
    for (size_t j = 0; j < DIM; j++) pull[i] += precision[i * DIM + j] * g->mean[0][j];
  }
}

/* q^(1 - lambda) pi^lambda: precision (1 - lambda)/s^2 + lambda S^-1, and the means likewise. */
static gaussians geometric_law(const gaussians *g, double lambda) {
  gaussians law = *g;
  double precision[DIM * DIM], pull[DIM];
  canonical(g, precision, pull);
  for (size_t i = 0; i < DIM; i++) {
    pull[i] = lambda * pull[i] + (1 - lambda) / (SCALE * SCALE) * centre[i];
    for (size_t j = 0; j < DIM; j++) precision[i * DIM + j] = lambda * precision[i * DIM + j] + (i == j) * (1 - lambda) / (SCALE * SCALE);
  }
  ck_assert_int_eq(cholesky(DIM, precision), 0);
  memcpy(law.mean[0], pull, sizeof pull);
  cholesky_solve(DIM, precision, law.mean[0]);
  for (size_t j = 0; j < DIM; j++) {
    double column[DIM] = {0};
    column[j] = 1;
    cholesky_solve(DIM, precision, column);
    for (size_t i = 0; i < DIM; i++) law.covariance[0][i * DIM + j] = column[i];
  }
  memcpy(law.factor[0], law.covariance[0], sizeof law.factor[0]);
  ck_assert_int_eq(cholesky(DIM, law.factor[0]), 0);
  return law;
}

/* The closed form of each path's law, with whatever scale the Gaussian end has. */
static gaussians law_of(const path_type *type, const gaussians *g, double lambda) {
  if (type == &path_geometric) return geometric_law(g, lambda);
  if (type == &path_none) return *g;
  const gaussians moved = gaussians_dilated(g, centre, sqrt(lambda));
  return type == &path_dilation ? moved : gaussians_convolved(&moved, SCALE * sqrt(1 - lambda));
}

/* ---- The chi-square ---- */

static void whiten(const gaussians *law, const particles *p, size_t i, double *u) {
  for (size_t j = 0; j < DIM; j++) {
    u[j] = p->x[j * p->ld + i] - law->mean[0][j];
    for (size_t k = 0; k < j; k++) u[j] -= law->factor[0][j * DIM + k] * u[k];
    u[j] /= law->factor[0][j * DIM + j];
  }
}

/* The probability of a chi-square this large. */
static double chi_square_level(const gaussians *law, const particles *p) {
  double mean[DIM] = {0}, second[DIM][DIM] = {{0}}, u[DIM], sum = 0;
  const double n = (double)p->n;
  for (size_t i = 0; i < p->n; i++) {
    whiten(law, p, i, u);
    for (size_t j = 0; j < DIM; j++) {
      mean[j] += u[j] / n;
      for (size_t k = 0; k <= j; k++) second[j][k] += u[j] * u[k] / n;
    }
  }
  for (size_t j = 0; j < DIM; j++) {
    sum += n * mean[j] * mean[j] + n * pow(second[j][j] - 1, 2) / 2;
    for (size_t k = 0; k < j; k++) sum += n * second[j][k] * second[j][k];
  }
  return gsl_cdf_chisq_Q(sum, FREEDOM);
}

/* ---- The chains ---- */

typedef struct chains {
  path path;
  langevin kernel;
  particles p, proposal;
  double *h;
} chains;

/* `number`: of its own random numbers. */
static void open_chains(chains *c, const path_type *type, const dilate_target *user, double scale, double lambda, unsigned number) {
  *c = (chains){.path = {.type = type, .centre = centre, .scale = scale}};
  ck_assert_int_eq(target_create(user, 2, &c->path.target, NULL), DILATE_OK);
  c->path.work = NEW(double, path_work(type, c->path.target) + 1);
  c->kernel = (langevin){.path = &c->path, .lambda = lambda, .stream = stream_make(17, STREAM_USER, number, 0)};
  c->kernel.work = NEW(double, langevin_work(c->path.target));
  c->h = NEW(double, DRAWS);
  ck_assert_int_eq(particles_create(DIM, DRAWS, &c->p) || particles_create(DIM, DRAWS, &c->proposal), 0);
}

static void close_chains(chains *c) {
  memory_free(c->path.work);
  memory_free(c->kernel.work);
  memory_free(c->h);
  target_free(c->path.target);
  particles_clear(&c->p);
  particles_clear(&c->proposal);
}

static void start(chains *c, const gaussians *law, unsigned number) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 1 + number);
  double least = INFINITY;
  for (size_t j = 0; j < DIM; j++) least = fmin(least, law->factor[0][j * DIM + j]);
  for (size_t i = 0; i < DRAWS; i++) {
    double x[DIM];
    gaussians_draw(law, rng, x);
    for (size_t j = 0; j < DIM; j++) c->p.x[j * c->p.ld + i] = x[j];
    c->h[i] = 0.7 * least * least;
  }
  gsl_rng_free(rng);
  path_evaluate(&c->path, c->kernel.lambda, &c->p);
}

typedef void (*step_fn)(chains *c, uint32_t step);

static void mala(chains *c, uint32_t step) {
  mala_step(&c->kernel, step, &c->p, &c->proposal, c->h, NULL);
}

/* The twin: proposals are judged as if they were symmetric. */
static void without_ratio(chains *c, uint32_t step) {
  for (size_t tile = 0; tile < tile_count(c->p.n); tile++) {
    kernel_tile t;
    tile_open(&c->kernel, step, &c->p, tile, &t);
    const double none[PARTICLE_TILE] = {0};
    tile_noise(&t);
    tile_slope(&t, &c->p);
    for (size_t j = 0; j < DIM * PARTICLE_TILE; j++) {
      const double h = c->h[t.begin];
      t.move[j] = h * t.slope[j] + sqrt(2 * h) * t.move[j];
    }
    tile_displace(&t, &c->p, &c->p, t.move, &c->proposal);
    tile_evaluate(&t, &c->proposal);
    tile_metropolis(&t, none, &c->p, &c->proposal, c->h, NULL);
  }
}

/* From draws of the law, by `step` on the path with the Gaussian end `scale`: the level of what is there afterwards. */
static double level_after(const path_type *type, double lambda, double scale, step_fn step, int steps, unsigned number) {
  gaussians g = gaussians_random(2, DIM, 1, 2);
  dilate_target user = gaussians_target(&g);
  user.convolve = gaussians_convolve;
  const gaussians law = law_of(type, &g, lambda);
  chains c;
  open_chains(&c, type, &user, scale, lambda, number);
  start(&c, &law, number);
  for (int k = 0; k < steps; k++) step(&c, (uint32_t)k);
  const double level = chi_square_level(&law, &c.p);
  close_chains(&c);
  return level;
}

START_TEST(laws_stay) {
  const path_type *type = path_list[_i / LAMBDAS];
  const double lambda = lambdas[_i % LAMBDAS], level = level_after(type, lambda, SCALE, mala, STEPS, (unsigned)_i);
  printf("%-12s lambda %-8g p = %.3f\n", type->name, lambda, level);
  ck_assert_msg(level > LEVEL, "%s at %g: p = %g", type->name, lambda, level);
}
END_TEST

START_TEST(symmetric_proposals_are_caught) {
  for (size_t k = 0; path_list[k]; k++) ck_assert_double_lt(level_after(path_list[k], 0.3, SCALE, without_ratio, 6, 30), LEVEL);
}
END_TEST

/* A Gaussian end that is two per cent too wide moves the geometric and the convolution path away from their laws. */
START_TEST(wrong_scales_are_caught) {
  ck_assert_double_lt(level_after(&path_geometric, 0.05, 1.02 * SCALE, mala, STEPS, 31), LEVEL);
  ck_assert_double_lt(level_after(&path_convolution, 0.3, 1.02 * SCALE, mala, STEPS, 31), LEVEL);
}
END_TEST

/* The dilation path of the twin stands at another lambda than its law. */
START_TEST(wrong_lambda_is_caught) {
  gaussians g = gaussians_random(2, DIM, 1, 2);
  dilate_target user = gaussians_target(&g);
  const gaussians law = law_of(&path_dilation, &g, 0.3);
  chains c;
  open_chains(&c, &path_dilation, &user, SCALE, 0.31, 32);
  start(&c, &law, 32);
  for (uint32_t k = 0; k < STEPS; k++) mala(&c, k);
  ck_assert_double_lt(chi_square_level(&law, &c.p), LEVEL);
  close_chains(&c);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("laws of paths");
  TCase *tests = tcase_create("laws of paths");
  tcase_set_timeout(tests, 120);
  tcase_add_loop_test(tests, laws_stay, 0, TESTS);
  tcase_add_test(tests, symmetric_proposals_are_caught);
  tcase_add_test(tests, wrong_scales_are_caught);
  tcase_add_test(tests, wrong_lambda_is_caught);
  suite_add_tcase(suite, tests);
  return run_all(srunner_create(suite));
}
