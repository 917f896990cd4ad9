/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every method of sampling shares: the validated options, the target, the clock, the trace and the warnings of one run. */
#ifndef DILATE_METHOD_RUN_H
#define DILATE_METHOD_RUN_H

#include "path/schedule.h"
#include "target/target.h"

#include <stdatomic.h>

typedef struct run {
  dilate_options options; /* complete and valid: threads > 0 */
  target *target;
  rank_set *ranks;          /* NULL: this process is alone */
  int unwatched;            /* dilate_sample(): nobody sees the state, and it is asked for one result, its last: it may give itself up */
  double *arrays;           /* what the pointers among the options point to */
  char *note;               /* the options' */
  double started;           /* omp_get_wtime(), less what the run took before it was resumed */
  atomic_int asked_to_stop; /* by run_ask_stop() */
  int stopping, was_cut;    /* with ranks: all of them know that one was asked; a step was given up */
  dilate_progress progress; /* kept up to date by run_record() */
  dilate_trace *trace;
  size_t trace_count, trace_room;
  char **warning;
  size_t warning_count, warning_room;
} run;

/* The user's options (NULL: defaults), nothing beyond their struct_size read, over the defaults; DILATE_EINVAL where one is wrong.  The
 * method's name becomes our own static string; arrays still point to the user's memory. */
int options_take(const dilate_options *user, dilate_options *o, dilate_error *err);
/* The same without a check. */
int options_read(const dilate_options *user, dilate_options *o, dilate_error *err);
/* What run_options_path.c checks: the options of paths and walks.  Names become our own static strings. */
int options_check_path(dilate_options *o, dilate_error *err);
/* The schedule that the options name or give, or this one. */
schedule options_schedule(const dilate_options *o, dilate_schedule otherwise);
/* The first of n numbers that is not finite (n: none), and the refusal of one. */
size_t options_first_not_finite(size_t n, const double *x);
int options_check_finite(const char *name, size_t n, const double *x, dilate_error *err);
/* Checks the arrays that need the dimension, and has all of them point into *storage, which is the caller's to free. */
int options_own_arrays(dilate_options *o, size_t dim, double **storage, dilate_error *err);

/* Checks everything a user can get wrong.  options may be NULL. */
int run_create(const dilate_target *target, const dilate_options *options, run **out, dilate_error *err);
void run_free(run *r);

/* ---- In an archive (run_archive.c) ---- */

/* All options but threads and callbacks.  What is read points to memory of its own, which is the caller's to clear, after a failure, too;
 * whether its values are valid is for run_create() to say. */
#define OPTIONS_TEXTS  5
#define OPTIONS_ARRAYS 10
typedef struct options_memory {
  char *text[OPTIONS_TEXTS];
  double *array[OPTIONS_ARRAYS];
  int guided; /* there was a guidance callback */
} options_memory;
void options_archive(archive *a, size_t dim, dilate_options *o, options_memory *memory);
void options_memory_clear(options_memory *memory);
/* What the run has recorded, its first `warnings` warnings, and its target's counters; of a run that run_create() has just made, where it is
 * read. */
void run_archive(archive *a, run *r, size_t warnings);
/* What was warned of after the first `count` warnings is taken back. */
void run_drop_warnings(run *r, size_t count);

/* Appends a trace record and brings progress up to date; NaN where a stage has no such figure. */
int run_record(run *r, const char *stage, int group, int round, double temperature, double ess, double log_z, double acceptance,
               double fraction, dilate_error *err);
/* (run_ranks.c)  With ranks: a failure where `status` is one on any of them, with its message; else the status.  All of them are to call it
 * at the same places, however they fared. */
int run_agree(run *r, int status, dilate_error *err);
/* Some rank has given up the step, on its clock or since it was asked to stop: all stop, each with its own count of evaluations. */
void run_cut_by_rank(run *r, int over_seconds);
/* Appends a warning (once: an identical text is not repeated).  DILATE_ENOMEM or 0. */
int run_warn(run *r, dilate_error *err, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ---- Stopping (run_stop.c) ---- */

/* The run is to end with the step at hand: from any thread, and from a signal's handler. */
void run_ask_stop(run *r);
int run_asked_to_stop(const run *r);
/* A step that can be cut short is given up when it lasts longer than a moment beyond this omp_get_wtime(). */
void run_end_by(run *r, double seconds);
/* DILATE_STOPPED and a warning when a budget of the options is used up or the run was asked to stop; DILATE_OK; or a failure.  cut: the
 * step at hand was given up. */
int run_check_stop(run *r, int cut, dilate_error *err);
/* Whether the budgets leave room for so many evaluations and seconds more. */
int run_affords(const run *r, uint64_t evaluations, double seconds);

/* What a step that was cut short must not leave behind. */
typedef struct run_mark {
  size_t trace_count, warning_count;
  dilate_progress progress;
} run_mark;

/* Around a step; can_cut: its method has the same result whether the step was begun or not.  run_step_end(), which is told how it fared,
 * returns whether it was cut short: the run is then as it was at the mark. */
run_mark run_step_begin(run *r, int can_cut);
int run_step_end(run *r, const run_mark *mark, int status, const char *message);

#endif
