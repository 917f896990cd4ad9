/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several ranks at one run give what one process gives, bit for bit, and fail together: here the ranks are threads. */
#include <math.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "check_sampler.h"
#include "runner.h"
#include "target/share.h"
#include "thread_ranks.h"

typedef struct scene {
  dilate_target target;
  dilate_options options;
  size_t steps;      /* after which something happens; 0: the run goes to its end */
  const void *bytes; /* a checkpoint to begin at, or NULL */
  size_t size;
  void *saved; /* by rank 0 after `steps` */
  size_t saved_size;
  uint64_t seen[THREAD_RANKS_MAX]; /* by every rank of the particles after each step */
} scene;

static void run_whole(rank_job *job) {
  const scene *s = job->scene;
  dilate_options o = s->options;
  o.ranks = &job->ranks;
  job->status = s->bytes ? dilate_resume(&s->target, s->bytes, s->size, &o, &job->result, &job->err)
                         : dilate_sample(&s->target, &o, &job->result, &job->err);
}

static void free_results(size_t count, rank_job *jobs) {
  for (size_t k = 0; k < count; k++) dilate_result_free(jobs[k].result);
}

/* On so many ranks what one process gives, on every rank. */
static void assert_same_on_ranks(scene *s, const dilate_result *alone, size_t first, size_t last) {
  rank_job jobs[THREAD_RANKS_MAX];
  for (size_t count = first; count <= last; count++) {
    thread_ranks_run(count, run_whole, s, SIZE_MAX, jobs);
    for (size_t k = 0; k < count; k++) {
      ck_assert_msg(jobs[k].status == DILATE_OK, "rank %zu of %zu: %s", k, count, jobs[k].err.message);
      assert_same_result(jobs[k].result, alone);
      assert_same_records(jobs[k].result, alone);
    }
    free_results(count, jobs);
  }
}

START_TEST(same_bits_for_every_method) {
  scene s = {.target = pair_target(), .options = small_options(dilate_method_name((size_t)_i))};
  dilate_result *alone = sample(&s.target, &s.options);
  assert_same_on_ranks(&s, alone, 2, THREAD_RANKS_MAX);
  dilate_result_free(alone);
}
END_TEST

/* A shell, of which no mixture is a good reference: the bridge takes several temperatures. */
static int shell_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  double radius = 0;
  (void)params;
  for (size_t j = 0; j < dim; j++) radius += x[j] * x[j];
  radius = sqrt(radius) + 1e-9;
  *logp = -8 * (radius - 8) * (radius - 8);
  for (size_t j = 0; grad && j < dim; j++) grad[j] = -16 * (radius - 8) * x[j] / radius;
  return 0;
}

/* ---- Spread over the ranks ---- */

/* The ranks' rows follow on one another, and are those of one process; the rest is on every rank. */
static void assert_spread(size_t count, const rank_job *jobs, const dilate_result *alone) {
  const size_t rows = dilate_result_islands(alone) * dilate_result_draws(alone), d = dilate_result_dim(alone);
  size_t next = 0;
  for (size_t k = 0; k < count; k++) {
    const dilate_result *r = jobs[k].result;
    size_t first, held;
    ck_assert_msg(jobs[k].status == DILATE_OK, "rank %zu of %zu: %s", k, count, jobs[k].err.message);
    held = dilate_result_held(r, &first);
    ck_assert_uint_eq(first, next);
    ck_assert_uint_le(held, rows / count + 32);
    ck_assert_mem_eq(dilate_result_unconstrained(r), dilate_result_unconstrained(alone) + first * d, held * d * sizeof(double));
    ck_assert_mem_eq(dilate_result_log_density(r), dilate_result_log_density(alone), rows * sizeof(double));
    ck_assert_mem_eq(dilate_result_mode(r), dilate_result_mode(alone), rows * sizeof(int));
    assert_same_numbers(r, alone);
    assert_same_records(r, alone);
    next += held;
  }
  ck_assert_uint_eq(next, rows);
}

START_TEST(same_bits_when_spread) {
  scene s = {.target = pair_target(), .options = small_options("bridge")};
  rank_job jobs[THREAD_RANKS_MAX];
  dilate_result *alone = sample(&s.target, &s.options);
  s.options.spread = 1;
  for (size_t count = 2; count <= THREAD_RANKS_MAX; count++) {
    thread_ranks_run(count, run_whole, &s, SIZE_MAX, jobs);
    assert_spread(count, jobs, alone);
    free_results(count, jobs);
  }
  dilate_result_free(alone);
}
END_TEST

static size_t records_of(const dilate_result *r, const char *stage) {
  size_t n = 0;
  for (size_t i = 0; i < dilate_result_trace_count(r); i++) {
    dilate_trace trace = {.struct_size = sizeof trace};
    dilate_result_trace_info(r, i, &trace);
    n += strcmp(trace.stage, stage) == 0;
  }
  return n;
}

START_TEST(same_bits_of_a_long_bridge) {
  scene s = {.target = pair_target(), .options = small_options("bridge")};
  s.target.dim = 4;
  s.options.groups = 1;
  s.options.islands = 2;
  s.target.logp = shell_logp;
  s.options.effort = 0.2;
  dilate_result *alone = sample(&s.target, &s.options);
  ck_assert_uint_gt(records_of(alone, "bridge"), 1);
  ck_assert_uint_gt(records_of(alone, "pilot"), 3);
  assert_same_on_ranks(&s, alone, 2, 2);
  rank_job jobs[3];
  s.options.spread = 1;
  thread_ranks_run(3, run_whole, &s, SIZE_MAX, jobs);
  assert_spread(3, jobs, alone);
  free_results(3, jobs);
  dilate_result_free(alone);
}
END_TEST

/* NaN beyond x = 6, and a gradient that is not a number below y = -4: few points of a run, which several ranks meet. */
static int faulty_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const int status = pair_logp(dim, x, logp, grad, params);
  if (x[0] > 6) *logp = NAN;
  if (grad && x[1] < -4) grad[1] = NAN;
  return status;
}

START_TEST(first_offender_of_all_ranks) {
  scene s = {.target = pair_target(), .options = small_options(_i ? "langevin" : "bridge")};
  s.target.logp = faulty_logp;
  dilate_result *alone = sample(&s.target, &s.options);
  ck_assert(has_warning(alone, "NaN"));
  assert_same_on_ranks(&s, alone, 2, THREAD_RANKS_MAX);
  dilate_result_free(alone);
}
END_TEST

/* ---- Failing together ---- */

static atomic_int calls_left;

static int aborting_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  if (thread_rank() == 1 && atomic_fetch_sub(&calls_left, 1) <= 0) return -7;
  return pair_logp(dim, x, logp, grad, params);
}

/* Whole on every rank, or spread. */
START_TEST(abort_on_one_rank) {
  scene s = {.target = pair_target(), .options = small_options("bridge")};
  rank_job jobs[3];
  s.options.spread = _i;
  s.target.logp = aborting_logp;
  for (int after = 0; after < 12000; after = 3 * after + 100) {
    atomic_store(&calls_left, after);
    thread_ranks_run(3, run_whole, &s, SIZE_MAX, jobs);
    for (size_t k = 0; k < 3; k++) {
      ck_assert_int_eq(jobs[k].status, DILATE_ETARGET);
      ck_assert_ptr_nonnull(strstr(jobs[k].err.message, "it returned -7"));
      ck_assert_ptr_null(jobs[k].result);
    }
  }
}
END_TEST

/* Allocation number fail_at of rank 1 fails: put under the library's objects by the linker. */
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
static _Thread_local size_t allocations;
static size_t fail_at = SIZE_MAX, made; /* made: by rank 1 in its last run */

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  if (thread_rank() == 1) made = ++allocations;
  return thread_rank() == 1 && allocations == fail_at + 1 ? NULL : __real_aligned_alloc(alignment, size);
}

/* A quarter further on; spread, where ranks bring rows together at the end of a run, in small steps. */
static size_t next_failure(size_t at, size_t all, int spread) {
  if (at < 12) return at + 1;
  return at + (!spread ? at / 4 : at < all / 4 * 3 ? at / 8 : 5);
}

/* Before the ranks can meet, the others only see that one is gone. */
START_TEST(out_of_memory_on_one_rank) {
  scene s = {.target = pair_target(), .options = small_options("bridge")};
  rank_job jobs[3];
  s.options.spread = _i;
  size_t met = 0;
  thread_ranks_run(3, run_whole, &s, SIZE_MAX, jobs);
  free_results(3, jobs);
  const size_t all = made;
  for (fail_at = 0; fail_at < 5000; fail_at = next_failure(fail_at, all, _i)) {
    thread_ranks_run(3, run_whole, &s, SIZE_MAX, jobs);
    if (jobs[1].status == DILATE_OK) break;
    ck_assert_int_eq(jobs[1].status, DILATE_ENOMEM);
    for (size_t k = 0; k < 3; k += 2) ck_assert(jobs[k].status == DILATE_ENOMEM || (fail_at < 5 && jobs[k].status == DILATE_ERANKS));
    met += jobs[0].status == DILATE_ENOMEM;
  }
  ck_assert_uint_gt(met, 20);
  free_results(3, jobs);
  fail_at = SIZE_MAX;
}
END_TEST

static void run_otherwise(rank_job *job) {
  scene own = *(const scene *)job->scene;
  own.options.seed += job->ranks.rank == 2;
  job->scene = &own;
  run_whole(job);
}

START_TEST(other_options_on_one_rank) {
  scene s = {.target = pair_target(), .options = small_options("bridge")};
  rank_job jobs[3];
  thread_ranks_run(3, run_otherwise, &s, SIZE_MAX, jobs);
  for (size_t k = 0; k < 3; k++) {
    ck_assert_int_eq(jobs[k].status, DILATE_ERANKS);
    ck_assert_ptr_nonnull(strstr(jobs[k].err.message, "ranks 0 and 2 went different ways"));
  }
}
END_TEST

static void run_wrongly(rank_job *job) {
  scene own = *(const scene *)job->scene;
  if (job->ranks.rank == 2) own.options.effort = -1;
  job->scene = &own;
  run_whole(job);
}

START_TEST(wrong_options_on_one_rank) {
  scene s = {.target = pair_target(), .options = small_options("bridge")};
  rank_job jobs[3];
  thread_ranks_run(3, run_wrongly, &s, SIZE_MAX, jobs);
  for (size_t k = 0; k < 3; k++) {
    ck_assert_int_eq(jobs[k].status, DILATE_EINVAL);
    ck_assert_ptr_nonnull(strstr(jobs[k].err.message, "options.effort"));
  }
}
END_TEST

/* An exchange that loses what rank 1 has computed, from its i-th hundred on: the ranks must notice that they came apart. */
START_TEST(lost_exchange_is_noticed) {
  scene s = {.target = pair_target(), .options = small_options("bridge")};
  rank_job jobs[2];
  s.options.spread = _i % 2;
  thread_ranks_run(2, run_whole, &s, 100 * (size_t)_i + 1, jobs);
  for (size_t k = 0; k < 2; k++) ck_assert_int_eq(jobs[k].status, DILATE_ERANKS);
}
END_TEST

/* ---- Step by step ---- */

static int step_until(dilate_sampler *sampler, size_t steps, dilate_error *err) {
  int status = DILATE_CONTINUE;
  for (size_t k = 0; k < steps && status == DILATE_CONTINUE; k++) status = dilate_sampler_step(sampler, err);
  return status;
}

static dilate_sampler *sampler_of(rank_job *job) {
  const scene *s = job->scene;
  dilate_options o = s->options;
  dilate_sampler *sampler = NULL;
  o.ranks = &job->ranks;
  job->status = dilate_sampler_create(&s->target, &o, &sampler, &job->err);
  return sampler;
}

static void look(const dilate_sampler *sampler, size_t dim, uint64_t *seen) {
  size_t n, ld;
  const double *x = dilate_sampler_particles(sampler, &n, &ld);
  for (size_t j = 0; j < dim; j++)
    for (size_t i = 0; i < n; i++) {
      uint64_t bits;
      memcpy(&bits, x + j * ld + i, sizeof bits);
      *seen = (*seen ^ bits) * 0x100000001b3;
    }
}

static void run_and_look(rank_job *job) {
  scene *s = job->scene;
  dilate_sampler *sampler = sampler_of(job);
  do {
    job->status = dilate_sampler_step(sampler, &job->err);
    look(sampler, s->target.dim, &s->seen[job->ranks.rank]);
  } while (job->status == DILATE_CONTINUE);
  dilate_sampler_free(sampler);
}

START_TEST(same_particles_after_every_step) {
  scene alone = {.target = pair_target(), .options = small_options(dilate_method_name((size_t)_i))}, s = alone;
  rank_job jobs[3];
  thread_ranks_run(1, run_and_look, &alone, SIZE_MAX, jobs);
  thread_ranks_run(3, run_and_look, &s, SIZE_MAX, jobs);
  for (size_t k = 0; k < 3; k++) {
    ck_assert_msg(jobs[k].status == DILATE_OK, "%s", jobs[k].err.message);
    ck_assert_uint_ne(s.seen[k], 0);
    ck_assert_uint_eq(s.seen[k], alone.seen[0]);
  }
}
END_TEST

static void run_and_ask(rank_job *job) {
  dilate_sampler *sampler = sampler_of(job);
  job->status = step_until(sampler, SIZE_MAX, &job->err);
  dilate_error_init(&job->err);
  job->status = dilate_sampler_result(sampler, &job->result, &job->err);
  dilate_sampler_free(sampler);
}

/* Whole on every rank, what was valid is a result; spread, ranks cannot bring it together any more, and no row is made up. */
START_TEST(result_after_a_failure) {
  scene s = {.target = pair_target(), .options = small_options("bridge")};
  rank_job jobs[3];
  s.options.spread = _i;
  s.target.logp = aborting_logp;
  atomic_store(&calls_left, 12000);
  thread_ranks_run(3, run_and_ask, &s, SIZE_MAX, jobs);
  for (size_t k = 0; k < 3; k++) {
    ck_assert_int_eq(jobs[k].status, _i ? DILATE_ETARGET : DILATE_OK);
    ck_assert(_i ? !jobs[k].result && strstr(jobs[k].err.message, "it returned -7") : jobs[k].result != NULL);
  }
  free_results(3, jobs);
}
END_TEST

/* Rank 1 goes away after some steps. */
static void run_and_go(rank_job *job) {
  const scene *s = job->scene;
  dilate_sampler *sampler = sampler_of(job);
  job->status = step_until(sampler, job->ranks.rank == 1 ? s->steps : SIZE_MAX, &job->err);
  dilate_sampler_free(sampler);
}

START_TEST(rank_that_goes_away) {
  scene s = {.target = pair_target(), .options = small_options(_i ? "walk" : "bridge"), .steps = 3};
  rank_job jobs[3];
  thread_ranks_run(3, run_and_go, &s, SIZE_MAX, jobs);
  for (size_t k = 0; k < 3; k += 2) {
    ck_assert_int_eq(jobs[k].status, DILATE_ERANKS);
    ck_assert_ptr_nonnull(strstr(jobs[k].err.message, "lost touch"));
  }
}
END_TEST

/* Rank 1 alone is asked to stop. */
static void run_and_stop(rank_job *job) {
  const scene *s = job->scene;
  dilate_sampler *sampler = sampler_of(job);
  job->status = step_until(sampler, s->steps, &job->err);
  if (job->ranks.rank == 1) dilate_sampler_stop(sampler);
  if (job->status == DILATE_CONTINUE) job->status = step_until(sampler, SIZE_MAX, &job->err);
  if (job->status >= 0 && dilate_sampler_result(sampler, &job->result, &job->err)) job->status = job->err.status;
  dilate_sampler_free(sampler);
}

START_TEST(stop_asked_on_one_rank) {
  scene s = {.target = pair_target(), .options = small_options(dilate_method_name((size_t)_i)), .steps = 9};
  rank_job jobs[3];
  thread_ranks_run(3, run_and_stop, &s, SIZE_MAX, jobs);
  for (size_t k = 0; k < 3; k++) {
    ck_assert_msg(jobs[k].status == DILATE_STOPPED, "%s", jobs[k].err.message);
    assert_same_result(jobs[k].result, jobs[0].result);
    ck_assert(has_warning(jobs[k].result, "asked to stop"));
  }
  free_results(3, jobs);
}
END_TEST

static void run_and_save(rank_job *job) {
  scene *s = job->scene;
  dilate_sampler *sampler = sampler_of(job);
  job->status = step_until(sampler, s->steps, &job->err);
  const int first = job->ranks.rank == 0;
  if ((first || s->options.spread) && job->status == DILATE_CONTINUE &&
      dilate_sampler_save(sampler, first ? &s->saved : NULL, first ? &s->saved_size : NULL, &job->err))
    job->status = job->err.status;
  dilate_sampler_free(sampler);
}

START_TEST(resumed_on_other_ranks) {
  scene s = {.target = pair_target(), .options = small_options(dilate_method_name((size_t)_i))};
  dilate_result *alone = sample(&s.target, &s.options);
  rank_job jobs[3];
  for (s.steps = 1; s.steps < 40; s.steps = 2 * s.steps + 1) {
    thread_ranks_run(3, run_and_save, &s, SIZE_MAX, jobs);
    if (jobs[0].status != DILATE_CONTINUE) break;
    scene again = {.target = s.target, .options = s.options, .bytes = s.saved, .size = s.saved_size};
    thread_ranks_run(2, run_whole, &again, SIZE_MAX, jobs);
    for (size_t k = 0; k < 2; k++) {
      ck_assert_msg(jobs[k].status == DILATE_OK, "%s", jobs[k].err.message);
      assert_same_result(jobs[k].result, alone);
      assert_same_records(jobs[k].result, alone);
    }
    free_results(2, jobs);
    dilate_free(s.saved);
  }
  ck_assert_uint_gt(s.steps, 3);
  dilate_result_free(alone);
}
END_TEST

/* A bridge that is saved on three ranks, and spread over two others. */
START_TEST(spread_and_resumed_on_other_ranks) {
  scene s = {.target = pair_target(), .options = small_options("bridge")};
  dilate_result *alone = sample(&s.target, &s.options);
  rank_job jobs[3];
  s.target.logp = pair_logp;
  s.options.spread = 1;
  for (s.steps = 1;; s.steps++) {
    thread_ranks_run(3, run_and_save, &s, SIZE_MAX, jobs);
    if (jobs[0].status != DILATE_CONTINUE) break;
    scene again = {.target = s.target, .options = s.options, .bytes = s.saved, .size = s.saved_size};
    thread_ranks_run(2, run_whole, &again, SIZE_MAX, jobs);
    assert_spread(2, jobs, alone);
    free_results(2, jobs);
    again.options.spread = 0;
    thread_ranks_run(1, run_whole, &again, SIZE_MAX, jobs);
    assert_same_result(jobs[0].result, alone);
    free_results(1, jobs);
    dilate_free(s.saved);
  }
  ck_assert_int_eq(jobs[0].status, DILATE_OK);
  ck_assert_uint_gt(s.steps, 10);
  dilate_result_free(alone);
}
END_TEST

static int slow_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  volatile double sink = 0;
  for (int i = 0; i < 40000; i++) sink += sqrt((double)i);
  return pair_logp(dim, x, logp, grad, params);
}

/* A step that would take minutes is given up on all ranks by the clock of one. */
START_TEST(long_step_given_up) {
  scene s = {.target = pair_target(), .options = small_options("bridge")};
  rank_job jobs[2];
  s.target.logp = slow_logp;
  s.options.max_seconds = 0.2;
  s.options.spread = _i;
  thread_ranks_run(2, run_whole, &s, SIZE_MAX, jobs);
  for (size_t k = 0; k < 2; k++) ck_assert_msg(jobs[k].status == DILATE_STOPPED, "%s", jobs[k].err.message);
  free_results(2, jobs);
}
END_TEST

/* Rank 1 has given up the step, and comes to a decision while rank 0 is at the end of a loop. */
static void decide_or_loop(rank_job *job) {
  const dilate_target user = pair_target();
  double point[3] = {0}, *logp = point + 2;
  rank_set *r;
  target *t;
  ck_assert_int_eq(ranks_create(&job->ranks, &r, NULL), DILATE_OK);
  ck_assert_int_eq(target_create(&user, 1, &t, NULL), DILATE_OK);
  target_set_ranks(t, r);
  target_heed_deadline(t);
  if (job->ranks.rank == 1) {
    target_set_deadline(t, 0);
    target_evaluate(t, 0, 1, 1, point, logp, NULL);
    share_decide(t, 1);
  } else {
    const shared_loop s = share_begin(t, 1, 1);
    SHARE_END(&s, SHARE_ROW(logp));
  }
  const int cut = target_was_cut(t) && ranks_cut(r, target_forget_deadline(t), 0, NULL);
  job->status = cut ? DILATE_STOPPED : ranks_status(r, &job->err);
  target_free(t);
  ranks_free(r);
}

START_TEST(given_up_before_a_decision) {
  rank_job jobs[2];
  thread_ranks_run(2, decide_or_loop, NULL, SIZE_MAX, jobs);
  for (size_t k = 0; k < 2; k++) ck_assert_msg(jobs[k].status == DILATE_STOPPED, "%s", jobs[k].err.message);
}
END_TEST

START_TEST(refused) {
  scene s = {.target = pair_target(), .options = small_options("bridge")};
  dilate_result *result;
  dilate_error err;
  dilate_ranks ranks;
  dilate_ranks_init(&ranks);
  s.options.ranks = &ranks;
  result = sample(&s.target, &s.options); /* one rank needs no exchange */
  dilate_result_free(result);
  ranks.count = 2;
  dilate_error_init(&err);
  ck_assert_int_eq(dilate_sample(&s.target, &s.options, &result, &err), DILATE_EINVAL);
  ck_assert_ptr_nonnull(strstr(err.message, "gather is NULL"));
  ranks.rank = 2;
  dilate_error_init(&err);
  ck_assert_int_eq(dilate_sample(&s.target, &s.options, &result, &err), DILATE_EINVAL);
  ck_assert_ptr_nonnull(strstr(err.message, "below count"));
}
END_TEST

int main(void) {
  Suite *suite = suite_create("ranks");
  TCase *test = tcase_create("ranks");
  int methods = 0;
  while (dilate_method_name((size_t)methods)) methods++;
  tcase_set_timeout(test, 300);
  tcase_add_loop_test(test, same_bits_for_every_method, 0, methods);
  tcase_add_test(test, same_bits_when_spread);
  tcase_add_test(test, same_bits_of_a_long_bridge);
  tcase_add_loop_test(test, first_offender_of_all_ranks, 0, 2);
  tcase_add_loop_test(test, abort_on_one_rank, 0, 2);
  tcase_add_loop_test(test, out_of_memory_on_one_rank, 0, 2);
  tcase_add_test(test, other_options_on_one_rank);
  tcase_add_test(test, wrong_options_on_one_rank);
  tcase_add_loop_test(test, lost_exchange_is_noticed, 0, 4);
  tcase_add_loop_test(test, same_particles_after_every_step, 0, methods);
  tcase_add_loop_test(test, result_after_a_failure, 0, 2);
  tcase_add_loop_test(test, rank_that_goes_away, 0, 2);
  tcase_add_loop_test(test, stop_asked_on_one_rank, 0, methods);
  tcase_add_loop_test(test, resumed_on_other_ranks, 0, methods);
  tcase_add_test(test, spread_and_resumed_on_other_ranks);
  tcase_add_loop_test(test, long_step_given_up, 0, 2);
  tcase_add_test(test, given_up_before_a_decision);
  tcase_add_test(test, refused);
  suite_add_tcase(suite, test);
  return run_all(srunner_create(suite));
}
