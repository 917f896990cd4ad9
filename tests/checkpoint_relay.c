/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run that is saved, thrown away and loaded again before every step, each time for another number of threads, is the run that was never
 * interrupted: draws, evidence, modes, records, warnings and counters. */
#define _POSIX_C_SOURCE 200809L /* nanosleep */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check_checkpoint.h"
#include "method/checkpoint.h"

static void assert_same_parameters(const dilate_result *a, const dilate_result *b) {
  for (size_t j = 0; j < dilate_result_n_out(a); j++) {
    dilate_parameter one = {.struct_size = sizeof one}, other = {.struct_size = sizeof other};
    dilate_result_parameter(a, j, &one), dilate_result_parameter(b, j, &other);
    ck_assert_str_eq(one.name, other.name);
    one.name = other.name;
    ck_assert_mem_eq(&one, &other, sizeof one);
  }
  const double one[] = {dilate_result_unseen_mass(a), dilate_result_pareto_k(a)},
               other[] = {dilate_result_unseen_mass(b), dilate_result_pareto_k(b)};
  ck_assert_mem_eq(one, other, sizeof one);
}

/* What a user sees of a sampler, which has been saved after so many seconds, and of the one that was loaded. */
static void assert_looks_the_same(dilate_sampler *a, dilate_sampler *b, const saved *state) {
  size_t n, ld, m, md;
  const double *x = dilate_sampler_particles(a, &n, &ld), *y = dilate_sampler_particles(b, &m, &md);
  ck_assert((x != NULL) == (y != NULL) && n == m);
  for (size_t j = 0; x && j < 2; j++) ck_assert_mem_eq(x + j * ld, y + j * md, n * sizeof *x);
  dilate_progress one = {.struct_size = sizeof one}, other = {.struct_size = sizeof other};
  dilate_sampler_progress(a, &one), dilate_sampler_progress(b, &other);
  ck_assert_str_eq(one.stage, other.stage);
  double seconds;
  memcpy(&seconds, state->bytes + AT_SECONDS, sizeof seconds);
  ck_assert(seconds > 0 && other.seconds > seconds && other.seconds < one.seconds);
  other.seconds = one.seconds;
  one.stage = other.stage;
  ck_assert_mem_eq(&one, &other, sizeof one);
}

/* A state that was loaded gives the same bytes again, but for the seconds and so the checksum. */
static void assert_saves_the_same(dilate_sampler *sampler, const saved *before) {
  saved again = save(sampler);
  ck_assert_uint_eq(again.size, before->size);
  ck_assert_mem_eq(again.bytes + ENVELOPE, before->bytes + ENVELOPE, again.size - ENVELOPE);
  dilate_free(again.bytes);
}

static dilate_result *relay(const scene *s, size_t *steps) {
  dilate_sampler *sampler = begin(s);
  int status;
  *steps = 0;
  do {
    const saved state = save(sampler);
    dilate_sampler *next = load(s, &state, 1 + *steps % 3);
    assert_looks_the_same(sampler, next, &state);
    assert_saves_the_same(next, &state);
    dilate_sampler_free(sampler);
    dilate_free(state.bytes);
    sampler = next;
    status = dilate_sampler_step(sampler, NULL);
    ++*steps;
  } while (status == DILATE_CONTINUE);
  ck_assert_int_eq(status, DILATE_OK);
  const saved end = save(sampler); /* a run that is over is a state, too */
  dilate_sampler_free(sampler);
  sampler = load(s, &end, 2);
  dilate_free(end.bytes);
  return finish(sampler);
}

START_TEST(a_relay_is_one_run) {
  const scene s = scene_at((size_t)_i);
  size_t steps;
  dilate_result *whole = finish(begin(&s)), *relayed = relay(&s, &steps);
  ck_assert_uint_ge(steps, s.options.walk_count ? 3u : 9u);
  assert_same_result(whole, relayed);
  assert_same_records(whole, relayed);
  assert_same_parameters(whole, relayed);
  dilate_result_free(whole);
  dilate_result_free(relayed);
}
END_TEST

/* The scenes are what they are for. */
START_TEST(scenes_show_all_stages) {
  static const struct {
    const char *scene, *stage;
    int group;
  } wanted[] = {{"bridge with repeats", "repeat", 0}, {"bridge of groups that disagree", "bridge", 2}};
  for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
    size_t i = 0;
    while (strcmp(scene_at(i).name, wanted[k].scene)) i++;
    const scene s = scene_at(i);
    dilate_result *r = finish(begin(&s));
    int found = 0;
    for (size_t t = 0; t < dilate_result_trace_count(r); t++) {
      dilate_trace trace = {.struct_size = sizeof trace};
      dilate_result_trace_info(r, t, &trace);
      found |= !strcmp(trace.stage, wanted[k].stage) && trace.group == wanted[k].group;
    }
    ck_assert_msg(found, "%s has no stage %s of group %d", s.name, wanted[k].stage, wanted[k].group);
    dilate_result_free(r);
  }
}
END_TEST

START_TEST(the_funnel_has_coordinates_of_its_own) {
  size_t i = 0;
  while (strcmp(scene_at(i).name, "bridge of a funnel")) i++;
  const scene s = scene_at(i);
  dilate_sampler *sampler = begin(&s);
  int learnt = 0;
  while (dilate_sampler_step(sampler, NULL) == DILATE_CONTINUE) learnt |= target_warp(sampler->run->target) != NULL;
  ck_assert(learnt);
  dilate_sampler_free(sampler);
}
END_TEST

/* ---- Budgets ---- */

START_TEST(evaluations_and_seconds_go_on) {
  scene s = scene_at(0);
  s.options.max_evaluations = 40000;
  dilate_result *whole = NULL, *rest = NULL;
  ck_assert_int_eq(dilate_sample(&s.target, &s.options, &whole, NULL), DILATE_STOPPED);
  saved state = save_after(&s, 3);
  ck_assert_int_eq(dilate_resume(&s.target, state.bytes, state.size, NULL, &rest, NULL), DILATE_STOPPED);
  assert_same_result(whole, rest);
  ck_assert_uint_eq(dilate_result_evaluations(whole, NULL), dilate_result_evaluations(rest, NULL));
  dilate_result_free(rest);
  const double hour = 3600; /* as if the run had taken so long already */
  memcpy(state.bytes + AT_SECONDS, &hour, sizeof hour);
  mend(&state);
  dilate_options now;
  dilate_options_init(&now);
  now.max_seconds = 3000;
  ck_assert_int_eq(dilate_resume(&s.target, state.bytes, state.size, &now, &rest, NULL), DILATE_STOPPED);
  ck_assert(has_warning(rest, "max_seconds (3000)"));
  ck_assert_double_ge(dilate_result_seconds(rest), 3600);
  dilate_result_free(rest);
  now.max_seconds = 0;
  now.max_evaluations = 100000000; /* a budget that is raised */
  ck_assert_int_eq(dilate_resume(&s.target, state.bytes, state.size, &now, &rest, NULL), DILATE_OK);
  dilate_result_free(rest);
  dilate_result_free(whole);
  dilate_free(state.bytes);
}
END_TEST

/* A run that a budget has stopped, saved, and given a larger one, is the run that was never stopped: the warning is gone as well. */
START_TEST(a_stopped_run_goes_on) {
  scene s = scene_at(0);
  dilate_result *whole = finish(begin(&s)), *rest;
  s.options.max_evaluations = 40000;
  dilate_sampler *sampler = begin(&s);
  int status = DILATE_CONTINUE;
  while (status == DILATE_CONTINUE) status = dilate_sampler_step(sampler, NULL);
  ck_assert_int_eq(status, DILATE_STOPPED);
  const saved state = save(sampler);
  dilate_sampler_free(sampler);
  s.options.max_evaluations = 100000000;
  rest = finish(load(&s, &state, 1));
  assert_same_result(whole, rest);
  assert_same_records(whole, rest);
  dilate_free(state.bytes);
  dilate_result_free(whole);
  dilate_result_free(rest);
}
END_TEST

/* The pair, slow since it had its run stopped. */
typedef struct slow {
  dilate_sampler *sampler;
  size_t calls;
} slow;

static int slow_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  slow *s = params;
  if (++s->calls == 3000) dilate_sampler_stop(s->sampler);
  const struct timespec moment = {.tv_nsec = 1000000};
  if (s->calls >= 3000) nanosleep(&moment, NULL);
  return pair_logp(dim, x, logp, grad, NULL);
}

START_TEST(a_step_that_was_given_up_leaves_no_state) {
  scene s = scene_at(0);
  slow state = {0};
  s.target.logp = slow_logp;
  s.target.params = &state;
  state.sampler = begin(&s);
  int status = DILATE_CONTINUE;
  void *bytes;
  size_t size;
  dilate_result *r;
  while (status == DILATE_CONTINUE) status = dilate_sampler_step(state.sampler, NULL);
  ck_assert_int_eq(status, DILATE_STOPPED);
  ck_assert_int_eq(dilate_sampler_save(state.sampler, &bytes, &size, NULL), DILATE_EINVAL);
  ck_assert_int_eq(dilate_sampler_result(state.sampler, &r, NULL), DILATE_OK);
  dilate_result_free(r);
  dilate_sampler_free(state.sampler);
}
END_TEST

/* ---- The callback ---- */

typedef struct kept {
  saved state[64];
  size_t count, stop_at;
} kept;

static int keep(const void *bytes, size_t size, void *data) {
  kept *k = data;
  if (k->count == 64) return 0;
  saved *s = &k->state[k->count++];
  *s = (saved){malloc(size), size};
  memcpy(s->bytes, bytes, size);
  return k->count == k->stop_at;
}

static void forget(kept *k) {
  for (size_t i = 0; i < k->count; i++) free(k->state[i].bytes);
  k->count = 0;
}

START_TEST(every_state_of_the_callback_resumes) {
  scene s = scene_at(0);
  dilate_result *plain = sample(&s.target, &s.options);
  kept k = {0};
  s.options.checkpoint = keep;
  s.options.checkpoint_data = &k;
  s.options.checkpoint_seconds = 0;
  dilate_result *watched = sample(&s.target, &s.options);
  assert_same_result(plain, watched);
  assert_same_records(plain, watched);
  ck_assert_uint_ge(k.count, 10);
  for (size_t i = 0; i < k.count; i++) {
    dilate_result *resumed;
    char *note;
    ck_assert_int_eq(dilate_resume(&s.target, k.state[i].bytes, k.state[i].size, NULL, &resumed, NULL), DILATE_OK);
    assert_same_result(plain, resumed);
    dilate_result_free(resumed);
    ck_assert_int_eq(dilate_checkpoint_note(k.state[i].bytes, k.state[i].size, &note, NULL), DILATE_OK);
    ck_assert_str_eq(note, "a note");
    dilate_free(note);
  }
  forget(&k);
  dilate_result_free(plain);
  dilate_result_free(watched);
}
END_TEST

START_TEST(the_callback_is_called_when_it_is_time) {
  scene s = scene_at(0);
  kept k = {0};
  s.options.checkpoint = keep;
  s.options.checkpoint_data = &k;
  s.options.checkpoint_seconds = 1e6;
  dilate_result *r = sample(&s.target, &s.options);
  ck_assert_uint_eq(k.count, 0);
  dilate_result_free(r);
  s.options.checkpoint_seconds = 0;
  k.stop_at = 5; /* it asks for an end */
  ck_assert_int_eq(dilate_sample(&s.target, &s.options, &r, NULL), DILATE_STOPPED);
  ck_assert_uint_eq(k.count, 5);
  ck_assert_int_eq(dilate_result_complete(r), 0);
  dilate_result_free(r);
  forget(&k);
}
END_TEST

Suite *relay_suite(void) {
  Suite *suite = suite_create("checkpoints go on");
  TCase *c = tcase_create("going on");
  tcase_set_timeout(c, 0);
  tcase_add_loop_test(c, a_relay_is_one_run, 0, (int)scene_count());
  tcase_add_test(c, scenes_show_all_stages);
  tcase_add_test(c, the_funnel_has_coordinates_of_its_own);
  tcase_add_test(c, evaluations_and_seconds_go_on);
  tcase_add_test(c, a_stopped_run_goes_on);
  tcase_add_test(c, a_step_that_was_given_up_leaves_no_state);
  tcase_add_test(c, every_state_of_the_callback_resumes);
  tcase_add_test(c, the_callback_is_called_when_it_is_time);
  suite_add_tcase(suite, c);
  return suite;
}
