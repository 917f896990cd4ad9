/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole catalogue of bad targets, over all methods and several seeds: a line for each run that ends as it must not.
 *
 * usage: all_bad_targets [--seeds N] [--method NAME] [--table] [WORD]: targets whose name contains the word; --table prints a line for
 * each, with the ways that its runs ended in by the default method and by the others. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bad_targets.h"

#define SECONDS_MAX 60 /* of one run: processor time */

typedef struct tally {
  size_t tried, wrong;
} tally;

/* What varies from seed to seed: gradient or differences, one thread or two; and with the place of the dimension among the target's, too:
 * points or batches. */
static bad_run run_of(const bad_target *target, const char *method, size_t place, uint64_t seed) {
  const int only = (target->flags & BAD_GRADIENT_ONLY) != 0;
  return (bad_run){target, method, target->dims[place], 1 + seed % 2, only || seed % 4 < 2, (seed + place) % 2 == 1, seed};
}

static int normal_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    *logp -= 0.5 * x[j] * x[j];
    if (grad) grad[j] = -x[j];
  }
  return 0;
}

static void try_one(const bad_run *run, unsigned *ways, tally *t) {
  char text[256];
  unsigned how = 0;
  const clock_t from = clock();
  const char *wrong = bad_try(run, &how);
  const double seconds = (double)(clock() - from) / CLOCKS_PER_SEC;
  bad_describe(run, sizeof text, text);
  t->tried++;
  *ways |= how;
  if (wrong || seconds > SECONDS_MAX) {
    t->wrong++;
    printf("%s: %s (%.1f s)\n", text, wrong ? wrong : "took too long", seconds);
  }
  fflush(stdout);
}

/* Returns the ways that its runs ended in. */
static unsigned try_method(const bad_target *target, const char *method, uint64_t seeds, tally *t) {
  unsigned ways = 0;
  for (size_t k = 0; k < BAD_DIMS && target->dims[k]; k++)
    for (uint64_t seed = 1; seed <= seeds; seed++) {
      const bad_run run = run_of(target, method, k, seed);
      try_one(&run, &ways, t);
    }
  return ways;
}

static const char *ways_text(unsigned ways) {
  static const char *const text[] = {"-",     "right",          "warned",          "right or warned",
                                     "error", "right or error", "warned or error", "right, warned or error"};
  return text[ways & 7];
}

/* All methods' runs; the default one comes first. */
static void try_target(const bad_target *target, const char *only, uint64_t seeds, int table, tally *t) {
  unsigned ways[2] = {0, 0};
  for (size_t m = 0; dilate_method_name(m); m++) {
    if (only && strcmp(only, dilate_method_name(m))) continue;
    if (m > 0 && target->flags & BAD_BRIDGE_ONLY) continue;
    ways[m > 0] |= try_method(target, dilate_method_name(m), seeds, t);
  }
  if (table) printf("| %s | %s | %s | %s |\n", target->name, ways_text(ways[0]), ways_text(ways[1]), target->words);
  fflush(stdout);
}

static void init(size_t dim, dilate_target *target, dilate_options *options, dilate_error *err) {
  dilate_target_init(target);
  dilate_options_init(options);
  dilate_error_init(err);
  target->dim = dim;
  target->logp = normal_logp;
}

/* What no target is: refused before anything is evaluated. */
static void try_refused(tally *t) {
  for (int k = 0; k < 7; k++) {
    dilate_target target;
    dilate_options options;
    dilate_result *result = NULL;
    dilate_error err;
    init(k == 0 ? 0 : k == 1 ? SIZE_MAX : 2, &target, &options, &err);
    if (k == 2) target.logp = NULL;
    target.flags = k == 3 ? 0x80u : 0;
    target.n_out = k == 4 ? 3 : 0;
    if (k == 5) target.struct_size = 3;
    if (k == 6) options.effort = NAN;
    t->tried++;
    if (dilate_sample(&target, &options, &result, &err) == DILATE_EINVAL && !result && err.message[0]) continue;
    t->wrong++;
    printf("refusal %d: status %d: %s\n", k, err.status, err.message);
    dilate_result_free(result);
  }
}

#define LONG_NAME 100000

/* A name that is longer than sensible comes back whole. */
static void try_long_name(tally *t) {
  char *name = malloc(LONG_NAME + 1);
  const char *names[1] = {name};
  dilate_target target;
  dilate_options options;
  dilate_result *result = NULL;
  dilate_error err;
  if (!name) return;
  memset(name, 'x', LONG_NAME);
  name[LONG_NAME] = 0;
  init(1, &target, &options, &err);
  target.names = names;
  options.draws = 50;
  t->tried++;
  if (dilate_sample(&target, &options, &result, &err) || strcmp(dilate_result_name(result, 0), name)) {
    t->wrong++;
    puts("a long name: lost");
  }
  dilate_result_free(result);
  free(name);
}

/* The callback asks to abort once a stage has been reached, every one in turn. */
typedef struct abort_at {
  size_t steps;
  int now;
} abort_at;

static int count_down(const dilate_progress *progress, void *data) {
  (void)progress;
  abort_at *a = data;
  if (a->steps-- == 0) a->now = 1;
  return 0;
}

static int aborting_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const abort_at *a = params;
  return a->now ? BAD_ABORT_CODE : normal_logp(dim, x, logp, grad, NULL);
}

static void try_aborts(const char *method, tally *t) {
  for (size_t k = 0;; k++) {
    abort_at a = {.steps = k};
    dilate_target target;
    dilate_options options;
    dilate_result *result = NULL;
    dilate_error err;
    init(2, &target, &options, &err);
    target.logp = aborting_logp;
    target.params = &a;
    options.method = method;
    options.draws = 50;
    options.steps = 20;
    options.threads = 2;
    options.progress = count_down;
    options.progress_data = &a;
    const int status = dilate_sample(&target, &options, &result, &err);
    const int reached = a.now;
    t->tried += (size_t)reached;
    dilate_result_free(result);
    if (!reached) return;
    if (status == DILATE_OK || (status == DILATE_ETARGET && strstr(err.message, "returned -7"))) continue;
    t->wrong++;
    printf("%s, abort after step %zu: status %d: %s\n", method, k, status, err.message);
  }
}

int main(int argc, char **argv) {
  uint64_t seeds = 2;
  int table = 0;
  const char *word = "", *only = NULL;
  tally t = {0};
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--seeds") && i + 1 < argc)
      seeds = strtoull(argv[++i], NULL, 10);
    else if (!strcmp(argv[i], "--method") && i + 1 < argc)
      only = argv[++i];
    else if (!strcmp(argv[i], "--table"))
      table = 1;
    else
      word = argv[i];
  }
  for (const bad_target *target = bad_targets; target->name; target++)
    if (strstr(target->name, word)) try_target(target, only, seeds, table, &t);
  try_refused(&t);
  try_long_name(&t);
  for (size_t m = 0; dilate_method_name(m); m++) try_aborts(dilate_method_name(m), &t);
  printf("%zu of %zu ended as they must not\n", t.wrong, t.tried);
  printf("counted: %zu bad inputs tried\n", t.tried);
  return t.wrong != 0;
}
