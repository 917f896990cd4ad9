/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run: its checked options, its target, its clock, its trace and its warnings.
 *
 * Whatever a user can get wrong is found in run_options.c or target_create(), before any work: methods trust what they are given. */
#include "method/run.h"

#include "base/memory.h"

#include <math.h>
#include <omp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void start_clock(run *r) {
  r->started = omp_get_wtime();
  r->progress = (dilate_progress){.struct_size = sizeof r->progress, .stage = "start", .temperature = NAN, .ess = NAN, .log_z = NAN};
}

int run_create(const dilate_target *user, const dilate_options *options, run **out, dilate_error *err) {
  *out = NULL;
  dilate_options checked;
  int status = options_take(options, &checked, err);
  if (status) return ranks_tell(checked.ranks, status, err);
  run *r = NEW(run, 1);
  if (!r) return error_memory(err, "run_create");
  r->options = checked;
  start_clock(r);
  status = ranks_create(checked.ranks, &r->ranks, err);
  if (!status) status = target_create(user, checked.threads, &r->target, err);
  if (!status) target_set_ranks(r->target, r->ranks);
  if (!status) status = options_own_arrays(&r->options, target_dim(r->target), &r->arrays, err);
  if (!status && checked.note && !(r->options.note = r->note = memory_copy_text(checked.note))) status = error_memory(err, "run_create");
  status = run_agree(r, status, err);
  if (status) {
    run_free(r);
    return status;
  }
  if (checked.max_seconds > 0) run_end_by(r, r->started + checked.max_seconds);
  *out = r;
  return 0;
}

void run_free(run *r) {
  if (!r) return;
  target_free(r->target);
  ranks_free(r->ranks);
  memory_free(r->arrays);
  memory_free(r->note);
  for (size_t i = 0; i < r->warning_count; i++) memory_free(r->warning[i]);
  memory_free(r->warning);
  memory_free(r->trace);
  memory_free(r);
}

/* Room for one more of `count` items of `size` bytes: twice the memory whenever it is full. */
static void *grown(void *items, size_t count, size_t *room, size_t size) {
  if (count < *room) return items;
  const size_t wanted = *room ? 2 * *room : 64;
  void *larger = memory_new(wanted, size);
  if (!larger) return NULL;
  if (count) memcpy(larger, items, count * size);
  memory_free(items);
  *room = wanted;
  return larger;
}

int run_record(run *r, const char *stage, int group, int round, double temperature, double ess, double log_z, double acceptance,
               double fraction, dilate_error *err) {
  dilate_trace *trace = grown(r->trace, r->trace_count, &r->trace_room, sizeof *trace);
  if (!trace) return error_memory(err, "run_record");
  const uint64_t evaluations = target_count(r->target).evaluations;
  r->trace = trace;
  r->trace[r->trace_count++] = (dilate_trace){.struct_size = sizeof *trace,
                                              .stage = stage,
                                              .group = group,
                                              .round = round,
                                              .temperature = temperature,
                                              .ess = ess,
                                              .log_z = log_z,
                                              .acceptance = acceptance,
                                              .evaluations = evaluations};
  r->progress = (dilate_progress){.struct_size = sizeof r->progress,
                                  .stage = stage,
                                  .group = group,
                                  .round = round,
                                  .temperature = temperature,
                                  .ess = ess,
                                  .log_z = isnan(log_z) ? r->progress.log_z : log_z,
                                  .fraction = fmin(1, fmax(0, fraction)),
                                  .evaluations = evaluations,
                                  .seconds = omp_get_wtime() - r->started};
  return 0;
}

int run_warn(run *r, dilate_error *err, const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  for (size_t i = 0; i < r->warning_count; i++)
    if (!strcmp(r->warning[i], text)) return 0;
  char **warning = grown(r->warning, r->warning_count, &r->warning_room, sizeof *warning);
  if (!warning) return error_memory(err, "run_warn");
  r->warning = warning;
  r->warning[r->warning_count] = memory_copy_text(text);
  if (!r->warning[r->warning_count]) return error_memory(err, "run_warn");
  r->warning_count++;
  return 0;
}
