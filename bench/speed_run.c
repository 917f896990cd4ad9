/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run in a child, its outcome through a pipe.  A step's time goes to the stage that the sampler names after it, the first one's with what
 * making the sampler took; the last step's, which finds the modes, to "result". */
#define _DEFAULT_SOURCE
#include "bench/speed_run.h"

#include "bench/speed_clock.h"
#include "bench/speed_cost.h"
#include "bench/speed_count.h"
#include "bench/speed_free.h"
#include "bench/support.h"
#include <malloc.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNIT_REPEATS 4

/* ---- Memory ---- */

/* Bytes that this process occupies now: unlike the peak, it does not count what its parent has given back. */
static double memory_now(void) {
  long all = 0, here = 0;
  FILE *const file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%ld %ld", &all, &here) != 2) give_up("/proc/self/statm cannot be read");
  fclose(file);
  return (double)here * (double)sysconf(_SC_PAGESIZE);
}

/* The peak is that of this process from now on, not of the one it was forked from (proc(5)); where that is refused it is too high. */
static void memory_forget_peak(void) {
  FILE *const file = fopen("/proc/self/clear_refs", "w");
  if (file == NULL) return;
  fputs("5", file);
  fclose(file);
}

static double memory_peak(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * (double)usage.ru_maxrss;
}

/* ---- The run ---- */

static void account(speed_run *out, const char *name, double seconds, uint64_t evaluations) {
  size_t s = 0;
  while (s < out->stages && strcmp(out->stage[s].name, name) != 0) s++;
  if (s == STAGES_MAX) give_up("more than %d stages", STAGES_MAX);
  if (s == out->stages) snprintf(out->stage[out->stages++].name, sizeof out->stage[s].name, "%s", name);
  out->stage[s].seconds += seconds;
  out->stage[s].evaluations += evaluations;
}

typedef struct lap {
  double at;
  uint64_t evaluations;
} lap;

static void end_lap(lap *l, const char *name, uint64_t evaluations, speed_run *out) {
  const double now = processor_seconds();
  account(out, name, now - l->at, evaluations - l->evaluations);
  *l = (lap){now, evaluations};
}

/* The lap of a run and where it goes. */
typedef struct watch {
  lap now;
  speed_run *out;
} watch;

static int end_step(const dilate_progress *progress, void *data) {
  watch *const w = data;
  end_lap(&w->now, progress->stage, progress->evaluations, w->out);
  return 0;
}

/* In one call, as users do: a sampler that is stepped by hand keeps what its user may look at. */
static dilate_result *sample(const dilate_target *target, const dilate_options *options, speed_run *out, dilate_error *err) {
  watch w = {{processor_seconds(), 0}, out};
  dilate_options watched = *options;
  dilate_result *result = NULL;
  watched.progress = end_step;
  watched.progress_data = &w;
  const int status = dilate_sample(target, &watched, &result, err);
  if (status == DILATE_STOPPED) snprintf(out->failure, sizeof out->failure, "stopped after %g s", options->max_seconds);
  if (status >= 0) end_lap(&w.now, "result", dilate_result_evaluations(result, &out->gradients), out);
  return result;
}

static void take_result(const builtin *b, const dilate_result *result, speed_run *out) {
  double df;
  out->dim = dilate_result_dim(result);
  out->particles = dilate_result_islands(result) * dilate_result_draws(result);
  out->evaluations = dilate_result_evaluations(result, &out->gradients);
  out->log_z_truth = b->log_z;
  dilate_result_log_z(result, &out->log_z, &out->log_z_se, &df);
}

static void measure(const char *spec, const dilate_options *options, int measure_cost, speed_run *out) {
  builtin b;
  dilate_error err;
  dilate_error_init(&err);
  speed_target_create(spec, &b);
  const double unit = measure_cost ? unit_seconds(UNIT_REPEATS) : NAN;
#ifdef __GLIBC__
  malloc_trim(0); /* what the parent gave back is not for the run to take unseen */
#endif
  memory_forget_peak();
  const int counter = instructions_begin();
  const double memory = memory_now(), wall = wall_seconds(), start = processor_seconds();
  dilate_result *const result = sample(&b.target, options, out, &err);
  out->seconds = processor_seconds() - start;
  out->wall = wall_seconds() - wall;
  out->instructions = instructions_end(counter);
  out->memory = memory_peak() - memory;
  if (result == NULL) snprintf(out->failure, sizeof out->failure, "%.200s", err.message);
  if (out->failure[0] == '\0') take_result(&b, result, out);
  if (out->failure[0] == '\0' && measure_cost) {
    target_cost(&b.target, out->particles, dilate_result_unconstrained(result), &out->density_cost, &out->gradient_cost);
    out->unit = 0.5 * (unit + unit_seconds(UNIT_REPEATS));
  }
  dilate_result_free(result);
  builtin_destroy(&b);
}

/* ---- The child ---- */

static _Noreturn void run_child(int pipe_end, const char *spec, const dilate_options *options, int measure_cost, speed_run *out) {
  if (options->max_seconds >= 1) alarm(2 * (unsigned)options->max_seconds); /* budgets are looked at between steps, which may be long */
  measure(spec, options, measure_cost, out);
  const char *from = (const char *)out;
  for (size_t left = sizeof *out; left > 0;) {
    const ssize_t written = write(pipe_end, from, left);
    if (written <= 0) _exit(2);
    from += written;
    left -= (size_t)written;
  }
  _exit(0);
}

static int receive(int pipe_end, speed_run *out) {
  char *to = (char *)out;
  size_t left = sizeof *out;
  for (ssize_t got; left > 0 && (got = read(pipe_end, to, left)) > 0; left -= (size_t)got) to += got;
  return left == 0;
}

void speed_run_make(const char *spec, const dilate_options *options, int measure_cost, speed_run *out) {
  int ends[2], status = 0;
  *out = (speed_run){
      .unit = NAN, .density_cost = NAN, .gradient_cost = NAN, .instructions = NAN, .log_z = NAN, .log_z_se = NAN, .log_z_truth = NAN};
  fflush(NULL);
  if (pipe(ends) != 0) give_up("no pipe for a run of %s", spec);
  const pid_t child = fork();
  if (child < 0) give_up("no process for a run of %s", spec);
  if (child == 0) run_child(ends[1], spec, options, measure_cost, out);
  close(ends[1]);
  const int complete = receive(ends[0], out);
  close(ends[0]);
  if (waitpid(child, &status, 0) != child || !complete || status != 0)
    snprintf(out->failure, sizeof out->failure, "the process of the run ended with status %d", status);
}

double speed_run_target(const speed_run *r) {
  return (double)(r->evaluations - r->gradients) * r->density_cost + (double)r->gradients * r->gradient_cost;
}
