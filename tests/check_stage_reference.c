/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reference: what candidates cost and which is chosen, weights that importance sampling sets right, what defence adds, and the whole
 * from a sample of a known mixture. */
#include "check_stage.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "densities.h"
#include "stage/balance.h"
#include "stage/candidates.h"
#include "stage/choose.h"
#include "stage/defend.h"
#include "stage_cases.h"

static dilate_error err;

static void set_up(void) {
  dilate_error_init(&err);
}

/* A target of known law, exact draws of it as a sample, and the task of fitting a reference to them. */
typedef struct scene {
  mixture *m;
  law law;
  sample sample;
  fit_points points;
  reference_task task;
} scene;

static scene *scene_of(mixture *m, double log_z, size_t n, size_t threads) {
  scene *s = NEW(scene, 1);
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  ck_assert(s && rng);
  gsl_rng_set(rng, 20260701);
  s->m = m;
  s->law = (law){.m = m, .beta = 1, .log_z = log_z};
  const dilate_target user = law_target(&s->law);
  ck_assert_int_eq(sample_create(m->dim, n, 0, &s->sample), 0);
  s->task = (reference_task){.target = target_open(&user, threads), .seed = 3, .sample = &s->sample};
  law_fill(m, rng, &s->sample.points);
  particles_evaluate(&s->sample.points, s->task.target);
  for (size_t i = 0; i < n; i++) s->sample.half[i] = i % 2;
  const particles *p = &s->sample.points;
  s->points = (fit_points){.n = n, .dim = m->dim, .ld = p->ld, .x = p->x, .grad = p->grad};
  gsl_rng_free(rng);
  return s;
}

static scene *scene_of_four(size_t dim, double log_z, size_t threads) {
  return scene_of(law_four(dim, 6, 20, 3), log_z, 1200, threads);
}

static void scene_close(scene *s) {
  target_free(s->task.target);
  sample_clear(&s->sample);
  mixture_free(s->m);
  memory_free(s);
}

static double cost_of(const scene *s, const mixture *q) {
  double cost = NAN;
  ck_assert_int_eq(choose_cost(&s->task, q, &s->points, s->sample.points.logp, 0, &cost, &err), DILATE_OK);
  return cost;
}

/* Share of the mixture's weight on the components whose location is nearest to location k of the truth. */
static double share_at(const mixture *truth, const mixture *q, size_t k) {
  double sum = 0;
  for (size_t c = 0; c < q->components; c++) {
    const double *mean = q->mean + q->location[c] * q->dim;
    double best = INFINITY;
    size_t at = 0;
    for (size_t l = 0; l < truth->locations; l++) {
      double square = 0;
      for (size_t j = 0; j < q->dim; j++) square += pow(mean[j] - truth->mean[l * q->dim + j], 2);
      if (square < best) {
        best = square;
        at = l;
      }
    }
    if (at == k) sum += exp(q->log_weight[c]);
  }
  return sum;
}

/* Half the sum of absolute differences of those shares from the truth's. */
static double variation(const mixture *truth, const mixture *q) {
  double sum = 0;
  for (size_t k = 0; k < truth->locations; k++) sum += 0.5 * fabs(share_at(truth, q, k) - exp(truth->log_weight[k]));
  return sum;
}

/* ---- the cost ---- */

/* Nothing for the target itself, whatever its constant; more for a reference that misses modes, is too narrow or too wide. */
START_TEST(costs_are_divergences) {
  for (size_t dim = 1; dim <= 10; dim += 9) {
    scene *s = scene_of_four(dim, 0, 2), *shifted = scene_of_four(dim, -1e3, 2);
    mixture *narrow = mixture_copy(s->m), *lone = law_gaussian(dim, 60, 3), *wide = law_gaussian(dim, 60, 20);
    for (size_t k = 0; k < 4; k++) narrow->scale[k] = 0.5;
    ck_assert_int_eq(mixture_prepare(narrow), 0);
    ck_assert_double_le(cost_of(s, s->m), 1e-9);
    ck_assert_double_le(cost_of(shifted, s->m), 1e-7);
    ck_assert_double_gt(cost_of(s, narrow), 1);
    ck_assert_double_gt(cost_of(s, lone), 1);
    ck_assert_double_gt(cost_of(s, wide), 0.3);
    ck_assert_double_le(fabs(cost_of(s, wide) - cost_of(shifted, wide)), 1e-6);
    mixture_free(narrow);
    mixture_free(lone);
    mixture_free(wide);
    scene_close(s);
    scene_close(shifted);
  }
}
END_TEST

/* For Gaussians with the same covariance C, the Jeffreys divergence is |C^-1 (m - n)|^2 and log pi/q has that variance too: 0.09 for means
 * 0.3 standard deviations apart, so the cost is 0.135; 128 draws and trimming leave a few hundredths. */
START_TEST(cost_of_a_shift) {
  scene *s = scene_of(law_gaussian(1, 0, 1), 2, 4000, 1);
  mixture *moved = law_gaussian(1, 0.3, 1);
  ck_assert_double_le(fabs(cost_of(s, moved) - 0.135), 0.1);
  mixture_free(moved);
  scene_close(s);
}
END_TEST

START_TEST(log_ratios_of_draws) {
  scene *s = scene_of_four(2, 5.5, 2);
  const stream of = stream_make(1, STREAM_USER, 0, 0);
  double ratio[400];
  particles draws;
  ck_assert_int_eq(choose_log_ratio(&s->task, s->m, of, 400, ratio, &draws, &err), DILATE_OK);
  for (size_t i = 0; i < 400; i++) ck_assert_double_le(fabs(ratio[i] - 5.5), 1e-9);
  ck_assert_double_lt(law_distance(s->m, &draws), KS_LIMIT);
  particles_clear(&draws);
  scene_close(s);
  const dilate_target box = target_of(2, flat_box_logp, NULL);
  mixture *q = law_gaussian(2, 0.5, 1);
  const reference_task task = {.target = target_open(&box, 1)};
  ck_assert_int_eq(choose_log_ratio(&task, q, of, 400, ratio, &draws, &err), DILATE_OK);
  size_t inside = 0;
  for (size_t i = 0; i < 400; i++) {
    ck_assert(isfinite(ratio[i]) ? draws.logp[i] == 0 : ratio[i] == -INFINITY && draws.logp[i] == -INFINITY);
    inside += isfinite(ratio[i]) != 0;
  }
  ck_assert(inside > 40 && inside < 360);
  particles_clear(&draws);
  target_free(task.target);
  mixture_free(q);
}
END_TEST

/* ---- the choice ---- */

static size_t winner_of(size_t n, const size_t *components, const double *cost, const int *gradient) {
  candidate list[CANDIDATES_MAX] = {{0}};
  for (size_t i = 0; i < n; i++) {
    list[i].fit = mixture_create(1, components[i], components[i], 1, 0);
    ck_assert_ptr_nonnull(list[i].fit);
    list[i].cost = cost[i];
    list[i].gradient = gradient[i];
  }
  const size_t winner = choose_winner(list, n);
  for (size_t i = 0; i < n; i++) mixture_free(list[i].fit);
  return winner;
}

/* The cheapest, or a smaller one that is hardly dearer; gradient refits are taken at their word only while they cost little. */
START_TEST(winners_by_hand) {
  const size_t some[3] = {8, 4, 2}, same[3] = {4, 4, 4};
  const int none[3] = {0, 0, 0}, second[3] = {0, 1, 0}, all[3] = {1, 1, 1};
  ck_assert_uint_eq(winner_of(3, some, (double[]){0.1, 0.5, 3}, none), 0);
  ck_assert_uint_eq(winner_of(3, some, (double[]){0.1, 0.11, 3}, none), 1);
  ck_assert_uint_eq(winner_of(3, some, (double[]){0.1, 0.11, 0.105}, none), 2);
  ck_assert_uint_eq(winner_of(3, some, (double[]){5, 6, 50}, none), 1);
  ck_assert_uint_eq(winner_of(3, same, (double[]){0.4, 0.3, 0.5}, none), 1);
  ck_assert_uint_eq(winner_of(3, same, (double[]){0.4, 0.3, 0.5}, second), 1);
  ck_assert_uint_eq(winner_of(3, same, (double[]){3, 2.5, 4}, second), 0);
  ck_assert_uint_eq(winner_of(3, same, (double[]){30, 9, 40}, second), 0);
  ck_assert_uint_eq(winner_of(3, same, (double[]){30, 9, 40}, all), 1);
  ck_assert_uint_eq(winner_of(1, some, (double[]){1e6}, none), 0);
}
END_TEST

/* ---- candidates ---- */

/* Four modes far apart: the winner costs little and has as many components. */
START_TEST(candidates_for_four_modes) {
  for (size_t dim = 2; dim <= 10; dim += 8) {
    scene *s = scene_of_four(dim, 1, 2);
    candidate list[CANDIDATES_MAX] = {{0}};
    size_t count = 0, gradients = 0, singles = 0;
    ck_assert_int_eq(candidates_quick(&s->task, &s->points, list, &count, &err), DILATE_OK);
    ck_assert_int_eq(candidates_search(&s->points, NULL, list, &count, &err), DILATE_OK);
    ck_assert(count >= 6 && count <= CANDIDATES_MAX);
    for (size_t i = 0; i < count; i++) {
      list[i].cost = cost_of(s, list[i].fit);
      gradients += list[i].gradient != 0;
      singles += list[i].start == START_SINGLE && list[i].fit->components == 1;
    }
    const candidate *winner = &list[choose_winner(list, count)];
    ck_assert_uint_eq(winner->fit->components, 4);
    ck_assert_double_lt(winner->cost, 0.2);
    ck_assert_double_lt(variation(s->m, winner->fit), 0.06); /* of 1200 draws: three standard deviations */
    ck_assert(gradients > 1 && singles == 2);                /* by moments and by gradients */
    mixture *refit = NULL;
    ck_assert_int_eq(candidates_refit(&s->task, winner, &s->points, NULL, &refit, &err), DILATE_OK);
    if (refit) ck_assert_double_lt(cost_of(s, refit), 0.2);
    mixture_free(refit);
    for (size_t i = 0; i < count; i++) mixture_free(list[i].fit);
    scene_close(s);
  }
}
END_TEST

/* ---- weights from what is known ---- */

/* Weights turned round come right but for the one pseudo-point of each component, at no evaluation, whatever the constant of the target;
 * and where the fit is wrong within its components they stay as they are. */
START_TEST(balance_sets_weights_right) {
  for (int wrong = 0; wrong < 2; wrong++) {
    scene *s = scene_of_four(5, wrong ? 7 : -1e3, 1);
    mixture *core = mixture_copy(s->m);
    ck_assert_ptr_nonnull(core);
    for (size_t k = 0; k < 4; k++) {
      core->log_weight[k] = s->m->log_weight[3 - k];
      if (wrong) core->scale[k] = 0.5;
    }
    ck_assert_int_eq(mixture_prepare(core), 0);
    const double before = variation(s->m, core);
    int balanced;
    ck_assert_int_eq(balance_weights(core, &s->points, s->sample.points.logp, &balanced, &err), DILATE_OK);
    ck_assert_int_eq(balanced, !wrong);
    if (wrong)
      ck_assert_double_eq_tol(variation(s->m, core), before, 1e-12);
    else
      ck_assert_double_lt(variation(s->m, core), 0.01);
    ck_assert_double_gt(before, 0.35);
    mixture_free(core);
    scene_close(s);
  }
}
END_TEST

/* A sample that has each mode equally often says what the modes weigh all the same. */
START_TEST(reference_of_an_unbalanced_sample) {
  scene *s = scene_of_four(5, 3, 1);
  mixture *even = mixture_copy(s->m);
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  ck_assert(even && rng);
  for (size_t k = 0; k < 4; k++) even->log_weight[k] = 0;
  ck_assert_int_eq(mixture_prepare(even), 0);
  law_fill(even, rng, &s->sample.points);
  particles_evaluate(&s->sample.points, s->task.target);
  reference *r = NULL;
  ck_assert_int_eq(reference_fit(&s->task, &r, &err), DILATE_OK);
  ck_assert_double_lt(r->cost, 0.2);
  ck_assert_double_lt(variation(s->m, r->core), 0.06);
  reference_free(r);
  mixture_free(even);
  gsl_rng_free(rng);
  scene_close(s);
}
END_TEST

/* Four modes that no quick candidate covers are searched for, unless those cost more than what is promising. */
START_TEST(reference_without_a_search) {
  scene *s = scene_of_four(5, 3, 1);
  reference *quick = NULL, *searched = NULL, *at_limit = NULL;
  reference_task task = s->task;
  task.promising = REFERENCE_QUICK;
  ck_assert_int_eq(reference_fit(&task, &quick, &err), DILATE_OK);
  ck_assert_double_gt(quick->quick_cost, 2);
  ck_assert_double_ge(quick->cost, quick->quick_cost);
  ck_assert_uint_eq(quick->core->components, 1);
  ck_assert_int_eq(reference_fit(&s->task, &searched, &err), DILATE_OK);
  ck_assert_double_eq(searched->quick_cost, quick->quick_cost);
  ck_assert_double_lt(searched->cost, REFERENCE_QUICK);
  ck_assert_uint_ge(searched->core->components, 4);
  task.promising = quick->quick_cost;
  ck_assert_int_eq(reference_fit(&task, &at_limit, &err), DILATE_OK);
  ck_assert_double_eq(at_limit->cost, searched->cost);
  reference_free(quick);
  reference_free(searched);
  reference_free(at_limit);
  scene_close(s);
}
END_TEST

/* ---- weights by importance sampling ---- */

/* From weights turned round; the fit is else right, so that what is left is the noise of the draws. */
START_TEST(reweighting_sets_weights_right) {
  scene *s = scene_of_four(5, 7, 2);
  mixture *core = mixture_copy(s->m);
  ck_assert_ptr_nonnull(core);
  for (size_t k = 0; k < 4; k++) core->log_weight[k] = s->m->log_weight[3 - k];
  ck_assert_int_eq(mixture_prepare(core), 0);
  ck_assert_double_gt(variation(s->m, core), 0.35);
  ck_assert_int_eq(defend_reweight(&s->task, core, &err), DILATE_OK);
  ck_assert_double_lt(variation(s->m, core), 0.06);
  double total = 0;
  for (size_t k = 0; k < 4; k++) {
    total += exp(core->log_weight[k]);
    ck_assert_mem_eq(core->mean + k * 5, s->m->mean + k * 5, 5 * sizeof(double));
  }
  ck_assert_double_le(fabs(total - 1), 1e-12);
  mixture_free(core);
  scene_close(s);
}
END_TEST

/* Components that are a fifth too narrow: weights come out nearer than they were, and a component where the target has nothing keeps a
 * little. */
START_TEST(reweighting_of_a_poor_fit) {
  scene *s = scene_of_four(5, 7, 2);
  mixture *narrow = mixture_copy(s->m), *empty = law_gaussian(5, -300, 3);
  ck_assert_ptr_nonnull(narrow);
  for (size_t k = 0; k < 4; k++) {
    narrow->scale[k] = 0.8;
    narrow->log_weight[k] = s->m->log_weight[3 - k];
  }
  ck_assert_int_eq(mixture_prepare(narrow), 0);
  mixture *core = mixture_merge(narrow, empty, 0.6);
  ck_assert_ptr_nonnull(core);
  ck_assert_int_eq(defend_reweight(&s->task, core, &err), DILATE_OK);
  ck_assert(core->log_weight[4] < log(0.02) && core->log_weight[4] > log(1e-4));
  ck_assert_double_lt(variation(s->m, core), 0.2);
  mixture_free(narrow);
  mixture_free(empty);
  mixture_free(core);
  scene_close(s);
}
END_TEST

/* A core a thousand scales off: beside the weight of one draw those of all others vanish, and there are weights all the same. */
START_TEST(reweighting_far_from_the_target) {
  scene *s = scene_of_four(5, 7, 2);
  mixture *near = law_gaussian(5, 3060, 3), *far = law_gaussian(5, 4000, 3), *core = mixture_merge(near, far, 0.5);
  ck_assert_ptr_nonnull(core);
  ck_assert_int_eq(defend_reweight(&s->task, core, &err), DILATE_OK);
  ck_assert_double_le(fabs(exp(core->log_weight[0]) + exp(core->log_weight[1]) - 1), 1e-12);
  ck_assert_double_gt(core->log_weight[0], core->log_weight[1]);
  mixture_free(near);
  mixture_free(far);
  mixture_free(core);
  scene_close(s);
}
END_TEST

/* ---- defence ---- */

static double log_density(const mixture *q, const double *x) {
  double work[4096], value;
  ck_assert_uint_le(mixture_work(q, 1), 4096);
  mixture_evaluate(q, 1, 1, x, &value, NULL, NULL, work);
  return value;
}

/* Little is lost where the core is, much is gained far away, no mode's share of what is not broad changes; a poor fit is defended more. */
START_TEST(defence_covers_more_than_the_core) {
  scene *s = scene_of_four(5, 0, 1);
  const double costs[] = {0.01, 5};
  double lost[2], gained[2]; /* in log-density: on average at the sample, at least five times as far out */
  for (size_t k = 0; k < 2; k++) {
    mixture *q = NULL;
    ck_assert_int_eq(defend_build(s->m, costs[k], &s->points, NULL, &q, &err), DILATE_OK);
    lost[k] = 0;
    gained[k] = INFINITY;
    for (size_t i = 0; i < s->points.n; i++) {
      double x[5];
      for (size_t j = 0; j < 5; j++) x[j] = s->points.x[j * s->points.ld + i];
      lost[k] += (log_density(s->m, x) - log_density(q, x)) / (double)s->points.n;
      for (size_t j = 0; j < 5; j++) x[j] += 4 * (x[j] - 60);
      gained[k] = fmin(gained[k], log_density(q, x) - log_density(s->m, x));
    }
    double broad = 0;
    for (size_t c = 0; c < q->components; c++)
      if (q->location[c] >= 4) broad += exp(q->log_weight[c]);
    ck_assert(broad > 0 && broad < 0.2);
    for (size_t l = 0; l < 4; l++) {
      double share = 0;
      for (size_t c = 0; c < q->components; c++)
        if (q->location[c] == l) share += exp(q->log_weight[c]) / (1 - broad);
      ck_assert_double_le(fabs(share - exp(s->m->log_weight[l])), 1e-12);
    }
    mixture_free(q);
  }
  ck_assert(lost[0] > 0 && lost[0] < 0.2 && lost[1] > lost[0] && lost[1] < 1);
  ck_assert(gained[0] > 10 && gained[1] > 10);
  scene_close(s);
}
END_TEST

/* Points on a line, all at one place, or too far out for a covariance, determine no broad component: there is a reference all the same. */
START_TEST(defence_without_a_covariance) {
  for (int k = 0; k < 3; k++) {
    scene *s = scene_of_four(5, 0, 1);
    particles *p = &s->sample.points;
    for (size_t j = 0; j < 5; j++)
      for (size_t i = 0; i < p->n; i++) p->x[j * p->ld + i] = k == 0 ? p->x[i] : k == 1 ? 60 : (double)i * 1e200;
    mixture *q = NULL;
    ck_assert_int_eq(defend_build(s->m, 0.01, &s->points, NULL, &q, &err), DILATE_OK);
    ck_assert_double_le(fabs(log_density(q, s->m->mean) - log_density(s->m, s->m->mean)), 2);
    mixture_free(q);
    scene_close(s);
  }
}
END_TEST

/* Where a warp knows of coordinates that others depend on, q is wide along those and along no others: ten deviations out along one of them
 * it is far denser than without the warp, and no mode's share changes. */
START_TEST(defence_covers_necks) {
  scene *s = scene_of_four(5, 0, 1);
  warp *w = warp_create(5);
  warp_add_conditional(w)->hyper = 1;
  mixture *plain = NULL, *covered = NULL;
  ck_assert_int_eq(defend_build(s->m, 0.01, &s->points, NULL, &plain, &err), DILATE_OK);
  ck_assert_int_eq(defend_build(s->m, 0.01, &s->points, w, &covered, &err), DILATE_OK);
  for (size_t j = 0; j < 2; j++) {
    double x[5];
    for (size_t k = 0; k < 5; k++) x[k] = s->m->mean[k] + (k == j ? -10 : 0);
    const double gained = log_density(covered, x) - log_density(plain, x);
    if (j == 1)
      ck_assert_double_gt(gained, 1);
    else
      ck_assert_double_lt(fabs(gained), 0.5);
  }
  double share[4] = {0}, total = 0;
  for (size_t c = 0; c < covered->components; c++)
    if (covered->location[c] % (plain->locations) < 4) {
      share[covered->location[c] % plain->locations] += exp(covered->log_weight[c]);
      total += exp(covered->log_weight[c]);
    }
  for (size_t l = 0; l < 4; l++) ck_assert_double_le(fabs(share[l] / total - exp(s->m->log_weight[l])), 1e-12);
  mixture_free(plain);
  mixture_free(covered);
  warp_free(w);
  scene_close(s);
}
END_TEST

/* ---- the whole ---- */

START_TEST(reference_of_four_modes) {
  for (size_t dim = 2; dim <= 10; dim += 8) {
    scene *s = scene_of_four(dim, 12, 2);
    reference *first, *second;
    ck_assert_int_eq(reference_fit(&s->task, &first, &err), DILATE_OK);
    ck_assert_uint_eq(first->core->components, 4);
    ck_assert_double_lt(first->cost, 0.2);
    ck_assert(isnan(first->previous_cost));
    ck_assert(first->ess > 0.6 && first->ess <= 1 + 1e-12);
    ck_assert_double_lt(variation(s->m, first->core), 0.06);
    reference_task again = s->task;
    again.previous = first->core;
    again.round = 1;
    ck_assert_int_eq(reference_fit(&again, &second, &err), DILATE_OK);
    ck_assert_double_lt(second->previous_cost, 0.2);
    ck_assert_double_lt(second->cost, 0.2);
    reference_free(first);
    reference_free(second);
    reference_free(NULL);
    scene_close(s);
  }
}
END_TEST

START_TEST(threads_give_the_same_bits) {
  const size_t threads[] = {1, 2, 5};
  reference *r[3];
  for (size_t k = 0; k < 3; k++) {
    scene *s = scene_of_four(3, 0, threads[k]);
    ck_assert_int_eq(reference_fit(&s->task, &r[k], &err), DILATE_OK);
    ck_assert_uint_eq(r[k]->q->components, r[0]->q->components);
    ck_assert_mem_eq(r[k]->q->mean, r[0]->q->mean, 3 * r[0]->q->locations * sizeof(double));
    ck_assert_mem_eq(r[k]->q->log_weight, r[0]->q->log_weight, r[0]->q->components * sizeof(double));
    ck_assert(r[k]->cost == r[0]->cost && r[k]->ess == r[0]->ess);
    scene_close(s);
  }
  for (size_t k = 0; k < 3; k++) reference_free(r[k]);
}
END_TEST

/* Few points of one Gaussian, or points that are all in one half: something that can be used comes out. */
START_TEST(samples_that_say_little) {
  scene *few = scene_of(law_gaussian(2, 0, 1), 0, 24, 1), *odd = scene_of_four(2, 0, 1);
  reference *r;
  ck_assert_int_eq(reference_fit(&few->task, &r, &err), DILATE_OK);
  ck_assert(isfinite(r->cost) && r->ess > 0.1);
  reference_free(r);
  memset(odd->sample.half, 0, odd->sample.points.n);
  ck_assert_int_eq(reference_fit(&odd->task, &r, &err), DILATE_OK);
  ck_assert_double_lt(r->cost, 0.2);
  reference_free(r);
  scene_close(few);
  scene_close(odd);
}
END_TEST

Suite *reference_suite(void) {
  Suite *suite = suite_create("reference");
  TCase *tests = tcase_create("reference");
  tcase_add_checked_fixture(tests, set_up, NULL);
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, costs_are_divergences);
  tcase_add_test(tests, cost_of_a_shift);
  tcase_add_test(tests, log_ratios_of_draws);
  tcase_add_test(tests, winners_by_hand);
  tcase_add_test(tests, candidates_for_four_modes);
  tcase_add_test(tests, balance_sets_weights_right);
  tcase_add_test(tests, reference_of_an_unbalanced_sample);
  tcase_add_test(tests, reference_without_a_search);
  tcase_add_test(tests, reweighting_sets_weights_right);
  tcase_add_test(tests, reweighting_of_a_poor_fit);
  tcase_add_test(tests, reweighting_far_from_the_target);
  tcase_add_test(tests, defence_covers_more_than_the_core);
  tcase_add_test(tests, defence_without_a_covariance);
  tcase_add_test(tests, defence_covers_necks);
  tcase_add_test(tests, reference_of_four_modes);
  tcase_add_test(tests, threads_give_the_same_bits);
  tcase_add_test(tests, samples_that_say_little);
  suite_add_tcase(suite, tests);
  return suite;
}
