/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `dilate check`: what is wrong with a target's callbacks, one line a finding.  A finding is printed as it comes, so that it is there
 * even when the target then crashes. */
#define _GNU_SOURCE
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/guard.h"
#include "cli/number.h"
#include "cli/subject.h"
#include "io/json_parts.h"
#include <getopt.h>
#include <stdio.h>

enum { OPTION_DATA = 256, OPTION_SEED, OPTION_POINTS, OPTION_THREADS, OPTION_JSON };

static const struct option options[] = {{"data", required_argument, NULL, OPTION_DATA},
                                        {"seed", required_argument, NULL, OPTION_SEED},
                                        {"points", required_argument, NULL, OPTION_POINTS},
                                        {"threads", required_argument, NULL, OPTION_THREADS},
                                        {"json", no_argument, NULL, OPTION_JSON},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};

typedef struct request {
  const char *target, *data;
  dilate_check_options options;
  int json, help;
} request;

static int read_option(int found, const char *argument, request *out, failure *f) {
  if (found == OPTION_DATA) out->data = argument;
  if (found == OPTION_SEED) return number_read_seed(argument, &out->options.seed, f);
  if (found == OPTION_POINTS) return number_read_size("--points", argument, 1, 100000, &out->options.points, f);
  if (found == OPTION_THREADS) return number_read_threads(argument, &out->options.threads, f);
  if (found == OPTION_JSON) out->json = 1;
  if (found == 'h') out->help = 1;
  return 0;
}

static int read_arguments(int argc, char **argv, request *out, failure *f) {
  int found;
  *out = (request){0};
  dilate_check_options_init(&out->options);
  opterr = 0;
  optind = 1;
  while ((found = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
    if (found == '?' || found == ':') return arguments_refuse(found, argv, "check", f);
    if (read_option(found, optarg, out, f)) return f->exit_status;
  }
  if (out->help) return 0;
  if (optind < argc) out->target = argv[optind++];
  if (optind < argc) return fail_with(f, EXIT_USAGE, "one target at a time: what is '%s'?", argv[optind]);
  return out->target ? 0 : fail_with(f, EXIT_USAGE, "which target? dilate check ./model.so, or a built-in one");
}

/* ---- Text ---- */

static void print_finding(const dilate_finding *finding, void *data) {
  (void)data;
  printf("%s: %s\n", finding->what, finding->text);
  fflush(stdout);
}

static void print_summary(const char *label, const dilate_checked *c) {
  printf("%s: %zu finding%s; %zu points, %zu derivatives compared", label, c->findings, c->findings == 1 ? "" : "s", c->points,
         c->derivatives);
  if (c->unresolved) printf(" (%zu more could not be)", c->unresolved);
  if (c->threads) printf(", %zu threads at once", c->threads);
  printf(", %llu evaluations\n", (unsigned long long)c->evaluations);
}

/* ---- JSON ---- */

static void add_finding(const dilate_finding *finding, void *list) {
  json_t *coordinate = finding->coordinate == SIZE_MAX ? json_null() : json_integer((json_int_t)finding->coordinate + 1);
  (void)json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o, s:o}", "what", finding->what, "text", finding->text, "coordinate",
                                              coordinate, "told", json_number(finding->told), "expected", json_number(finding->expected)));
}

static int write_json(const char *label, const dilate_checked *c, json_t *list, failure *f) {
  json_t *all = json_pack("{s:s, s:O, s:I, s:I, s:I, s:I, s:I}", "target", label, "findings", list, "points", (json_int_t)c->points,
                          "derivatives", (json_int_t)c->derivatives, "unresolved", (json_int_t)c->unresolved, "threads",
                          (json_int_t)c->threads, "evaluations", (json_int_t)c->evaluations);
  const int failed = !all || json_array_size(list) != c->findings || json_dumpf(all, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) != 0;
  json_decref(all);
  if (failed) return fail_to_write(f, stdout, "the findings");
  putchar('\n');
  return 0;
}

/* ---- The check ---- */

/* The target, as it is, with every point noted that it is called with, for the words when it crashes there. */
static int watch_point(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const dilate_target *target = params;
  guard_point(dim, x, 1);
  const int code = target->logp(dim, x, logp, grad, target->params);
  guard_point(0, NULL, 0);
  return code;
}

static int watch_batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  const dilate_target *target = params;
  guard_point(dim, x, ld);
  const int code = target->batch(dim, n, ld, x, logp, grad, target->params);
  guard_point(0, NULL, 0);
  return code;
}

static int watch_constrain(size_t dim, const double *x, double *out, void *params) {
  const dilate_target *target = params;
  guard_point(dim, x, 1);
  const int code = target->constrain(dim, x, out, target->params);
  guard_point(0, NULL, 0);
  return code;
}

static int watch_convolve(size_t dim, double sigma, size_t n, size_t ld, const double *x, double *logp, double *score, void *params) {
  const dilate_target *target = params;
  guard_point(dim, x, ld);
  const int code = target->convolve(dim, sigma, n, ld, x, logp, score, target->params);
  guard_point(0, NULL, 0);
  return code;
}

static dilate_target watch(dilate_target *target) {
  dilate_target watched = *target;
  if (watched.logp) watched.logp = watch_point;
  if (watched.batch) watched.batch = watch_batch;
  if (watched.constrain) watched.constrain = watch_constrain;
  if (watched.convolve) watched.convolve = watch_convolve;
  watched.params = target;
  return watched;
}

static int check(const request *r, const subject *s, json_t *list, failure *f) {
  dilate_check_options o = r->options;
  dilate_target target = *s->target;
  const dilate_target watched = watch(&target);
  dilate_checked checked = {.struct_size = sizeof checked};
  dilate_error err;
  dilate_error_init(&err);
  o.report = list ? add_finding : print_finding;
  o.report_data = list;
  guard_doing("while it was checked");
  if (dilate_check(&watched, &o, &checked, &err) < 0) return fail_with(f, EXIT_RUN, "%s", err.message);
  if (!list)
    print_summary(s->label, &checked);
  else if (write_json(s->label, &checked, list, f))
    return f->exit_status;
  return checked.findings ? EXIT_RUN : 0;
}

int command_check(int argc, char **argv, failure *f) {
  request r;
  subject s;
  if (read_arguments(argc, argv, &r, f)) return f->exit_status;
  if (r.help) {
    help_write_check();
    return 0;
  }
  if (subject_open(r.target, r.data, &s, f)) return f->exit_status;
  json_t *list = r.json ? json_array() : NULL;
  const int status = check(&r, &s, list, f);
  json_decref(list);
  subject_close(&s);
  return status;
}
