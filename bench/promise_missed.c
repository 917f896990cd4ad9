/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Planted modes, narrow and far: (1 - w) N(0, I) + w N(D u, s^2 I), u uniform on the sphere by the seed, over a grid of dimensions, widths
 * s and distances D on which the share of runs that lose the mode goes from none to all.  Of those that lost more than 5 % of the mass we
 * count which warned; `met` are those in which the target was ever evaluated where the planted mode is the larger term, since of the others
 * no sampler can know. */
#include "bench/promise.h"

#include "base/random.h"
#include "bench/default_run.h"
#include "bench/support.h"
#include "dilate.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS       20
#define DIM_MAX     16
#define WEIGHT      0.2
#define MASS        0.05 /* lost: more than this */
#define FALSE_ALARM 0.05
#define FIRE        0.8 /* of these are to warn */

enum { LOST, WARNED, GROUPS, MET, EVALUATIONS, VALUES };

typedef struct plant {
  size_t dim;
  double width, distance;
} plant;

/* One run's target. */
typedef struct planting {
  plant plant;
  double place[DIM_MAX];
  uint64_t met;
} planting;

/* log of the planted term, and of the broad one, up to one constant. */
static void terms(const planting *p, size_t ld, const double *x, double *narrow, double *broad) {
  double near = 0, far = 0;
  for (size_t j = 0; j < p->plant.dim; j++) {
    near += (x[j * ld] - p->place[j]) * (x[j * ld] - p->place[j]);
    far += x[j * ld] * x[j * ld];
  }
  *narrow = log(WEIGHT) - 0.5 * near / (p->plant.width * p->plant.width) - (double)p->plant.dim * log(p->plant.width);
  *broad = log(1 - WEIGHT) - 0.5 * far;
}

static int planting_batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  planting *const p = params;
  for (size_t i = 0; i < n; i++) {
    double narrow, broad;
    terms(p, ld, x + i, &narrow, &broad);
    const double most = fmax(narrow, broad), sum = exp(narrow - most) + exp(broad - most), share = exp(narrow - most) / sum;
    logp[i] = most + log(sum);
    p->met += narrow > broad;
    for (size_t j = 0; grad != NULL && j < dim; j++)
      grad[j * ld + i] = -(1 - share) * x[j * ld + i] - share * (x[j * ld + i] - p->place[j]) / (p->plant.width * p->plant.width);
  }
  return 0;
}

static void set_place(planting *p, uint64_t seed) {
  const uint32_t zero = 0;
  double square = 0;
  stream_normals(stream_make(seed, STREAM_USER, 8, 0), 0, p->plant.dim, 1, 1, &zero, p->place);
  for (size_t j = 0; j < p->plant.dim; j++) square += p->place[j] * p->place[j];
  for (size_t j = 0; j < p->plant.dim; j++) p->place[j] *= p->plant.distance / sqrt(square);
}

static double share_of_planted(const planting *p, const dilate_result *result) {
  const size_t n = dilate_result_islands(result) * dilate_result_draws(result);
  size_t planted = 0;
  for (size_t i = 0; i < n; i++) {
    double narrow, broad;
    terms(p, 1, dilate_result_unconstrained(result) + i * p->plant.dim, &narrow, &broad);
    planted += narrow > broad;
  }
  return (double)planted / (double)n;
}

/* Whether a warning says that the groups did not find the same. */
static int groups_differ(const dilate_result *result) {
  for (size_t i = 0; i < dilate_result_warning_count(result); i++) {
    const char *const text = dilate_result_warning(result, i);
    if (strstr(text, "groups disagree") || strstr(text, "had not found") || strstr(text, "groups found different")) return 1;
  }
  return 0;
}

static void run_missed(const study *self, uint64_t seed, double *value) {
  planting p = {.plant = *(const plant *)self->of};
  dilate_target target;
  double seconds;
  char *failure;
  set_place(&p, seed);
  dilate_target_init(&target);
  target.dim = p.plant.dim;
  target.batch = planting_batch;
  target.params = &p;
  dilate_result *const result = default_run(&target, seed, &seconds, &failure);
  if (failure != NULL) give_up("%s, seed %llu: %s", self->name, (unsigned long long)seed, failure);
  value[LOST] = WEIGHT - share_of_planted(&p, result);
  value[WARNED] = dilate_result_warning_count(result) > 0;
  value[GROUPS] = groups_differ(result);
  value[MET] = (double)p.met;
  value[EVALUATIONS] = (double)dilate_result_evaluations(result, NULL);
  dilate_result_free(result);
}

static const size_t dims[] = {2, 5, 10};
static const double widths[][5] = {{0.3, 0.1, 0.05, 0.03, 0.01}, {0.5, 0.4, 0.3, 0.2, 0.1}, {0.7, 0.6, 0.5, 0.4, 0.3}},
                    distances[] = {3, 10, 30, 100};
#define DIMS      (sizeof dims / sizeof *dims)
#define WIDTHS    (sizeof *widths / sizeof **widths)
#define DISTANCES (sizeof distances / sizeof *distances)

size_t missed_studies(study *out) {
  static plant plants[DIMS * WIDTHS * DISTANCES];
  size_t n = 0;
  for (size_t d = 0; d < DIMS; d++)
    for (size_t w = 0; w < WIDTHS; w++)
      for (size_t k = 0; k < DISTANCES; k++, n++) {
        plants[n] = (plant){dims[d], widths[d][w], distances[k]};
        out[n] = (study){.part = "missed", .seeds = SEEDS, .count = VALUES, .run = run_missed, .of = &plants[n]};
        snprintf(out[n].name, sizeof out[n].name, "d=%zu,s=%g,D=%g", dims[d], widths[d][w], distances[k]);
      }
  return n;
}

/* ---- The tables ---- */

/* Runs of a cell of the grid, or of many. */
typedef struct tally {
  size_t runs, lost, lost_warned, met, met_warned, kept, kept_groups,
      kept_other; /* kept_groups: warned that the groups differ; kept_other: of other things only */
} tally;

static void add_run(const double *value, tally *t) {
  const size_t warned = value[WARNED] > 0, met = value[MET] > 0;
  t->runs++;
  if (value[LOST] > MASS) {
    t->lost++;
    t->lost_warned += warned;
    t->met += met;
    t->met_warned += met & warned;
  } else {
    t->kept++;
    t->kept_groups += value[GROUPS] > 0;
    t->kept_other += warned && !(value[GROUPS] > 0);
  }
}

static tally count_runs(const answers *a) {
  tally t = {0};
  for (size_t k = 0; k < a->study.seeds; k++)
    if (a->done[k]) add_run(a->value + k * VALUES, &t);
  return t;
}

static void add_tally(const tally *one, tally *sum) {
  sum->runs += one->runs;
  sum->lost += one->lost;
  sum->lost_warned += one->lost_warned;
  sum->met += one->met;
  sum->met_warned += one->met_warned;
  sum->kept += one->kept;
  sum->kept_groups += one->kept_groups;
  sum->kept_other += one->kept_other;
}

/* A line a dimension and width: of the runs at each distance, lost / met all the same / warned. */
static void print_grid(FILE *file, const promise *p) {
  fprintf(file, "| dimension, width | distance %g", distances[0]);
  for (size_t k = 1; k < DISTANCES; k++) fprintf(file, " | %g", distances[k]);
  fputs(" |\n| --- | --- | --- | --- | --- |\n", file);
  for (size_t i = 0; i < p->count; i++) {
    const answers *const a = &p->list[i];
    if (a->study.run != run_missed) continue;
    const plant *const at = a->study.of;
    const tally t = count_runs(a);
    if (at->distance == distances[0]) fprintf(file, "| %zu, %g |", at->dim, at->width);
    fprintf(file, " %zu / %zu / %zu |", t.lost, t.met, t.lost_warned);
    if (at->distance == distances[DISTANCES - 1]) fputs("\n", file);
  }
}

static void print_share(FILE *file, size_t part, size_t whole) {
  if (whole > 0)
    fprintf(file, " %zu of %zu (%.0f %%) |", part, whole, 100 * (double)part / (double)whole);
  else
    fputs(" - |", file);
}

static void print_tally(FILE *file, const char *name, const tally *t) {
  fprintf(file, "| %s | %zu of %zu |", name, t->lost, t->runs);
  print_share(file, t->lost_warned, t->lost);
  print_share(file, t->met_warned, t->met);
  print_share(file, t->kept_groups, t->kept);
  print_share(file, t->kept_other, t->kept);
  fputs("\n", file);
}

int missed_print(FILE *file, const promise *p) {
  tally all = {0}, some = {0}, most = {0}, none = {0};
  fputs(
      "Runs that lost the mode / of these, runs that had evaluated the target in its basin / of these that lost it, runs that warned:\n\n",
      file);
  print_grid(file, p);
  for (size_t i = 0; i < p->count; i++) {
    if (p->list[i].study.run != run_missed) continue;
    const tally t = count_runs(&p->list[i]);
    add_tally(&t, &all);
    add_tally(&t, 2 * t.lost <= t.runs ? &some : t.lost < t.runs ? &most : &none);
  }
  fprintf(file,
          "\n| cells of the grid | lost more than 5 %% of the mass | of these warned (%.0f %% asked) | of these whose basin was met | of "
          "those that "
          "kept the mode: warned that a group had not found it | warned of anything else (at most %.0f %%) |\n"
          "| --- | --- | --- | --- | --- | --- |\n",
          100 * FIRE, 100 * FALSE_ALARM);
  print_tally(file, "that half of the runs lose at most", &some);
  print_tally(file, "that more lose, but not all", &most);
  print_tally(file, "that all runs lose", &none);
  print_tally(file, "all", &all);
  fputs("\n", file);
  return (double)all.lost_warned >= FIRE * (double)all.lost && (double)all.kept_other <= FALSE_ALARM * (double)all.kept;
}
