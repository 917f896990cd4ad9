/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Common axes and natural parameters: of a Gaussian whose precision depends on two other coordinates everything is found, from points that
 * are nowhere near equilibrium, and holds far beyond them; one term too few, axes of one's own and half the rate are caught by the same
 * checks. Settling again leaves a law as it is. */
#include "check_stage.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "densities.h"
#include "stage/settle.h"
#include "stage/straighten.h"
#include "stage/turned.h"
#include "stage_cases.h"

enum { HYPERS = 2, BLOCK = 8, DIM = HYPERS + BLOCK, POINTS = 600 };

/* x_0, x_1 ~ N(0, 1); x_2 .. x_9 given them are Gaussian with precision A' diag(p) A and precision times mean A' q, p_k = c_k0 + c_k1 f_0 +
 * c_k2 f_1 and q likewise, f = s^rate, s = exp(x) or softplus(x). */
typedef struct model {
  warp_link link;
  double rate[HYPERS], axes[BLOCK][BLOCK], p[BLOCK][1 + HYPERS], q[BLOCK][1 + HYPERS];
} model;

static gsl_rng *rng;

static model random_model(double second) {
  model m = {.rate = {-2, 1.2}};
  for (size_t a = 0; a < BLOCK; a++) {
    for (size_t b = 0; b < BLOCK; b++) m.axes[a][b] = (a == b) + gsl_ran_flat(rng, -0.6, 0.6);
    for (size_t k = 0; k <= HYPERS; k++) {
      m.p[a][k] = gsl_ran_flat(rng, 0, 1) * (k == 2 ? second : 1);
      m.q[a][k] = gsl_ran_gaussian(rng, 1) * (k == 2 ? second : 1);
    }
  }
  return m;
}

/* f_h, and its derivative. */
static double term_of(const model *m, const double *x, size_t h, double *slope) {
  const double s = m->link == WARP_EXP ? exp(x[h]) : log(1 + exp(x[h])), ds = m->link == WARP_EXP ? s : 1 / (1 + exp(-x[h]));
  *slope = m->rate[h] * pow(s, m->rate[h] - 1) * ds;
  return pow(s, m->rate[h]);
}

static double parameter(const model *m, const double *c, const double *x) {
  double slope;
  return c[0] + c[1] * term_of(m, x, 0, &slope) + c[2] * term_of(m, x, 1, &slope);
}

static double by_hyper(const model *m, const double *c, const double *x, size_t h) {
  double slope;
  (void)term_of(m, x, h, &slope);
  return c[1 + h] * slope;
}

static int model_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const model *m = params;
  (void)dim;
  *logp = 0;
  for (size_t j = 0; grad && j < DIM; j++) grad[j] = 0;
  for (size_t h = 0; h < HYPERS; h++) {
    *logp -= 0.5 * x[h] * x[h];
    if (grad) grad[h] = -x[h];
  }
  for (size_t a = 0; a < BLOCK; a++) {
    double u = 0;
    for (size_t b = 0; b < BLOCK; b++) u += m->axes[a][b] * x[HYPERS + b];
    const double p = parameter(m, m->p[a], x), q = parameter(m, m->q[a], x), z = u - q / p;
    *logp += 0.5 * log(p) - 0.5 * p * z * z;
    for (size_t b = 0; grad && b < BLOCK; b++) grad[HYPERS + b] -= p * z * m->axes[a][b];
    for (size_t h = 0; grad && h < HYPERS; h++) {
      const double of_p = by_hyper(m, m->p[a], x, h), of_q = by_hyper(m, m->q[a], x, h);
      grad[h] += 0.5 * of_p / p - 0.5 * of_p * z * z + p * z * (of_q - q / p * of_p) / p;
    }
  }
  return 0;
}

/* A cloud that knows of the scale of things and of nothing else. */
static void fill_cloud(target *t, double size, particles *p) {
  ck_assert_int_eq(particles_create(DIM, POINTS, p), 0);
  for (size_t j = 0; j < DIM; j++)
    for (size_t i = 0; i < POINTS; i++) p->x[j * p->ld + i] = gsl_ran_gaussian(rng, j < HYPERS ? size : 2);
  particles_evaluate(p, t);
}

static void set_up(void) {
  rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 20261126);
}

static void tear_down(void) {
  gsl_rng_free(rng);
}

/* The largest correlation, at some place of the hypers, that the precision has along the columns of v (block of a DIM x DIM matrix). */
static double off_diagonal(const model *m, const double *v, const double *x) {
  double precision[BLOCK][BLOCK] = {{0}}, worst = 0;
  for (size_t a = 0; a < BLOCK; a++) {
    double along[BLOCK] = {0};
    for (size_t c = 0; c < BLOCK; c++)
      for (size_t b = 0; b < BLOCK; b++) along[c] += m->axes[a][b] * v[(HYPERS + b) * DIM + HYPERS + c];
    for (size_t c = 0; c < BLOCK; c++)
      for (size_t d = 0; d < BLOCK; d++) precision[c][d] += parameter(m, m->p[a], x) * along[c] * along[d];
  }
  for (size_t c = 0; c < BLOCK; c++)
    for (size_t d = 0; d < c; d++) worst = fmax(worst, fabs(precision[c][d]) / sqrt(precision[c][c] * precision[d][d]));
  return worst;
}

/* ---- Axes and terms ---- */

START_TEST(axes_and_rates_are_found) {
  model m = random_model(_i % 2);
  m.link = _i < 2 ? WARP_EXP : WARP_SOFTPLUS;
  if (_i >= 2) m.rate[1] = -2; /* softplus to the power of 1.2 is nearly a line, which tells no terms apart */
  target *t = target_open_logp(DIM, model_logp, &m, 1);
  particles p;
  regression g;
  turned along = {0};
  fill_cloud(t, 1, &p);
  ck_assert(!regression_create(&p, &g) && !turned_create(&p, &along));
  const unsigned char hypers[DIM] = {0};
  unsigned char apart[DIM] = {0};
  const double gain[DIM] = {10, 9};
  regression_set_hyper(&g, 0);
  ck_assert_int_eq(turned_with_terms(&along, &g, 0, gain, hypers, apart), 1);
  ck_assert_uint_eq(along.g.terms, 1 + (size_t)_i % 2); /* without a second dependence there is no second term */
  for (size_t k = 0; k < along.g.terms; k++) {
    ck_assert_uint_eq(along.g.term[k].hyper, k);
    ck_assert_int_eq(along.g.term[k].link, m.link);
    ck_assert_double_eq_tol(along.g.term[k].rate / along.g.term[k].sd, m.rate[k], 0.003);
  }
  ck_assert(along.g.exact);
  for (size_t a = 0; a < DIM; a++)
    for (size_t b = 0; b < DIM; b++) {
      double product = 0;
      for (size_t k = 0; k < DIM; k++) product += along.layer->matrix[a * DIM + k] * along.layer->inverse[k * DIM + b];
      ck_assert_double_eq_tol(product, a == b, 1e-9);
    }
  double before = 0, after = 0;
  double own[DIM * DIM] = {0};
  for (size_t j = 0; j < DIM; j++) own[j * DIM + j] = 1;
  for (int k = 0; k < 50; k++) {
    const double x[HYPERS] = {gsl_ran_gaussian(rng, 1), gsl_ran_gaussian(rng, 1)};
    before += off_diagonal(&m, own, x) / 50;
    after += off_diagonal(&m, along.layer->matrix, x) / 50;
  }
  ck_assert_double_lt(after, 0.01);
  ck_assert_double_gt(before, 0.5); /* axes of one's own are told from common ones */
  regression_clear(&g);
  turned_clear(&along);
  particles_clear(&p);
  target_free(t);
}
END_TEST

/* Powers that scales have are told by any sample, also by one in which the hypers hardly vary: no search for rates sees anything there. */
START_TEST(powers_are_told_by_the_poorest_sample) {
  model m = random_model(1);
  m.link = _i % 2 ? WARP_SOFTPLUS : WARP_EXP;
  m.rate[0] = m.rate[1] = _i < 2 ? -2 : 1;
  target *t = target_open_logp(DIM, model_logp, &m, 1);
  particles p;
  regression g;
  turned along = {0};
  fill_cloud(t, 0.1, &p);
  ck_assert(!regression_create(&p, &g) && !turned_create(&p, &along));
  const unsigned char hypers[DIM] = {0};
  unsigned char apart[DIM] = {0};
  const double gain[DIM] = {10, 9, 5};
  regression_set_hyper(&g, 0);
  ck_assert_int_eq(turned_with_terms(&along, &g, 0, gain, hypers, apart), 1);
  ck_assert(along.g.exact);
  ck_assert_uint_eq(along.g.terms, 2);
  for (size_t k = 0; k < along.g.terms; k++) {
    ck_assert_uint_eq(along.g.term[k].hyper, k);
    ck_assert_int_eq(along.g.term[k].link, m.link);
    ck_assert_double_eq_tol(along.g.term[k].rate / along.g.term[k].sd, m.rate[k], 1e-9);
  }
  regression_clear(&g);
  turned_clear(&along);
  particles_clear(&p);
  target_free(t);
}
END_TEST

/* Natural parameters at the right rate explain all of a score that is linear in them, at half the rate they do not. */
START_TEST(natural_parameters_are_exact) {
  model m = random_model(0);
  for (size_t a = 0; a < BLOCK; a++)
    for (size_t b = 0; b < BLOCK; b++) m.axes[a][b] = a == b;
  target *t = target_open_logp(DIM, model_logp, &m, 1);
  particles p;
  regression g;
  const unsigned char others[DIM] = {0};
  fill_cloud(t, 1, &p);
  ck_assert(!regression_create(&p, &g));
  regression_set_hyper(&g, 0);
  natural_settle(&g, 0, others, INFINITY);
  natural_polish(&g);
  ck_assert_uint_eq(g.terms, 1);
  ck_assert_double_eq_tol(g.term[0].rate / g.term[0].sd, m.rate[0], 0.01);
  for (size_t a = 0; a < BLOCK; a++) {
    const dependence d = depend_naturally(&g, HYPERS + a);
    const double scale = exp(-m.rate[0] * g.term[0].mean); /* the term's centre is the sample's */
    ck_assert_double_lt(d.unexplained, 1e-3);
    ck_assert_double_eq_tol(d.natural[0], m.p[a][0], 0.02);
    ck_assert_double_eq_tol(d.natural[1] * scale, m.p[a][1], 0.05);
    ck_assert_double_eq_tol(d.natural[1 + WARP_TERMS], m.q[a][0], 0.1);
  }
  for (size_t i = 0; i < p.n; i++) g.term[0].f[i] = sqrt(g.term[0].f[i]);
  ck_assert_double_gt(depend_naturally(&g, HYPERS).unexplained, 1e-3);
  regression_clear(&g);
  particles_clear(&p);
  target_free(t);
}
END_TEST

/* ---- The whole ---- */

/* In the coordinates of w the score of every other coordinate is minus the coordinate: the root mean square of the deviation at new points
 * of this size. */
static double score_error(target *t, const warp *w, double size) {
  particles p;
  double square = 0;
  ck_assert_int_eq(target_set_warp(t, w), 0);
  ck_assert_int_eq(particles_create(DIM, POINTS, &p), 0);
  for (size_t j = 0; j < DIM; j++)
    for (size_t i = 0; i < POINTS; i++) p.x[j * p.ld + i] = j < HYPERS ? gsl_ran_flat(rng, -size, size) : gsl_ran_gaussian(rng, 1);
  particles_evaluate(&p, t);
  for (size_t j = HYPERS; j < DIM; j++)
    for (size_t i = 0; i < POINTS; i++) square += pow(p.grad[j * p.ld + i] + p.x[j * p.ld + i], 2) / (BLOCK * POINTS);
  ck_assert_int_eq(target_set_warp(t, NULL), 0);
  particles_clear(&p);
  return sqrt(square);
}

/* Learnt from a cloud within two standard deviations or so it holds at four; without the dependence, or with the other link, it is wrong.
 */
START_TEST(what_is_learnt_holds_beyond_the_sample) {
  model m = random_model(0);
  m.link = _i ? WARP_SOFTPLUS : WARP_EXP;
  target *t = target_open_logp(DIM, model_logp, &m, 1);
  particles p;
  straightening s;
  int found;
  fill_cloud(t, 0.7, &p);
  ck_assert_int_eq(straighten_begin(t, &p, &s, NULL), DILATE_OK);
  ck_assert_int_eq(straighten_next(&s, &found, NULL), DILATE_OK);
  ck_assert(found && s.all->layers == 2 && s.all->layer[0].kind == WARP_LINEAR && s.all->layer[1].kind == WARP_CONDITIONAL);
  warp *w = warp_copy(s.all, 2);
  warp_term *term = &w->layer[1].conditional.term[0];
  ck_assert_uint_eq(w->layer[1].conditional.terms, 1);
  ck_assert_int_eq(term->link, m.link);
  ck_assert_double_lt(score_error(t, w, 1), 0.005);
  ck_assert_double_lt(score_error(t, w, 4), 0.05);
  term->link = _i ? WARP_EXP : WARP_SOFTPLUS;
  ck_assert_double_gt(score_error(t, w, 4), 0.1);
  term->link = m.link;
  term->rate = 0;
  ck_assert_double_gt(score_error(t, w, 1), 0.3);
  warp_free(w);
  straighten_end(&s);
  particles_clear(&p);
  target_free(t);
}
END_TEST

/* ---- Settling again ---- */

/* A law's draws stay its draws; points that are not go there. */
START_TEST(settled_again) {
  enum { HALF = 1500 };
  mixture *m = law_gaussian(4, 3, 2);
  law l = {.m = m, .beta = 1};
  const dilate_target user = law_target(&l);
  target *t = target_open(&user, 2);
  sample s;
  const settle_task task = {t, 11, 0, 0};
  ck_assert_int_eq(sample_create(4, 2 * HALF, 0, &s), 0);
  law_fill(m, rng, &s.points);
  for (size_t i = 0; _i && i < s.points.ld; i++) s.points.x[i] += 6;
  particles_evaluate(&s.points, t);
  particles last;
  ck_assert_int_eq(particles_create(4, HALF, &last), 0);
  for (size_t i = 0; i < HALF; i++) particles_copy(&last, i, &s.points, HALF + i);
  const double before = law_distance(m, &last), moved_from = last.x[0];
  ck_assert_int_eq(settle_again(&task, m, &s, NULL), DILATE_OK);
  for (size_t i = 0; i < HALF; i++) particles_copy(&last, i, &s.points, HALF + i);
  ck_assert(last.x[0] != moved_from);
  ck_assert_double_lt(law_distance(m, &last), _i ? 0.5 * before : KS_LIMIT);
  if (_i) ck_assert_double_gt(before, KS_LIMIT); /* the check tells other points from draws */
  particles_clear(&last);
  sample_clear(&s);
  target_free(t);
  mixture_free(m);
}
END_TEST

Suite *rotation_suite(void) {
  Suite *suite = suite_create("common axes");
  TCase *tests = tcase_create("natural parameters");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_loop_test(tests, axes_and_rates_are_found, 0, 4);
  tcase_add_loop_test(tests, powers_are_told_by_the_poorest_sample, 0, 4);
  tcase_add_test(tests, natural_parameters_are_exact);
  tcase_add_loop_test(tests, what_is_learnt_holds_beyond_the_sample, 0, 2);
  tcase_add_loop_test(tests, settled_again, 0, 2);
  suite_add_tcase(suite, tests);
  return suite;
}
