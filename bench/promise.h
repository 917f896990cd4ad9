/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statistical promise, by many runs: a study asks one question of many seeds, and every answer is a line of a file, so that a series
 * can be stopped and goes on where it was. */
#ifndef BENCH_PROMISE_H
#define BENCH_PROMISE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* run() fills `count` values, NaN where there is none, from a run of that seed in the calling thread alone. */
typedef struct study {
  const char *part;
  char name[64];
  size_t seeds, count;
  void (*run)(const struct study *self, uint64_t seed, double *value);
  const void *of; /* the study's own */
} study;

/* The answers to a study; those of seed s begin at value + (s - 1)*count. */
typedef struct answers {
  study study;
  double *value;
  unsigned char *done; /* seeds */
} answers;

/* All studies of the selected parts ("ranks", "coverage", "missed"; NULL: all), with so many seeds each (0: their own), and what the file
 * already knows of them. */
typedef struct promise {
  size_t count;
  answers *list;
  const char *path;
} promise;

void promise_open(promise *p, const char *path, const char *parts, size_t seeds);
void promise_work(promise *p, int threads);
void promise_free(promise *p);

/* Each part adds its studies; returns how many. */
size_t ranks_studies(study *out);
size_t coverage_studies(study *out);
size_t missed_studies(study *out);
#define STUDIES_MAX 128

/* Tables in Markdown of the answers that are there; each returns 1 when what is asked of its part holds. */
int ranks_print(FILE *file, const promise *p);
int coverage_print(FILE *file, const promise *p);
int missed_print(FILE *file, const promise *p);

size_t answers_count(const answers *a);                          /* seeds that are done */
size_t answers_gather(const answers *a, size_t of, double *out); /* value number `of` of these; returns how many are not NaN */
double answers_sum(const answers *a, size_t of);                 /* of those that are not NaN */
void promise_save(const char *path, const promise *p);           /* all of them as JSON, one run a line */

#endif
