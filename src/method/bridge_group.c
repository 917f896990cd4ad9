/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One group of the default sampler as a state machine: see bridge_group.h. */
#include "method/bridge_group.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/memory.h"
#include "method/bridge_rounds.h"
#include "method/bridge_warp.h"
#include "stage/bridge_apart.h"
#include "stage/resample.h"

/* Sizes of bridges (manual, sections 6 and 7); parents are an island's, or a pilot's in all. */
#define PILOT_PARENTS  512
#define PILOT_STATES   6
#define PILOT_SAMPLE   3000
#define PILOT_MANY     8   /* components of a hard reference that make many cells, each in need of chains */
#define FINAL_PARENTS  256 /* at least, or one for so many draws: */
#define DRAWS_A_PARENT 4
#define FINAL_STATES   8

#define PARENTS_MIN  16
#define TUNE_PARENTS 4096 /* in all, at most, for what every rank holds: of more draws too they tell the plan well enough */

/* The first fit takes a step, and dim^3: in so many dimensions or more about dim / 250 times as long as all before it. */
#define FIT_LONG      500
#define FIT_TIMES_DIM 250.0

int group_new(unsigned number, size_t islands, bridge_group **out, dilate_error *err) {
  *out = NEW(bridge_group, 1);
  if (!*out) return error_memory(err, "a group of islands");
  (*out)->number = number;
  (*out)->islands = islands;
  return DILATE_OK;
}

int group_create(const run *r, unsigned number, size_t islands, bridge_group **out, dilate_error *err) {
  int status = group_new(number, islands, out, err);
  if (!status) status = explore_create(r->target, r->options.seed, number, r->options.effort, &(*out)->explore, err);
  if (!status) (*out)->explore.hints = hints_of(&r->options);
  if (!status) return DILATE_OK;
  memory_free(*out);
  *out = NULL;
  return status;
}

int group_create_joined(unsigned number, size_t islands, mixture *q, double cost, bridge_group **out, dilate_error *err) {
  int status = group_new(number, islands, out, err);
  if (status) {
    mixture_free(q);
    return status;
  }
  (*out)->joined = q;
  (*out)->best_cost = cost;
  (*out)->phase = GROUP_TUNE;
  return DILATE_OK;
}

void group_free(bridge_group *g) {
  if (!g) return;
  explore_clear(&g->explore);
  sample_clear(&g->sample);
  for (size_t i = 0; i < GROUP_ROUNDS_MAX; i++) {
    reference_free(g->tried[i]);
    bridge_plan_clear(&g->pilot_plan[i]);
  }
  mixture_free(g->joined);
  mixture_free(g->plain);
  warp_free(g->warp);
  bridge_free(g->bridge);
  bridge_plan_clear(&g->plan);
  memory_free(g);
}

const mixture *group_reference(const bridge_group *g) {
  return g->joined ? g->joined : g->tried[g->best]->q;
}

mixture *group_join_references(bridge_group *const *group, size_t count) {
  mixture *q = mixture_copy(group_reference(group[0]));
  for (size_t g = 1; q && g < count; g++) {
    mixture *joined = mixture_merge(q, group_reference(group[g]), (double)g / (double)(g + 1));
    mixture_free(q);
    q = joined;
  }
  return q;
}

const particles *group_particles(const bridge_group *g, size_t *n) {
  if (g->bridge) {
    *n = bridge_states_here(g->bridge);
    return &g->bridge->population.pi;
  }
  *n = g->phase <= GROUP_SETTLE ? (g->explore.batches ? g->explore.now.n : 0) : g->sample.points.n;
  return g->phase <= GROUP_SETTLE ? &g->explore.now : &g->sample.points;
}

static int record(const bridge_group *g, run *r, const char *stage, double temperature, double ess, double log_z, double acceptance,
                  double part, dilate_error *err) {
  double groups = (double)r->options.groups,
         fraction = (size_t)g->number >= r->options.groups ? 0.9 + 0.1 * part : ((double)g->number + part) / groups;
  return run_record(r, stage, (int)g->number, (int)g->round, temperature, ess, log_z, acceptance, fraction, err);
}

static int step_explore(bridge_group *g, run *r, dilate_error *err) {
  int status = explore_step(&g->explore, err);
  if (status < 0) return status;
  if (status == DILATE_OK) {
    explore_end(&g->explore);
    g->phase = GROUP_SETTLE;
  }
  double part = 0.2 * fmin(1, (double)g->explore.batches / 6);
  int recorded = record(g, r, "explore", NAN, NAN, NAN, g->explore.acceptance, part, err);
  return recorded ? recorded : DILATE_CONTINUE;
}

static int step_settle(bridge_group *g, run *r, dilate_error *err) {
  int status = settle(&g->explore, &g->sample, err);
  if (status) return status;
  if (explore_give_up(&g->explore)) return error_memory(err, "the exploration");
  g->phase = GROUP_FIT;
  status = record(g, r, "settle", NAN, NAN, NAN, NAN, 0.25, err);
  return status ? status : DILATE_CONTINUE;
}

/* A hard reference that has had a pilot needs no tuning bridge: what the pilot settled on, on streams of its own, is a plan. */
static int take_pilot_plan(bridge_group *g) {
  bridge_plan *settled = &g->pilot_plan[g->best];
  if (g->joined || g->best_cost <= COST_SINGLE || settled->count == 0) return 0;
  g->plan = *settled;
  memset(settled, 0, sizeof *settled);
  return 1;
}

/* The sample of the first round moves on, and is fitted again. */
static int settle_more(bridge_group *g, run *r, dilate_error *err) {
  reference *now = g->tried[g->round];
  const settle_task task = {r->target, r->options.seed, g->number, (unsigned)g->settled_again};
  int status = settle_again(&task, now->core, &g->sample, err);
  if (status) return status;
  g->settled_again++;
  g->settled_cost = now->cost;
  reference_free(now);
  g->tried[g->round] = NULL;
  status = record(g, r, "settle", NAN, NAN, NAN, NAN, 0.28, err);
  return status ? status : DILATE_CONTINUE;
}

/* DILATE_STOPPED and a warning where the first fit would outlast the budget of seconds, which nothing looks at while it goes on. */
static int afford_fit(const bridge_group *g, run *r, dilate_error *err) {
  const double d = (double)target_dim(r->target), wanted = d / FIT_TIMES_DIM * (omp_get_wtime() - r->started);
  if (d < FIT_LONG || g->number || g->round || g->tried[0] || run_affords(r, 0, wanted)) return DILATE_OK;
  const int status = run_warn(r, err,
                              "in %.0f dimensions the fit of the reference would take about %.0f seconds, more than a budget, max_seconds "
                              "(%g), leaves: there are no draws.  Allow more, or take a method that fits nothing, as \"langevin\".",
                              d, wanted, r->options.max_seconds);
  return status ? status : DILATE_STOPPED;
}

static int step_fit(bridge_group *g, run *r, dilate_error *err) {
  const int afforded = afford_fit(g, r, err);
  if (afforded) return afforded;
  reference_task task = {.target = r->target,
                         .seed = r->options.seed,
                         .group = g->number,
                         .round = group_round_number(g),
                         .sample = &g->sample,
                         .explore = g->round ? NULL : &g->explore,
                         .previous = g->round && g->tried[g->best] ? g->tried[g->best]->core : NULL};
  int status = warp_fit(g, r, &task, err);
  if (status) return status;
  if (rounds_unsettled(g, target_warp(r->target) != NULL)) return settle_more(g, r, err);
  int accepted = 0;
  status = rounds_judge(g, &accepted, err);
  if (status) return status;
  g->phase = !accepted ? GROUP_PILOT : take_pilot_plan(g) ? GROUP_FINAL : GROUP_TUNE;
  status = record(g, r, "fit", NAN, g->tried[g->round]->ess, NAN, NAN, 0.3 + 0.06 * (double)g->round, err);
  return status ? status : DILATE_CONTINUE;
}

/* A pilot is larger where the reference is mediocre, and larger still, and resampled as a whole, where it is hard: many small cells would
 * each be at the mercy of a few chains. */
static bridge_settings pilot_settings(const bridge_group *g, const run *r) {
  const reference *now = g->tried[g->round];
  int mediocre = now->cost > COST_PATIENT, hard = now->cost > COST_HARD, many = now->core->components >= PILOT_MANY;
  return (bridge_settings){.target = r->target,
                           .q = now->q,
                           .seed = r->options.seed,
                           .purpose = STREAM_PILOT,
                           .number = group_round_number(g),
                           .group = g->number,
                           .islands = 1,
                           .parents = (hard && many ? 4
                                       : mediocre   ? 2
                                                    : 1) *
                                      PILOT_PARENTS,
                           .states = PILOT_STATES,
                           .final_states = (hard                      ? 2
                                            : now->cost > COST_SINGLE ? 4
                                            : mediocre                ? 2
                                                                      : 1) *
                                           PILOT_STATES,
                           .ess = mediocre && !hard ? 0.6 : 0.5,
                           .by_component = 1};
}

/* Bridges of the chosen reference: the tuning one adapts with fewer parents, the final one follows its plan. */
static bridge_settings final_settings(const bridge_group *g, const run *r, int tune) {
  int mid = g->best_cost > COST_SINGLE && !g->hasty;
  size_t parents = (r->options.draws + DRAWS_A_PARENT - 1) / DRAWS_A_PARENT, states = FINAL_STATES;
  if (parents < FINAL_PARENTS) parents = FINAL_PARENTS;
  if (g->hopeless) parents *= 2;
  if (mid) states *= 2;
  if (tune || g->hasty) parents /= mid ? 2 : 4;
  const double effort = tune ? fmin(1, r->options.effort) : r->options.effort;
  parents = (size_t)fmax(PARENTS_MIN, round(effort * (double)parents));
  if (tune && parents > TUNE_PARENTS / g->islands)
    parents = TUNE_PARENTS / g->islands > PARENTS_MIN ? TUNE_PARENTS / g->islands : PARENTS_MIN;
  const size_t needed = tune ? 0 : (r->options.draws + parents - 1) / parents;
  return (bridge_settings){.target = r->target,
                           .q = group_reference(g),
                           .seed = r->options.seed,
                           .purpose = tune ? STREAM_TUNE : STREAM_BRIDGE,
                           .number = (unsigned)g->surprises,
                           .group = g->number,
                           .islands = g->islands,
                           .parents = parents * g->islands,
                           .states = states,
                           .final_states = needed > states ? needed : states,
                           .ess = mid ? 0.7 : 0.5,
                           .plan = tune ? NULL : &g->plan,
                           .apart = r->options.spread};
}

bridge_settings group_bridge_settings(const bridge_group *g, const run *r) {
  return g->phase == GROUP_PILOT ? pilot_settings(g, r) : final_settings(g, r, g->phase == GROUP_TUNE);
}

/* log Zhat of the cell in the middle. */
static double median_log_z(const bridge *b, double *sorted) {
  memcpy(sorted, b->log_z, b->cells * sizeof *sorted);
  gsl_sort(sorted, 1, b->cells);
  return sorted[b->cells / 2];
}

/* Weights of a pilot's states, by their cells: at least 5 % of what q gave the cell, so that a mode whose weight came out small is still
 * fitted.  From a hard reference a cell's Zhat is mostly noise, and one lucky cell would push all others out: there it counts at most
 * fourfold against the middle one. */
static void cell_weights(const bridge *b, int hard, double *weight) {
  double middle = hard ? median_log_z(b, weight) : bridge_log_z(b), most = hard ? 4 : INFINITY;
  for (size_t c = 0; c < b->cells; c++) b->cell_count[c] = 0;
  for (size_t i = 0; i < b->n; i++) b->cell_count[b->cell[i]]++;
  for (size_t i = 0; i < b->n; i++) {
    size_t c = b->cell[i];
    double relative = fmin(fmax(exp(b->log_z[c] - middle), 0.05), most);
    weight[i] = relative * b->cell_share[c] / (double)b->cell_count[c];
  }
}

/* The states of the finished pilot, resampled by the weights of their cells, are the next round's sample. */
static int sample_from_pilot(bridge_group *g, const run *r, dilate_error *err) {
  const bridge *b = g->bridge;
  size_t n = b->n < PILOT_SAMPLE ? b->n : PILOT_SAMPLE, *parent = NEW(size_t, n);
  double *weight = NEW(double, b->n);
  stream s = stream_make(r->options.seed, STREAM_RESAMPLE, 12288 + group_round_number(g), g->number);
  sample_clear(&g->sample);
  int failed = !parent || !weight || sample_create(b->dim, n, 0, &g->sample);
  if (!failed) {
    cell_weights(b, g->phase == GROUP_PILOT && g->tried[g->round]->cost > COST_HARD, weight);
    resample_systematic(b->n, weight, NULL, stream_uniform(s, 0, 0, 0), n, parent);
    bridge_pick_states(b, n, parent, &g->sample.points);
    for (size_t i = 0; i < n; i++) g->sample.half[i] = b->cell_half[b->cell[parent[i]]];
  }
  memory_free(parent);
  memory_free(weight);
  return failed ? error_memory(err, "the sample of the pilot") : DILATE_OK;
}

static int end_bridge(bridge_group *g, const run *r, dilate_error *err) {
  int status = DILATE_OK;
  switch (g->phase) {
  case GROUP_PILOT:
    g->log_z[g->pilots++] = bridge_log_z(g->bridge);
    g->pilot_plan[g->round] = g->bridge->record;
    memset(&g->bridge->record, 0, sizeof g->bridge->record);
    status = sample_from_pilot(g, r, err);
    g->round++;
    g->phase = GROUP_FIT;
    break;
  case GROUP_TUNE:
    g->plan = g->bridge->record;
    memset(&g->bridge->record, 0, sizeof g->bridge->record);
    g->phase = GROUP_FINAL;
    break;
  default:
    if (!rounds_surprised(g)) {
      g->phase = GROUP_DONE;
      bridge_keep_states(g->bridge);
      return DILATE_OK;
    }
    g->surprises++;
    status = sample_from_pilot(g, r, err);
    bridge_plan_clear(&g->plan);
    g->round++;
    g->phase = GROUP_FIT;
    break;
  }
  bridge_free(g->bridge);
  g->bridge = NULL;
  return status;
}

/* One temperature of the bridge that this phase is about. */
static int step_bridge(bridge_group *g, run *r, dilate_error *err) {
  int status = DILATE_OK;
  group_phase phase = g->phase;
  if (!g->bridge) {
    if (phase == GROUP_FINAL) sample_clear(&g->sample); /* a surprise brings a sample of its own */
    const bridge_settings settings = group_bridge_settings(g, r);
    status = bridge_create(&settings, &g->bridge, err);
    if (status) return status;
    g->least_ess = 1;
  }
  status = bridge_step(g->bridge, err);
  if (status < 0) return status;
  const bridge *b = g->bridge;
  g->least_ess = fmin(g->least_ess, b->ess);
  double start = phase == GROUP_PILOT ? 0.3 + 0.06 * (double)g->round : phase == GROUP_TUNE ? 0.6 : 0.75;
  double length = phase == GROUP_PILOT ? 0.06 : phase == GROUP_TUNE ? 0.15 : 0.25;
  int recorded = record(g, r,
                        phase == GROUP_FINAL  ? "bridge"
                        : phase == GROUP_TUNE ? "tune"
                                              : "pilot",
                        b->beta, b->ess, bridge_log_z(b), b->accepted, start + length * b->beta, err);
  if (recorded) return recorded;
  if (status == DILATE_OK) status = end_bridge(g, r, err);
  if (status < 0) return status;
  return g->phase == GROUP_DONE ? DILATE_OK : DILATE_CONTINUE;
}

int group_step(bridge_group *g, run *r, dilate_error *err) {
  switch (g->phase) {
  case GROUP_EXPLORE:
    return step_explore(g, r, err);
  case GROUP_SETTLE:
    return step_settle(g, r, err);
  case GROUP_FIT:
    return step_fit(g, r, err);
  case GROUP_DONE:
    return DILATE_OK;
  default:
    return step_bridge(g, r, err);
  }
}
