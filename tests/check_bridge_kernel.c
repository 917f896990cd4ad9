/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernels of the bridge: each leaves every law of the geometric path invariant, and kernels that are wrong on purpose are caught by the
 * same test.
 *
 * The test: the target is made such that the path, when it has come to beta, is at a mixture that we can draw from exactly.  Exact draws,
 * some moves with fixed steps, and Kolmogorov-Smirnov distances of three projections whose law is known.  An invariant kernel leaves the
 * draws independent, so each distance exceeds its limit with probability below 1e-6; some two hundred are taken, seeds are fixed. */
#include <check.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "densities.h"
#include "kernel/tempered.h"
#include "runner.h"
#include "stage_cases.h"

#define DRAWS      8000
#define MOVES      4
#define COMPONENTS 3 /* of a reference, at most */

/* Chains at beta between a reference and a target, and a kernel to move them. */
typedef struct crowd {
  law law;
  tempered chains;
  tempered_kernel kernel;
  double step[COMPONENTS], scale[LAW_DIM], *acceptance;
  size_t *component;
  gsl_rng *rng;
} crowd;

/* Of a law's target, or (l NULL) of any other. */
static crowd *crowd_of(const law *l, const dilate_target *other, const mixture *q, double beta, size_t threads, size_t n, double h) {
  crowd *c = NEW(crowd, 1);
  ck_assert_ptr_nonnull(c);
  if (l) c->law = *l;
  const dilate_target user = l ? law_target(&c->law) : *other;
  ck_assert_int_eq(tempered_create(q, n, 1, &c->chains), 0);
  ck_assert_int_eq(tempered_kernel_create(target_open(&user, threads), q, &c->kernel), 0);
  c->kernel.beta = beta;
  c->kernel.stream = stream_make(12, STREAM_USER, 3, 0);
  for (size_t k = 0; k < COMPONENTS; k++) c->step[k] = h * (1 + 0.2 * (double)k);
  for (size_t j = 0; j < LAW_DIM; j++) c->scale[j] = 1 - 0.3 * (double)(j % 2);
  c->kernel.step = c->step;
  c->kernel.whitened_scale = c->scale;
  c->acceptance = NEW(double, n);
  c->component = NEW(size_t, n);
  c->rng = gsl_rng_alloc(gsl_rng_mt19937);
  ck_assert(c->acceptance && c->component && c->rng);
  return c;
}

static void crowd_close(crowd *c) {
  target *t = c->kernel.target;
  tempered_kernel_clear(&c->kernel);
  tempered_clear(&c->chains);
  target_free(t);
  memory_free(c->acceptance);
  memory_free(c->component);
  gsl_rng_free(c->rng);
  memory_free(c);
}

/* Densities, gradients and responsibilities where the chains stand. */
static void crowd_evaluate(const mixture *q, target *t, tempered *chains) {
  double *work = NEW(double, mixture_work(q, chains->pi.n));
  ck_assert_ptr_nonnull(work);
  particles_evaluate(&chains->pi, t);
  mixture_evaluate(q, chains->pi.n, chains->pi.ld, chains->pi.x, chains->logq, chains->gradq, chains->share, work);
  memory_free(work);
}

/* The law of the path at beta: the mixture m, or at its start q. */
static const mixture *law_at(const mixture *m, const mixture *q, double beta) {
  return beta > 0 ? m : q;
}

/* Chains that are exact draws of the path at beta, where the path is at m. */
static crowd *crowd_drawn(const mixture *m, const mixture *q, double beta, size_t threads, size_t n, double h) {
  const law l = {.m = m, .q = q, .beta = beta > 0 ? beta : 1, .log_z = 0.75};
  crowd *c = crowd_of(&l, NULL, q, beta, threads, n, h);
  gsl_rng_set(c->rng, 17);
  law_fill(law_at(m, q, beta), c->rng, &c->chains.pi);
  crowd_evaluate(q, c->kernel.target, &c->chains);
  return c;
}

typedef void (*move_fn)(crowd *c, uint32_t step);

static void hmc(crowd *c, uint32_t step) {
  component_hmc(&c->kernel, step, &c->chains, c->acceptance, c->component);
}

static void independent(crowd *c, uint32_t step) {
  independence_move(&c->kernel, step, &c->chains, c->acceptance);
}

/* ---- the same kernels, written down plainly, with a place to go wrong ---- */

typedef enum fault { NO_FAULT, ALWAYS, NO_SHARES, TARGET_FORCE, NO_REFERENCE } fault;

/* One chain under both densities. */
typedef struct place {
  double x[LAW_DIM], logp, grad[LAW_DIM], logq, gradq[LAW_DIM], share[COMPONENTS];
} place;

static void look(const crowd *c, place *p) {
  double work[4096];
  const mixture *q = c->kernel.q;
  target_evaluate(c->kernel.target, 0, 1, 1, p->x, &p->logp, p->grad);
  mixture_evaluate(q, 1, 1, p->x, &p->logq, p->gradq, p->share, work);
}

static void take(const crowd *c, size_t i, place *p) {
  for (size_t j = 0; j < c->chains.pi.dim; j++) p->x[j] = c->chains.pi.x[j * c->chains.pi.ld + i];
  look(c, p);
}

static void put(crowd *c, size_t i, const place *p) {
  tempered *t = &c->chains;
  t->pi.logp[i] = p->logp;
  t->logq[i] = p->logq;
  for (size_t j = 0; j < t->pi.dim; j++) {
    t->pi.x[j * t->pi.ld + i] = p->x[j];
    t->pi.grad[j * t->pi.ld + i] = p->grad[j];
    t->gradq[j * t->pi.ld + i] = p->gradq[j];
  }
  for (size_t k = 0; k < t->components; k++) t->share[k * t->pi.ld + i] = p->share[k];
}

/* p += h v C' grad log mu_beta, C of component k. */
static void kick_plainly(const crowd *c, size_t k, const place *at, double beta, double h, double *p) {
  const mixture *q = c->kernel.q;
  const double *factor = q->factor[q->factor_of[q->location[k]]].c;
  for (size_t j = 0; j < q->dim; j++)
    for (size_t i = j; i < q->dim; i++)
      p[j] += h * c->scale[j] * q->scale[k] * factor[i * q->dim + j] * (beta * at->grad[i] + (1 - beta) * at->gradq[i]);
}

static void drift_plainly(const crowd *c, size_t k, place *at, double h, const double *p) {
  const mixture *q = c->kernel.q;
  const double *factor = q->factor[q->factor_of[q->location[k]]].c;
  for (size_t i = 0; i < q->dim; i++)
    for (size_t j = 0; j <= i; j++) at->x[i] += h * c->scale[j] * q->scale[k] * factor[i * q->dim + j] * p[j];
}

/* Component-preconditioned HMC of four leapfrogs. */
static void hmc_plainly(crowd *c, fault wrong) {
  const double beta = c->kernel.beta, force_beta = wrong == TARGET_FORCE ? 1 : beta;
  for (size_t i = 0; i < c->chains.pi.n; i++) {
    place from, to;
    double p[LAW_DIM], energy = 0, u = gsl_rng_uniform(c->rng);
    size_t k = 0;
    take(c, i, &from);
    to = from;
    while (k + 1 < c->chains.components && u > from.share[k]) u -= from.share[k++];
    for (size_t j = 0; j < c->chains.pi.dim; j++) {
      p[j] = gsl_ran_ugaussian(c->rng);
      energy += 0.5 * p[j] * p[j];
    }
    for (int leapfrog = 0; leapfrog < 4; leapfrog++) {
      kick_plainly(c, k, &to, force_beta, 0.5 * c->step[k], p);
      drift_plainly(c, k, &to, c->step[k], p);
      look(c, &to);
      kick_plainly(c, k, &to, force_beta, 0.5 * c->step[k], p);
    }
    for (size_t j = 0; j < c->chains.pi.dim; j++) energy -= 0.5 * p[j] * p[j];
    double ratio = energy + tempered_density(beta, to.logp, to.logq) - tempered_density(beta, from.logp, from.logq);
    if (wrong != NO_SHARES) ratio += log(to.share[k] / from.share[k]);
    if (wrong == ALWAYS || log(gsl_rng_uniform_pos(c->rng)) < ratio) put(c, i, &to);
  }
}

static void independent_plainly(crowd *c, fault wrong) {
  for (size_t i = 0; i < c->chains.pi.n; i++) {
    place from, to;
    take(c, i, &from);
    law_draw(c->kernel.q, c->rng, to.x);
    look(c, &to);
    double ratio = to.logp - from.logp;
    if (wrong != NO_REFERENCE) ratio -= to.logq - from.logq;
    if (wrong == ALWAYS || log(gsl_rng_uniform_pos(c->rng)) < c->kernel.beta * ratio) put(c, i, &to);
  }
}

static void hmc_right(crowd *c, uint32_t step) {
  (void)step, hmc_plainly(c, NO_FAULT);
}
static void hmc_always(crowd *c, uint32_t step) {
  (void)step, hmc_plainly(c, ALWAYS);
}
static void hmc_without_shares(crowd *c, uint32_t step) {
  (void)step, hmc_plainly(c, NO_SHARES);
}
/* Only the energy is of mu_beta: right, since any reversible force is. */
static void hmc_of_target_force(crowd *c, uint32_t step) {
  (void)step, hmc_plainly(c, TARGET_FORCE);
}
static void independent_right(crowd *c, uint32_t step) {
  (void)step, independent_plainly(c, NO_FAULT);
}
static void independent_always(crowd *c, uint32_t step) {
  (void)step, independent_plainly(c, ALWAYS);
}
static void independent_of_target(crowd *c, uint32_t step) {
  (void)step, independent_plainly(c, NO_REFERENCE);
}

/* The real kernels on chains whose remembered log q, or responsibilities, are not those of their places. */
static void hmc_stale_density(crowd *c, uint32_t step) {
  for (size_t i = 0; i < c->chains.pi.n; i++) c->chains.logq[i] += c->chains.pi.x[i];
  hmc(c, step);
}
static void hmc_stale_shares(crowd *c, uint32_t step) {
  for (size_t k = 0; k < c->chains.components; k++)
    for (size_t i = 0; i < c->chains.pi.n; i++) c->chains.share[k * c->chains.pi.ld + i] = 1 / (double)c->chains.components;
  hmc(c, step);
}
static void independent_stale(crowd *c, uint32_t step) {
  for (size_t i = 0; i < c->chains.pi.n; i++) c->chains.logq[i] += c->chains.pi.x[i];
  independent(c, step);
}

/* The distance after some moves from exact draws. */
static double distance_after(move_fn move, const mixture *m, const mixture *q, double beta, double h) {
  crowd *c = crowd_drawn(m, q, beta, 2, DRAWS, h);
  ck_assert_double_lt(law_distance(law_at(m, q, beta), &c->chains.pi), KS_LIMIT);
  for (uint32_t k = 0; k < MOVES; k++) move(c, k);
  const double distance = law_distance(law_at(m, q, beta), &c->chains.pi);
  crowd_close(c);
  return distance;
}

static const double betas[] = {0, 0.3, 1};
static const size_t dims[] = {1, 2, 10};

/* All moves in all cases: Gaussians, and mixtures with one covariance and with many, of the reference and of the path alike. */
static void check_invariance(move_fn move, double h) {
  for (size_t d = 0; d < 3; d++)
    for (size_t b = 0; b < 3; b++) {
      mixture *gaussian = law_gaussian(dims[d], 0.3, 1.2), *wide = law_gaussian(dims[d], 0, 1.5);
      mixture *shared = law_close(dims[d], MIXTURE_SHARED), *full = law_close(dims[d], MIXTURE_FULL);
      ck_assert_double_lt(distance_after(move, gaussian, wide, betas[b], h), KS_LIMIT);
      ck_assert_double_lt(distance_after(move, full, full, betas[b], h), KS_LIMIT);
      ck_assert_double_lt(distance_after(move, shared, full, betas[b], h), KS_LIMIT);
      ck_assert_double_lt(distance_after(move, full, shared, betas[b], h), KS_LIMIT);
      mixture_free(gaussian);
      mixture_free(wide);
      mixture_free(shared);
      mixture_free(full);
    }
}

START_TEST(hmc_leaves_the_path_invariant) {
  check_invariance(hmc, 0.5);
}
END_TEST

START_TEST(independence_leaves_the_path_invariant) {
  check_invariance(independent, 0.5);
}
END_TEST

/* Invariance says nothing of a kernel that never moves, so most of these moves are accepted, and some of the others are not. */
START_TEST(kernels_do_move) {
  const move_fn moves[] = {hmc, independent};
  for (size_t k = 0; k < 2; k++)
    for (size_t d = 0; d < 3; d++) {
      mixture *full = law_close(dims[d], MIXTURE_FULL), *shared = law_close(dims[d], MIXTURE_SHARED);
      crowd *c = crowd_drawn(shared, full, 0.3, 2, 1000, 0.5);
      double *before = NEW(double, 1000);
      ck_assert_ptr_nonnull(before);
      memcpy(before, c->chains.pi.x, 1000 * sizeof *before);
      moves[k](c, 0);
      size_t moved = 0;
      double acceptance = 0;
      for (size_t i = 0; i < 1000; i++) {
        moved += before[i] != c->chains.pi.x[i];
        acceptance += c->acceptance[i] / 1000;
        ck_assert(c->acceptance[i] >= 0 && c->acceptance[i] <= 1);
      }
      ck_assert_double_gt(acceptance, 0.2);
      ck_assert_double_lt(acceptance, 1);
      ck_assert_double_le(fabs((double)moved / 1000 - acceptance), 5 * 0.5 / sqrt(1000)); /* five standard deviations */
      memory_free(before);
      crowd_close(c);
      mixture_free(full);
      mixture_free(shared);
    }
}
END_TEST

/* Steps are long and components overlap, where the faults do most harm; the right kernels stay within the limit there too. */
START_TEST(wrong_hmc_is_caught) {
  for (size_t dim = 1; dim <= 2; dim++) {
    mixture *nested = law_nested(dim), *close = law_close(dim, MIXTURE_FULL), *shared = law_close(dim, MIXTURE_SHARED);
    ck_assert_double_lt(distance_after(hmc, nested, nested, 0.3, 1.2), KS_LIMIT);
    ck_assert_double_lt(distance_after(hmc_right, nested, nested, 0.3, 1.2), KS_LIMIT);
    ck_assert_double_lt(distance_after(hmc_of_target_force, nested, nested, 0.3, 1.2), KS_LIMIT);
    ck_assert_double_gt(distance_after(hmc_without_shares, nested, nested, 0.3, 1.2), KS_LIMIT);
    ck_assert_double_gt(distance_after(hmc_always, nested, nested, 0.3, 1.2), KS_LIMIT);
    ck_assert_double_gt(distance_after(hmc_stale_density, close, shared, 0.3, 0.5), KS_LIMIT);
    if (dim == 1) ck_assert_double_lt(distance_after(hmc, close, close, 0.3, 1.2), KS_LIMIT);
    if (dim == 1) ck_assert_double_gt(distance_after(hmc_stale_shares, close, close, 0.3, 1.2), KS_LIMIT);
    mixture_free(nested);
    mixture_free(close);
    mixture_free(shared);
  }
  mixture *nested = law_nested(10);
  ck_assert_double_lt(distance_after(hmc, nested, nested, 0.3, 1.2), KS_LIMIT);
  ck_assert_double_gt(distance_after(hmc_always, nested, nested, 0.3, 1.2), KS_LIMIT);
  mixture_free(nested);
}
END_TEST

START_TEST(wrong_independence_is_caught) {
  for (size_t d = 0; d < 3; d++) {
    mixture *full = law_close(dims[d], MIXTURE_FULL), *shared = law_close(dims[d], MIXTURE_SHARED);
    ck_assert_double_lt(distance_after(independent_right, shared, full, 0.3, 0.5), KS_LIMIT);
    ck_assert_double_gt(distance_after(independent_always, shared, full, 0.3, 0.5), KS_LIMIT);
    ck_assert_double_gt(distance_after(independent_of_target, shared, full, 0.3, 0.5), KS_LIMIT);
    ck_assert_double_gt(distance_after(independent_stale, shared, full, 0.3, 0.5), KS_LIMIT);
    mixture_free(full);
    mixture_free(shared);
  }
}
END_TEST

/* After moves every chain carries what belongs to its place. */
START_TEST(chains_carry_what_belongs_to_their_places) {
  const move_fn moves[] = {hmc, independent};
  for (size_t k = 0; k < 2; k++) {
    mixture *full = law_close(3, MIXTURE_FULL), *shared = law_close(3, MIXTURE_SHARED);
    crowd *c = crowd_drawn(shared, full, 0.3, 2, 77, 0.5);
    tempered check;
    ck_assert_int_eq(tempered_create(full, 77, 1, &check), 0);
    for (uint32_t s = 0; s < 5; s++) moves[k](c, s);
    for (size_t i = 0; i < 77; i++) tempered_copy(&check, i, &c->chains, i);
    crowd_evaluate(full, c->kernel.target, &check);
    for (size_t i = 0; i < 77; i++) {
      ck_assert_double_le(fabs(check.pi.logp[i] - c->chains.pi.logp[i]), 1e-11);
      ck_assert_double_le(fabs(check.logq[i] - c->chains.logq[i]), 1e-11);
      for (size_t j = 0; j < 3; j++) {
        ck_assert_double_le(fabs(check.pi.grad[j * check.pi.ld + i] - c->chains.pi.grad[j * c->chains.pi.ld + i]), 1e-9);
        ck_assert_double_le(fabs(check.gradq[j * check.pi.ld + i] - c->chains.gradq[j * c->chains.pi.ld + i]), 1e-9);
        ck_assert_double_le(fabs(check.share[j * check.pi.ld + i] - c->chains.share[j * c->chains.pi.ld + i]), 1e-11);
      }
    }
    tempered_clear(&check);
    crowd_close(c);
    mixture_free(full);
    mixture_free(shared);
  }
}
END_TEST

START_TEST(threads_give_the_same_bits) {
  const move_fn moves[] = {hmc, independent};
  const size_t threads[] = {1, 2, 5};
  mixture *full = law_close(3, MIXTURE_FULL), *shared = law_close(3, MIXTURE_SHARED);
  for (size_t k = 0; k < 2; k++) {
    crowd *c[3];
    for (size_t t = 0; t < 3; t++) {
      c[t] = crowd_drawn(shared, full, 0.3, threads[t], 301, 0.5);
      for (uint32_t s = 0; s < 10; s++) moves[k](c[t], s);
      ck_assert_mem_eq(c[t]->chains.pi.x, c[0]->chains.pi.x, 3 * c[0]->chains.pi.ld * sizeof(double));
      ck_assert_mem_eq(c[t]->chains.pi.logp, c[0]->chains.pi.logp, 301 * sizeof(double));
      ck_assert_mem_eq(c[t]->chains.share, c[0]->chains.share, 3 * c[0]->chains.pi.ld * sizeof(double));
      ck_assert_mem_eq(c[t]->acceptance, c[0]->acceptance, 301 * sizeof(double));
      ck_assert_mem_eq(c[t]->component, c[0]->component, 301 * sizeof(size_t));
    }
    for (size_t t = 0; t < 3; t++) crowd_close(c[t]);
  }
  mixture_free(full);
  mixture_free(shared);
}
END_TEST

/* What a chain does depends on its number and not on how many others there are. */
START_TEST(chains_do_not_depend_on_one_another) {
  const move_fn moves[] = {hmc, independent};
  mixture *full = law_close(2, MIXTURE_FULL);
  for (size_t k = 0; k < 2; k++) {
    crowd *few = crowd_drawn(full, full, 1, 1, 40, 0.5), *many = crowd_drawn(full, full, 1, 1, 200, 0.5);
    for (uint32_t s = 0; s < 5; s++) {
      moves[k](few, s);
      moves[k](many, s);
    }
    for (size_t i = 0; i < 40; i++)
      for (size_t j = 0; j < 2; j++)
        ck_assert_double_le(fabs(few->chains.pi.x[j * few->chains.pi.ld + i] - many->chains.pi.x[j * many->chains.pi.ld + i]), 1e-9);
    crowd_close(few);
    crowd_close(many);
  }
  mixture_free(full);
}
END_TEST

/* ---- the edge of the support ---- */

/* Chains on the unit interval or square, uniform there, with a wide Gaussian as reference: mu_beta is q^(1-beta) on the box. */
static crowd *crowd_in_box(const mixture *q, double beta, size_t dim, double h) {
  const dilate_target user = target_of(dim, flat_box_logp, NULL);
  crowd *c = crowd_of(NULL, &user, q, beta, 2, DRAWS, h);
  gsl_rng_set(c->rng, 3);
  return c;
}

/* From exact draws of a Gaussian cut off at 0 and 1 (uniform at beta = 1): all stay inside, and in law. */
START_TEST(cut_laws_stay) {
  const move_fn moves[] = {hmc, independent};
  mixture *q = law_gaussian(1, 0.2, 0.6);
  const double near = 0.4;
  for (size_t k = 0; k < 2; k++)
    for (size_t b = 0; b < 3; b++) {
      const double beta = betas[b], sd = 0.6 / sqrt(1 - near * (beta > 0)); /* of q^(1-beta) */
      crowd *c = crowd_in_box(q, beta > 0 && beta < 1 ? near : beta, 1, 0.5);
      const double low = gsl_cdf_gaussian_P(-0.2, sd), high = gsl_cdf_gaussian_P(0.8, sd);
      particles *p = &c->chains.pi;
      for (size_t i = 0; i < DRAWS; i++) {
        const double u = gsl_rng_uniform_pos(c->rng);
        p->x[i] = beta < 1 ? 0.2 + gsl_cdf_gaussian_Pinv(low + u * (high - low), sd) : u;
      }
      crowd_evaluate(q, c->kernel.target, &c->chains);
      for (uint32_t s = 0; s < 2 * MOVES; s++) moves[k](c, s);
      double *u = NEW(double, DRAWS);
      ck_assert_ptr_nonnull(u);
      for (size_t i = 0; i < DRAWS; i++) {
        ck_assert_double_eq(p->logp[i], 0);
        u[i] = beta < 1 ? (gsl_cdf_gaussian_P(p->x[i] - 0.2, sd) - low) / (high - low) : p->x[i];
      }
      ck_assert_double_lt(ks_statistic(DRAWS, u), KS_LIMIT);
      memory_free(u);
      crowd_close(c);
    }
  mixture_free(q);
}
END_TEST

/* From outside the support any place inside is accepted, none outside is, and no chain leaves. */
START_TEST(chains_enter_the_support_and_stay) {
  const move_fn moves[] = {hmc, independent};
  mixture *q = law_gaussian(2, 0.5, 1);
  for (size_t k = 0; k < 2; k++)
    for (size_t b = 0; b < 3; b++) {
      crowd *c = crowd_in_box(q, betas[b], 2, 0.5);
      particles *p = &c->chains.pi;
      for (size_t i = 0; i < 2 * p->ld; i++) p->x[i] = 1.2;
      crowd_evaluate(q, c->kernel.target, &c->chains);
      unsigned char *inside = NEW(unsigned char, DRAWS);
      ck_assert_ptr_nonnull(inside);
      size_t count = 0;
      for (uint32_t s = 0; s < 6; s++) {
        moves[k](c, s);
        count = 0;
        for (size_t i = 0; i < DRAWS; i++) {
          const int now = p->logp[i] == 0;
          ck_assert_int_ge(now, inside[i]);
          if (!inside[i]) ck_assert_double_eq(c->acceptance[i], now ? 1 : k == 0 ? TEMPERED_OUTSIDE : 0);
          inside[i] = (unsigned char)now;
          count += inside[i];
        }
      }
      ck_assert_uint_gt(count, DRAWS / 4);
      memory_free(inside);
      crowd_close(c);
    }
  mixture_free(q);
}
END_TEST

/* A target that overflows the trajectory: nothing is accepted that is not a number, and places stay as they were. */
START_TEST(steps_without_measure_are_rejected) {
  mixture *q = law_close(2, MIXTURE_FULL);
  crowd *c = crowd_drawn(q, q, 1, 1, 64, 1e154);
  double before[64];
  memcpy(before, c->chains.pi.x, sizeof before);
  for (uint32_t s = 0; s < 3; s++) hmc(c, s);
  ck_assert_mem_eq(before, c->chains.pi.x, sizeof before);
  for (size_t i = 0; i < 64; i++) ck_assert_double_eq(c->acceptance[i], TEMPERED_OUTSIDE);
  crowd_close(c);
  mixture_free(q);
}
END_TEST

/* -x^4; remembers in params how far out it was asked. */
static int quartic_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  double *farthest = params;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    *farthest = fmax(*farthest, fabs(x[j]));
    *logp -= x[j] * x[j] * x[j] * x[j];
    if (grad) grad[j] = -4 * x[j] * x[j] * x[j];
  }
  return 0;
}

/* Leapfrogs far too long for a quartic: every further one would cube the distance.  The trajectory stops, the density never overflows, and
 * the step is told that it was rejected, not that it left the support. */
START_TEST(diverged_trajectories_stop) {
  double farthest = 0;
  dilate_target user;
  dilate_target_init(&user);
  user.dim = 2;
  user.logp = quartic_logp;
  user.params = &farthest;
  mixture *q = law_gaussian(2, 0.5, 1);
  crowd *c = crowd_of(NULL, &user, q, 1, 1, 64, 0.5);
  particles *p = &c->chains.pi;
  for (size_t i = 0; i < 2 * p->ld; i++) p->x[i] = 3 + 0.01 * (double)(i % 64);
  crowd_evaluate(q, c->kernel.target, &c->chains);
  hmc(c, 1);
  ck_assert_double_gt(farthest, 10); /* they do diverge */
  ck_assert_double_lt(farthest, 1e9);
  for (size_t i = 0; i < 64; i++) ck_assert_double_ge(c->acceptance[i], 0);
  crowd_close(c);
  mixture_free(q);
}
END_TEST

/* ---- memory and the density ---- */

START_TEST(density_of_the_path) {
  ck_assert_double_eq(tempered_density(0, -3, -7), -7);
  ck_assert_double_eq(tempered_density(1, -3, -7), -3);
  ck_assert_double_eq(tempered_density(1, -3, -INFINITY), -3);
  ck_assert_double_eq(tempered_density(0.25, -4, -8), -7);
  const double all[] = {0, 1e-12, 0.5, 1};
  for (size_t b = 0; b < 4; b++) ck_assert(tempered_density(all[b], -INFINITY, -1) == -INFINITY);
  for (size_t b = 0; b < 4; b++) ck_assert(tempered_density(all[b], -INFINITY, -INFINITY) == -INFINITY);
}
END_TEST

START_TEST(copies_take_everything_along) {
  mixture *q = law_close(2, MIXTURE_FULL);
  crowd *c = crowd_drawn(q, q, 0.5, 1, 10, 0.5);
  tempered with, without;
  ck_assert_int_eq(tempered_create(q, 12, 1, &with) || tempered_create(q, 12, 0, &without), 0);
  ck_assert(!without.share && !without.gradq);
  tempered_copy(&with, 11, &c->chains, 4);
  tempered_copy(&without, 11, &c->chains, 4);
  tempered_copy(&with, 3, &without, 11);
  const tempered *from = &c->chains;
  for (size_t j = 0; j < 2; j++) {
    ck_assert_double_eq(with.pi.x[j * with.pi.ld + 11], from->pi.x[j * from->pi.ld + 4]);
    ck_assert_double_eq(with.pi.grad[j * with.pi.ld + 11], from->pi.grad[j * from->pi.ld + 4]);
    ck_assert_double_eq(with.gradq[j * with.pi.ld + 11], from->gradq[j * from->pi.ld + 4]);
    ck_assert_double_eq(with.gradq[j * with.pi.ld + 3], 0);
  }
  for (size_t k = 0; k < 3; k++) {
    ck_assert_double_eq(with.share[k * with.pi.ld + 11], from->share[k * from->pi.ld + 4]);
    ck_assert_double_eq(with.share[k * with.pi.ld + 3], 0);
  }
  ck_assert(with.pi.logp[3] == from->pi.logp[4] && with.logq[3] == from->logq[4]);
  tempered_clear(&with);
  tempered_clear(&without);
  tempered_clear(&with);
  crowd_close(c);
  mixture_free(q);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("bridge_kernel");
  TCase *tests = tcase_create("bridge_kernel");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, hmc_leaves_the_path_invariant);
  tcase_add_test(tests, independence_leaves_the_path_invariant);
  tcase_add_test(tests, kernels_do_move);
  tcase_add_test(tests, wrong_hmc_is_caught);
  tcase_add_test(tests, wrong_independence_is_caught);
  tcase_add_test(tests, chains_carry_what_belongs_to_their_places);
  tcase_add_test(tests, threads_give_the_same_bits);
  tcase_add_test(tests, chains_do_not_depend_on_one_another);
  tcase_add_test(tests, cut_laws_stay);
  tcase_add_test(tests, chains_enter_the_support_and_stay);
  tcase_add_test(tests, steps_without_measure_are_rejected);
  tcase_add_test(tests, diverged_trajectories_stop);
  tcase_add_test(tests, density_of_the_path);
  tcase_add_test(tests, copies_take_everything_along);
  suite_add_tcase(suite, tests);
  return run_all(srunner_create(suite));
}
