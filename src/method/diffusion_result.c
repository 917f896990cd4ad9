/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result of diffusion sequential Monte Carlo: see diffusion_smc.h. */
#include <math.h>

#include "base/memory.h"
#include "method/diffusion_smc.h"
#include "method/settled_result.h"
#include "stage/resample.h"
#include "stats/summary.h"

diffusion_evidence diffusion_combine(const diffusion *smc) {
  const size_t islands = smc->set.islands;
  const double n = (double)islands, log_z = diffusion_log_z(smc);
  double square = 0;
  if (log_z == -INFINITY) return (diffusion_evidence){log_z, INFINITY, fmax(1, n - 1), 0, NAN};
  for (size_t i = 0; i < islands; i++) {
    const double z = exp(smc->estimate[i] - log_z);
    square += (z - 1) * (z - 1);
  }
  diffusion_evidence e = {.log_z = log_z, .se = NAN, .df = NAN, .effective = n / (n + square), .se_islands = NAN};
  if (islands < 2) return e;
  const double variance = square / (n * (n - 1));
  e.se = summary_error(variance, n - 1, 0, islands, NULL);
  e.df = n - 1;
  e.se_islands = sqrt(variance);
  return e;
}

/* Every island's particles by their own weights. */
static void choose_apart(const diffusion *smc, uint64_t seed, size_t *index) {
  const size_t n = smc->set.draws;
  for (size_t island = 0; island < smc->set.islands; island++) {
    const stream s = stream_make(seed, STREAM_ORDER, 0, (unsigned)island);
    size_t *own = index + island * n;
    resample_systematic(n, smc->weight + island * n, NULL, stream_uniform(s, 0, 1, 0), n, own);
    for (size_t i = 0; i < n; i++) own[i] += island * n;
    resample_shuffle(s, n, own);
  }
}

/* All particles, weighed by their islands' Zhat too; weight: scratch. */
static void choose_joined(const diffusion *smc, uint64_t seed, double *weight, size_t *index) {
  const size_t n = smc->set.draws, rows = smc->now.n;
  const double log_z = diffusion_log_z(smc);
  const stream s = stream_make(seed, STREAM_ORDER, 1, 0);
  for (size_t island = 0; island < smc->set.islands; island++) {
    const double mean = summary_mean(n, smc->weight + island * n);
    const double factor = mean > 0 ? exp(smc->estimate[island] - log_z) / mean : 0;
    for (size_t i = island * n; i < (island + 1) * n; i++) weight[i] = factor * smc->weight[i];
  }
  resample_systematic(rows, weight, NULL, stream_uniform(s, 0, 1, 0), rows, index);
  resample_shuffle(s, rows, index);
}

/* The chosen particles, which stand at abar = 1, as points of the target; log-densities that the target takes for finite only. */
static void fill_points(const diffusion *smc, const size_t *index, particles *points) {
  for (size_t i = 0; i < points->n; i++) {
    points->logp[i] = smc->now.logp[index[i]];
    for (size_t j = 0; j < points->dim; j++) {
      points->x[j * points->ld + i] = smc->set.centre[j] + smc->set.scale * smc->now.x[j * smc->now.ld + index[i]];
      points->grad[j * points->ld + i] = smc->now.grad[j * smc->now.ld + index[i]];
    }
  }
}

/* Lineages are numbered afresh in the order in which they are met; map: a number for each ancestor, 0 before it is met. */
static void fill_lineages(const diffusion *smc, const size_t *index, size_t *map, dilate_result *result) {
  size_t next = 0;
  for (size_t i = 0; i < smc->now.n; i++) {
    const size_t eve = smc->eve[index[i]];
    if (map[eve] == 0) map[eve] = ++next;
    result->cluster[i] = map[eve] - 1;
  }
  result->clusters = next;
}

/* What the last level needed beside its particles and their weights, where nobody looks at them again. */
static void give_up(diffusion *smc) {
  void *const spent[] = {smc->cloud, smc->log_g, smc->old_log_g, smc->log_weight, smc->old_log_weight, smc->parent, smc->old_eve};
  for (size_t i = 0; i < sizeof spent / sizeof *spent; i++) memory_free(spent[i]);
  smc->cloud = smc->log_g = smc->old_log_g = smc->log_weight = smc->old_log_weight = NULL;
  smc->parent = smc->old_eve = NULL;
}

static int fill_draws(const diffusion *smc, const run *r, int joined, particles *points, dilate_result *result) {
  const size_t rows = smc->now.n;
  size_t *index = NEW2(size_t, 2, rows);
  double *weight = NEW(double, rows);
  const int failed = !index || !weight || result_set_lineages(result, NULL);
  if (!failed) {
    if (joined)
      choose_joined(smc, r->options.seed, weight, index);
    else
      choose_apart(smc, r->options.seed, index);
    fill_points(smc, index, points);
    fill_lineages(smc, index, index + rows, result);
    settled_rows(points, result);
  }
  memory_free(index);
  memory_free(weight);
  return failed;
}

/* The points take the place of the particles of the level before. */
static int fill(diffusion *smc, const run *r, dilate_result *result, dilate_error *err) {
  const diffusion_evidence e = diffusion_combine(smc);
  result->log_z = e.log_z;
  result->log_z_se = e.se;
  result->log_z_df = e.df;
  result->se_islands = e.se_islands;
  if (result->islands == 0) return DILATE_OK;
  const int joined = e.effective < DIFFUSION_EFFECTIVE_MIN || diffusion_least_ess(smc) == 0;
  int status = fill_draws(smc, r, joined, &smc->old, result) ? error_memory(err, "result of diffusion-smc") : DILATE_OK;
  if (r->unwatched) particles_clear(&smc->now);
  /* A target that asked to abort is not asked again. */
  if (!status && target_status(r->target, NULL) == DILATE_OK) status = settled_modes(r, &smc->old, result, err);
  if (r->unwatched) particles_clear(&smc->old);
  return status;
}

int diffusion_smc_result(void *state, const run *r, dilate_result **out, dilate_error *err) {
  diffusion_smc *m = state;
  dilate_result *result = NULL;
  const int some = m->done && diffusion_log_z(m->smc) > -INFINITY;
  if (some && r->unwatched) give_up(m->smc); /* before the result takes its own */
  int status = result_create(r, some ? r->options.islands : 0, 0, &result, err);
  if (status) return status;
  result->complete = m->done;
  if (m->done) status = fill(m->smc, r, result, err);
  if (!status) status = result_finish(result, r, NULL, err);
  if (status)
    dilate_result_free(result);
  else
    *out = result;
  return status;
}
