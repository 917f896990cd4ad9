/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Repeats of the final bridges: see bridge_repeat.h. */
#include "method/bridge_repeat.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/memory.h"

#define FIRST_NUMBER 100 /* of the streams of repeats: beyond those of any final bridge */

void repeats_clear(repeats *all) {
  bridge_free(all->bridge);
  memory_free(all->island);
  memset(all, 0, sizeof *all);
}

/* Evaluations that the final bridges took, from the trace. */
static uint64_t cost_of_bridges(const run *r) {
  uint64_t cost = 0;
  for (size_t i = 1; i < r->trace_count; i++)
    if (!strcmp(r->trace[i].stage, "bridge")) cost += r->trace[i].evaluations - r->trace[i - 1].evaluations;
  return cost;
}

/* Whether the budgets leave room for one more repeat and `spare` evaluations; time goes with evaluations. */
static int affordable(const repeats *all, uint64_t spare, const run *r) {
  const uint64_t used = target_count(r->target).evaluations, cost = (all->finished ? all->cost : cost_of_bridges(r)) + spare;
  const double elapsed = omp_get_wtime() - r->started;
  return run_affords(r, cost, used ? elapsed * (double)cost / (double)used : 0);
}

static int warn_not_reached(const repeats *all, double se, const char *why, run *r, dilate_error *err) {
  return run_warn(r, err,
                  "the log evidence has a standard error of %.3g after %zu repeats of the final bridges, not the %.3g that was asked for "
                  "(target_se), so that its interval is wider: %s",
                  se, all->finished, r->options.target_se, why);
}

int repeats_decide(repeats *all, double se, uint64_t spare, run *r, dilate_error *err) {
  if (!(r->options.target_se > 0) || se <= r->options.target_se) return 0;
  const char *why = NULL;
  if (!isfinite(se))
    why = "it could not be estimated; use more draws";
  else if (all->finished == REPEATS_MAX)
    why = "there are no more repeats; raise the effort";
  else if (!affordable(all, spare, r))
    why = "a budget leaves no room for another; allow more";
  if (why) return warn_not_reached(all, se, why, r, err);
  all->started = target_count(r->target).evaluations;
  return 1;
}

static island_evidence *room_for(repeats *all, size_t more) {
  if (all->islands + more > all->room) {
    const size_t room = 2 * (all->islands + more);
    island_evidence *larger = NEW(island_evidence, room);
    if (!larger) return NULL;
    if (all->islands) memcpy(larger, all->island, all->islands * sizeof *larger);
    memory_free(all->island);
    all->island = larger;
    all->room = room;
  }
  return all->island + all->islands;
}

/* Takes down what the islands of the finished bridge say, and frees it. */
static int keep_islands(repeats *all, dilate_error *err) {
  const bridge *b = all->bridge;
  island_evidence *island = room_for(all, b->cells);
  int failed = !island;
  for (size_t c = 0; c < b->cells && !failed; c++) {
    island[c] = (island_evidence){.log_z = b->log_z[c], .block = all->next};
    failed = evidence_variance(&b->evidence, c, &island[c].variance, &island[c].df);
  }
  if (failed) return error_memory(err, "the repeats of the bridge");
  all->islands += b->cells;
  bridge_free(all->bridge);
  all->bridge = NULL;
  all->next++;
  return DILATE_OK;
}

/* What the bridge that is next is created with: the group's final one's settings, but for its streams. */
static bridge_settings settings_of(const repeats *all, bridge_group *const *group) {
  bridge_settings again = group[all->next]->bridge->set;
  again.number = FIRST_NUMBER + (unsigned)all->finished;
  return again;
}

int repeats_step(repeats *all, bridge_group *const *group, size_t count, run *r, dilate_error *err) {
  const bridge_group *g = group[all->next];
  int status = DILATE_OK;
  if (!all->bridge) {
    const bridge_settings again = settings_of(all, group);
    status = bridge_create(&again, &all->bridge, err);
    if (status) return status;
  }
  status = bridge_step(all->bridge, err);
  if (status < 0) return status;
  const bridge *b = all->bridge;
  const double part = ((double)all->next + b->beta) / (double)count;
  const int recorded = run_record(r, "repeat", (int)g->number, (int)all->finished, b->beta, b->ess, r->progress.log_z, b->accepted,
                                  0.9 + 0.1 * ((double)all->finished + part) / REPEATS_MAX, err);
  if (recorded) return recorded;
  if (status == DILATE_OK) status = keep_islands(all, err);
  if (status || all->next < count) return status < 0 ? status : DILATE_CONTINUE;
  all->next = 0;
  all->finished++;
  all->cost = target_count(r->target).evaluations - all->started;
  return DILATE_OK;
}

static void island_archive(archive *a, island_evidence *island) {
  archive_double(a, &island->log_z);
  archive_double(a, &island->variance);
  archive_double(a, &island->df);
  archive_size(a, &island->block, EVIDENCE_BLOCKS_MAX);
}

void repeats_archive(archive *a, bridge_group *const *group, size_t count, repeats *all) {
  archive_size(a, &all->islands, SIZE_MAX);
  all->island = ARCHIVE_NEW(a, island_evidence, 1, all->islands, all->island);
  if (archive_reads(a)) all->room = all->islands;
  for (size_t i = 0; i < all->islands && !archive_failed(a); i++) island_archive(a, &all->island[i]);
  archive_size(a, &all->finished, REPEATS_MAX);
  archive_size(a, &all->next, count ? count - 1 : 0);
  archive_uint64(a, &all->started);
  archive_uint64(a, &all->cost);
  if (archive_failed(a) || count == 0) return;
  const bridge_settings again = settings_of(all, group);
  bridge_archive(a, &again, &all->bridge);
  if (all->bridge && !all->bridge->ratio) archive_fail(a, DILATE_ECHECKPOINT, "a repeat of a bridge is over already");
}
