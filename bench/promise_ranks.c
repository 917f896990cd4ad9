/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulation-based calibration (Talts, Betancourt, Simpson, Vehtari & Gelman 2018): the truth of a prior draw is uniform among draws of the
 * posterior of its data, by any quantity.  99 draws, evenly thinned, of a run with default options; ties are broken at random. */
#include "bench/promise.h"

#include "bench/default_run.h"
#include "bench/promise_models.h"
#include "bench/support.h"
#include "bench/uniform_ranks.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REPLICATES 400
#define RANKED     99
#define SETS       50000
#define LEVEL      0.01 /* of all quantities together */

/* Values of a run: ranks, then those of the twin. */
#define OF_TWIN MODEL_QUANTITIES
#define VALUES  (2 * MODEL_QUANTITIES)

static stream stream_of(uint64_t seed, unsigned number) {
  return stream_make(seed, STREAM_USER, 2 + number, 0);
}

/* Ranks of the truth among RANKED of n draws. */
static void rank_truth(const sbc_posterior *p, const double *truth, size_t n, const double *x, stream s, double *out) {
  const sbc_model *const m = p->model;
  double of_truth[MODEL_QUANTITIES], of_draw[MODEL_QUANTITIES], value[MODEL_QUANTITIES][RANKED];
  m->quantities(truth, p->data, of_truth);
  for (size_t i = 0; i < RANKED; i++) {
    m->quantities(x + (2 * i + 1) * n / (2 * RANKED) * m->dim, p->data, of_draw);
    for (size_t q = 0; q < MODEL_QUANTITIES; q++) value[q][i] = of_draw[q];
  }
  for (size_t q = 0; q < MODEL_QUANTITIES; q++)
    out[q] = (double)rank_among(RANKED, value[q], of_truth[q], stream_uniform(s, 0, 0, (uint32_t)q));
}

static void run_ranks(const study *self, uint64_t seed, double *value) {
  sbc_posterior p = {.model = self->of};
  double truth[MODEL_DIM_MAX];
  double seconds;
  char *failure;
  p.model->draw(stream_of(seed, 0), truth, p.data);
  const dilate_target target = sbc_target(&p);
  dilate_result *const result = default_run(&target, seed, &seconds, &failure);
  if (failure != NULL) give_up("%s, seed %llu: %s", self->name, (unsigned long long)seed, failure);
  const size_t n = dilate_result_islands(result) * dilate_result_draws(result);
  double *const x = ALLOCATE(double, n *p.model->dim);
  memcpy(x, dilate_result_unconstrained(result), n * p.model->dim * sizeof *x);
  rank_truth(&p, truth, n, x, stream_of(seed, 1), value);
  const size_t left = p.model->spoil(stream_of(seed, 2), n, x);
  rank_truth(&p, truth, left, x, stream_of(seed, 1), value + OF_TWIN);
  free(x);
  dilate_result_free(result);
}

size_t ranks_studies(study *out) {
  size_t n = 0;
  for (; sbc_model_list[n] != NULL; n++) {
    out[n] = (study){.part = "ranks", .seeds = REPLICATES, .count = VALUES, .run = run_ranks, .of = sbc_model_list[n]};
    snprintf(out[n].name, sizeof out[n].name, "%s", sbc_model_list[n]->name);
  }
  return n;
}

/* Probability of value number `of` if it were uniform. */
static double probability_of(const answers *a, size_t of, const uniform_law *law) {
  double *const value = ALLOCATE(double, a->study.seeds);
  size_t *const rank = ALLOCATE(size_t, a->study.seeds);
  const size_t n = answers_gather(a, of, value);
  for (size_t i = 0; i < n; i++) rank[i] = (size_t)value[i];
  const double probability = uniform_probability(law, uniform_gamma(law, rank));
  free(value);
  free(rank);
  return probability;
}

static int print_model(FILE *file, const answers *a, double level) {
  const sbc_model *const m = a->study.of;
  uniform_law law;
  double least = 1, least_twin = 1;
  uniform_law_make(answers_count(a), RANKED, SETS, 1, &law);
  fprintf(file, "| %s: %s | %zu |", m->name, m->what, law.n);
  for (size_t q = 0; q < MODEL_QUANTITIES; q++) {
    const double probability = probability_of(a, q, &law);
    least = fmin(least, probability);
    least_twin = fmin(least_twin, probability_of(a, OF_TWIN + q, &law));
    fprintf(file, "%s %s %.2g", q ? "," : "", m->quantity[q], probability);
  }
  const int ok = least >= level, caught = least_twin < level;
  fprintf(file, " | %s: %.1g | %s%s |\n", m->twin, least_twin, ok ? "uniform" : "**not uniform**",
          caught ? ", twin caught" : ", **twin missed**");
  uniform_law_free(&law);
  return ok && caught;
}

int ranks_print(FILE *file, const promise *p) {
  int ok = 1;
  size_t models = 0;
  for (size_t i = 0; i < p->count; i++) models += p->list[i].study.run == run_ranks;
  const double level = LEVEL / (double)(models * MODEL_QUANTITIES);
  fprintf(file,
          "| model | replicates | probability of such ranks, were they uniform (each at least %.1g: %.0f %% for all together) | least of a "
          "twin that is wrong | |\n| --- | --: | --- | --- | --- |\n",
          level, 100 * LEVEL);
  for (size_t i = 0; i < p->count; i++)
    if (p->list[i].study.run == run_ranks && answers_count(&p->list[i]) > 0) ok &= print_model(file, &p->list[i], level);
  fputs("\n", file);
  return ok;
}
