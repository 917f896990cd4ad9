/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nothing is allocated in a hot loop: evaluations, kernels' steps, scores and a bridge's temperatures, counted.
 *
 * The program is linked with --wrap of the allocators, so that every call from the library's objects is seen, from whatever thread.  A path
 * that allocates on purpose is caught by the same count. */
#include <check.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/memory.h"
#include "kernel/tempered.h"
#include "kernel_cases.h"
#include "model_cases.h"
#include "runner.h"
#include "score/score.h"
#include "stage/bridge.h"
#include "stage_cases.h"
#include "targets/targets.h"

#define THREADS 2
#define N       100 /* particles: whole tiles and a rest */
#define STEPS   3

/* ---- The count ---- */

void *__real_aligned_alloc(size_t alignment, size_t size);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);

static atomic_size_t allocations;

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  atomic_fetch_add(&allocations, 1);
  return __real_aligned_alloc(alignment, size);
}

void *__wrap_malloc(size_t size) {
  atomic_fetch_add(&allocations, 1);
  return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
  atomic_fetch_add(&allocations, 1);
  return __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size) {
  atomic_fetch_add(&allocations, 1);
  return __real_realloc(block, size);
}

static size_t counted(void) {
  return atomic_load(&allocations);
}

/* ---- Kernels on a path ---- */

static const step_fn step_list[] = {cloud_mala, cloud_hmc, cloud_ula};

/* Allocations of some steps of each kernel. */
static size_t count_steps(const path_type *type) {
  density plane = density_correlated();
  const dilate_target user = density_target(&plane);
  cloud *c = cloud_open(type, &user, THREADS, N, 0.5, 0.1);
  c->kernel.metric_c = plane.c;
  cloud_draw(c, &plane, 3);
  const size_t before = counted();
  for (size_t k = 0; k < sizeof step_list / sizeof *step_list; k++)
    for (uint32_t step = 1; step <= STEPS; step++) step_list[k](c, step);
  const size_t after = counted();
  cloud_close(c);
  return after - before;
}

START_TEST(langevin_steps_allocate_nothing) {
  ck_assert_uint_eq(count_steps(&path_none), 0);
  ck_assert_uint_eq(count_steps(&path_dilation), 0);
}
END_TEST

/* The dilation path, by way of a block of memory. */
static void spend(const path *p, double lambda, uint64_t first, size_t n, size_t ld, const double *x, double *logp, double *slope) {
  double *block = NEW(double, n);
  path_dilation.evaluate(p, lambda, first, n, ld, x, logp, slope);
  memory_free(block);
}

START_TEST(allocating_on_purpose_is_seen) {
  path_type spender = path_dilation;
  spender.evaluate = spend;
  ck_assert_uint_gt(count_steps(&spender), 0);
}
END_TEST

/* ---- Targets ---- */

static size_t count_evaluations(const dilate_target *user) {
  target *t = target_open(user, THREADS);
  particles p;
  ck_assert_int_eq(particles_create(user->dim, N, &p), 0);
  const size_t before = counted();
  particles_evaluate(&p, t);
  particles_evaluate_density(&p, N, t);
  const size_t after = counted();
  particles_clear(&p);
  target_free(t);
  return after - before;
}

static int without_gradient(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)grad, (void)params;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) *logp -= x[j] * x[j];
  return 0;
}

START_TEST(evaluations_allocate_nothing) {
  dilate_error err;
  dilate_error_init(&err);
  density plane = density_correlated();
  const dilate_target point = density_target(&plane), differences = target_of(3, without_gradient, NULL);
  ck_assert_uint_eq(count_evaluations(&point), 0);
  ck_assert_uint_eq(count_evaluations(&differences), 0);
  for (size_t k = 0; builtin_list[k]; k++) {
    builtin b;
    ck_assert_int_eq(builtin_create(builtin_list[k]->name, NULL, &b, &err), DILATE_OK);
    ck_assert_msg(count_evaluations(&b.target) == 0, "%s allocates", builtin_list[k]->name);
    builtin_destroy(&b);
  }
}
END_TEST

/* ---- Kernels of the bridge, and mixtures ---- */

static void crowd_fill(const mixture *q, const tempered_kernel *k, tempered *chains) {
  particles_evaluate(&chains->pi, k->target);
  mixture_evaluate(q, chains->pi.n, chains->pi.ld, chains->pi.x, chains->logq, chains->gradq, chains->share, k->scratch);
}

static size_t count_moves(const mixture *q) {
  density plane = density_correlated();
  const dilate_target user = density_target(&plane);
  const double scale[2] = {1, 1}, step[8] = {0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3};
  double acceptance[PARTICLE_TILE];
  size_t component[PARTICLE_TILE];
  tempered chains;
  tempered_kernel kernel;
  ck_assert(q->components <= 8 && !tempered_create(q, PARTICLE_TILE, 1, &chains));
  ck_assert_int_eq(tempered_kernel_create(target_open(&user, THREADS), q, &kernel), 0);
  kernel.beta = 0.5;
  kernel.stream = stream_make(12, STREAM_USER, 3, 0);
  kernel.step = step;
  kernel.whitened_scale = scale;
  const size_t before = counted();
  crowd_fill(q, &kernel, &chains);
  for (uint32_t s = 1; s <= STEPS; s++) {
    component_hmc(&kernel, s, &chains, acceptance, component);
    independence_move(&kernel, STEPS + s, &chains, acceptance);
  }
  const size_t after = counted();
  target_free(kernel.target);
  tempered_kernel_clear(&kernel);
  tempered_clear(&chains);
  return after - before;
}

START_TEST(moves_of_the_bridge_allocate_nothing) {
  mixture *q = law_close(2, MIXTURE_FULL), *nested = law_nested(2);
  ck_assert_uint_eq(count_moves(q), 0);
  ck_assert_uint_eq(count_moves(nested), 0);
  mixture_free(q);
  mixture_free(nested);
}
END_TEST

/* ---- Models ---- */

/* A matrix that is too large for the stack of dilate_pull_back(). */
static dilate_model *large_correlation(void) {
  const dilate_declaration d = {.struct_size = sizeof d, .name = "R", .constraint = DILATE_CORRELATION, .rank = 3, .shape = {2, 20, 20}};
  dilate_target natural = target_of(2 * 20 * 20, without_gradient, NULL);
  dilate_model *model;
  natural.flags = 0; /* what it leaves for a gradient is pulled back all the same */
  ck_assert_int_eq(dilate_model_create(&natural, &d, 1, &model, NULL), DILATE_OK);
  return model;
}

START_TEST(models_allocate_nothing) {
  for (int i = 0; i <= 2 * model_case_count; i++) {
    dilate_model *model = i == 2 * model_case_count ? large_correlation() : make_case(i / 2, i % 2, 0);
    ck_assert_uint_eq(count_evaluations(dilate_model_target(model)), 0);
    dilate_model_free(model);
  }
}
END_TEST

/* ---- Scores ---- */

static size_t count_scores(const char *kind) {
  dilate_error err;
  builtin b;
  score *s;
  particles p;
  dilate_error_init(&err);
  ck_assert_int_eq(builtin_create("gmm4", NULL, &b, &err), DILATE_OK);
  target *t = target_open(&b.target, THREADS);
  ck_assert_int_eq(score_create(kind, t, N, 16, 5, &s, &err), DILATE_OK);
  ck_assert_int_eq(particles_create(b.target.dim, N, &p), 0);
  const size_t before = counted();
  for (uint32_t step = 0; step < STEPS; step++) score_evaluate(s, 1, step, &p, NULL, NULL);
  const size_t after = counted();
  particles_clear(&p);
  score_free(s);
  target_free(t);
  builtin_destroy(&b);
  return after - before;
}

START_TEST(scores_allocate_nothing) {
  ck_assert_uint_eq(count_scores("closed"), 0);
  ck_assert_uint_eq(count_scores("importance"), 0);
  ck_assert_uint_eq(count_scores("langevin"), 0);
}
END_TEST

/* ---- Bridges ---- */

/* Allocations between a bridge's creation and its end, and its temperatures. */
static size_t count_bridge(size_t states, int by_component, const bridge_plan *plan, size_t *temperatures, bridge_plan *out) {
  dilate_error err;
  mixture *q = law_gaussian(3, 0.5, 1), *m = law_close(3, MIXTURE_FULL);
  law l = {.m = m, .beta = 1};
  const dilate_target user = law_target(&l);
  bridge_settings s = {.target = target_open(&user, THREADS),
                       .q = q,
                       .seed = 7,
                       .purpose = by_component ? STREAM_PILOT : STREAM_TUNE,
                       .islands = by_component ? 1 : 2,
                       .parents = 64,
                       .states = states,
                       .final_states = states,
                       .ess = 0.9,
                       .by_component = by_component,
                       .plan = plan};
  bridge *b = NULL;
  dilate_error_init(&err);
  ck_assert_int_eq(bridge_create(&s, &b, &err), DILATE_OK);
  const size_t before = counted();
  int status = DILATE_CONTINUE;
  for (*temperatures = 0; status == DILATE_CONTINUE; (*temperatures)++) status = bridge_step(b, &err);
  const size_t after = counted();
  ck_assert_int_eq(status, DILATE_OK);
  if (out) *out = b->record;
  if (out) b->record = (bridge_plan){0};
  bridge_free(b);
  target_free(s.target);
  mixture_free(q);
  mixture_free(m);
  return after - before;
}

START_TEST(pilots_allocate_nothing) {
  size_t temperatures;
  ck_assert_uint_eq(count_bridge(8, 1, NULL, &temperatures, NULL), 0);
  ck_assert_uint_gt(temperatures, 1);
}
END_TEST

/* What is remembered of a temperature for the errors takes a few blocks, however many the moves. */
START_TEST(records_are_all_that_a_bridge_allocates) {
  size_t few, many;
  bridge_plan plan = {0};
  (void)count_bridge(4, 0, NULL, &few, &plan);
  ck_assert_uint_gt(few, 1);
  const size_t with_few = count_bridge(4, 0, &plan, &few, NULL), with_many = count_bridge(16, 0, &plan, &many, NULL);
  ck_assert_uint_eq(few, many);
  ck_assert_uint_eq(with_few, with_many);
  ck_assert_uint_le(with_few, 8 * few + 2);
  bridge_plan_clear(&plan);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("allocation");
  TCase *hot = tcase_create("hot loops");
  tcase_add_test(hot, langevin_steps_allocate_nothing);
  tcase_add_test(hot, allocating_on_purpose_is_seen);
  tcase_add_test(hot, evaluations_allocate_nothing);
  tcase_add_test(hot, models_allocate_nothing);
  tcase_add_test(hot, moves_of_the_bridge_allocate_nothing);
  tcase_add_test(hot, scores_allocate_nothing);
  tcase_add_test(hot, pilots_allocate_nothing);
  tcase_add_test(hot, records_are_all_that_a_bridge_allocates);
  suite_add_tcase(suite, hot);
  return run_all(srunner_create(suite));
}
