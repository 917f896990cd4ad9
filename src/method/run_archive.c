/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run's options and records in an archive. */
#include "base/memory.h"
#include "method/run.h"

/* ---- Options ---- */

static void text_archive(archive *a, const char **text, char **memory) {
  char *made = archive_text(a, *text);
  if (archive_reads(a)) *text = *memory = made;
}

static void array_archive(archive *a, size_t rows, size_t n, const double **x, double **memory) {
  if (!archive_present(a, *x)) return;
  double *array = ARCHIVE_NEW(a, double, rows, n, (double *)*x); /* written, it is only read */
  if (archive_reads(a)) *x = *memory = array;
  if (array) archive_doubles(a, rows * n, array);
}

static void numbers_archive(archive *a, dilate_options *o) {
  archive_uint64(a, &o->seed);
  archive_size(a, &o->islands, SIZE_MAX);
  archive_size(a, &o->groups, SIZE_MAX);
  archive_size(a, &o->draws, SIZE_MAX);
  archive_size(a, &o->steps, SIZE_MAX);
  archive_double(a, &o->max_seconds);
  archive_uint64(a, &o->max_evaluations);
  archive_double(a, &o->effort);
  archive_double(a, &o->target_se);
  archive_double(a, &o->path_scale);
  archive_double(a, &o->step_size);
  archive_double(a, &o->step_bound);
  archive_flag(a, &o->unadjusted);
  archive_size(a, &o->score_samples, SIZE_MAX);
  archive_double(a, &o->guidance_scale);
}

static void texts_archive(archive *a, dilate_options *o, char **memory) {
  text_archive(a, &o->method, &memory[0]);
  text_archive(a, &o->schedule, &memory[1]);
  text_archive(a, &o->step_rule, &memory[2]);
  text_archive(a, &o->walk, &memory[3]);
  text_archive(a, &o->score, &memory[4]);
}

static void arrays_archive(archive *a, size_t dim, dilate_options *o, double **memory) {
  archive_size(a, &o->hint_points_count, SIZE_MAX);
  archive_size(a, &o->schedule_count, SIZE_MAX);
  archive_size(a, &o->walk_count, SIZE_MAX);
  array_archive(a, o->hint_points_count, dim, &o->hint_points, &memory[0]);
  array_archive(a, 1, dim, &o->hint_centre, &memory[1]);
  array_archive(a, 1, dim, &o->hint_scale, &memory[2]);
  array_archive(a, 1, dim, &o->hint_lower, &memory[3]);
  array_archive(a, 1, dim, &o->hint_upper, &memory[4]);
  array_archive(a, 1, dim, &o->path_centre, &memory[5]);
  array_archive(a, 1, o->schedule_count, &o->schedule_lambda, &memory[6]);
  array_archive(a, 1, o->walk_count, &o->walk_sigma, &memory[7]);
  array_archive(a, 1, o->walk_count, &o->walk_tau, &memory[8]);
  array_archive(a, 1, o->walk_count, &o->walk_temperature, &memory[9]);
}

void options_archive(archive *a, size_t dim, dilate_options *o, options_memory *memory) {
  memory->guided = o->guidance != NULL;
  archive_flag(a, &memory->guided);
  numbers_archive(a, o);
  texts_archive(a, o, memory->text);
  arrays_archive(a, dim, o, memory->array);
}

void options_memory_clear(options_memory *memory) {
  for (size_t i = 0; i < OPTIONS_TEXTS; i++) memory_free(memory->text[i]);
  for (size_t i = 0; i < OPTIONS_ARRAYS; i++) memory_free(memory->array[i]);
  *memory = (options_memory){0};
}

/* ---- Records ---- */

/* All that run_record() is ever given: results outlive the run, and point to these. */
static const char *const stages[] = {"start", "explore",  "settle",    "fit",      "pilot",       "tune", "bridge",    "repeat", "modes",
                                     "place", "langevin", "geometric", "dilation", "convolution", "walk", "diffusion", NULL};

static void progress_archive(archive *a, dilate_progress *p) {
  archive_name(a, &p->stage, stages);
  archive_int(a, &p->group);
  archive_int(a, &p->round);
  archive_double(a, &p->temperature);
  archive_double(a, &p->ess);
  archive_double(a, &p->log_z);
  archive_double(a, &p->fraction);
}

static void trace_archive(archive *a, dilate_trace *t) {
  t->struct_size = sizeof *t;
  archive_name(a, &t->stage, stages);
  archive_int(a, &t->group);
  archive_int(a, &t->round);
  archive_double(a, &t->temperature);
  archive_double(a, &t->ess);
  archive_double(a, &t->log_z);
  archive_double(a, &t->acceptance);
  archive_uint64(a, &t->evaluations);
}

#define TRACE_BYTES 56 /* of a record in an archive: less than it takes in memory */

static void traces_archive(archive *a, run *r) {
  archive_size(a, &r->trace_count, SIZE_MAX);
  archive_expect(a, 1, r->trace_count, TRACE_BYTES);
  if (archive_reads(a) && !archive_failed(a) && !(r->trace = NEW(dilate_trace, r->trace_count)))
    archive_fail(a, DILATE_ENOMEM, "out of memory");
  if (archive_reads(a)) r->trace_room = r->trace_count;
  for (size_t i = 0; i < r->trace_count && !archive_failed(a); i++) trace_archive(a, &r->trace[i]);
}

static void warnings_archive(archive *a, run *r, size_t count) {
  archive_size(a, &count, SIZE_MAX);
  r->warning = ARCHIVE_NEW(a, char *, 1, count, r->warning);
  if (archive_reads(a)) r->warning_room = archive_failed(a) ? 0 : count;
  for (size_t i = 0; i < count && !archive_failed(a); i++) {
    char *made = archive_text(a, archive_reads(a) ? NULL : r->warning[i]);
    if (!archive_reads(a)) continue;
    if (!made) archive_fail(a, DILATE_ECHECKPOINT, "a warning has no text");
    if (made) r->warning[r->warning_count++] = made;
  }
}

void run_drop_warnings(run *r, size_t count) {
  while (r->warning_count > count) memory_free(r->warning[--r->warning_count]);
}

void run_archive(archive *a, run *r, size_t warnings) {
  target_archive(a, r->target);
  progress_archive(a, &r->progress);
  traces_archive(a, r);
  warnings_archive(a, r, warnings);
}
