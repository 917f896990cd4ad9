/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `dilate sample`.  Everything that can be refused is refused before the output folder is made, and everything that can fail is tried
 * before the run begins: the folder is made and written to once the sampler has accepted target and options. */
#include "cli/sample.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/guard.h"
#include "cli/hints.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/ranks.h"
#include "cli/spread.h"
#include "io/folder.h"
#include "io/run_words.h"
#include "io/save.h"
#include "io/table.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int create_sampler(const subject *s, const dilate_options *options, dilate_sampler **sampler, failure *f) {
  dilate_error err;
  dilate_error_init(&err);
  const int status = dilate_sampler_create(s->target, options, sampler, &err);
  return status < 0 ? fail_with(f, status == DILATE_EINVAL ? EXIT_USAGE : EXIT_RUN, "%s", err.message) : 0;
}

/* With what a Stan program said, which may be the reason. */
static int report_failure(const subject *s, const dilate_error *err, int at_draw, failure *f) {
  const char *const said = dilate_plugin_complaint(s->plugin, at_draw);
  return said ? fail_with(f, EXIT_RUN, "%s; the program said: %s", err->message, said) : fail_with(f, EXIT_RUN, "%s", err->message);
}

static void tell(const failure *told) {
  if (told->exit_status) fprintf(stderr, "dilate: %s\n", told->message);
}

/* A checkpoint, when it is time. */
static void keep(keeper *k, dilate_sampler *sampler, progress_line *line) {
  failure told = {0};
  keeper_offer(k, sampler, &told);
  if (told.exit_status) progress_end(line);
  tell(&told);
}

/* Of a run that was stopped. */
static void keep_stopped(keeper *k, dilate_sampler *sampler) {
  failure told = {0};
  keeper_stop(k, sampler, &told);
  tell(&told);
}

/* Steps until the end, that of a budget, or of a signal's asking. */
static int run_sampler(const subject *s, dilate_sampler *sampler, keeper *k, int quiet, failure *f) {
  dilate_error err;
  dilate_error_init(&err);
  progress_line line = progress_begin(quiet);
  int status = DILATE_CONTINUE;
  interrupt_stops(sampler);
  while (status == DILATE_CONTINUE) {
    dilate_progress progress = {.struct_size = sizeof progress};
    dilate_sampler_progress(sampler, &progress);
    progress_show(&line, &progress);
    keep(k, sampler, &line);
    status = dilate_sampler_step(sampler, &err);
    dilate_sampler_progress(sampler, &progress);
    ranks_watch(&progress);
  }
  progress_end(&line);
  interrupt_stops(NULL);
  if (status == DILATE_STOPPED) keep_stopped(k, sampler);
  return status < 0 ? report_failure(s, &err, 0, f) : 0;
}

static int take_result(const subject *s, dilate_sampler *sampler, dilate_result **result, failure *f) {
  dilate_error err;
  dilate_error_init(&err);
  return dilate_sampler_result(sampler, result, &err) < 0 ? report_failure(s, &err, 1, f) : 0;
}

/* Why reported values are not finite, where a Stan program has said so. */
static void show_complaint(const subject *s) {
  const char *const said = dilate_plugin_complaint(s->plugin, 1);
  if (said) fprintf(stderr, "dilate: the program could not compute what it reports of some draws: %s\n", said);
}

/* What became of a run that a signal ended, and of one that was over when it came. */
static int report_stop(const outcome *o, const char *place, failure *f) {
  const size_t islands = dilate_result_islands(o->result), draws = dilate_result_draws(o->result);
  const char *const by = interrupt_name(), *const what = dilate_result_complete(o->result) ? "the complete result" : "a partial result";
  if (outcome_rows(o) == 0) return fail_with(f, EXIT_RUN, "stopped by %s before there were draws that could be kept", by);
  if (!place)
    return fail_with(f, EXIT_RUN, "stopped by %s; without --output the %zu islands of %zu draws are not kept", by, islands, draws);
  return fail_with(f, EXIT_RUN, "stopped by %s; kept in '%s': %zu islands of %zu draws, %s", by, place, islands, draws, what);
}

/* A budget that ended the run before it had draws is named by its warning. */
static int report_no_draws(const dilate_result *result, failure *f) {
  for (size_t i = 0; i < dilate_result_warning_count(result); ++i)
    if (strncmp(dilate_result_warning(result, i), "a budget", 8) == 0)
      return fail_with(f, EXIT_RUN, "no draws: %s", dilate_result_warning(result, i));
  return fail_with(f, EXIT_RUN, "the run ended without draws");
}

/* Shows and saves; the exit status of a run that came to a result. */
static int deliver(const arguments *a, const subject *s, const dilate_result *result, row_spread *spread, failure *f) {
  truth known;
  const int is_known = s->is_builtin ? truth_compare(&s->builtin, result, spread, &known) : 0;
  if (is_known < 0) return fail_with(f, EXIT_RUN, "out of memory");
  const outcome o = {.target = s->label,
                     .result = result,
                     .truth = is_known ? &known : NULL,
                     .data = a->data,
                     .builtin = s->is_builtin ? &s->builtin : NULL,
                     .spread = spread};
  if (outcome_rows(&o) == 0) return interrupt_asked() ? report_stop(&o, a->output, f) : report_no_draws(result, f);
  if (a->output) save_outcome(a->output, &o, a->formats, f); /* first: who reads the table may be slow, or gone */
  if (!a->quiet) {
    table_write(stdout, &o);
    show_complaint(s);
  }
  if (f->exit_status) return f->exit_status;
  if (interrupt_asked()) return report_stop(&o, a->output, f);
  return a->strict && dilate_result_warning_count(result) > 0 ? EXIT_STRICT : 0;
}

/* By the leader, whom the others answer while it reads what they have. */
static int deliver_spread(const arguments *a, const subject *s, const dilate_result *result, failure *f) {
  row_spread *spread;
  int status = spread_begin(result, a->place, &spread) ? fail_with(f, EXIT_RUN, "out of memory") : 0;
  status = ranks_agree(status, f);
  if (!status && ranks_lead())
    status = deliver(a, s, result, spread, f);
  else if (!status)
    spread_answer();
  spread_end();
  return status;
}

/* An earlier run's checkpoints go when this one begins, or a resume would go on with that; its own when it is complete. */
static int run_and_deliver(const arguments *a, const subject *s, dilate_sampler *sampler, keeper *k, failure *f) {
  dilate_result *result = NULL;
  int status = ranks_agree(keeper_first(k, sampler, f), f);
  if (!status && a->output && !k->kept) checkpoint_remove(a->output);
  if (!status) status = run_sampler(s, sampler, k, a->quiet, f);
  if (!status) status = take_result(s, sampler, &result, f);
  status = ranks_agree(status, f);
  if (!status) status = deliver_spread(a, s, result, f);
  if (a->output && !f->exit_status && dilate_result_complete(result)) checkpoint_remove(a->output);
  dilate_result_free(result);
  return status;
}

int sample_to_the_end(const arguments *a, const subject *s, dilate_sampler *sampler, keeper *k, failure *f) {
  folder made;
  int status = a->output ? folder_prepare(a->output, &made, f) : 0;
  const int prepared = a->output && !status;
  status = ranks_agree(status, f);
  if (!prepared) return status ? status : run_and_deliver(a, s, sampler, k, f);
  guard_folder(&made);
  if (!status) status = run_and_deliver(a, s, sampler, k, f);
  guard_folder(NULL);
  folder_withdraw(&made);
  folder_clear(&made);
  return status;
}

/* All but the leader are silent and write nothing. */
void sample_join_ranks(arguments *a) {
  a->options.ranks = ranks_of_run();
  a->options.spread = 1;
  a->place = a->output;
  if (ranks_lead()) return;
  a->quiet = 1;
  a->output = NULL;
}

static int open_subject(arguments *a, subject *s, hint_numbers *hints, failure *f) {
  int status = subject_open(a->target, a->data, s, f);
  const int opened = !status;
  if (!status) status = hints_read(a, s->target->dim, hints, f);
  status = ranks_agree(status, f);
  if (status && opened) {
    hints_clear(hints);
    subject_close(s);
  }
  return status;
}

/* What `dilate resume` has to know, as the note of the options; *note: to be freed. */
static int take_note(arguments *a, char **note, failure *f) {
  *note = NULL;
  if (!a->output || a->checkpoint < 0) return 0;
  char *const here = getcwd(NULL, 0);
  if (!here) return fail_with(f, EXIT_RUN, "cannot tell the current folder, in which 'dilate resume' would go on: %s", strerror(errno));
  const run_words words = {
      .folder = here, .target = a->target, .data = a->data, .formats = a->format, .strict = a->strict, .seconds = a->checkpoint};
  a->options.note = *note = run_words_write(&words);
  free(here);
  return *note ? 0 : fail_with(f, EXIT_RUN, "out of memory");
}

int command_sample(int argc, char **argv, failure *f) {
  arguments a;
  subject s;
  dilate_sampler *sampler = NULL;
  if (arguments_read(argc, argv, &a, f)) return f->exit_status;
  if (a.help) {
    if (ranks_lead()) help_write_sample();
    return 0;
  }
  hint_numbers hints = {0};
  char *note = NULL;
  sample_join_ranks(&a);
  if (open_subject(&a, &s, &hints, f)) return f->exit_status;
  interrupt_watch();
  int status = ranks_agree(take_note(&a, &note, f), f);
  if (!status) status = create_sampler(&s, &a.options, &sampler, f);
  hints_clear(&hints);
  free(note);
  keeper k = keeper_begin(a.place, a.checkpoint, a.checkpoint_given, CHECKPOINT_FIRST);
  if (!status) status = sample_to_the_end(&a, &s, sampler, &k, f);
  dilate_sampler_free(sampler);
  subject_close(&s);
  return status;
}
