/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See keeper.h. */
#define _POSIX_C_SOURCE 200809L
#include "cli/keeper.h"

#include "cli/ranks.h"

#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

keeper keeper_begin(const char *place, double seconds, int at_once, checkpoint_turn turn) {
  return (keeper){.folder = seconds < 0 ? NULL : place, .seconds = seconds, .at_once = at_once, .turn = turn, .last = now()};
}

/* *none (may be NULL): there is no state that could be kept. */
static int keep(keeper *k, dilate_sampler *sampler, int *none, failure *f) {
  void *bytes;
  size_t size;
  dilate_error err;
  dilate_error_init(&err);
  const int status = dilate_sampler_save(sampler, &bytes, &size, &err);
  if (none) *none = status == DILATE_EINVAL;
  if (status < 0)
    fail_with(f, EXIT_RUN, "%s", err.message);
  else if (!checkpoint_store(k->folder, k->turn, bytes, size, f)) {
    k->turn = CHECKPOINT_NEXT;
    k->kept++;
  }
  dilate_free(bytes);
  k->last = now();
  return f->exit_status;
}

/* The run is worth more than its checkpoint. */
static void keep_or_tell(keeper *k, dilate_sampler *sampler, failure *told) {
  failure lost = {0};
  int none;
  if (!keep(k, sampler, &none, &lost) || none || k->lost++) return;
  fail_with(told, EXIT_RUN, "no checkpoint could be kept, and the run goes on without: %s", lost.message);
}

/* Of several processes the leader knows whether it is time, and keeps the state, which is brought together from all. */
static int is_time(const keeper *k, int own, dilate_sampler *sampler) {
  if (!k->folder || !ranks_say(own)) return 0;
  if (!ranks_lead()) dilate_sampler_save(sampler, NULL, NULL, NULL);
  return ranks_lead();
}

int keeper_first(keeper *k, dilate_sampler *sampler, failure *f) {
  return is_time(k, k->at_once, sampler) ? keep(k, sampler, NULL, f) : 0;
}

void keeper_offer(keeper *k, dilate_sampler *sampler, failure *told) {
  if (is_time(k, now() - k->last >= k->seconds, sampler)) keep_or_tell(k, sampler, told);
}

void keeper_stop(keeper *k, dilate_sampler *sampler, failure *told) {
  if (is_time(k, k->kept > 0, sampler)) keep_or_tell(k, sampler, told);
}
