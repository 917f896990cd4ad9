/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waste-free SMC from a reference to the target, one temperature a step: see bridge.h. */
#include "stage/bridge.h"

#include <math.h>
#include <string.h>

#include "base/logsumexp.h"
#include "base/memory.h"
#include "base/sort.h"
#include "base/team.h"
#include "stage/bridge_apart.h"
#include "stage/bridge_cells.h"
#include "stage/evidence_near.h"
#include "stage/resample.h"

#define FIRST_STEP    1.2                 /* times dim^(-1/4) */
#define STORED        (4 * PARTICLE_TILE) /* states that are stored at a time */
#define RECORD_STATES 8192                /* of an island: of twice as many or more, every second, third, ... chain is recorded */

void bridge_plan_clear(bridge_plan *plan) {
  memory_free(plan->storage);
  memset(plan, 0, sizeof *plan);
}

int bridge_plan_create(bridge_plan *plan, size_t components, size_t dim) {
  plan->storage = NEW2(double, BRIDGE_STAGES_MAX, components + dim);
  if (!plan->storage) return 1;
  for (size_t t = 0; t < BRIDGE_STAGES_MAX; t++) {
    plan->rung[t].step = plan->storage + t * (components + dim);
    plan->rung[t].scale = plan->rung[t].step + components;
  }
  return 0;
}

void bridge_free(bridge *b) {
  if (!b) return;
  tempered_clear(&b->population);
  tempered_clear(&b->chains);
  tempered_kernel_clear(&b->kernel);
  evidence_clear(&b->evidence);
  bridge_plan_clear(&b->record);
  void *arrays[] = {b->cell,       b->eve,       b->top,    b->chain_cell, b->chain_eve,  b->chain_location, b->cell_parents,
                    b->cell_count, b->cell_half, b->log_z,  b->cell_share, b->ratio,      b->first_ratio,    b->weight,
                    b->work,       b->index,     b->order,  b->parent,     b->acceptance, b->step,           b->scale,
                    b->component,  b->by_ratio,  b->places, b->sort_work,  b->moved};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) memory_free(arrays[i]);
  memory_free(b);
}

void bridge_keep_states(bridge *b) {
  void *const spent[] = {
      b->population.pi.grad, b->population.logq, b->ratio, b->first_ratio, b->weight, b->work, b->sort_work, b->cell, b->top, b->index,
      b->by_ratio,           b->order,           b->moved};
  for (size_t i = 0; i < sizeof spent / sizeof *spent; i++) memory_free(spent[i]);
  b->population.pi.grad = b->population.logq = b->ratio = b->first_ratio = b->weight = b->work = b->sort_work = NULL;
  b->cell = b->top = b->index = b->order = NULL;
  b->moved = NULL;
  b->by_ratio = NULL;
  tempered_clear(&b->chains);
}

void bridge_drop_states(bridge *b) {
  bridge_keep_states(b);
  particles_clear(&b->population.pi);
  memory_free(b->eve);
  b->eve = NULL;
  b->n = 0;
}

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

/* The most that is listed at once: a cell's particles, or the recorded chains of all. */
static size_t cell_room(const bridge_settings *settings, size_t room) {
  if (settings->by_component) return room;
  const size_t recorded = 2 * RECORD_STATES * settings->islands + 1;
  return larger(room / settings->islands, room < recorded ? room : recorded);
}

/* Arrays over the population (`room` entries) and over cells. */
static int allocate_population(bridge *b, size_t room, size_t cells) {
  const size_t cell = cell_room(&b->set, room);
  b->cell = NEW(size_t, room);
  b->eve = NEW(size_t, room);
  b->top = NEW(size_t, room);
  b->ratio = NEW(double, room);
  if (!b->set.plan) b->first_ratio = NEW(double, room);
  b->index = NEW(size_t, cell);
  b->order = NEW(size_t, cell);
  b->by_ratio = NEW2(uint32_t, 2, cell);
  b->places = NEW(size_t, b->set.q->locations + 1);
  b->sort_work = NEW(double, cell);
  b->cell_parents = NEW(size_t, cells);
  b->cell_count = NEW(size_t, cells);
  b->cell_half = NEW(unsigned char, cells);
  b->log_z = NEW(double, cells);
  b->cell_share = NEW(double, cells);
  int failed = tempered_create(b->set.q, bridge_room_here(b, room), 0, &b->population) | evidence_create(&b->evidence);
  failed |= tempered_kernel_create(b->set.target, b->set.q, &b->kernel);
  return failed || !b->cell || !b->eve || !b->top || !b->ratio || (!b->set.plan && !b->first_ratio) || !b->index || !b->order ||
         !b->by_ratio || !b->places || !b->sort_work || !b->cell_parents || !b->cell_count || !b->cell_half || !b->log_z || !b->cell_share;
}

/* Arrays over the chains, once their number is known. */
static int allocate_chains(bridge *b, size_t chains, size_t room) {
  const size_t K = b->set.q->components, work = larger(b->set.plan ? 0 : b->dim * (chains + 8), cell_room(&b->set, room));
  b->chain_cell = NEW(size_t, chains);
  b->chain_eve = NEW(size_t, chains);
  b->chain_location = NEW(size_t, chains);
  b->parent = NEW(size_t, chains);
  b->component = NEW(size_t, chains);
  b->acceptance = NEW(double, chains);
  const int shared = b->set.plan && ranks_count(target_ranks(b->set.target)) > 1;
  const shared_loop here = share_apart(b->set.target, chains);
  if (b->set.apart) b->kernel.first = share_first(&here);
  if (shared) b->moved = NEW2(double, larger(b->set.states, b->set.final_states), chains);
  b->weight = NEW(double, room + 2 * chains + 3 * K);
  b->work = NEW(double, work);
  b->step = NEW(double, K);
  b->scale = NEW(double, b->dim);
  int failed = tempered_create(b->set.q, b->set.apart ? share_after(&here) - share_first(&here) : chains, 1, &b->chains);
  if (!b->set.plan) failed |= bridge_plan_create(&b->record, K, b->dim);
  return failed || !b->chain_cell || !b->chain_eve || !b->chain_location || !b->parent || !b->component || !b->acceptance || !b->weight ||
         !b->work || !b->step || !b->scale || (shared && !b->moved);
}

/* Most likely locations of n <= PARTICLE_TILE particles, the first of equal ones, by their shares. */
static void most_likely(const mixture *q, size_t n, size_t ld, const double *share, size_t *location) {
  double most[PARTICLE_TILE];
  size_t best[PARTICLE_TILE] = {0};
  memcpy(most, share, n * sizeof *most);
  for (size_t k = 1; k < q->components; k++)
    for (size_t i = 0; i < n; i++) {
      const int more = share[k * ld + i] > most[i];
      most[i] = more ? share[k * ld + i] : most[i];
      best[i] = more ? k : best[i];
    }
  for (size_t i = 0; i < n; i++) location[i] = q->location[best[i]];
}

/* Draws a tile of the initial population, of which the first that are here stand at 0. */
static void draw_tile(bridge *b, stream s, size_t tile, const size_t *component) {
  const tempered *p = &b->population;
  const size_t first = tile * PARTICLE_TILE, at = first - share_first(&b->held), n = tile_size(b->n, tile), ld = p->pi.ld;
  uint32_t id[PARTICLE_TILE];
  double *x = p->pi.x + at, *work = tempered_scratch(&b->kernel);
  for (size_t i = 0; i < n; i++) id[i] = (uint32_t)(first + i);
  mixture_draw(b->set.q, s, 0, n, ld, id, component + first, x, work);
  target_evaluate(b->set.target, first, n, ld, x, p->pi.logp + at, p->pi.grad + at);
  mixture_evaluate(b->set.q, n, ld, x, p->logq + at, NULL, NULL, work);
}

/* Draws the initial population from q and evaluates it under both densities. */
static int draw_population(bridge *b, size_t *component, dilate_error *err) {
  tempered *p = &b->population;
  const mixture *q = b->set.q;
  stream s = stream_make(b->set.seed, b->set.purpose, b->set.number * 64, b->set.group);
  const shared_loop own = b->set.apart ? share_apart(b->set.target, b->n) : share_begin(b->set.target, b->n, 1);
  b->held = b->set.apart ? own : share_alone(b->set.target, b->n);
#pragma omp parallel for schedule(dynamic) num_threads(team_size(target_threads(b->set.target)))
  for (size_t tile = own.first; tile < own.end; tile++) draw_tile(b, s, tile, component);
  if (b->set.apart) {
    bridge_fill_ratios(b);
    SHARE_END(&own, SHARE_ROW(b->ratio));
  } else
    SHARE_END(&own, SHARE_POINTS(&p->pi), SHARE_VALUES(&p->pi), SHARE_ROW(p->logq));
  for (size_t i = 0; i < b->n; i++) {
    b->eve[i] = i;
    b->top[i] = q->location[component[i]];
    if (b->first_ratio) b->first_ratio[i] = tempered_log_ratio(p, i);
  }
  return target_status(b->set.target, err);
}

/* All memory, and the cells; component: room for those of the initial draws, which it gets.  Non-zero when out of memory. */
static int allocate(bridge *b, size_t *component) {
  const bridge_settings *settings = &b->set;
  size_t cells = bridge_cells_max(settings), spare = settings->by_component ? cells : 0, chains = 0;
  size_t room = larger(larger(b->n, (settings->parents + spare) * larger(settings->states, settings->final_states)), 2 * cells);
  if (!component || allocate_population(b, room, cells)) return 1;
  if (settings->by_component)
    bridge_cells_components(b, component);
  else
    bridge_cells_islands(b, component);
  for (size_t c = 0; c < b->cells; c++) chains += b->cell_parents[c];
  b->all_chains = chains;
  return allocate_chains(b, chains, room);
}

/* A bridge whose population is not drawn yet: *component, the caller's to free, is what it is to be drawn from.  *out is to be freed after
 * a failure, too, which can only be for want of memory. */
static int make(const bridge_settings *settings, bridge **out, size_t **component) {
  bridge *b = *out = NEW(bridge, 1);
  if (!b) return 1;
  b->set = *settings;
  b->set.apart = settings->apart && settings->plan && ranks_count(target_ranks(settings->target)) > 1;
  b->dim = settings->q->dim;
  b->n = settings->parents * settings->states;
  *component = NEW(size_t, b->n);
  if (allocate(b, *component)) return 1;
  for (size_t k = 0; k < settings->q->components; k++) b->step[k] = FIRST_STEP / sqrt(sqrt((double)b->dim));
  for (size_t j = 0; j < b->dim; j++) b->scale[j] = 1;
  b->kernel.step = b->step;
  b->kernel.whitened_scale = b->scale;
  return 0;
}

int bridge_create(const bridge_settings *settings, bridge **out, dilate_error *err) {
  size_t *component = NULL;
  int status = make(settings, out, &component) ? error_memory(err, "the bridge") : draw_population(*out, component, err);
  memory_free(component);
  if (!status) return DILATE_OK;
  bridge_free(*out);
  *out = NULL;
  return status;
}

/* Indices of the cell's particles into b->index; returns how many. */
static size_t members(const bridge *b, size_t cell) {
  size_t n = 0;
  for (size_t i = 0; i < b->n; i++)
    if (b->cell[i] == cell) b->index[n++] = i;
  return n;
}

/* Incremental weights relative to the cell's mean into b->weight; log Zhat of each cell moves on.  Returns 0 when all cells have a weight.
 */
static int reweight(bridge *b, double increment) {
  int dead = 0;
  for (size_t c = 0; c < b->cells; c++) {
    size_t n = members(b, c);
    for (size_t k = 0; k < n; k++) {
      double r = b->ratio[b->index[k]];
      b->work[k] = r == -INFINITY ? -INFINITY : increment * r;
    }
    double mean = log_mean_exp(n, b->work);
    b->log_z[c] += mean;
    for (size_t k = 0; k < n; k++) b->weight[b->index[k]] = mean == -INFINITY ? 1 : exp(b->work[k] - mean);
    dead += mean == -INFINITY;
  }
  return dead == (int)b->cells;
}

/* Of so many states, every how many chains one is recorded. */
static size_t record_stride(const bridge *b, size_t states) {
  return larger(1, states / b->cells / RECORD_STATES);
}

/* Every stride-th of n numbers; returns how many. */
static size_t take_every(size_t stride, size_t n, const size_t *from, size_t *to) {
  size_t count = 0;
  for (size_t m = 0; m < n; m += stride) to[count++] = from[m];
  return count;
}

/* The population as it stands, for the variance of log Zhat. */
static int keep_record(bridge *b, dilate_error *err) {
  const size_t all = b->held.n, states = b->n / all, stride = record_stride(b, b->n);
  const size_t chains = take_every(stride, all, b->cell, b->index);
  take_every(stride, all, b->stage == 0 ? b->top : b->chain_location, b->order);
  evidence_record *r = evidence_append(&b->evidence, chains, states, b->index, b->order);
  if (!r) return error_memory(err, "the record of the weights");
  r->stride = stride;
  r->all = all;
  for (size_t s = 0; s < states; s++)
    for (size_t m = 0; m < chains; m++) r->weight[s * chains + m] = b->weight[s * all + m * stride];
  return DILATE_OK;
}

/* b->order: the cell's n particles by (location, log ratio, number): what is resampled systematically along it is stratified. */
static void order_cell(bridge *b, size_t n) {
  const size_t locations = b->set.q->locations;
  for (size_t k = 0; k < n; k++) b->work[k] = b->ratio[b->index[k]] + 0.0; /* -0 becomes 0 */
  sort_order(n, b->work, b->work, b->by_ratio, b->sort_work, b->by_ratio + n);
  memset(b->places, 0, (locations + 1) * sizeof *b->places);
  for (size_t k = 0; k < n; k++) b->places[b->top[b->index[k]] + 1]++;
  for (size_t l = 0; l < locations; l++) b->places[l + 1] += b->places[l];
  for (size_t k = 0; k < n; k++) {
    const size_t i = b->index[b->by_ratio[k]];
    b->order[b->places[b->top[i]]++] = i;
  }
}

static void resample(bridge *b) {
  stream s = stream_make(b->set.seed, STREAM_RESAMPLE, b->set.number * 64 + b->set.purpose, b->set.group);
  size_t chain = 0;
  for (size_t c = 0; c < b->cells; c++) {
    size_t n = members(b, c);
    order_cell(b, n);
    resample_systematic(n, b->weight, b->order, stream_uniform(s, (uint32_t)c, (uint32_t)b->stage, 0), b->cell_parents[c],
                        b->parent + chain);
    for (size_t k = 0; k < b->cell_parents[c]; k++, chain++) {
      b->chain_eve[chain] = b->eve[b->parent[chain]];
      b->chain_location[chain] = b->top[b->parent[chain]];
      b->chain_cell[chain] = c;
    }
  }
  bridge_copy_parents(b);
}

/* Responsibilities of the chains of the loop, which are here. */
static void evaluate_shares(bridge *b, const shared_loop *here) {
  tempered *c = &b->chains;
  const size_t n = c->pi.n, ld = c->pi.ld;
#pragma omp parallel for schedule(static) num_threads(team_size(target_threads(b->set.target)))
  for (size_t t = here->first; t < here->end; t++) {
    size_t first = t * PARTICLE_TILE;
    mixture_evaluate(b->set.q, tile_size(n, t), ld, c->pi.x + first, c->logq + first, c->gradq + first, c->share + first,
                     tempered_scratch(&b->kernel));
  }
}

/* The chains as they stand, those of `own`, become state number s of the population. */
static void store_state(bridge *b, const shared_loop *own, size_t s) {
  const size_t M = b->all_chains, begin = share_first(own), end = share_after(own), held = share_first(&b->held),
               count = share_after(&b->held) - held, chain = b->kernel.first;
  memcpy(b->cell + s * M, b->chain_cell, M * sizeof *b->cell);
  memcpy(b->eve + s * M, b->chain_eve, M * sizeof *b->eve);
#pragma omp parallel for schedule(static) num_threads(team_size(target_threads(b->set.target)))
  for (size_t first = begin; first < end; first += STORED) {
    const size_t n = end - first < STORED ? end - first : STORED;
    tempered_copy_run(&b->population, s * count + first - held, &b->chains, first - chain, n);
    for (size_t at = first; at < first + n; at += PARTICLE_TILE)
      most_likely(b->set.q, tile_size(first + n, at / PARTICLE_TILE), b->chains.pi.ld, b->chains.share + at - chain, b->top + s * M + at);
  }
}

/* What all need of all ranks' chains, in one exchange: a bridge that follows its plan needs nothing of the others' in between. */
static void share_states(bridge *b, const shared_loop *own, size_t states) {
  const size_t M = b->all_chains, ld = b->population.pi.ld;
  const tempered *p = &b->population;
  if (b->set.apart)
    SHARE_END(own, SHARE_LAYERS(b->ratio, 1, 0, states, M), SHARE_LAYERS(b->top, 1, 0, states, M), SHARE_LAYERS(b->moved, 1, 0, states, M));
  else
    SHARE_END(own, SHARE_LAYERS(p->pi.x, b->dim, ld, states, M), SHARE_LAYERS(p->pi.grad, b->dim, ld, states, M),
              SHARE_LAYERS(p->pi.logp, 1, 0, states, M), SHARE_LAYERS(p->logq, 1, 0, states, M), SHARE_LAYERS(b->top, 1, 0, states, M),
              SHARE_LAYERS(b->moved, 1, 0, states, M));
}

static int is_independent(const bridge *b, size_t s) {
  return stream_uniform(b->kernel.stream, UINT32_MAX, (uint32_t)s, 0) < b->independence;
}

/* Adds the mean acceptance of a move that tells something of the steps' sizes. */
static void add_accepted(const bridge *b, size_t s, const double *acceptance, double *sum, size_t *moves) {
  if (is_independent(b, s)) return;
  for (size_t m = 0; m < b->all_chains; m++) *sum += fmax(0, acceptance[m]) / (double)b->all_chains;
  ++*moves;
}

/* Move number s of the chains of `own`. */
static void move_once(bridge *b, const shared_loop *own, size_t s) {
  const int independent = is_independent(b, s);
  double *const acceptance = b->kernel.within ? b->moved + s * b->all_chains + b->kernel.first : b->acceptance;
  if (independent)
    independence_move(&b->kernel, (uint32_t)s, &b->chains, acceptance);
  else
    component_hmc(&b->kernel, (uint32_t)s, &b->chains, acceptance, b->component);
  if (!independent && !b->set.plan) bridge_adapt_steps(b);
  store_state(b, own, s);
}

static void move_chains(bridge *b, const shared_loop *own) {
  const size_t states = b->beta >= 1 ? b->set.final_states : b->set.states, M = b->all_chains;
  double accepted = 0;
  size_t moves = 0;
  b->kernel.beta = b->beta;
  b->kernel.stream = stream_make(b->set.seed, b->set.purpose, b->set.number * 64 + (unsigned)b->stage + 1, b->set.group);
  store_state(b, own, 0);
  for (size_t s = 1; s < states; s++) {
    move_once(b, own, s);
    if (!b->kernel.within) add_accepted(b, s, b->acceptance, &accepted, &moves);
  }
  b->n = states * M;
  if (b->set.apart) bridge_fill_ratios(b);
  if (b->kernel.within) share_states(b, own, states);
  for (size_t s = 1; s < states && b->kernel.within; s++) add_accepted(b, s, b->moved + s * M, &accepted, &moves);
  b->accepted = moves ? accepted / (double)moves : NAN;
}

/* Settles this temperature's kernels, by the plan or by what the chains show. */
static void settle_kernels(bridge *b) {
  const bridge_plan *plan = b->set.plan;
  if (plan) {
    const bridge_rung *rung = &plan->rung[b->stage];
    memcpy(b->step, rung->step, b->set.q->components * sizeof *b->step);
    memcpy(b->scale, rung->scale, b->dim * sizeof *b->scale);
    b->independence = rung->independence;
  } else {
    bridge_adapt_scale(b);
    bridge_adapt_independence(b);
  }
}

/* The chains of this temperature: with ranks, each has its own where a plan is followed, and else all of them. */
static void run_temperature(bridge *b) {
  b->held = bridge_chains_here(b);
  shared_loop own = b->set.apart ? b->held : share_begin(b->set.target, b->all_chains, 1);
  const int within = b->set.apart || (own.shared && b->set.plan);
  if (!within) own = b->held;
  const shared_loop here = b->set.apart ? share_alone(b->set.target, b->chains.pi.n) : own;
  evaluate_shares(b, &here);
  settle_kernels(b);
  b->kernel.within = within ? &here : NULL;
  move_chains(b, &own);
  b->kernel.within = NULL;
}

/* Appends what this temperature settled on to the record. */
static void keep_rung(bridge *b) {
  bridge_rung *rung = &b->record.rung[b->record.count++];
  rung->beta = b->beta;
  rung->independence = b->independence;
  memcpy(rung->step, b->step, b->set.q->components * sizeof *b->step);
  memcpy(rung->scale, b->scale, b->dim * sizeof *b->scale);
}

/* Ties the record of this temperature's weights to the chains that were resampled by them. */
static int link_record(bridge *b, dilate_error *err) {
  if (b->set.by_component) return DILATE_OK;
  const size_t all = b->all_chains, stride = record_stride(b, all * b->set.states), last = b->beta >= 1;
  const linked_states states = {&b->population.pi, b->ratio, b->set.apart ? &b->held : NULL};
  const size_t chains = take_every(stride, all, b->parent, b->index);
  take_every(stride, all, b->chain_cell, b->order);
  evidence_record *r = &b->evidence.record[b->evidence.count - 1];
  r->near_stride = last ? stride : 1; /* the last chains are all known, others as the next record will have them */
  int failed = evidence_link(r, &states, chains, b->index, b->order, target_threads(b->set.target));
  if (!failed && last) failed = evidence_end(&b->evidence, all, b->chain_cell, b->chain_location);
  return failed ? error_memory(err, "the record of the weights") : DILATE_OK;
}

static double next_temperature(const bridge *b) {
  if (b->set.plan) return b->set.plan->rung[b->stage].beta;
  return b->stage + 1 == BRIDGE_STAGES_MAX ? 1 : bridge_next_temperature(b);
}

int bridge_step(bridge *b, dilate_error *err) {
  if (!b->set.apart) bridge_fill_ratios(b);
  double beta = next_temperature(b), increment = beta - b->beta;
  b->ess = bridge_effective_share(b, increment);
  if (reweight(b, increment)) return error_set(err, DILATE_ESUPPORT, "no draw of the reference is inside the target's support");
  int status = b->set.by_component ? DILATE_OK : keep_record(b, err);
  b->beta = beta;
  if (status) return status;
  resample(b);
  status = link_record(b, err);
  if (status) return status;
  run_temperature(b);
  if (!b->set.plan) keep_rung(b);
  b->stage++;
  status = target_status(b->set.target, err);
  return status ? status : b->beta >= 1 ? DILATE_OK : DILATE_CONTINUE;
}

size_t bridge_recorded(const bridge *b) {
  const size_t all = b->all_chains, stride = record_stride(b, all * b->set.states);
  return (all + stride - 1) / stride;
}

int bridge_make(const bridge_settings *settings, bridge **out) {
  size_t *component = NULL;
  const int failed = make(settings, out, &component);
  memory_free(component);
  return failed;
}

double bridge_log_z(const bridge *b) {
  double sum = -INFINITY;
  for (size_t c = 0; c < b->cells; c++) sum = log_add_exp(sum, b->log_z[c] + log(b->cell_share[c]));
  return sum;
}
