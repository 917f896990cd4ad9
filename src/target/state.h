/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a target holds; for the files of this layer only. */
#ifndef DILATE_TARGET_STATE_H
#define DILATE_TARGET_STATE_H

#include "base/memory.h"
#include "base/ranks.h"
#include "target/target.h"
#include "target/warp.h"

#include <math.h>
#include <omp.h>
#include <stdatomic.h>

#define TARGET_BLOCK 64 /* points handed to a batch callback at once, at most */

/* One caller's place to work, and what was asked for there: who has taken it counts alone. */
typedef struct target_scratch {
  _Alignas(MEMORY_ALIGNMENT) atomic_flag taken; /* on a cache line of its own, with the counters */
  atomic_uint_least64_t evaluations, gradients;
  double *values; /* dim x TARGET_BLOCK for shifted points, then dim for a point and dim for its gradient */
  double *warped; /* 2 dim x TARGET_BLOCK: x of points z and gradients there; NULL: no warp yet */
} target_scratch;

struct target {
  dilate_target user; /* complete; names are ours */
  char **names;
  size_t threads;
  rank_set *ranks;                              /* NULL: this process is alone; not owned */
  const warp *warp;                             /* NULL: evaluated in the user's coordinates */
  target_scratch *scratch;                      /* threads */
  omp_lock_t serial;                            /* held around callbacks that must not run concurrently */
  atomic_int failure;                           /* what the first failing callback returned, or 0 */
  _Atomic double deadline;                      /* omp_get_wtime() at which evaluating ends; INFINITY: never */
  atomic_int heeds, cut;                        /* whether the deadline counts now; whether it has kept anything from being evaluated */
  atomic_uint_least64_t evaluations, gradients; /* beside those that were counted with the scratch */
  atomic_uint_least64_t bad_density, bad_gradient;
  omp_lock_t report; /* held while the five below are compared or set */
  int has_bad;
  uint64_t bad_changes; /* how often the offender was replaced */
  uint64_t bad_number;
  double *bad, *suspect; /* dim: the offending point reported, and one compared with it */
};

/* The same for every way of asking (evaluate.c).  NaN into what a callback is to fill. */
void target_fill(size_t dim, size_t n, size_t ld, double *logp, double *grad);
/* The first failing callback's code is kept; whether there was one. */
void target_remember_failure(target *t, int code);
int target_has_failed(const target *t);
/* Keeps point `number` at x (coordinate j at x[j*ld]) as the offender reported, if it is the first of those so far. */
void target_report_bad(target *t, uint64_t number, size_t ld, const double *x);
/* Whether the deadline, which is heeded, is past (halt.c). */
int target_is_late(target *t);
/* Whether callbacks are not to be called any more: one has failed, or the deadline is past.  Asked before every point: the clock is read
 * only where there is a deadline. */
static inline int target_is_over(target *t) {
  if (atomic_load_explicit(&t->failure, memory_order_relaxed)) return 1;
  return atomic_load_explicit(&t->heeds, memory_order_relaxed) && atomic_load_explicit(&t->deadline, memory_order_relaxed) < INFINITY &&
         target_is_late(t);
}
/* What is not a finite log-density with a finite gradient becomes -inf with gradient 0; counted and reported as point first + i.  At most
 * TARGET_BLOCK points. */
void target_screen(target *t, uint64_t first, size_t n, size_t ld, const double *x, double *logp, double *grad);

#endif
