/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loops of a team, alone or inside another: see team.h. */
#include "base/team.h"

#define TASKS 4 /* a thread, at most */

/* What all steps of a loop share.  (Clang 14 ends with a fault where a task captures a pointer to a function by itself.) */
typedef struct loop {
  void (*body)(void *state, size_t i, size_t thread);
  void *state;
} loop;

/* Steps [begin, end) of a loop. */
static void run_steps(const loop *l, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) l->body(l->state, i, (size_t)omp_get_thread_num());
}

/* Whoever waits for a loop's tasks takes none but these, so that no thread is in two steps of loops that share their scratch. */
static void loop_within(int threads, size_t n, const loop *l) {
  const size_t most = TASKS * (size_t)threads, tasks = n < most ? n : most;
#pragma omp taskgroup
  for (size_t k = 0; k < tasks; k++) {
#pragma omp task
    run_steps(l, n * k / tasks, n * (k + 1) / tasks);
  }
}

void team_loop(thread_team t, size_t n, void (*body)(void *state, size_t i, size_t thread), void *state) {
  const int threads = t.within ? (int)t.threads : team_size(t.threads);
  const loop l = {body, state};
  if (threads < 2 || n < 2) {
    for (size_t i = 0; i < n; i++) body(state, i, 0);
    return;
  }
  if (t.within) {
    loop_within(threads, n, &l);
    return;
  }
#pragma omp parallel for schedule(dynamic) num_threads(threads)
  for (size_t i = 0; i < n; i++) l.body(l.state, i, (size_t)omp_get_thread_num());
}
