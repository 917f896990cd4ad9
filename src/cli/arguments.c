/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of `dilate sample`, by getopt_long(): options in any order, before or after the target. */
#define _GNU_SOURCE
#include "cli/arguments.h"

#include "cli/keeper.h"
#include "cli/number.h"
#include "io/draw_formats.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* In the order of the list below. */
enum {
  OPTION_DATA = 256,
  OPTION_METHOD,
  OPTION_ISLANDS,
  OPTION_GROUPS,
  OPTION_DRAWS,
  OPTION_SEED,
  OPTION_THREADS,
  OPTION_STEPS,
  OPTION_MAX_SECONDS,
  OPTION_MAX_EVALUATIONS,
  OPTION_EFFORT,
  OPTION_TARGET_SE,
  OPTION_HINT_POINTS,
  OPTION_HINT_CENTRE,
  OPTION_HINT_SCALE,
  OPTION_HINT_BOX,
  OPTION_CENTRE,
  OPTION_SCALE,
  OPTION_SCHEDULE,
  OPTION_STEP_RULE,
  OPTION_STEP_SIZE,
  OPTION_STEP_BOUND,
  OPTION_UNADJUSTED,
  OPTION_WALK,
  OPTION_SCORE,
  OPTION_SCORE_SAMPLES,
  OPTION_OUTPUT,
  OPTION_CHECKPOINT,
  OPTION_FORMAT,
  OPTION_QUIET,
  OPTION_STRICT
};

static const struct option options[] = {{"data", required_argument, NULL, OPTION_DATA},
                                        {"method", required_argument, NULL, OPTION_METHOD},
                                        {"islands", required_argument, NULL, OPTION_ISLANDS},
                                        {"groups", required_argument, NULL, OPTION_GROUPS},
                                        {"draws", required_argument, NULL, OPTION_DRAWS},
                                        {"seed", required_argument, NULL, OPTION_SEED},
                                        {"threads", required_argument, NULL, OPTION_THREADS},
                                        {"steps", required_argument, NULL, OPTION_STEPS},
                                        {"max-seconds", required_argument, NULL, OPTION_MAX_SECONDS},
                                        {"max-evaluations", required_argument, NULL, OPTION_MAX_EVALUATIONS},
                                        {"effort", required_argument, NULL, OPTION_EFFORT},
                                        {"target-se", required_argument, NULL, OPTION_TARGET_SE},
                                        {"hint-points", required_argument, NULL, OPTION_HINT_POINTS},
                                        {"hint-centre", required_argument, NULL, OPTION_HINT_CENTRE},
                                        {"hint-scale", required_argument, NULL, OPTION_HINT_SCALE},
                                        {"hint-box", required_argument, NULL, OPTION_HINT_BOX},
                                        {"centre", required_argument, NULL, OPTION_CENTRE},
                                        {"scale", required_argument, NULL, OPTION_SCALE},
                                        {"schedule", required_argument, NULL, OPTION_SCHEDULE},
                                        {"step-rule", required_argument, NULL, OPTION_STEP_RULE},
                                        {"step-size", required_argument, NULL, OPTION_STEP_SIZE},
                                        {"step-bound", required_argument, NULL, OPTION_STEP_BOUND},
                                        {"unadjusted", no_argument, NULL, OPTION_UNADJUSTED},
                                        {"walk", required_argument, NULL, OPTION_WALK},
                                        {"score", required_argument, NULL, OPTION_SCORE},
                                        {"score-samples", required_argument, NULL, OPTION_SCORE_SAMPLES},
                                        {"output", required_argument, NULL, OPTION_OUTPUT},
                                        {"checkpoint", required_argument, NULL, OPTION_CHECKPOINT},
                                        {"format", required_argument, NULL, OPTION_FORMAT},
                                        {"quiet", no_argument, NULL, OPTION_QUIET},
                                        {"strict", no_argument, NULL, OPTION_STRICT},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};

/* The library's own limits, so that the message speaks of the option. */
static const size_t most_islands = 4095;
/* Far beyond what any machine holds, near enough that no product of two overflows. */
static const size_t most_draws = 100000000, most_steps = 100000000, most_samples = 1000000;
static const double least_effort = 0.1, most_effort = 1000, most_seconds = 1e9;

static int read_method(const char *argument, arguments *out, failure *f) {
  char known[256] = "";
  for (size_t i = 0; dilate_method_name(i); ++i) {
    const size_t length = strlen(known);
    if (strcmp(argument, dilate_method_name(i)) == 0) out->options.method = dilate_method_name(i);
    snprintf(known + length, sizeof known - length, "%s%s", i ? ", " : "", dilate_method_name(i));
  }
  if (out->options.method && strcmp(argument, out->options.method) == 0) return 0;
  return fail_with(f, EXIT_USAGE, "there is no method '%s'; there are %s", argument, known);
}

/* Shape and budgets of the run. */
static int read_run_option(int found, const char *argument, arguments *out, failure *f) {
  dilate_options *const o = &out->options;
  switch (found) {
  case OPTION_METHOD:
    return read_method(argument, out, f);
  case OPTION_ISLANDS:
    return number_read_size("--islands", argument, 1, most_islands, &o->islands, f);
  case OPTION_GROUPS:
    return number_read_size("--groups", argument, 1, most_islands, &o->groups, f);
  case OPTION_DRAWS:
    return number_read_size("--draws", argument, 16, most_draws, &o->draws, f);
  case OPTION_SEED:
    return number_read_seed(argument, &o->seed, f);
  case OPTION_THREADS:
    return number_read_threads(argument, &o->threads, f);
  case OPTION_MAX_SECONDS:
    return number_read_positive("--max-seconds", argument, &o->max_seconds, f);
  case OPTION_MAX_EVALUATIONS:
    return number_read("--max-evaluations", argument, 1, UINT64_MAX, &o->max_evaluations, f);
  case OPTION_EFFORT:
    return number_read_real("--effort", argument, least_effort, most_effort, &o->effort, f);
  default:
    return number_read_positive("--target-se", argument, &o->target_se, f);
  }
}

/* Paths and walks.  Names are checked by the library, which lists the right ones. */
static int read_path_option(int found, const char *argument, arguments *out, failure *f) {
  dilate_options *const o = &out->options;
  switch (found) {
  case OPTION_STEPS:
    return number_read_size("--steps", argument, 1, most_steps, &o->steps, f);
  case OPTION_SCALE:
    return number_read_positive("--scale", argument, &o->path_scale, f);
  case OPTION_STEP_SIZE:
    return number_read_positive("--step-size", argument, &o->step_size, f);
  case OPTION_STEP_BOUND:
    return number_read_positive("--step-bound", argument, &o->step_bound, f);
  case OPTION_SCORE_SAMPLES:
    return number_read_size("--score-samples", argument, 2, most_samples, &o->score_samples, f);
  case OPTION_SCHEDULE:
    o->schedule = argument;
    return 0;
  case OPTION_STEP_RULE:
    o->step_rule = argument;
    return 0;
  case OPTION_UNADJUSTED:
    o->unadjusted = 1;
    return 0;
  case OPTION_WALK:
    o->walk = argument;
    return 0;
  default:
    o->score = argument;
    return 0;
  }
}

/* Seconds, or "never". */
static int read_checkpoint(const char *argument, arguments *out, failure *f) {
  out->checkpoint_given = 1;
  if (strcmp(argument, "never") != 0) return number_read_real("--checkpoint", argument, 0, most_seconds, &out->checkpoint, f);
  out->checkpoint = KEEPER_NEVER;
  return 0;
}

/* Texts that are kept as they are, and flags. */
static int read_option(int found, const char *argument, arguments *out, failure *f) {
  const struct {
    int option;
    const char **text;
  } texts[] = {{OPTION_DATA, &out->data},
               {OPTION_OUTPUT, &out->output},
               {OPTION_FORMAT, &out->format},
               {OPTION_HINT_POINTS, &out->hint_points},
               {OPTION_HINT_CENTRE, &out->hint_centre},
               {OPTION_HINT_SCALE, &out->hint_scale},
               {OPTION_HINT_BOX, &out->hint_box},
               {OPTION_CENTRE, &out->path_centre}};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i)
    if (texts[i].option == found) {
      *texts[i].text = argument;
      return 0;
    }
  if (found == OPTION_CHECKPOINT) return read_checkpoint(argument, out, f);
  if (found == OPTION_QUIET) out->quiet = 1;
  if (found == OPTION_STRICT) out->strict = 1;
  if (found == 'h') out->help = 1;
  if (found == OPTION_QUIET || found == OPTION_STRICT || found == 'h') return 0;
  const int of_path = found == OPTION_STEPS || (found >= OPTION_SCALE && found <= OPTION_SCORE_SAMPLES);
  return of_path ? read_path_option(found, argument, out, f) : read_run_option(found, argument, out, f);
}

int arguments_refuse(int found, char **argv, const char *command, failure *f) {
  const char *given = argv[optind - 1];
  if (found == ':') return fail_with(f, EXIT_USAGE, "the option '%s' wants a value", given);
  if (optopt >= OPTION_DATA) return fail_with(f, EXIT_USAGE, "the option '%.*s' takes no value", (int)strcspn(given, "="), given);
  if (optopt) return fail_with(f, EXIT_USAGE, "there is no option '-%c'; 'dilate %s --help' lists them", optopt, command);
  return fail_with(f, EXIT_USAGE, "there is no option '%s'; 'dilate %s --help' lists them", given, command);
}

/* What each option that is not for every method is for: names between blanks. */
static const struct {
  int option;
  const char *methods;
} meant_for[] = {{OPTION_EFFORT, " bridge "},
                 {OPTION_TARGET_SE, " bridge "},
                 {OPTION_HINT_POINTS, " bridge "},
                 {OPTION_HINT_CENTRE, " bridge "},
                 {OPTION_HINT_SCALE, " bridge "},
                 {OPTION_HINT_BOX, " bridge "},
                 {OPTION_STEPS, " langevin geometric dilation convolution walk diffusion-smc "},
                 {OPTION_CENTRE, " langevin geometric dilation convolution walk diffusion-smc "},
                 {OPTION_SCALE, " langevin geometric dilation convolution walk diffusion-smc "},
                 {OPTION_SCHEDULE, " geometric dilation convolution diffusion-smc "},
                 {OPTION_STEP_RULE, " langevin geometric dilation convolution "},
                 {OPTION_STEP_SIZE, " langevin geometric dilation convolution "},
                 {OPTION_STEP_BOUND, " langevin geometric dilation convolution "},
                 {OPTION_UNADJUSTED, " langevin geometric dilation convolution "},
                 {OPTION_WALK, " walk "},
                 {OPTION_SCORE, " convolution walk "},
                 {OPTION_SCORE_SAMPLES, " convolution walk "}};

/* The first option that was given although it says nothing to the method, or NULL. */
static const char *idle_option(const arguments *out, const int *given) {
  char name[64];
  snprintf(name, sizeof name, " %s ", out->options.method);
  for (size_t i = 0; i < sizeof meant_for / sizeof *meant_for; ++i)
    if (given[meant_for[i].option - OPTION_DATA] && !strstr(meant_for[i].methods, name))
      return options[meant_for[i].option - OPTION_DATA].name;
  return NULL;
}

static int check_together(const arguments *out, const int *given, failure *f) {
  if (!out->target) return fail_with(f, EXIT_USAGE, "which target? 'dilate targets' lists the built-in ones; then: dilate sample TARGET");
  if (out->options.islands % out->options.groups != 0)
    return fail_with(f, EXIT_USAGE, "--islands must be a multiple of --groups: %zu islands cannot be shared out to %zu groups",
                     out->options.islands, out->options.groups);
  const char *const idle = idle_option(out, given);
  if (idle) return fail_with(f, EXIT_USAGE, "--%s means nothing to the method %s", idle, out->options.method);
  if (given[OPTION_FORMAT - OPTION_DATA] && !out->output)
    return fail_with(f, EXIT_USAGE, "--format says how draws are written: --output DIR says where");
  if (out->checkpoint_given && out->checkpoint >= 0 && !out->output)
    return fail_with(f, EXIT_USAGE, "--checkpoint keeps the state of the run in its folder: --output DIR says where");
  return out->output && !*out->output ? fail_with(f, EXIT_USAGE, "--output wants the name of a folder") : 0;
}

int arguments_read(int argc, char **argv, arguments *out, failure *f) {
  *out = (arguments){0};
  dilate_options_init(&out->options);
  out->format = "csv";
  out->checkpoint = KEEPER_SECONDS;
  int found, given[sizeof options / sizeof *options] = {0};
  opterr = 0;
  optind = 1;
  while ((found = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
    if (found == '?' || found == ':') return arguments_refuse(found, argv, "sample", f);
    if (read_option(found, optarg, out, f)) return f->exit_status;
    if (found >= OPTION_DATA) given[found - OPTION_DATA] = 1;
  }
  if (out->help) return 0;
  if (draw_formats_read(out->format, &out->formats, f)) return f->exit_status;
  if (!given[OPTION_GROUPS - OPTION_DATA] && out->options.islands == 1) out->options.groups = 1;
  if (optind < argc) out->target = argv[optind++];
  if (optind < argc) return fail_with(f, EXIT_USAGE, "one target at a time: what is '%s'?", argv[optind]);
  return check_together(out, given, f);
}
