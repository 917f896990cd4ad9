/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bridge in an archive, between two temperatures or with its states alone.
 *
 * Its cells follow from its settings, its chains are resampled from the population before they move: what is kept is the population, where
 * it comes from, what was settled, and the account. */
#include "base/memory.h"
#include "stage/bridge.h"

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

/* The population's n states; where the bridge is over, no more than draws are made of. */
static void population_archive(archive *a, int over, bridge *b) {
  tempered *p = &b->population;
  const size_t drawn = b->set.parents * b->set.states;
  archive_rows(a, b->dim, b->n, p->pi.ld, p->pi.x);
  archive_doubles(a, b->n, p->pi.logp);
  archive_sizes(a, b->n, b->eve, drawn);
  if (over) return;
  archive_rows(a, b->dim, b->n, p->pi.ld, p->pi.grad);
  archive_doubles(a, b->n, p->logq);
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
  archive_sizes(a, b->chains.pi.n, b->chain_location, b->set.q->locations);
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
  if (archive_reads(a)) b->n = b->chains.pi.n * (over ? b->set.final_states : b->set.states);
  population_archive(a, over, b);
  settled_archive(a, b);
  if (archive_reads(a) && !archive_failed(a)) check_stage(a, over, b);
}
