/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loops of a team, alone, inside a loop of ours and inside a region of the caller's: every step once, none with another thread's scratch
 * at the same time, and threads that have nothing else to do take part. */
#include <omp.h>
#include <string.h>

#include "base/team.h"
#include "check_base.h"

enum { THREADS = 4, STEPS = 200, LOOPS = 6 };

typedef struct loop {
  int done[STEPS], busy[THREADS], clash; /* busy: steps that work with a thread's scratch now */
  int helpers[THREADS];                  /* steps of each thread */
} loop;

static void pause_briefly(void) {
  const double until = omp_get_wtime() + 2e-5;
  while (omp_get_wtime() < until) {}
}

static void step(void *state, size_t i, size_t thread) {
  loop *const l = state;
  int before;
#pragma omp atomic capture
  before = l->busy[thread]++;
  if (before) {
#pragma omp atomic write
    l->clash = 1;
  }
  pause_briefly();
#pragma omp atomic
  l->done[i]++;
#pragma omp atomic
  l->helpers[thread]++;
#pragma omp atomic
  l->busy[thread]--;
}

static void ck_complete(const loop *l) {
  for (size_t i = 0; i < STEPS; i++) ck_assert_int_eq(l->done[i], 1);
  ck_assert(!l->clash);
}

static size_t threads_that_worked(const loop *l) {
  size_t count = 0;
  for (size_t t = 0; t < THREADS; t++) count += l->helpers[t] > 0;
  return count;
}

START_TEST(a_loop_alone_does_every_step_once) {
  for (size_t threads = 0; threads <= THREADS; threads++) {
    loop l = {0};
    team_loop((thread_team){threads, 0}, STEPS, step, &l);
    ck_complete(&l);
    if (threads < 2) ck_assert_uint_eq(threads_that_worked(&l), 1);
  }
}
END_TEST

/* Each with scratch of its own for every thread, as fits have that run side by side. */
START_TEST(loops_inside_a_loop_do_every_step_once) {
  static loop l[LOOPS];
  const thread_team team = team_within((thread_team){THREADS, 0});
  ck_assert(team.within);
  memset(l, 0, sizeof l);
#pragma omp parallel for schedule(dynamic, 1) num_threads(team_size(THREADS))
  for (int k = 0; k < LOOPS; k++) team_loop(team, STEPS, step, &l[k]);
  for (int k = 0; k < LOOPS; k++) ck_complete(&l[k]);
}
END_TEST

/* One job for several threads: those without one help, sooner or later; never where the loop is told that it stands alone. */
START_TEST(threads_without_work_take_part) {
  const thread_team team = team_within((thread_team){THREADS, 0}), alone = {THREADS, 0};
  for (int helped = 0; helped < 2; helped++) {
    size_t most = 1;
    for (int attempt = 0; attempt < (helped ? 100 : 3) && most < 2; attempt++) {
      loop l = {0};
#pragma omp parallel for schedule(dynamic, 1) num_threads(team_size(THREADS))
      for (int job = 0; job < 1; job++) team_loop(helped ? team : alone, STEPS, step, &l);
      ck_complete(&l);
      most = threads_that_worked(&l);
    }
    ck_assert(helped ? most > 1 : most == 1);
  }
}
END_TEST

/* In a region that is none of ours every thread has its own loop, scratch for fewer threads than the region has, and no help. */
START_TEST(loops_in_a_callers_region_stay_with_their_thread) {
  static loop l[THREADS];
  memset(l, 0, sizeof l);
  int within = 0;
#pragma omp parallel num_threads(THREADS) reduction(| : within)
  {
    const thread_team team = team_within((thread_team){2, 0});
    within |= team.within;
    team_loop(team, STEPS, step, &l[omp_get_thread_num()]);
  }
  ck_assert(!within);
  for (size_t t = 0; t < THREADS; t++) ck_complete(&l[t]);
  for (size_t t = 0; t < THREADS; t++) ck_assert_int_eq(l[t].helpers[0], STEPS);
}
END_TEST

TCase *team_tests(void) {
  TCase *tests = tcase_create("teams of threads");
  tcase_add_test(tests, a_loop_alone_does_every_step_once);
  tcase_add_test(tests, loops_inside_a_loop_do_every_step_once);
  tcase_add_test(tests, threads_without_work_take_part);
  tcase_add_test(tests, loops_in_a_callers_region_stay_with_their_thread);
  return tests;
}
