/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bridge in an archive, between two temperatures or with its states alone.
 *
 * Its cells follow from its settings, its chains are resampled from the population before they move: what is kept is the population, where
 * it comes from, what was settled, and the account. */
#include <string.h>

#include "base/memory.h"
#include "stage/bridge_apart.h"

void bridge_plan_archive(archive *a, size_t components, size_t dim, bridge_plan *plan) {
  if (!archive_present(a, plan->storage)) return;
  archive_size(a, &plan->count, BRIDGE_STAGES_MAX);
  archive_expect(a, plan->count, components + dim + 2, sizeof(double));
  if (archive_failed(a)) return;
  if (!plan->storage && bridge_plan_create(plan, components, dim)) archive_fail(a, DILATE_ENOMEM, "out of memory");
  for (size_t t = 0; t < plan->count && !archive_failed(a); t++) {
    bridge_rung *rung = &plan->rung[t];
    archive_double(a, &rung->beta);
    archive_double(a, &rung->independence);
    archive_doubles(a, components, rung->step);
    archive_doubles(a, dim, rung->scale);
  }
}

/* A number of each of the n states, `here` of those that are here; all: room for n, where states are apart.  These are brought together,
 * and each rank takes its own of what is read. */
static void row_archive(archive *a, const bridge *b, double *here, double *all) {
  if (!b->set.apart) {
    archive_doubles(a, b->n, here);
    return;
  }
  const shared_loop own = share_apart(b->set.target, b->held.n);
  const size_t first = share_first(&own), count = share_after(&own) - first, layers = b->n / own.n;
  for (size_t s = 0; s < layers; s++) memcpy(all + s * own.n + first, here + s * count, count * sizeof *all);
  if (!archive_reads(a)) SHARE_END(&own, SHARE_LAYERS(all, 1, 0, layers, own.n));
  archive_doubles(a, b->n, all);
  for (size_t s = 0; s < layers; s++) memcpy(here + s * count, all + s * own.n + first, count * sizeof *all);
}

static void rows_archive(archive *a, const bridge *b, double *here, double *all) {
  if (!b->set.apart) archive_rows(a, b->dim, b->n, b->population.pi.ld, here);
  for (size_t j = 0; j < b->dim && b->set.apart; j++) row_archive(a, b, here + j * b->population.pi.ld, all);
}

/* log pi~/q of all states, of which each rank has its own. */
static void share_ratios(bridge *b) {
  const shared_loop own = share_apart(b->set.target, b->held.n);
  bridge_fill_ratios(b);
  SHARE_END(&own, SHARE_LAYERS(b->ratio, 1, 0, b->n / own.n, own.n));
}

/* The population's n states; where the bridge is over, no more than draws are made of. */
static void population_archive(archive *a, int over, bridge *b, double *all) {
  tempered *p = &b->population;
  const size_t drawn = b->set.parents * b->set.states;
  rows_archive(a, b, p->pi.x, all);
  row_archive(a, b, p->pi.logp, all);
  archive_sizes(a, b->n, b->eve, drawn);
  if (over) return;
  rows_archive(a, b, p->pi.grad, all);
  row_archive(a, b, p->logq, all);
  if (b->set.apart && archive_reads(a)) share_ratios(b);
  archive_sizes(a, b->n, b->cell, b->cells);
  archive_sizes(a, b->n, b->top, b->set.q->locations);
  if (b->first_ratio) archive_doubles(a, drawn, b->first_ratio);
}

static void settled_archive(archive *a, bridge *b) {
  archive_double(a, &b->beta);
  archive_double(a, &b->ess);
  archive_double(a, &b->accepted);
  archive_double(a, &b->independence);
  archive_size(a, &b->stage, BRIDGE_STAGES_MAX);
  archive_doubles(a, b->cells, b->log_z);
  archive_sizes(a, b->all_chains, b->chain_location, b->set.q->locations);
  archive_doubles(a, b->set.q->components, b->step);
  archive_doubles(a, b->dim, b->scale);
  if (!b->set.plan) bridge_plan_archive(a, b->set.q->components, b->dim, &b->record);
  evidence_archive(a, b->cells, bridge_recorded(b), &b->evidence);
}

/* A temperature has its place in the plan that is followed, or in the record of what was settled. */
static void check_stage(archive *a, int over, const bridge *b) {
  const bridge_plan *plan = b->set.plan ? b->set.plan : &b->record;
  const size_t most = b->set.plan ? plan->count : BRIDGE_STAGES_MAX;
  if (b->stage == 0 || b->stage > most || (!over && b->stage == most) || (!b->set.plan && plan->count != b->stage) ||
      b->evidence.count > b->stage)
    archive_fail(a, DILATE_ECHECKPOINT, "a bridge is at a temperature that its plan has not");
}

/* Memory in proportion to what is to be read. */
static void make_read(archive *a, const bridge_settings *settings, bridge **out) {
  archive_expect(a, settings->parents, settings->q->dim, sizeof(double));
  if (!archive_failed(a) && bridge_make(settings, out)) archive_fail(a, DILATE_ENOMEM, "out of memory");
}

void bridge_archive(archive *a, const bridge_settings *settings, bridge **out) {
  if (!archive_present(a, *out)) return;
  if (archive_reads(a)) make_read(a, settings, out);
  if (archive_failed(a)) return;
  bridge *b = *out;
  int over = b->ratio == NULL;
  archive_flag(a, &over);
  if (archive_reads(a) && over) bridge_keep_states(b);
  if (archive_reads(a)) b->n = b->all_chains * (over ? b->set.final_states : b->set.states);
  if (archive_reads(a)) b->held = bridge_chains_here(b);
  double *all = NEW(double, b->set.apart ? b->n : 0);
  if (all)
    population_archive(a, over, b, all);
  else
    archive_fail(a, DILATE_ENOMEM, "out of memory");
  memory_free(all);
  settled_archive(a, b);
  if (archive_reads(a) && !archive_failed(a)) check_stage(a, over, b);
}
