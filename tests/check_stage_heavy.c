/* SPDX-License-Identifier: GPL-3.0-or-later */
/* References with heavy tails: found from a sample that is nowhere near equilibrium, and not taken where Gaussians do. */
#include "check_stage.h"

#include <gsl/gsl_randist.h>
#include <math.h>

#include "base/memory.h"
#include "stage/heavy.h"
#include "stage_cases.h"

enum { DIM = 8, MODES = 4, POINTS = 480 };

static dilate_error err;

static void set_up(void) {
  dilate_error_init(&err);
}

/* Four products of t's with 2 degrees of freedom, or Gaussians, of equal weight. */
static mixture *four_products(unsigned freedom) {
  mixture *m = mixture_create(DIM, MODES, MODES, MODES, 1);
  ck_assert_ptr_nonnull(m);
  for (size_t k = 0; k < MODES; k++) {
    m->location[k] = m->factor_of[k] = k;
    m->freedom[k] = freedom;
    for (size_t j = 0; j < DIM; j++) {
      m->mean[k * DIM + j] = 9 * (double)((k == 3 ? j / 3 : j * (k + 1) + k) % 3);
      m->factor[k].c[j] = 0.7 + 0.1 * (double)((j + k) % 5);
    }
  }
  ck_assert_int_eq(mixture_prepare(m), 0);
  return m;
}

typedef struct scene {
  mixture *m;
  law law;
  sample sample;
  explore explore; /* only its being there counts */
  reference_task task;
} scene;

/* A sample `times` too far from its modes, one mode with a twentieth of the points. */
static void scene_open(scene *s, unsigned freedom, double times) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 20260703);
  s->m = four_products(freedom);
  s->law = (law){.m = s->m, .beta = 1, .log_z = 0.5};
  const dilate_target user = law_target(&s->law);
  ck_assert_int_eq(sample_create(DIM, POINTS, 0, &s->sample), 0);
  s->task = (reference_task){.target = target_open(&user, 1), .seed = 5, .sample = &s->sample, .explore = &s->explore};
  ck_assert_int_eq(explore_create(s->task.target, 5, 0, 1, &s->explore, &err), DILATE_OK);
  particles *p = &s->sample.points;
  for (size_t i = 0; i < POINTS; i++) {
    const size_t k = i / 2 % 20 == 0 ? 3 : i / 2 % 3;
    for (size_t j = 0; j < DIM; j++) {
      const double z = freedom ? gsl_ran_tdist(rng, freedom) : gsl_ran_gaussian(rng, 1);
      p->x[j * p->ld + i] = s->m->mean[k * DIM + j] + times * s->m->factor[k].c[j] * z;
    }
    s->sample.half[i] = i % 2;
  }
  particles_evaluate(p, s->task.target);
  gsl_rng_free(rng);
}

static void scene_close(scene *s) {
  explore_clear(&s->explore);
  target_free(s->task.target);
  sample_clear(&s->sample);
  mixture_free(s->m);
}

static fit_points points_of(const scene *s) {
  const particles *p = &s->sample.points;
  return (fit_points){.n = p->n, .dim = DIM, .ld = p->ld, .x = p->x, .grad = p->grad};
}

/* The gradient fit with 2 degrees of freedom from ascents is the target. */
START_TEST(ascents_find_all_modes) {
  scene s = {0};
  scene_open(&s, 2, 4);
  const fit_points points = points_of(&s);
  candidate list[CANDIDATES_MAX] = {{0}};
  size_t count = 0;
  ck_assert_int_eq(heavy_fit_ascents(&s.task, &points, list, &count, &err), DILATE_OK);
  ck_assert_uint_eq(count, 4);
  const mixture *q = list[1].fit;
  ck_assert(q->freedom[0] == 2 && q->components == MODES);
  for (size_t k = 0; k < MODES; k++) {
    double least = INFINITY;
    for (size_t l = 0; l < MODES; l++) {
      double worst = 0;
      for (size_t j = 0; j < DIM; j++)
        worst = fmax(worst, fmax(fabs(q->mean[l * DIM + j] - s.m->mean[k * DIM + j]), fabs(q->factor[l].c[j] - s.m->factor[k].c[j])));
      least = fmin(least, worst);
    }
    ck_assert_double_lt(least, 0.15);
  }
  for (size_t i = 0; i < count; i++) mixture_free(list[i].fit);
  scene_close(&s);
}
END_TEST

/* A settled sample holds two snapshots of each particle.  Three particles of a mode are enough, whichever they are: ascents begin at each
 * of 240 particles once.  (Strided over all 480 points they would begin at some twice, and never at these.) */
START_TEST(ascents_begin_at_every_particle) {
  scene s = {0};
  scene_open(&s, 2, 1);
  particles *p = &s.sample.points;
  enum { PARTICLES = POINTS / 2 };
  for (size_t i = 0; i < POINTS; i++) {
    const size_t particle = i % PARTICLES, k = particle == 32 || particle == 102 || particle == 177 ? 3 : particle % 3;
    for (size_t j = 0; j < DIM; j++) p->x[j * p->ld + i] = s.m->mean[k * DIM + j] + 0.1 * (double)((particle + 3 * j) % 7) - 0.3;
  }
  particles_evaluate(p, s.task.target);
  const fit_points points = points_of(&s);
  candidate list[CANDIDATES_MAX] = {{0}};
  size_t count = 0;
  ck_assert_int_eq(heavy_fit_ascents(&s.task, &points, list, &count, &err), DILATE_OK);
  ck_assert_uint_eq(count, 4);
  for (size_t i = 0; i < count; i++) {
    ck_assert_uint_eq(list[i].fit->components, MODES);
    mixture_free(list[i].fit);
  }
  scene_close(&s);
}
END_TEST

/* t's of 2 degrees of freedom are suspected, Gaussians are not; where there is no diagonal candidate everything is. */
START_TEST(tails_are_suspected_where_there_are_some) {
  for (unsigned freedom = 0; freedom < 4; freedom += 2) {
    scene s = {0};
    scene_open(&s, freedom, 1);
    const fit_points points = points_of(&s);
    candidate list[CANDIDATES_MAX] = {{0}};
    size_t count = 0;
    int suspected = 0;
    ck_assert_int_eq(heavy_suspected(&points, list, count, &suspected, &err), DILATE_OK);
    ck_assert_int_eq(suspected, 1);
    ck_assert_int_eq(candidates_search(&points, NULL, list, &count, &err), DILATE_OK);
    ck_assert_int_eq(heavy_suspected(&points, list, count, &suspected, &err), DILATE_OK);
    ck_assert_int_eq(suspected, freedom > 0);
    for (size_t i = 0; i < count; i++) mixture_free(list[i].fit);
    scene_close(&s);
  }
}
END_TEST

/* The whole: the reference is a mixture of t's, good enough to draw from, and its weights are the target's and not the sample's. */
START_TEST(reference_has_the_tails_of_the_target) {
  scene s = {0};
  reference *r = NULL;
  scene_open(&s, 2, 4);
  ck_assert_int_eq(reference_fit(&s.task, &r, &err), DILATE_OK);
  ck_assert(r->core->heavy && r->core->freedom[0] == 2);
  ck_assert_uint_eq(r->core->components, MODES);
  ck_assert_double_gt(r->ess, 0.7);
  for (size_t k = 0; k < MODES; k++) ck_assert_double_eq_tol(exp(r->core->log_weight[k]), 0.25, 0.08);
  reference_free(r);
  scene_close(&s);
}
END_TEST

START_TEST(gaussians_stay_gaussian) {
  scene s = {0};
  reference *r = NULL;
  scene_open(&s, 0, 1);
  ck_assert_int_eq(reference_fit(&s.task, &r, &err), DILATE_OK);
  ck_assert(!r->core->heavy && r->core->freedom[0] == 0);
  reference_free(r);
  scene_close(&s);
}
END_TEST

Suite *heavy_suite(void) {
  Suite *suite = suite_create("heavy tails");
  TCase *tests = tcase_create("all");
  tcase_add_checked_fixture(tests, set_up, NULL);
  tcase_add_test(tests, ascents_find_all_modes);
  tcase_add_test(tests, ascents_begin_at_every_particle);
  tcase_add_test(tests, tails_are_suspected_where_there_are_some);
  tcase_add_test(tests, reference_has_the_tails_of_the_target);
  tcase_add_test(tests, gaussians_stay_gaussian);
  suite_add_tcase(suite, tests);
  return suite;
}
