/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A group in an archive: all that its phase has made so far. */
#include "base/memory.h"
#include "method/bridge_group.h"

/* A group with an exploration of its own, or one that was born with a reference. */
static void make_read(archive *a, const run *r, unsigned number, size_t islands, int explores, bridge_group **g) {
  const size_t dim = target_dim(r->target);
  if (explores) archive_expect(a, dim, EXPLORE_BATCH + 3 * dim, sizeof(double));
  if (archive_failed(a)) return;
  const int failed = explores ? group_create(r, number, islands, g, NULL) : group_new(number, islands, g, NULL);
  if (failed) archive_fail(a, DILATE_ENOMEM, "out of memory");
}

static void numbers_archive(archive *a, bridge_group *g) {
  int phase = (int)g->phase;
  archive_choice(a, &phase, GROUP_DONE + 1);
  g->phase = (group_phase)phase;
  archive_doubles(a, GROUP_ROUNDS_MAX, g->log_z);
  archive_size(a, &g->round, GROUP_ROUNDS_MAX - 1);
  archive_size(a, &g->pilots, g->round);
  archive_size(a, &g->best, g->round);
  archive_double(a, &g->best_cost);
  archive_double(a, &g->least_ess);
  archive_size(a, &g->stuck, GROUP_ROUNDS_MAX);
  archive_choice(a, &g->surprises, GROUP_ROUNDS_MAX);
  archive_flag(a, &g->rounds_disagree);
  archive_flag(a, &g->hasty);
  archive_flag(a, &g->hopeless);
  archive_size(a, &g->settled_again, SIZE_MAX);
  archive_double(a, &g->settled_cost);
  archive_size(a, &g->straightened, SIZE_MAX);
  archive_flag(a, &g->no_marginals);
}

/* Rounds that are over have a reference, and so has this one after its fit. */
static void check_references(archive *a, const bridge_group *g, int explores) {
  const size_t fitted = !explores || g->phase < GROUP_FIT ? 0 : g->phase == GROUP_FIT ? g->round : g->round + 1;
  int missing = !explores && !g->joined;
  for (size_t i = 0; i < fitted; i++) missing |= !g->tried[i];
  for (size_t i = 0; i < GROUP_ROUNDS_MAX; i++) missing |= !g->tried[i] && g->pilot_plan[i].storage;
  missing |= g->phase == GROUP_FIT && !g->sample.half;
  missing |= g->phase > GROUP_FIT && !g->joined && !g->tried[g->best];
  if (missing) archive_fail(a, DILATE_ECHECKPOINT, "a group is without its reference");
}

static void references_archive(archive *a, size_t dim, bridge_group *g, int explores) {
  for (size_t i = 0; i < GROUP_ROUNDS_MAX; i++) {
    reference_archive(a, dim, &g->tried[i]);
    bridge_plan_archive(a, g->tried[i] && !archive_failed(a) ? g->tried[i]->q->components : 0, dim, &g->pilot_plan[i]);
  }
  mixture_archive(a, dim, &g->joined);
  mixture_archive(a, dim, &g->plain);
  warp_archive(a, dim, &g->warp);
  if (!archive_failed(a)) check_references(a, g, explores);
}

/* The bridge that runs, or the final one, with the plan that it follows. */
static void bridges_archive(archive *a, const run *r, bridge_group *g) {
  if (archive_failed(a) || g->phase <= GROUP_FIT) return;
  bridge_plan_archive(a, group_reference(g)->components, target_dim(r->target), &g->plan);
  if (archive_failed(a)) return;
  const bridge_settings settings = group_bridge_settings(g, r);
  bridge_archive(a, &settings, &g->bridge);
  const int over = g->bridge && !g->bridge->ratio;
  if (over != (g->phase == GROUP_DONE)) archive_fail(a, DILATE_ECHECKPOINT, "a group is without its bridge");
}

void group_archive(archive *a, const run *r, unsigned number, size_t islands, bridge_group **out) {
  const size_t dim = target_dim(r->target);
  if (!archive_present(a, *out)) return;
  int explores = !archive_reads(a) && (*out)->explore.target != NULL;
  archive_flag(a, &explores);
  if (archive_reads(a)) make_read(a, r, number, islands, explores, out);
  if (!*out) return;
  bridge_group *g = *out;
  numbers_archive(a, g);
  if (explores) explore_archive(a, &g->explore);
  sample_archive(a, dim, &g->sample);
  references_archive(a, dim, g, explores);
  bridges_archive(a, r, g);
}
