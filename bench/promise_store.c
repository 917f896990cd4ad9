/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers as lines of JSON, {"part", "name", "seed", "values"}: appended as they come, read again when the work goes on.  A line that was
 * cut off, or that no study asks for, is passed over. */
#define _GNU_SOURCE
#include "bench/promise.h"

#include "bench/arguments.h"
#include "bench/json.h"
#include "bench/support.h"
#include "dilate.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static answers *find_study(const promise *p, const char *part, const char *name) {
  for (size_t i = 0; part != NULL && name != NULL && i < p->count; i++)
    if (strcmp(p->list[i].study.part, part) == 0 && strcmp(p->list[i].study.name, name) == 0) return &p->list[i];
  return NULL;
}

static void take_line(promise *p, const json_t *line) {
  answers *const a = find_study(p, json_string_value(json_object_get(line, "part")), json_string_value(json_object_get(line, "name")));
  const json_t *const values = json_object_get(line, "values");
  const double seed = read_number(line, "seed");
  if (a == NULL || json_array_size(values) != a->study.count || !(seed >= 1 && seed <= (double)a->study.seeds)) return;
  const size_t at = (size_t)seed - 1;
  for (size_t i = 0; i < a->study.count; i++) a->value[at * a->study.count + i] = read_element(values, i);
  a->done[at] = 1;
}

static void read_lines(promise *p) {
  FILE *const file = fopen(p->path, "r");
  char *text = NULL;
  size_t room = 0;
  while (file != NULL && getline(&text, &room, file) > 0) {
    json_t *const line = json_loads(text, 0, NULL);
    if (line != NULL) take_line(p, line);
    json_decref(line);
  }
  free(text);
  if (file != NULL) fclose(file);
}

static json_t *answer_line(const study *s, size_t at, const double *value) {
  json_t *const line = json_object();
  put_value(line, "part", json_string(s->part));
  put_value(line, "name", json_string(s->name));
  put_value(line, "seed", count_value(at + 1));
  put_value(line, "values", numbers_value(s->count, value));
  return line;
}

void promise_open(promise *p, const char *path, const char *parts, size_t seeds) {
  study *const all = ALLOCATE(study, STUDIES_MAX);
  size_t n = ranks_studies(all);
  n += coverage_studies(all + n);
  n += missed_studies(all + n);
  *p = (promise){.path = path, .list = ALLOCATE(answers, n)};
  for (size_t i = 0; i < n; i++) {
    if (!arguments_selected(all[i].part, parts)) continue;
    answers *const a = &p->list[p->count++];
    a->study = all[i];
    if (seeds > 0) a->study.seeds = seeds;
    a->value = ALLOCATE(double, a->study.seeds * a->study.count);
    a->done = ALLOCATE(unsigned char, a->study.seeds);
  }
  free(all);
  read_lines(p);
}

void promise_free(promise *p) {
  for (size_t i = 0; i < p->count; i++) {
    free(p->list[i].value);
    free(p->list[i].done);
  }
  free(p->list);
}

/* Which answer is number k of all; studies one after the other. */
static answers *answer_at(const promise *p, size_t k, size_t *seed_at) {
  size_t i = 0;
  while (k >= p->list[i].study.seeds) k -= p->list[i++].study.seeds;
  *seed_at = k;
  return &p->list[i];
}

void promise_work(promise *p, int threads) {
  size_t all = 0;
  FILE *const file = fopen(p->path, "a");
  if (file == NULL) give_up("%s: cannot be written", p->path);
  if (ftell(file) > 0) fputc('\n', file); /* whatever was cut off ends here */
  for (size_t i = 0; i < p->count; i++) all += p->list[i].study.seeds;
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
  for (size_t k = 0; k < all; k++) {
    size_t at;
    answers *const a = answer_at(p, k, &at);
    double *const value = a->value + at * a->study.count;
    if (a->done[at]) continue;
    a->study.run(&a->study, at + 1, value);
#pragma omp critical
    {
      write_line(file, answer_line(&a->study, at, value), 10, 1);
      fflush(file);
      a->done[at] = 1;
    }
  }
  close_output(file, p->path);
}

size_t answers_count(const answers *a) {
  size_t n = 0;
  for (size_t i = 0; i < a->study.seeds; i++) n += a->done[i];
  return n;
}

size_t answers_gather(const answers *a, size_t of, double *out) {
  size_t n = 0;
  for (size_t i = 0; i < a->study.seeds; i++)
    if (a->done[i] && !isnan(a->value[i * a->study.count + of])) out[n++] = a->value[i * a->study.count + of];
  return n;
}

double answers_sum(const answers *a, size_t of) {
  double sum = 0;
  for (size_t i = 0; i < a->study.seeds; i++) {
    const double value = a->value[i * a->study.count + of];
    if (a->done[i] && !isnan(value)) sum += value;
  }
  return sum;
}

void promise_save(const char *path, const promise *p) {
  FILE *const file = open_output(path);
  size_t left = 0;
  for (size_t i = 0; i < p->count; i++) left += answers_count(&p->list[i]);
  fprintf(file, "{\"version\": \"%s\", \"isa\": \"%s\", \"runs\": [\n", dilate_version(), dilate_isa());
  for (size_t i = 0; i < p->count; i++) {
    const answers *const a = &p->list[i];
    for (size_t k = 0; k < a->study.seeds; k++)
      if (a->done[k]) write_line(file, answer_line(&a->study, k, a->value + k * a->study.count), 5, --left == 0);
  }
  fputs("]}\n", file);
  close_output(file, path);
}
