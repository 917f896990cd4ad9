/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run: its checked options, its target, its clock, its trace and its warnings.
 *
 * Whatever a user can get wrong is found here or in target_create(), before any work: methods trust what they are given. */
#include "method/run.h"

#include "base/memory.h"
#include "method/method.h"

#include <math.h>
#include <omp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ISLANDS_MAX     4095      /* 12 bits of a random stream's tag */
#define DRAWS_MAX       INT32_MAX /* rows of a result are numbered by 32-bit integers */
#define STEPS_MAX       INT32_MAX
#define THREADS_MAX     1024
#define STRUCT_SIZE_MAX 65536 /* no options struct will ever be so long: what is longer was never set */

static const dilate_options option_defaults = {
    .struct_size = sizeof(dilate_options), .seed = 1, .islands = 4, .groups = 2, .draws = 1000, .method = "bridge", .steps = 250};

void dilate_options_init_sized(dilate_options *options, size_t struct_size) {
  if (!options || struct_size < sizeof options->struct_size) return;
  memset(options, 0, struct_size);
  memcpy(options, &option_defaults, struct_size < sizeof option_defaults ? struct_size : sizeof option_defaults);
  options->struct_size = struct_size;
}

static int check_method(const dilate_options *o, dilate_error *err) {
  if (o->method && method_find(o->method)) return 0;
  char known[256] = "";
  size_t used = 0;
  for (size_t i = 0; method_list[i] && used < sizeof known; i++)
    used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", method_list[i]->name);
  return error_set(err, DILATE_EINVAL, "options.method: there is no method \"%.64s\"; known are %s", o->method ? o->method : "NULL", known);
}

static int check_shape(const dilate_options *o, dilate_error *err) {
  if (o->groups < 1) return error_set(err, DILATE_EINVAL, "options.groups is 0: at least 1 is needed");
  if (o->islands < 1 || o->islands > ISLANDS_MAX)
    return error_set(err, DILATE_EINVAL, "options.islands is %zu: it must be 1 to %d", o->islands, ISLANDS_MAX);
  if (o->islands % o->groups)
    return error_set(err, DILATE_EINVAL, "options.islands is %zu: it must be a multiple of options.groups, %zu", o->islands, o->groups);
  if (o->draws < 16) return error_set(err, DILATE_EINVAL, "options.draws is %zu: at least 16 draws an island are needed", o->draws);
  if (o->draws > DRAWS_MAX / o->islands)
    return error_set(err, DILATE_EINVAL, "options.draws is %zu: %zu islands may have at most %zu draws each", o->draws, o->islands,
                     DRAWS_MAX / o->islands);
  return 0;
}

static int check_options(const dilate_options *o, dilate_error *err) {
  const int status = check_shape(o, err);
  if (status) return status;
  if (o->steps < 1 || o->steps > STEPS_MAX)
    return error_set(err, DILATE_EINVAL, "options.steps is %zu: it must be 1 to %d", o->steps, STEPS_MAX);
  if (o->threads > THREADS_MAX)
    return error_set(err, DILATE_EINVAL, "options.threads is %zu: at most %d are allowed", o->threads, THREADS_MAX);
  return check_method(o, err);
}

/* The user's options over the defaults, nothing beyond struct_size read; the method's name becomes our own static string. */
static int take_options(const dilate_options *user, dilate_options *o, dilate_error *err) {
  *o = option_defaults;
  if (user) {
    const size_t size = user->struct_size;
    if (size < sizeof user->struct_size || size > STRUCT_SIZE_MAX)
      return error_set(err, DILATE_EINVAL, "options.struct_size is %zu: dilate_options_init was not called", size);
    memcpy(o, user, size < sizeof *o ? size : sizeof *o);
    o->struct_size = sizeof *o;
  }
  const int status = check_options(o, err);
  if (status) return status;
  o->method = method_find(o->method)->name;
  if (!o->threads) o->threads = (size_t)omp_get_max_threads();
  if (o->threads > THREADS_MAX) o->threads = THREADS_MAX;
  return 0;
}

static void start_clock(run *r) {
  r->started = omp_get_wtime();
  r->progress = (dilate_progress){.struct_size = sizeof r->progress, .stage = "start", .temperature = NAN, .ess = NAN, .log_z = NAN};
}

int run_create(const dilate_target *user, const dilate_options *options, run **out, dilate_error *err) {
  *out = NULL;
  dilate_options checked;
  int status = take_options(options, &checked, err);
  if (status) return status;
  run *r = NEW(run, 1);
  if (!r) return error_memory(err, "run_create");
  r->options = checked;
  start_clock(r);
  status = target_create(user, checked.threads, &r->target, err);
  if (status) {
    run_free(r);
    return status;
  }
  *out = r;
  return 0;
}

void run_free(run *r) {
  if (!r) return;
  target_free(r->target);
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
