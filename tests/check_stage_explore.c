/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exploration: the metric learnt from steps is the covariance of a Gaussian, in any coordinates; every mode is found from any shift and at
 * any scale; what was found is settled to equilibrium, or nearly; targets without a support are told of. */
#include "check_stage.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "densities.h"
#include "stage/explore.h"
#include "stage/recentre.h"
#include "stage/settle.h"
#include "stage_cases.h"
#include "stats/summary.h"

static dilate_error err;
static gsl_rng *rng;

static void set_up(void) {
  dilate_error_init(&err);
  rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 20260601);
}

static void tear_down(void) {
  gsl_rng_free(rng);
}

/* ---- the metric ---- */

#define D     10
#define PAIRS 64

/* Pairs of places of a Gaussian with precision matrix P: gradients are -P x. */
typedef struct pairs {
  particles from, to, scratch;
  double acceptance[PAIRS];
} pairs;

static void slope(const double *precision, particles *p) {
  matrix_times(p->dim, precision, p->n, p->ld, p->x, p->grad);
  for (size_t i = 0; i < p->dim * p->ld; i++) p->grad[i] = -p->grad[i];
}

static pairs *pairs_open(const double *precision, double far, double step) {
  pairs *p = NEW(pairs, 1);
  ck_assert_ptr_nonnull(p);
  ck_assert_int_eq(particles_create(D, PAIRS, &p->from) | particles_create(D, PAIRS, &p->to) | particles_create(D, PAIRS, &p->scratch), 0);
  for (size_t j = 0; j < D; j++)
    for (size_t i = 0; i < PAIRS; i++) {
      p->from.x[j * p->from.ld + i] = gsl_ran_gaussian(rng, far);
      p->to.x[j * p->to.ld + i] = p->from.x[j * p->from.ld + i] + gsl_ran_gaussian(rng, step);
    }
  slope(precision, &p->from);
  slope(precision, &p->to);
  for (size_t i = 0; i < PAIRS; i++) p->acceptance[i] = 1;
  return p;
}

static void pairs_close(pairs *p) {
  particles_clear(&p->from);
  particles_clear(&p->to);
  particles_clear(&p->scratch);
  memory_free(p);
}

/* A covariance with condition number about 1e4, all coordinates correlated, and its inverse. */
static void ill_conditioned(double *covariance, double *precision) {
  double c[D * D] = {0}, ci[D * D];
  for (size_t i = 0; i < D; i++) {
    c[i * D + i] = pow(100, (double)i / (D - 1));
    if (i) c[i * D + i - 1] = 0.7 * c[i * D + i];
  }
  lower_inverse(D, c, ci);
  for (size_t i = 0; i < D; i++)
    for (size_t j = 0; j < D; j++) {
      covariance[i * D + j] = precision[i * D + j] = 0;
      for (size_t k = 0; k < D; k++) {
        covariance[i * D + j] += c[i * D + k] * c[j * D + k];
        precision[i * D + j] += ci[k * D + i] * ci[k * D + j];
      }
    }
}

/* The largest relative deviation of S from a covariance: that of entries, each over the standard deviations of its coordinates. */
static double deviation(const metric *m, const double *covariance) {
  double worst = 0;
  for (size_t i = 0; i < D; i++)
    for (size_t j = 0; j < D; j++)
      worst = fmax(worst, fabs(m->s[i * D + j] - covariance[i * D + j]) / sqrt(covariance[i * D + i] * covariance[j * D + j]));
  return worst;
}

/* However far from equilibrium the pairs are, and whatever their steps. */
START_TEST(metric_learns_a_covariance) {
  double covariance[D * D], precision[D * D];
  ill_conditioned(covariance, precision);
  const double far[] = {1, 1e4, 1}, step[] = {1, 3, 1e-3};
  for (size_t k = 0; k < 3; k++) {
    metric m;
    pairs *p = pairs_open(precision, far[k], step[k]);
    ck_assert_int_eq(metric_create(D, &m), 0);
    metric_observe(&m, &p->from, &p->to, p->acceptance, -INFINITY, &p->scratch);
    const double growth = metric_update(&m);
    ck_assert_double_lt(deviation(&m, covariance), 1e-5);
    double c[D * D];
    memcpy(c, covariance, sizeof c);
    ck_assert_int_eq(cholesky(D, c), 0);
    ck_assert_double_le(fabs(growth / exp(2 * lower_log_det(D, c) / D) - 1), 1e-4); /* from the identity */
    metric_clear(&m);
    pairs_close(p);
  }
}
END_TEST

/* S, its factor and the factor's inverse belong together. */
START_TEST(metric_keeps_its_factors) {
  double covariance[D * D], precision[D * D];
  ill_conditioned(covariance, precision);
  metric m;
  pairs *p = pairs_open(precision, 1, 1);
  ck_assert_int_eq(metric_create(D, &m), 0);
  metric_observe(&m, &p->from, &p->to, p->acceptance, -INFINITY, &p->scratch);
  metric_update(&m);
  for (size_t i = 0; i < D; i++)
    for (size_t j = 0; j < D; j++) {
      double square = 0, one = 0;
      for (size_t k = 0; k < D; k++) {
        square += m.c[i * D + k] * m.c[j * D + k];
        one += m.c[i * D + k] * m.c_inverse[k * D + j];
      }
      ck_assert_double_le(fabs(square - m.s[i * D + j]), 1e-9 * sqrt(m.s[i * D + i] * m.s[j * D + j]));
      ck_assert_double_le(fabs(one - (i == j)), 1e-9);
      if (j > i) ck_assert(m.c[i * D + j] == 0 && m.c_inverse[i * D + j] == 0);
    }
  double singular[D * D] = {0};
  ck_assert_int_ne(metric_set_factor(&m, singular), 0);
  metric_clear(&m);
  metric_clear(&m);
  pairs_close(p);
}
END_TEST

/* In other coordinates y = A x the metric is A S A'. */
START_TEST(metric_is_equivariant) {
  double covariance[D * D], precision[D * D], scale[D];
  ill_conditioned(covariance, precision);
  for (size_t j = 0; j < D; j++) scale[j] = pow(10, (double)j - 4);
  metric here, there;
  pairs *p = pairs_open(precision, 1, 1);
  ck_assert_int_eq(metric_create(D, &here) | metric_create(D, &there), 0);
  metric_observe(&here, &p->from, &p->to, p->acceptance, -INFINITY, &p->scratch);
  metric_update(&here);
  particles *both[] = {&p->from, &p->to};
  for (size_t k = 0; k < 2; k++)
    for (size_t j = 0; j < D; j++)
      for (size_t i = 0; i < PAIRS; i++) {
        both[k]->x[j * both[k]->ld + i] *= scale[j];
        both[k]->grad[j * both[k]->ld + i] /= scale[j];
      }
  metric_observe(&there, &p->from, &p->to, p->acceptance, -INFINITY, &p->scratch);
  metric_update(&there);
  for (size_t i = 0; i < D; i++)
    for (size_t j = 0; j < D; j++) there.s[i * D + j] /= scale[i] * scale[j];
  ck_assert_double_lt(deviation(&there, here.s), 1e-4);
  metric_clear(&here);
  metric_clear(&there);
  pairs_close(p);
}
END_TEST

/* Pairs whose proposals are rejected, that start too low or end outside the support say nothing; few pairs change nothing, some change
 * scales only. */
START_TEST(metric_takes_what_tells_something) {
  double covariance[D * D], precision[D * D];
  ill_conditioned(covariance, precision);
  metric m;
  pairs *p = pairs_open(precision, 1, 1);
  ck_assert_int_eq(metric_create(D, &m), 0);
  for (size_t i = 40; i < PAIRS; i++) {
    for (size_t j = 0; j < D; j++) p->to.grad[j * p->to.ld + i] = 1e9;
    if (i % 3 == 0) p->acceptance[i] = 0.1;
    if (i % 3 == 1) p->from.logp[i] = -100;
    if (i % 3 == 2) p->to.logp[i] = -INFINITY;
  }
  metric_observe(&m, &p->from, &p->to, p->acceptance, -50, &p->scratch);
  ck_assert_double_eq(m.pairs, 40);
  metric_update(&m);
  ck_assert_double_lt(deviation(&m, covariance), 1e-5);
  metric_clear(&m);
  ck_assert_int_eq(metric_create(D, &m), 0);
  for (size_t i = 5; i < PAIRS; i++) p->acceptance[i] = 0;
  metric_observe(&m, &p->from, &p->to, p->acceptance, -50, &p->scratch);
  ck_assert_double_eq(metric_update(&m), 1);
  for (size_t i = 0; i < D * D; i++) ck_assert_double_eq(m.s[i], i % (D + 1) == 0);
  for (size_t i = 5; i < 12; i++) p->acceptance[i] = 1;
  metric_forget(&m);
  ck_assert_double_eq(m.pairs, 0);
  metric_observe(&m, &p->from, &p->to, p->acceptance, -50, &p->scratch);
  metric_update(&m);
  for (size_t i = 0; i < D; i++)
    for (size_t j = 0; j < D; j++) ck_assert(i == j ? m.s[i * D + j] > 0 : m.s[i * D + j] == 0);
  metric_clear(&m);
  pairs_close(p);
}
END_TEST

/* ---- which particles are kept ---- */

START_TEST(lost_particles_are_dropped) {
  double logp[100], work[200];
  unsigned char kept[100];
  for (size_t i = 0; i < 100; i++) logp[i] = 1e6 - 0.1 * (double)i;
  logp[3] = -INFINITY;
  logp[50] = 1e6 - 400; /* far below 5 dim + 50 */
  logp[51] = NAN;
  ck_assert_uint_eq(recentre_keep(10, 100, logp, kept, work), 97);
  for (size_t i = 0; i < 100; i++) ck_assert_int_eq(kept[i], i != 3 && i != 50 && i != 51);
  for (size_t i = 0; i < 100; i++) logp[i] = -INFINITY;
  ck_assert_uint_eq(recentre_keep(10, 100, logp, kept, work), 0);
  for (size_t i = 0; i < 100; i++) ck_assert_int_eq(kept[i], 0);
  logp[7] = -1e9;
  ck_assert_uint_eq(recentre_keep(10, 100, logp, kept, work), 1);
  ck_assert_int_eq(kept[7], 1);
}
END_TEST

/* ---- exploration ---- */

/* An exploration run to its end. */
static explore *explored(const dilate_target *user, size_t threads, uint64_t seed) {
  explore *e = NEW(explore, 1);
  ck_assert_ptr_nonnull(e);
  ck_assert_int_eq(explore_create(target_open(user, threads), seed, 0, 1, e, &err), DILATE_OK);
  int status = DILATE_CONTINUE;
  while (status == DILATE_CONTINUE) status = explore_step(e, &err);
  ck_assert_int_eq(status, DILATE_OK);
  ck_assert_uint_le(e->batches, EXPLORE_BATCHES_MAX);
  return e;
}

static void explore_close(explore *e) {
  target *t = e->target;
  explore_clear(e);
  explore_clear(e);
  target_free(t);
  memory_free(e);
}

/* Number of the component of m that a point most likely belongs to. */
static size_t nearest(const mixture *m, const particles *p, size_t i) {
  double best = INFINITY;
  size_t at = 0;
  for (size_t k = 0; k < m->locations; k++) {
    double square = 0;
    for (size_t j = 0; j < m->dim; j++) square += pow(p->x[j * p->ld + i] - m->mean[k * m->dim + j], 2);
    if (square < best) {
      best = square;
      at = k;
    }
  }
  return at;
}

/* Every mode of law_four() has at least one kept particle in a hundred, and clusters are the modes. */
static void check_four(size_t dim, double shift, double scale, uint64_t seed) {
  mixture *m = law_four(dim, 8, shift, scale);
  law l = {.m = m, .beta = 1};
  const dilate_target user = law_target(&l);
  explore *e = explored(&user, 2, seed);
  size_t count[4] = {0}, kept = 0;
  for (size_t i = 0; i < e->batches * EXPLORE_BATCH; i++) {
    if (!e->kept[i]) continue;
    count[nearest(m, &e->settled, i)]++;
    kept++;
  }
  ck_assert_uint_gt(kept, e->batches * EXPLORE_BATCH / 2);
  for (size_t k = 0; k < 4; k++) ck_assert_uint_gt(count[k], kept / 100);
  ck_assert_uint_ge(e->clusters, 4);
  ck_assert(e->converged && !e->uncountable);
  ck_assert_double_lt(e->singles, 0.02);
  for (size_t j = 0; j < dim; j++) ck_assert_double_lt(fabs(e->centre[j] - scale * shift), 8 * scale);
  explore_close(e);
  mixture_free(m);
}

START_TEST(all_modes_are_found) {
  for (uint64_t seed = 1; seed <= 3; seed++) {
    check_four(2, 0, 1, seed);
    check_four(2, 1000, 1, seed);
    check_four(2, -1000, 1e-3, seed);
    check_four(2, 30, 1e4, seed);
    check_four(5, 200, 0.1, seed);
  }
}
END_TEST

/* Two wells a coordinate, at +-1, of unequal depth, that fall with the fourth power; *params: their scale. */
static int wells_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const double scale = *(const double *)params;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    const double u = x[j] / scale, v = u * u - 1;
    *logp -= 8 * v * v + 0.3 * u;
    if (grad) grad[j] = -(32 * u * v + 0.3) / scale;
  }
  return 0;
}

/* A first batch that starts a million scales off, where log-densities are -1e25 and the first steps 1e24 times too long, lands all the
 * same, and exploration costs little more than from near by. */
START_TEST(quartic_wells_at_any_scale) {
  double scale[] = {1, 1e-3, 1e-6, 1e6};
  for (size_t c = 0; c < 4; c++)
    for (uint64_t seed = 1; seed <= 3; seed++) {
      const dilate_target user = target_of(2, wells_logp, &scale[c]);
      explore *e = explored(&user, 2, seed);
      size_t count[4] = {0}, kept = 0;
      for (size_t i = 0; i < e->batches * EXPLORE_BATCH; i++) {
        if (!e->kept[i]) continue;
        count[(e->settled.x[i] > 0) + 2 * (e->settled.x[e->settled.ld + i] > 0)]++;
        kept++;
      }
      ck_assert_uint_gt(kept, 3 * e->batches * EXPLORE_BATCH / 4);
      for (size_t k = 0; k < 4; k++) ck_assert_uint_gt(count[k], kept / 50);
      ck_assert(e->converged && !e->uncountable);
      ck_assert_uint_lt(target_count(e->target).evaluations, 60000);
      for (size_t j = 0; j < 2; j++)
        ck_assert(fabs(e->centre[j]) < scale[c] && e->shape[j * 3] > 0.1 * scale[c] && e->shape[j * 3] < 10 * scale[c]);
      explore_close(e);
    }
}
END_TEST

/* A ring of radius 8 and width 0.4. */
static int ring_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)params;
  const double r = hypot(x[0], x[1]), u = (r - 8) / 0.4;
  *logp = -0.5 * u * u;
  for (size_t j = 0; grad && j < 2; j++) grad[j] = r > 0 ? -u / 0.4 * x[j] / r : 0;
  return 0;
}

/* Clusters that only fill the gaps between older ones end an exploration as well as none; by then they are all round. */
START_TEST(denser_clusters_are_nothing_new) {
  for (uint64_t seed = 1; seed <= 3; seed++) {
    const dilate_target user = target_of(2, ring_logp, NULL);
    explore *e = explored(&user, 2, seed);
    size_t sector[16] = {0};
    for (size_t i = 0; i < e->batches * EXPLORE_BATCH; i++)
      if (e->kept[i]) sector[(size_t)(8 * (1 + 0.999 * atan2(e->settled.x[i], e->settled.x[e->settled.ld + i]) / acos(-1)))]++;
    for (size_t k = 0; k < 16; k++) ck_assert_uint_gt(sector[k], 5);
    ck_assert(e->converged && !e->uncountable);
    ck_assert_uint_le(e->batches, 8);
    ck_assert_uint_gt(e->clusters, 30);
    explore_close(e);
  }
}
END_TEST

/* The metric that exploration leaves is the modes' covariance, up to a factor. */
START_TEST(metric_of_an_exploration) {
  density f = density_chained(10);
  const dilate_target user = density_target(&f);
  explore *e = explored(&user, 2, 1);
  double covariance[D * D];
  for (size_t i = 0; i < D; i++)
    for (size_t j = 0; j < D; j++) {
      covariance[i * D + j] = 0;
      for (size_t k = 0; k < D; k++) covariance[i * D + j] += f.c[i * D + k] * f.c[j * D + k];
    }
  ck_assert_double_lt(deviation(&e->metric, covariance), 1e-3);
  for (size_t j = 0; j < D; j++) ck_assert_double_lt(fabs(e->centre[j] - f.mean[0][j]), sqrt(covariance[j * (D + 1)]));
  explore_close(e);
}
END_TEST

START_TEST(threads_give_the_same_bits) {
  const size_t threads[] = {1, 2, 5};
  mixture *m = law_four(2, 8, 50, 3);
  law l = {.m = m, .beta = 1};
  const dilate_target user = law_target(&l);
  explore *e[3];
  for (size_t k = 0; k < 3; k++) {
    e[k] = explored(&user, threads[k], 3);
    ck_assert_uint_eq(e[k]->batches, e[0]->batches);
    ck_assert_mem_eq(e[k]->settled.x, e[0]->settled.x, 2 * e[0]->settled.ld * sizeof(double));
    ck_assert_mem_eq(e[k]->ascended.x, e[0]->ascended.x, 2 * e[0]->settled.ld * sizeof(double));
    ck_assert_mem_eq(e[k]->metric.s, e[0]->metric.s, 4 * sizeof(double));
    sample s[2];
    ck_assert_int_eq(settle(e[k], &s[0], &err) | settle(e[0], &s[1], &err), DILATE_OK);
    ck_assert_mem_eq(s[0].points.x, s[1].points.x, 2 * s[0].points.ld * sizeof(double));
    sample_clear(&s[0]);
    sample_clear(&s[1]);
  }
  for (size_t k = 0; k < 3; k++) explore_close(e[k]);
  mixture_free(m);
}
END_TEST

/* Groups and seeds explore on their own. */
START_TEST(groups_explore_on_their_own) {
  mixture *m = law_four(2, 8, 0, 1);
  law l = {.m = m, .beta = 1};
  const dilate_target user = law_target(&l);
  explore e[3];
  for (unsigned k = 0; k < 3; k++) {
    ck_assert_int_eq(explore_create(target_open(&user, 1), k == 2 ? 2 : 1, k == 1, 1, &e[k], &err), DILATE_OK);
    ck_assert_int_ge(explore_step(&e[k], &err), DILATE_OK);
    for (unsigned i = 0; i < k; i++) ck_assert_double_ne(e[k].settled.x[0], e[i].settled.x[0]);
  }
  for (unsigned k = 0; k < 3; k++) {
    target_free(e[k].target);
    explore_clear(&e[k]);
  }
  mixture_free(m);
}
END_TEST

/* ---- edges of the support ---- */

static int nowhere_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)x, (void)grad, (void)params;
  *logp = 0;
  return 1;
}

static int aborting_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)x, (void)grad, (void)params;
  *logp = 0;
  return -1;
}

START_TEST(targets_without_a_support) {
  const dilate_target users[] = {target_of(3, nowhere_logp, NULL), target_of(3, aborting_logp, NULL)};
  const int right[] = {DILATE_ESUPPORT, DILATE_ETARGET};
  for (size_t k = 0; k < 2; k++) {
    explore e;
    dilate_error_init(&err);
    ck_assert_int_eq(explore_create(target_open(&users[k], 2), 1, 0, 1, &e, &err), DILATE_OK);
    ck_assert_int_eq(explore_step(&e, &err), right[k]);
    ck_assert(err.status == right[k] && strlen(err.message) > 20);
    target_free(e.target);
    explore_clear(&e);
  }
}
END_TEST

static int invalid_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = x[0] > 0 ? NAN : 0;
  for (size_t j = 0; grad && j < dim; j++) grad[j] = INFINITY;
  return 0;
}

/* What was not finite is counted in the message, which is still whole. */
START_TEST(targets_that_are_never_finite) {
  const dilate_target users[] = {target_of(3, invalid_logp, NULL), target_of(3, nowhere_logp, NULL)};
  for (size_t k = 0; k < 2; k++) {
    explore e;
    dilate_error_init(&err);
    ck_assert_int_eq(explore_create(target_open(&users[k], 2), 1, 0, 1, &e, &err), DILATE_OK);
    ck_assert_int_eq(explore_step(&e, &err), DILATE_ESUPPORT);
    ck_assert_int_eq(strstr(err.message, " of the log-densities were NaN or +Inf, ") != NULL, k == 0);
    ck_assert_int_eq(strstr(err.message, " gradients were not finite") != NULL, k == 0);
    ck_assert_uint_lt(strlen(err.message), sizeof err.message - 40);
    target_free(e.target);
    explore_clear(&e);
  }
}
END_TEST

/* A unit square is small beside the first batch's radii, and its density has no gradient. */
START_TEST(flat_boxes_are_found) {
  const dilate_target user = target_of(2, flat_box_logp, NULL);
  explore *e = explored(&user, 2, 1);
  size_t kept = 0;
  for (size_t i = 0; i < e->batches * EXPLORE_BATCH; i++) {
    if (e->kept[i]) ck_assert_double_eq(e->settled.logp[i], 0);
    kept += e->kept[i];
  }
  ck_assert_uint_gt(kept, 10);
  explore_close(e);
}
END_TEST

/* ---- settling ---- */

/* Mean log-density of n points in standard errors of n independent draws of a Gaussian, whose log-densities are log_z less the constant and
 * half a chi-square. */
static double from_equilibrium(const density *f, size_t n, const double *logp) {
  const double dim = (double)f->dim;
  const double right = f->log_z - lower_log_det(f->dim, f->c) - 0.5 * dim * log(2 * acos(-1)) - 0.5 * dim;
  return (summary_mean(n, logp) - right) / sqrt(0.5 * dim / (double)n);
}

/* Particles of an exploration depend on one another, and two snapshots of each are taken: eight standard errors is what independence would
 * call near; where the ascents end is caught. */
START_TEST(settled_points_are_near_equilibrium) {
  const density cases[] = {density_normal(1, 100), density_correlated(), density_normal(10, 1e-3), density_chained(10)};
  for (size_t k = 0; k < 4; k++) {
    density f = cases[k];
    const dilate_target user = density_target(&f);
    explore *e = explored(&user, 2, 1);
    sample s;
    ck_assert_int_eq(settle(e, &s, &err), DILATE_OK);
    const size_t n = s.points.n;
    ck_assert(n > 100 && n <= 2 * SETTLE_MAX);
    ck_assert_double_lt(fabs(from_equilibrium(&f, n, s.points.logp)), 8);
    ck_assert_double_gt(fabs(from_equilibrium(&f, e->batches * EXPLORE_BATCH, e->ascended.logp)), 8);
    sample_clear(&s);
    explore_close(e);
  }
}
END_TEST

/* Both snapshots of a particle are in one half, halves are equal, points carry their densities, and modes are where the ascents ended. */
START_TEST(samples_are_in_order) {
  mixture *m = law_four(2, 8, 50, 3);
  law l = {.m = m, .beta = 1};
  const dilate_target user = law_target(&l);
  explore *e = explored(&user, 2, 1);
  sample s;
  ck_assert_int_eq(settle(e, &s, &err), DILATE_OK);
  const size_t n = s.points.n / 2;
  size_t halves[2] = {0, 0};
  particles check;
  ck_assert_int_eq(particles_create(2, 2 * n, &check), 0);
  for (size_t i = 0; i < 2 * n; i++) particles_copy(&check, i, &s.points, i);
  particles_evaluate(&check, e->target);
  for (size_t i = 0; i < n; i++) {
    ck_assert_int_eq(s.half[i], s.half[n + i]);
    halves[s.half[i]]++;
    for (size_t j = 0; j < 2; j++) ck_assert_double_eq(s.mode[j * s.points.ld + i], s.mode[j * s.points.ld + n + i]);
  }
  ck_assert_uint_le(halves[0] - halves[1], 1);
  for (size_t i = 0; i < 2 * n; i++) ck_assert_double_le(fabs(check.logp[i] - s.points.logp[i]), 1e-10);
  particles_clear(&check);
  sample_clear(&s);
  sample_clear(&s);
  explore_close(e);
  mixture_free(m);
}
END_TEST

Suite *explore_suite(void) {
  Suite *suite = suite_create("explore");
  TCase *tests = tcase_create("explore");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, metric_learns_a_covariance);
  tcase_add_test(tests, metric_keeps_its_factors);
  tcase_add_test(tests, metric_is_equivariant);
  tcase_add_test(tests, metric_takes_what_tells_something);
  tcase_add_test(tests, lost_particles_are_dropped);
  tcase_add_test(tests, all_modes_are_found);
  tcase_add_test(tests, quartic_wells_at_any_scale);
  tcase_add_test(tests, denser_clusters_are_nothing_new);
  tcase_add_test(tests, metric_of_an_exploration);
  tcase_add_test(tests, threads_give_the_same_bits);
  tcase_add_test(tests, groups_explore_on_their_own);
  tcase_add_test(tests, targets_without_a_support);
  tcase_add_test(tests, targets_that_are_never_finite);
  tcase_add_test(tests, flat_boxes_are_found);
  tcase_add_test(tests, settled_points_are_near_equilibrium);
  tcase_add_test(tests, samples_are_in_order);
  suite_add_tcase(suite, tests);
  return suite;
}
