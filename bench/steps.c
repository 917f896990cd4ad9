/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long may a stop take?  The most evaluations of one step, by stages, of every method at its default sizes (manual, section 26): the
 * default one with seeds 1 to 3 on all targets of the list, the others with seed 1 on the first four, but where they need Monte Carlo
 * scores. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/support.h"
#include "targets/targets.h"

#define SEEDS   3
#define OTHERS  4 /* of the targets */
#define LENGTHS 16

static const char *const names[] = {"gmm40", "eight_schools", "galaxies", "brownian32", "seeds", "phi4"};

/* The longest step of a kind. */
typedef struct length {
  char kind[32];
  uint64_t most;
} length;

static void note(length *lengths, const char *kind, uint64_t evaluations) {
  size_t i = 0;
  while (i < LENGTHS && lengths[i].kind[0] && strcmp(lengths[i].kind, kind)) i++;
  if (i == LENGTHS) give_up("more than %d kinds of steps", LENGTHS);
  snprintf(lengths[i].kind, sizeof lengths[i].kind, "%s", kind);
  if (lengths[i].most < evaluations) lengths[i].most = evaluations;
}

/* Of a method that is not the default one a step's stage says less than its place. */
static void walk(const builtin *b, const char *method, uint64_t seed, length *lengths) {
  const int staged = !strcmp(method, dilate_method_name(0));
  uint64_t before = 0;
  dilate_sampler *sampler = NULL;
  dilate_result *result = NULL;
  dilate_options options;
  dilate_error err;
  dilate_options_init(&options);
  dilate_error_init(&err);
  options.method = method;
  options.seed = seed;
  int status = dilate_sampler_create(&b->target, &options, &sampler, &err);
  for (int first = 1; status == DILATE_OK; first = 0) {
    dilate_progress now = {.struct_size = sizeof now};
    const int stepped = dilate_sampler_step(sampler, &err);
    if (stepped < 0) give_up("%s, %s: %s", method, b->label, err.message);
    dilate_sampler_progress(sampler, &now);
    note(lengths, staged ? now.stage : first ? "first" : stepped == DILATE_OK ? "last" : "on the way", now.evaluations - before);
    before = now.evaluations;
    if (stepped == DILATE_OK) break;
  }
  if (status == DILATE_OK) status = dilate_sampler_result(sampler, &result, &err);
  if (status != DILATE_OK) give_up("%s, %s: %s", method, b->label, err.message);
  note(lengths, "result", dilate_result_evaluations(result, NULL) - before);
  dilate_result_free(result);
  dilate_sampler_free(sampler);
}

static int needs_scores(const char *method) {
  return !strcmp(method, "walk") || !strcmp(method, "convolution");
}

static void print(const char *method, const length *lengths) {
  for (size_t i = 0; i < LENGTHS && lengths[i].kind[0]; i++)
    if (lengths[i].most) printf("| %s: %s | %" PRIu64 " |\n", method, lengths[i].kind, lengths[i].most);
}

int main(void) {
  length own[LENGTHS] = {0}, others[LENGTHS] = {0};
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    builtin b;
    dilate_error err;
    dilate_error_init(&err);
    if (builtin_create(names[k], NULL, &b, &err) < 0) give_up("%s", err.message);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) walk(&b, dilate_method_name(0), seed, own);
    for (size_t m = 1; k < OTHERS && dilate_method_name(m); m++)
      if (b.target.convolve || !needs_scores(dilate_method_name(m))) walk(&b, dilate_method_name(m), 1, others);
    builtin_destroy(&b);
  }
  puts("| step | evaluations |\n| --- | --: |");
  print(dilate_method_name(0), own);
  print("others", others);
  return 0;
}
