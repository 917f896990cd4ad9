/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Doubts of a group: its rounds and its final bridge (see doubts.h). */
#include "method/doubts.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "stats/summary.h"

#define PARETO_K_MAX   0.7  /* Vehtari et al. 2024 */
#define PARETO_ERRORS  2.0  /* standard errors that k must exceed it by */
#define PARETO_SHARE   0.01 /* of the largest weight; below it no weight matters, whatever the shape (at k = 0.7 it is near 0.04) */
#define ROUNDS_APART   0.3  /* of log Z */
#define ISLANDS_CHANCE 1e-3 /* of a false alarm, a bridge */
#define ISLANDS_APART  0.02 /* standard deviation of log Zhat over islands below which nobody need care */
#define HURRIED        0.8  /* of the effective share that a temperature should leave */

/* ---- Rounds ---- */

/* The last rounds may differ because the earlier reference was the poorer one; the final bridge is one round more.  What counts is that it
 * agrees with the last, and has not lost what an earlier one found. */
static int still_moving(const bridge_group *g) {
  const double final = bridge_log_z(g->bridge);
  double most = -INFINITY;
  for (size_t i = 0; i < g->pilots; i++) most = fmax(most, g->log_z[i]);
  return g->pilots > 0 && !(fabs(final - g->log_z[g->pilots - 1]) < ROUNDS_APART && final > most - ROUNDS_APART);
}

int doubt_rounds(const bridge_group *g, run *r, dilate_error *err) {
  if (!g->rounds_disagree || !still_moving(g)) return DILATE_OK;
  return run_warn(r, err,
                  "group %u: successive rounds, the last bridge among them, found log evidences that differ by more than %g, so the "
                  "reference was still "
                  "moving when it was used: mode weights and log evidence may be off.  Try another seed or more groups and compare.",
                  g->number + 1, ROUNDS_APART);
}

/* ---- The bridge ---- */

int doubt_heaviest_tail(const bridge *b, heaviest_tail *out) {
  double highest = -INFINITY;
  *out = (heaviest_tail){.tail.k = -INFINITY, .largest = -INFINITY};
  for (size_t t = 0; t < b->evidence.count; t++) {
    const evidence_record *record = &b->evidence.record[t];
    const size_t n = record->chains * record->states;
    double *weight = NEW(double, n);
    if (!weight) return 1;
    memcpy(weight, record->weight, n * sizeof *weight);
    const pareto_tail tail = pareto_fit(n, weight);
    memory_free(weight);
    out->largest = fmax(out->largest, tail.k);
    if (!(tail.k - PARETO_ERRORS * tail.se > highest) || tail.share < PARETO_SHARE) continue;
    highest = tail.k - PARETO_ERRORS * tail.se;
    out->tail = tail;
    out->beta = b->set.plan ? b->set.plan->rung[t].beta : b->record.rung[t].beta;
  }
  return 0;
}

static int doubt_weights(const bridge_group *g, run *r, double *pareto_k, dilate_error *err) {
  heaviest_tail heaviest;
  if (doubt_heaviest_tail(g->bridge, &heaviest)) return error_memory(err, "the tails of the weights");
  if (isfinite(heaviest.largest)) *pareto_k = fmax(*pareto_k, heaviest.largest); /* fmax passes over NaN */
  if (!(heaviest.tail.k - PARETO_ERRORS * heaviest.tail.se > PARETO_K_MAX)) return DILATE_OK;
  return run_warn(r, err,
                  "group %u: the weights of the bridge have a Pareto k of %.2f (+-%.2f) on the way to temperature %.3g, above 0.7: the "
                  "reference leaves a tail of the target bare, so log Z and its error cannot be trusted, and the tails of the draws may be "
                  "thin.  Try a parametrisation with lighter tails, or more draws.",
                  g->number + 1, heaviest.tail.k, heaviest.tail.se, heaviest.beta);
}

/* A bridge that has used up its temperatures takes what is left in one stride. */
static int doubt_stride(const bridge_group *g, run *r, dilate_error *err) {
  const bridge *b = g->bridge;
  if (b->stage < BRIDGE_STAGES_MAX || b->ess > HURRIED * b->set.ess) return DILATE_OK;
  return run_warn(
      r, err,
      "group %u: %d temperatures were not enough for the bridge, and the last of them leapt to the target at an effective share "
      "of %.1e: the reference is far from the target, and weights and log evidence cannot be trusted.  Try another "
      "parametrisation.",
      g->number + 1, BRIDGE_STAGES_MAX, b->ess);
}

int doubt_islands(const bridge *b, double *probability, double *apart) {
  double spread = 0, mean = 0, within = 0, square_over_df = 0, n = (double)b->cells;
  *probability = 1;
  *apart = 0;
  if (b->cells < 2) return 0;
  for (size_t c = 0; c < b->cells; c++) {
    double variance, df;
    if (evidence_variance(&b->evidence, c, &variance, &df)) return 1;
    within += variance / n;
    square_over_df += variance * variance / (n * n * df);
    mean += b->log_z[c] / n;
  }
  for (size_t c = 0; c < b->cells; c++) spread += (b->log_z[c] - mean) * (b->log_z[c] - mean) / (n - 1);
  if (!(within > 0) || !isfinite(spread)) return 0;
  *apart = sqrt(spread);
  const double df = fmin(1e6, within * within / square_over_df);
  *probability = gsl_cdf_fdist_Q(spread / within, n - 1, fmax(1, df));
  return 0;
}

static int doubt_evidence(const bridge_group *g, run *r, dilate_error *err) {
  double probability, apart;
  if (doubt_islands(g->bridge, &probability, &apart)) return error_memory(err, "the comparison of the islands");
  if (!(probability < ISLANDS_CHANCE && apart > ISLANDS_APART)) return DILATE_OK;
  return run_warn(r, err,
                  "group %u: its islands' log evidences differ by %.2g (standard deviation), more than their errors allow (chance %.0e): "
                  "the bridge is not long enough "
                  "for this target, and weights, log evidence and errors are in doubt.  Try more draws, or another parametrisation.",
                  g->number + 1, apart, probability);
}

int doubt_bridge(const bridge_group *g, run *r, double *pareto_k, dilate_error *err) {
  int status = doubt_stride(g, r, err);
  if (!status) status = doubt_weights(g, r, pareto_k, err);
  if (!status) status = doubt_evidence(g, r, err);
  return status;
}
