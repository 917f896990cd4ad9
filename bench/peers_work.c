/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running the samplers on a target, one after the other on one processor.
 *
 * The library has its default options.  A peer's runs are doubled in length, every seed alike, until their draws are worth as many exact
 * ones as the library's, so that samplers are compared at one accuracy, or until the next length would go beyond the limit. */
#define _GNU_SOURCE
#include "bench/peers_work.h"

#include "bench/arguments.h"
#include "bench/default_run.h"
#include "bench/peers_child.h"
#include "bench/support.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHAINS       4 /* of NUTS, Stan's default */
#define PEER_TARGETS "%s/.libs/peer_targets.so"
#define START_UP     10 /* seconds that a process may take besides, as Python does to import */

const char *const peers_rows[] = {"gmm40", "gmm4-10", "gmm4-20", "gmm4-50", "gmm40-50", "manywell32", "ionosphere", "eight_schools", NULL};

const char *sampler_name(sampler_id id) {
  static const char *const names[SAMPLERS] = {"libdilate", "emcee, stretch moves", "emcee, differential evolution", "NUTS"};
  return names[id];
}

double reach_cost(const reach *r) {
  return r->seconds / r->worth;
}

const reach *outcome_best(const outcome *o) {
  const reach *best = NULL;
  for (size_t l = 0; l < o->lengths; l++)
    if (o->length[l].worth >= LEAST_DRAW && (best == NULL || reach_cost(&o->length[l]) < reach_cost(best))) best = &o->length[l];
  return best;
}

/* ---- One length of all seeds ---- */

/* What one seed's run has cost, and how far its draws are. */
typedef struct figures {
  double seconds, evaluations, gradients, value[MEASURES_MAX];
} figures;

static double median_at(const figures *seed, size_t offset) {
  double x[SEEDS];
  for (size_t s = 0; s < SEEDS; s++) memcpy(&x[s], (const char *)&seed[s] + offset, sizeof *x);
  return median_of(SEEDS, x);
}

static void add_length(const judge *j, const figures *seed, outcome *o) {
  reach *const r = &o->length[o->lengths++];
  r->seconds = median_at(seed, offsetof(figures, seconds));
  r->evaluations = median_at(seed, offsetof(figures, evaluations));
  r->gradients = median_at(seed, offsetof(figures, gradients));
  for (size_t m = 0; m < MEASURES_MAX; m++) r->value[m] = median_at(seed, offsetof(figures, value) + m * sizeof(double));
  r->worth = judge_worth(j, r->value);
}

static void print_progress(const judge *j, sampler_id id, const reach *r) {
  fprintf(stderr, "%-14s %-30s %9.3f s %10.0f evaluations, worth %.0f:", j->row->name, sampler_name(id), r->seconds, r->evaluations,
          r->worth);
  for (size_t m = 0; m < MEASURES_MAX; m++)
    if (judge_counts(j->row->measures[m].kind)) fprintf(stderr, " %s %.3g", measure_name(j->row->measures[m].kind), r->value[m]);
  fputc('\n', stderr);
}

/* ---- The library ---- */

static void run_ours(const judge *j, uint64_t seed, figures *out) {
  uint64_t gradients = 0;
  char *failure;
  dilate_result *const result = default_run(&j->target->target, seed, &out->seconds, &failure);
  if (failure != NULL) give_up("%s: %s", j->row->name, failure);
  out->evaluations = (double)dilate_result_evaluations(result, &gradients);
  out->gradients = (double)gradients;
  judge_measure(j, dilate_result_islands(result) * dilate_result_draws(result), dilate_result_unconstrained(result), out->value);
  dilate_result_free(result);
}

static void enter_ours(const judge *j, outcome *o) {
  figures seed[SEEDS] = {0};
  for (size_t s = 0; s < SEEDS; s++) run_ours(j, s + 1, &seed[s]);
  add_length(j, seed, o);
  print_progress(j, SAMPLER_OURS, &o->length[0]);
}

/* ---- Peers ---- */

typedef struct peer {
  sampler_id id;
  size_t chains; /* processes a seed */
  child chain[SEEDS][CHAINS];
} peer;

/* An interpreter that has emcee; NULL: none. */
static const char *python(void) {
  static const char *const candidates[] = {"python3", "/usr/bin/python3"};
  for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
    char command[256];
    snprintf(command, sizeof command, "%s -c 'import emcee' >/dev/null 2>&1", candidates[i]);
    if (system(command) == 0) return candidates[i];
  }
  return NULL;
}

static void start_chain(const peers_work *w, const judge *j, sampler_id id, size_t seed, size_t chain, child *out) {
  char script[4096], program[4096], targets[4096], seed_text[32], chain_text[32];
  snprintf(script, sizeof script, "%s/peer_emcee.py", w->source);
  snprintf(program, sizeof program, "%s/peer_nuts", w->build);
  snprintf(targets, sizeof targets, PEER_TARGETS, w->build);
  snprintf(seed_text, sizeof seed_text, "%zu", seed + 1);
  snprintf(chain_text, sizeof chain_text, "%zu", chain + 1);
  const char *const target = j->row->target, *const moves = id == SAMPLER_STRETCH ? "stretch" : "differential";
  const char *const nuts[] = {program, targets, target, seed_text, chain_text, NULL};
  const char *const emcee[] = {w->python, script, targets, target, seed_text, moves, NULL};
  child_start(id == SAMPLER_NUTS ? nuts : emcee, w->limit + START_UP, out);
}

/* The next stage of all chains of a seed, one after the other.  0: a chain has failed. */
static int run_seed(const judge *j, peer *p, size_t seed, double *x, figures *out) {
  size_t rows = 0;
  *out = (figures){0};
  for (size_t c = 0; c < p->chains; c++) {
    answer a;
    if (!child_stage(&p->chain[seed][c], j->target->target.dim, JUDGED_ROWS - rows, x + rows * j->target->target.dim, &a)) return 0;
    rows += a.rows;
    out->seconds += a.seconds;
    out->evaluations += (double)a.evaluations;
    out->gradients += (double)a.gradients;
  }
  judge_measure(j, rows, x, out->value);
  return 1;
}

/* [out] *seconds: of all seeds. */
static int run_length(const judge *j, peer *p, double *x, outcome *o, double *seconds) {
  figures seed[SEEDS];
  *seconds = 0;
  for (size_t s = 0; s < SEEDS; s++) {
    if (!run_seed(j, p, s, x, &seed[s])) return 0;
    *seconds += seed[s].seconds;
  }
  add_length(j, seed, o);
  print_progress(j, p->id, &o->length[o->lengths - 1]);
  return 1;
}

static void run_peer(const peers_work *w, const judge *j, sampler_id id, double enough, outcome *o) {
  peer p = {.id = id, .chains = id == SAMPLER_NUTS ? CHAINS : 1};
  double *const x = ALLOCATE(double, JUDGED_ROWS * j->target->target.dim), seconds = 0;
  for (size_t s = 0; s < SEEDS; s++)
    for (size_t c = 0; c < p.chains; c++) start_chain(w, j, id, s, c, &p.chain[s][c]);
  do
    if (!run_length(j, &p, x, o, &seconds)) break;
  while (o->lengths < LENGTHS && o->length[o->lengths - 1].worth < enough && 2 * seconds <= w->limit);
  for (size_t s = 0; s < SEEDS; s++)
    for (size_t c = 0; c < p.chains; c++) child_end(&p.chain[s][c]);
  free(x);
}

/* Why a peer cannot run, or NULL. */
static const char *missing(const peers_work *w, sampler_id id) {
  char path[4096];
  snprintf(path, sizeof path, PEER_TARGETS, w->build);
  if (access(path, R_OK) != 0) return "not there: the targets are no shared object yet: make bench-peers";
  snprintf(path, sizeof path, "%s/peer_nuts", w->build);
  if (id == SAMPLER_NUTS) return access(path, X_OK) == 0 ? NULL : "not there: install r-cran-rstan, then make bench-peers";
  return w->python != NULL ? NULL : "not there: install python3-emcee";
}

/* ---- All rows ---- */

static void hold(const peers_work *w, const char *absent[SAMPLERS], contest *c) {
  builtin target;
  dilate_error err;
  judge j;
  dilate_error_init(&err);
  if (builtin_create(c->row->target, NULL, &target, &err) < 0) give_up("%s: %s", c->row->name, err.message);
  judge_make(c->row, &target, w->calibration, w->truth, &j);
  enter_ours(&j, &c->outcome[SAMPLER_OURS]);
  for (int id = SAMPLER_OURS + 1; id < SAMPLERS; id++) {
    c->outcome[id].absent = absent[id];
    if (absent[id] == NULL) run_peer(w, &j, (sampler_id)id, c->outcome[SAMPLER_OURS].length[0].worth, &c->outcome[id]);
  }
  judge_free(&j);
  builtin_destroy(&target);
}

void peers_do(peers_work *w, size_t *n, contest **contests) {
  const char *absent[SAMPLERS] = {NULL};
  w->python = python();
  *contests = ALLOCATE(contest, row_count);
  *n = 0;
  for (int id = SAMPLER_OURS + 1; id < SAMPLERS; id++) {
    absent[id] = missing(w, (sampler_id)id);
    if (absent[id] != NULL) fprintf(stderr, "%s: %s\n", sampler_name((sampler_id)id), absent[id]);
  }
  for (size_t i = 0; peers_rows[i] != NULL; i++) {
    if (!arguments_selected(peers_rows[i], w->rows)) continue;
    contest *const c = &(*contests)[(*n)++];
    c->row = row_named(peers_rows[i]);
    c->multimodal = c->row->truth == NULL;
    hold(w, absent, c);
  }
}
