/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Giving up in the midst of a step: past a deadline no callback runs any more, and what is still asked for is -inf at once, as after a
 * failure.  A step of many evaluations so ends soon, with numbers that mean nothing: who had the deadline heeded is told. */
#include "target/state.h"

void target_set_deadline(target *t, double seconds) {
  if (seconds < atomic_load(&t->deadline)) atomic_store(&t->deadline, seconds);
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

int target_is_late(target *t) {
  if (target_was_cut(t)) return 1;
  if (omp_get_wtime() < atomic_load_explicit(&t->deadline, memory_order_relaxed)) return 0;
  atomic_store(&t->cut, 1);
  return 1;
}
