/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Giving up in the midst of a step: past a deadline no callback runs any more, and what is still asked for is -inf at once, as after a
 * failure.  A step of many evaluations so ends soon, with numbers that mean nothing: who had the deadline heeded is told. */
#include "target/state.h"

#include <math.h>

void target_set_deadline(target *t, double seconds) {
  atomic_store(&t->deadline, seconds);
}

void target_heed_deadline(target *t) {
  atomic_store(&t->heeds, 1);
}

int target_forget_deadline(target *t) {
  atomic_store(&t->heeds, 0);
  return atomic_exchange(&t->cut, 0);
}

int target_was_cut(const target *t) {
  return atomic_load(&t->cut);
}

/* The clock is read only where there is a deadline. */
int target_is_over(target *t) {
  if (target_has_failed(t) || atomic_load_explicit(&t->cut, memory_order_relaxed)) return 1;
  const double deadline = atomic_load_explicit(&t->deadline, memory_order_relaxed);
  if (deadline == INFINITY || !atomic_load_explicit(&t->heeds, memory_order_relaxed) || omp_get_wtime() < deadline) return 0;
  atomic_store(&t->cut, 1);
  return 1;
}
