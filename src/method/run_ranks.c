/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run of several ranks: at its beginning and after every step all of them agree on how they fared and on where they stand. */
#include <math.h>
#include <string.h>

#include "method/run.h"

/* Fowler, Noll & Vo's hash. */
static uint64_t add_bytes(uint64_t hash, size_t n, const void *bytes) {
  const unsigned char *b = bytes;
  for (size_t i = 0; i < n; i++) hash = (hash ^ b[i]) * 0x100000001b3u;
  return hash;
}

static uint64_t add_count(uint64_t hash, uint64_t x) {
  return add_bytes(hash, sizeof x, &x);
}

static uint64_t add_number(uint64_t hash, double x) {
  return isnan(x) ? add_count(hash, 1) : add_bytes(hash, sizeof x, &x);
}

static uint64_t add_text(uint64_t hash, const char *text) {
  return text ? add_bytes(hash, strlen(text) + 1, text) : add_count(hash, 0);
}

/* What was asked for, and where. */
static uint64_t add_task(uint64_t hash, const run *r) {
  const dilate_options *o = &r->options;
  const uint64_t count[] = {o->seed, o->islands, o->groups, o->draws, o->steps, o->max_evaluations, o->score_samples, o->spread != 0};
  const double number[] = {o->effort, o->target_se, o->max_seconds, o->path_scale, o->step_size, o->step_bound, o->guidance_scale};
  for (size_t i = 0; i < sizeof count / sizeof *count; i++) hash = add_count(hash, count[i]);
  for (size_t i = 0; i < sizeof number / sizeof *number; i++) hash = add_number(hash, number[i]);
  hash = add_count(hash, r->target ? target_dim(r->target) : 0);
  return add_text(add_text(add_text(hash, o->method), dilate_version()), dilate_isa());
}

/* Where the run stands. */
static uint64_t add_place(uint64_t hash, const run *r) {
  const dilate_progress *p = &r->progress;
  hash = add_count(add_count(hash, r->trace_count), r->target && !r->was_cut ? target_count(r->target).evaluations : 0);
  return add_number(add_number(add_number(hash, p->temperature), p->ess), p->log_z);
}

void run_cut_by_rank(run *r, int over_seconds) {
  r->was_cut = 1;
  if (!over_seconds) r->stopping = 1;
}

int run_agree(run *r, int status, dilate_error *err) {
  const int over = ranks_status(r->ranks, NULL);
  if (!ranks_meeting(r->ranks)) return status < 0 ? status : over ? ranks_status(r->ranks, err) : status;
  uint64_t subject = add_count(0xcbf29ce484222325u, (uint64_t)(int64_t)status);
  if (r->trace_count == 0) subject = add_task(subject, r);
  subject = add_place(subject, r);
  const int asked = atomic_load(&r->asked_to_stop);
  const rank_note note = {.subject = subject << 2 | 3, .status = status < 0 ? status : 0, .value = asked};
  const char *message = status < 0 && err && err->status ? err->message : dilate_status_text(status);
  const rank_note *all = ranks_meet(r->ranks, &note, message);
  for (size_t i = 0; all && i < ranks_count(r->ranks); i++) r->stopping |= all[i].value != 0;
  if (all && r->stopping) run_ask_stop(r);
  return all || status < 0 ? status : ranks_status(r->ranks, err);
}
