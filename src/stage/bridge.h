/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bridge from a reference q to the target (manual, section 7): waste-free sequential Monte Carlo (Dau & Chopin 2022) on the
 * geometric path q^(1-beta) pi~^beta.  Draws of q are reweighted, resampled to `parents` chains of `states` states each, moved, and so on
 * until beta = 1; log Z comes from the incremental weights.
 *
 * An adaptive bridge settles temperatures, step sizes, scales and the share of independence moves, and records them as a plan; a bridge
 * that follows a plan adapts nothing, so that E[Zhat given q] = Z exactly.  Resampling is within cells: islands, or (for a pilot) the
 * components of the reference, so that no mode is lost. */
#ifndef DILATE_STAGE_BRIDGE_H
#define DILATE_STAGE_BRIDGE_H

#include "kernel/tempered.h"
#include "stage/evidence.h"

#define BRIDGE_STAGES_MAX 60

typedef struct bridge_rung {
  double beta, independence; /* temperature; share of independence moves */
  double *step, *scale;      /* components; dim */
} bridge_rung;

typedef struct bridge_plan {
  size_t count;
  bridge_rung rung[BRIDGE_STAGES_MAX];
  double *storage; /* of all of them */
} bridge_plan;

void bridge_plan_clear(bridge_plan *plan);
int bridge_plan_create(bridge_plan *plan, size_t components, size_t dim); /* all rungs; non-zero when out of memory */

typedef struct bridge_settings {
  target *target;
  const mixture *q;
  uint64_t seed;
  stream_stage purpose;                          /* STREAM_PILOT, STREAM_TUNE or STREAM_BRIDGE */
  unsigned number, group;                        /* tell the streams of several bridges apart */
  size_t islands, parents, states, final_states; /* parents: of all islands */
  double ess;                                    /* share of effective particles that a change of temperature may leave */
  int by_component;                              /* cells are (location of the reference, half) instead of islands */
  const bridge_plan *plan;                       /* NULL: adapt */
  int apart; /* with ranks, where a plan is followed: states stay with the rank that moves their chain */
} bridge_settings;

/* Of a bridge whose states are apart, each rank has those of its own run of chains (of the initial draws), and of all no more than the
 * numbers that weights, resampling and the account want. */
typedef struct bridge {
  bridge_settings set;
  size_t dim, n, cells; /* n: of the population now */
  size_t all_chains;    /* of all ranks */
  tempered population, chains;
  shared_loop held; /* of a layer of the population, the initial draws or a state of all chains: those that are here */
  tempered_kernel kernel;
  size_t *cell, *eve, *top; /* of the population: cell; initial draw it descends from; most likely location of q */
  size_t *chain_cell, *chain_eve, *chain_location, *cell_parents, *cell_count;
  unsigned char *cell_half;
  double *log_z, *cell_share;                  /* of a cell: log Zhat so far; its share of the initial draws */
  double *ratio, *first_ratio, *weight, *work; /* log pi~/q of the population; of the initial draws; scratch */
  size_t *index, *order, *parent;
  uint32_t *by_ratio; /* scratch of resampling: two of a cell's particles each; */
  double *sort_work;  /* one; */
  size_t *places;     /* locations + 1 */
  double *acceptance, *step, *scale;
  double *moved; /* with ranks, of a bridge that follows its plan: acceptance in each of a temperature's moves */
  size_t *component;
  double beta, ess, accepted, independence;
  size_t stage;
  evidence evidence;
  bridge_plan record; /* all its rungs have their memory from the beginning */
} bridge;

int bridge_create(const bridge_settings *settings, bridge **out, dilate_error *err);
void bridge_free(bridge *b); /* NULL is allowed */
/* One temperature.  DILATE_CONTINUE, DILATE_OK once beta = 1 is reached and its states are drawn, or a failure. */
int bridge_step(bridge *b, dilate_error *err);
/* Of a finished bridge: frees all but its states with their log-densities and lineages, and the account of its errors; then those states
 * too. */
void bridge_keep_states(bridge *b);
void bridge_drop_states(bridge *b);
/* One that has taken a step, or has its states and nothing else; settings: what it was created with, its reference and its plan at their
 * present places.  What is read is the caller's to free, after a failure, too. */
void bridge_archive(archive *a, const bridge_settings *settings, bridge **out);
/* For that: a bridge without a population (non-zero when out of memory; *out is to be freed then, too), and how many of its chains are
 * recorded at a temperature after the first. */
int bridge_make(const bridge_settings *settings, bridge **out);
size_t bridge_recorded(const bridge *b);
/* Of a reference of `components` components in `dim` dimensions. */
void bridge_plan_archive(archive *a, size_t components, size_t dim, bridge_plan *plan);
/* log of the mean over cells of Zhat. */
double bridge_log_z(const bridge *b);

/* ---- what an adaptive bridge settles (bridge_adapt.c) ---- */

/* The next temperature: the effective share of w = exp((beta' - beta) ratio) falls to settings.ess, or 1. */
double bridge_next_temperature(const bridge *b);
/* Effective share of the population under an increment of temperature; pooled, or averaged over cells by their shares. */
double bridge_effective_share(const bridge *b, double increment);
/* Scales of the whitened coordinates: root of the pooled mean squared whitened gradient of the chains at b->beta. */
void bridge_adapt_scale(bridge *b);
/* Share of independence moves from their predicted acceptance. */
void bridge_adapt_independence(bridge *b);
/* Step sizes after an HMC move, by component. */
void bridge_adapt_steps(bridge *b);

#endif
