/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `dilate resume`: the last checkpoint of a run that can be used, or the one before it, and on from there to the end that `dilate sample`
 * would have come to. */
#define _GNU_SOURCE
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/number.h"
#include "cli/ranks.h"
#include "cli/sample.h"
#include "io/checkpoint.h"
#include "io/draw_formats.h"
#include "io/file.h"
#include "io/run_words.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_THREADS = 256, OPTION_MAX_SECONDS, OPTION_MAX_EVALUATIONS, OPTION_QUIET };

static const struct option options[] = {{"threads", required_argument, NULL, OPTION_THREADS},
                                        {"max-seconds", required_argument, NULL, OPTION_MAX_SECONDS},
                                        {"max-evaluations", required_argument, NULL, OPTION_MAX_EVALUATIONS},
                                        {"quiet", no_argument, NULL, OPTION_QUIET},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};

static int read_option(int found, const char *argument, arguments *out, failure *f) {
  switch (found) {
  case OPTION_THREADS:
    return number_read_threads(argument, &out->options.threads, f);
  case OPTION_MAX_SECONDS:
    return number_read_positive("--max-seconds", argument, &out->options.max_seconds, f);
  case OPTION_MAX_EVALUATIONS:
    return number_read("--max-evaluations", argument, 1, UINT64_MAX, &out->options.max_evaluations, f);
  case OPTION_QUIET:
    out->quiet = 1;
    return 0;
  default:
    out->help = 1;
    return 0;
  }
}

static int read_arguments(int argc, char **argv, arguments *out, failure *f) {
  int found;
  *out = (arguments){0};
  dilate_options_init(&out->options);
  opterr = 0;
  optind = 1;
  while ((found = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
    if (found == '?' || found == ':') return arguments_refuse(found, argv, "resume", f);
    if (read_option(found, optarg, out, f)) return f->exit_status;
  }
  if (out->help) return 0;
  if (optind == argc) return fail_with(f, EXIT_USAGE, "which run? dilate resume DIR: the folder that 'dilate sample --output' was given");
  out->output = argv[optind++];
  return optind < argc ? fail_with(f, EXIT_USAGE, "one run at a time: what is '%s'?", argv[optind]) : 0;
}

/* ---- A checkpoint ---- */

/* What stands until the run is over. */
typedef struct resumed {
  run_words words;
  subject subject;
  dilate_sampler *sampler;
  int opened;       /* the subject is */
  unsigned formats; /* of the draws */
} resumed;

static void resumed_clear(resumed *r) {
  dilate_sampler_free(r->sampler);
  if (r->opened) subject_close(&r->subject);
  run_words_clear(&r->words);
  *r = (resumed){0};
}

static int fail_by(failure *f, const dilate_error *err) {
  return fail_with(f, EXIT_RUN, "%s", err->message);
}

/* The words of the run that was saved. */
static int read_words(const void *bytes, size_t size, resumed *out, failure *f) {
  dilate_error err;
  dilate_error_init(&err);
  char *note;
  if (dilate_checkpoint_note(bytes, size, &note, &err) < 0) return fail_by(f, &err);
  if (!run_words_read(note, &out->words, f)) draw_formats_read(out->words.formats, &out->formats, f);
  dilate_free(note);
  return f->exit_status;
}

/* Paths are those of the folder that the run was started in. */
static int open_target(resumed *out, failure *f) {
  if (chdir(out->words.folder) != 0)
    return fail_with(f, EXIT_RUN, "cannot go to the folder '%s', where the run was started: %s", out->words.folder, strerror(errno));
  out->opened = !subject_open(out->words.target, out->words.data, &out->subject, f);
  return f->exit_status;
}

static int load(const void *bytes, size_t size, const dilate_options *now, resumed *out, failure *f) {
  dilate_error err;
  dilate_error_init(&err);
  int status = read_words(bytes, size, out, f);
  if (!status) status = open_target(out, f);
  if (ranks_agree(status, f)) return f->exit_status;
  return dilate_sampler_load(out->subject.target, bytes, size, now, &out->sampler, &err) < 0 ? fail_by(f, &err) : 0;
}

/* *found: whether there is such a file.  With ranks the leader alone reads it. */
static int try_file(const char *path, const dilate_options *now, resumed *out, int *found, failure *f) {
  void *bytes = NULL;
  size_t size = 0;
  int status = ranks_lead() ? checkpoint_fetch(path, &bytes, &size, f) : 0;
  status = ranks_agree(status, f);
  if (!status) status = ranks_spread(&bytes, &size, f);
  *found = status || bytes;
  if (bytes) load(bytes, size, now, out, f);
  free(bytes);
  if (f->exit_status) resumed_clear(out);
  return f->exit_status;
}

/* ---- A run ---- */

static int has_ended(const char *folder) {
  char *const path = path_in(folder, "summary.json");
  const int there = path && access(path, F_OK) == 0;
  free(path);
  return there;
}

static int nothing_to_resume(const char *folder, failure *f) {
  if (!path_is_folder(folder)) return fail_with(f, EXIT_RUN, "there is no folder '%s'", folder);
  if (has_ended(folder))
    return fail_with(f, EXIT_RUN, "there is no checkpoint in '%s', but a summary.json: its run has come to its end", folder);
  return fail_with(
      f, EXIT_RUN,
      "there is no checkpoint in '%s': by default a run keeps one when it has lasted %.0f s; 'dilate sample --checkpoint' says "
      "how often",
      folder, KEEPER_SECONDS);
}

static void show_refusals(const failure *refused, int some) {
  static const char *const which[CHECKPOINT_FILES] = {"the last one", "the one before it"};
  for (size_t i = 0; i < CHECKPOINT_FILES; ++i)
    if (refused[i].exit_status && ranks_lead())
      fprintf(stderr, "dilate: %s: %s%s\n", which[i], refused[i].message, some ? "; the run goes on from the one before it" : "");
}

/* The first checkpoint that can be used; *turn: what is to become of the files. */
static int find_checkpoint(const char *folder, const dilate_options *now, resumed *out, checkpoint_turn *turn, failure *f) {
  failure refused[CHECKPOINT_FILES] = {0};
  int any = 0;
  *turn = CHECKPOINT_NEXT;
  for (size_t i = 0; i < CHECKPOINT_FILES; ++i) {
    int found = 0;
    char *const path = checkpoint_path(folder, i);
    if (path)
      try_file(path, now, out, &found, &refused[i]);
    else
      fail_with(f, EXIT_RUN, "out of memory");
    free(path);
    if (out->sampler || f->exit_status) break;
    any |= found;
    *turn = found ? CHECKPOINT_MENDS : *turn;
  }
  show_refusals(refused, out->sampler != NULL);
  if (out->sampler || f->exit_status) return f->exit_status;
  return any ? fail_with(f, EXIT_RUN, "no checkpoint in '%s' can be used", folder) : nothing_to_resume(folder, f);
}

static int go_on(arguments *a, resumed *r, checkpoint_turn turn, failure *f) {
  keeper k = keeper_begin(a->place, r->words.seconds, 0, turn);
  k.kept = 1;
  a->target = r->words.target;
  a->data = r->words.data;
  a->formats = r->formats;
  a->strict = r->words.strict;
  return sample_to_the_end(a, &r->subject, r->sampler, &k, f);
}

int command_resume(int argc, char **argv, failure *f) {
  arguments a;
  resumed r = {0};
  checkpoint_turn turn;
  if (read_arguments(argc, argv, &a, f)) return f->exit_status;
  if (a.help) {
    if (ranks_lead()) help_write_resume();
    return 0;
  }
  char *const folder = realpath(a.output, NULL); /* which stays the same where paths are those of another folder */
  if (!folder) return fail_with(f, EXIT_RUN, "there is no folder '%s'", a.output);
  a.output = folder;
  sample_join_ranks(&a);
  interrupt_watch();
  int status = ranks_agree(find_checkpoint(folder, &a.options, &r, &turn, f), f);
  if (!status) status = go_on(&a, &r, turn, f);
  resumed_clear(&r);
  free(folder);
  return status;
}
