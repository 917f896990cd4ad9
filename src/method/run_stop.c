/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a run ends before its end: budgets are looked at, and whether it was asked to stop, between steps.  A step that would last longer
 * than a moment after that is given up where its method can bear it: the target answers -inf at once, the step fails, and what it appended
 * to the run is taken back, so that the result is the one of the step before. */
#include "method/run.h"

#include "target/share.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>

#define GRACE 1.0 /* seconds in which most steps end by themselves */

void run_end_by(run *r, double seconds) {
  target_set_deadline(r->target, seconds + GRACE);
}

void run_ask_stop(run *r) {
  if (!atomic_exchange(&r->asked_to_stop, 1)) run_end_by(r, omp_get_wtime());
}

int run_asked_to_stop(const run *r) {
  return ranks_meeting(r->ranks) ? r->stopping : atomic_load(&r->asked_to_stop);
}

static int over_evaluations(const run *r, uint64_t more) {
  const uint64_t used = target_count(r->target).evaluations, most = r->options.max_evaluations;
  return most && (used >= most || more > most - used);
}

/* By the clock of rank 0. */
static int over_seconds(const run *r, double more) {
  if (!(r->options.max_seconds > 0)) return 0;
  return share_decide(r->target, omp_get_wtime() - r->started + more >= r->options.max_seconds);
}

int run_affords(const run *r, uint64_t evaluations, double seconds) {
  return !over_evaluations(r, evaluations) && !over_seconds(r, seconds);
}

/* Where the run stands, for a reader. */
static void place_of(const run *r, int cut, char *place, size_t room) {
  const int group = r->progress.group;
  const char *const after = cut ? "after stage" : "stage", *const given_up = cut ? " (the next step was given up)" : "";
  if ((size_t)group < r->options.groups)
    snprintf(place, room, "in group %d, %s \"%s\"%s", group + 1, after, r->progress.stage, given_up);
  else
    snprintf(place, room, "after all groups, %s \"%s\"%s", after, r->progress.stage, given_up);
}

/* What ended the run; 0 when nothing has. */
static int reason_of(const run *r, char *reason, size_t room) {
  const int asked = run_asked_to_stop(r), evaluations = over_evaluations(r, 0), seconds = over_seconds(r, 0);
  if (asked)
    snprintf(reason, room, "asked to stop, the run ended");
  else if (evaluations)
    snprintf(reason, room, "a budget, max_evaluations (%llu), ended the run", (unsigned long long)r->options.max_evaluations);
  else if (seconds)
    snprintf(reason, room, "a budget, max_seconds (%g), ended the run", r->options.max_seconds);
  return asked || evaluations || seconds;
}

/* What that means for the result, and what to try. */
static const char *consequence_of(const run *r) {
  const int exploring = !strcmp(r->progress.stage, "explore") || !strcmp(r->progress.stage, "start");
  return exploring ? "its exploration is unfinished, so modes may have been missed, and this group has no draws; allow more"
                   : "what was not finished by then is missing from the result; allow more";
}

int run_check_stop(run *r, int cut, dilate_error *err) {
  char reason[96], place[128];
  if (!reason_of(r, reason, sizeof reason)) return DILATE_OK;
  place_of(r, cut, place, sizeof place);
  const int status = run_warn(r, err, "%s %s, after %llu evaluations and %.3g seconds: %s", reason, place,
                              (unsigned long long)target_count(r->target).evaluations, omp_get_wtime() - r->started, consequence_of(r));
  return status ? status : DILATE_STOPPED;
}

/* ---- A step ---- */

run_mark run_step_begin(run *r, int can_cut) {
  if (can_cut) target_heed_deadline(r->target);
  return (run_mark){.trace_count = r->trace_count, .warning_count = r->warning_count, .progress = r->progress};
}

int run_step_end(run *r, const run_mark *mark, int status, const char *message) {
  if (!ranks_cut(r->ranks, target_forget_deadline(r->target), status, message)) return 0;
  run_drop_warnings(r, mark->warning_count);
  r->trace_count = mark->trace_count;
  r->progress = mark->progress;
  if (r->ranks) run_cut_by_rank(r, over_seconds(r, 0));
  return 1;
}
