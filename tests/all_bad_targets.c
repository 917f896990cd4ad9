/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole catalogue of bad targets, over all methods and several seeds: a line for each run that ends as it must not.
 *
 * usage: all_bad_targets [--seeds N] [--table] [WORD]: runs of targets whose name contains the word; --table prints the manual's table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bad_targets.h"

#define SECONDS_MAX 60 /* of one run: processor time */

typedef struct tally {
  size_t tried, wrong;
} tally;

/* What varies from seed to seed: gradient or differences, points or batches, one thread or two. */
static bad_run run_of(const bad_target *target, const char *method, size_t dim, uint64_t seed) {
  const int only = (target->flags & BAD_GRADIENT_ONLY) != 0;
  return (bad_run){target, method, dim, 1 + seed % 2, only || seed % 4 < 2, seed % 4 == 1 || seed % 4 == 2, seed};
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
  } else if (getenv("BAD_VERBOSE"))
    printf("%s: fine, %u (%.1f s)\n", text, how, seconds);
  fflush(stdout);
}

static void try_method(const bad_target *target, const char *method, uint64_t seeds, tally *t) {
  unsigned ways = 0;
  for (size_t k = 0; k < BAD_DIMS && target->dims[k]; k++)
    for (uint64_t seed = 1; seed <= seeds; seed++) {
      const bad_run run = run_of(target, method, target->dims[k], seed);
      try_one(&run, &ways, t);
    }
}

int main(int argc, char **argv) {
  uint64_t seeds = 2;
  const char *word = "", *only = getenv("BAD_METHOD");
  tally t = {0};
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--seeds") && i + 1 < argc)
      seeds = strtoull(argv[++i], NULL, 10);
    else
      word = argv[i];
  }
  for (const bad_target *target = bad_targets; target->name; target++)
    for (size_t m = 0; strstr(target->name, word) && dilate_method_name(m); m++) {
      if (only && strcmp(only, dilate_method_name(m))) continue;
      if (target->flags & BAD_BRIDGE_ONLY && strcmp(dilate_method_name(m), "bridge")) continue;
      try_method(target, dilate_method_name(m), seeds, &t);
    }
  printf("%zu of %zu ended as they must not\n", t.wrong, t.tried);
  printf("counted: %zu bad inputs tried\n", t.tried);
  return t.wrong != 0;
}
