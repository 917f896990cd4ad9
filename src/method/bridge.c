/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The default sampler: explore, fit a reference, bridge, repeat (manual, sections 3 to 9).
 *
 * Groups run one after the other; when all have their draws the islands are weighed, and if they disagree the groups' references are joined
 * and one more bridge runs from the mixture.  Bridges are repeated while log Z is not as precise as was asked; last come the modes of the
 * draws. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "method/bridge_account.h"
#include "method/bridge_agree.h"
#include "method/bridge_draws.h"
#include "method/bridge_error.h"
#include "method/bridge_group.h"
#include "method/bridge_repeat.h"
#include "method/bridge_unseen.h"
#include "method/doubts.h"
#include "method/method.h"

#define MODE_EVALUATIONS 5 /* a draw, at most */

typedef enum bridge_phase { BRIDGE_GROUPS, BRIDGE_MERGED, BRIDGE_REPEATS, BRIDGE_MODES, BRIDGE_DONE } bridge_phase;

typedef struct bridge_method {
  bridge_phase phase;
  size_t groups, done;  /* groups in all; that have finished */
  bridge_group **group; /* groups, and one more place for the merged one */
  repeats repeats;
  modes modes;
  evidence_total total;
  double pareto_k;      /* of the final bridges' weights; NaN before the modes */
  dilate_result *draws; /* taken with the modes, where nobody sees the states that they came from any more */
  target_fault fault;   /* where there is one, no more than a few draws are made */
  particles *shown;     /* what was last shown of particles that move in other coordinates than the user's */
} bridge_method;

static void bridge_method_destroy(void *state) {
  bridge_method *m = state;
  if (!m) return;
  for (size_t g = 0; m->group && g <= m->groups; g++) group_free(m->group[g]);
  memory_free(m->group);
  repeats_clear(&m->repeats);
  modes_clear(&m->modes);
  dilate_result_free(m->draws);
  if (m->shown) particles_clear(m->shown);
  memory_free(m->shown);
  memory_free(m);
}

static int bridge_method_create(run *r, void **state, dilate_error *err) {
  bridge_method *m = NEW(bridge_method, 1);
  *state = m;
  if (!m) return error_memory(err, "the default sampler");
  m->groups = r->options.groups;
  m->pareto_k = NAN;
  m->group = NEW(bridge_group *, m->groups + 1);
  m->shown = NEW(particles, 1);
  int status =
      m->group && m->shown ? group_create(r, 0, r->options.islands / m->groups, &m->group[0], err) : error_memory(err, "the groups");
  if (!status) return DILATE_OK;
  bridge_method_destroy(m);
  *state = NULL;
  return status;
}

/* What is independent of one another, and so tells the error: the groups; the islands where groups were merged, where there is one group,
 * and where a group's reference is so far from the target that the error is the bridges' own. */
static int blocks_are_islands(const bridge_method *m, size_t first, size_t last) {
  int hopeless = 0;
  for (size_t g = first; g < last; g++) hopeless = hopeless || m->group[g]->hopeless;
  return last - first < 2 || hopeless;
}

/* log Z and its error from the islands of the groups [first, last), and of their repeats. */
static int combine(const bridge_method *m, size_t first, size_t last, size_t islands, evidence_total *total, dilate_error *err) {
  island_evidence *island = NEW(island_evidence, islands + m->repeats.islands + 1);
  size_t count = 0;
  int alone = blocks_are_islands(m, first, last), failed = !island;
  for (size_t g = first; g < last && !failed; g++) {
    const bridge *b = m->group[g]->bridge;
    for (size_t c = 0; c < b->cells && !failed; c++, count++) {
      island_evidence *e = &island[count];
      e->log_z = b->log_z[c];
      e->block = g - first;
      failed = evidence_variance(&b->evidence, c, &e->variance, &e->df);
    }
  }
  for (size_t i = 0; i < m->repeats.islands && !failed; i++) island[count++] = m->repeats.island[i];
  for (size_t i = 0; alone && i < count && !failed; i++) island[i].block = i % EVIDENCE_BLOCKS_MAX;
  const size_t most = count < EVIDENCE_BLOCKS_MAX ? count : EVIDENCE_BLOCKS_MAX;
  if (!failed) *total = evidence_combine(count, island, alone ? most : last - first);
  memory_free(island);
  return failed ? error_memory(err, "the error of the log evidence") : DILATE_OK;
}

/* Joins the groups' references, each with an equal share, for one more bridge.  What covers all that any of them found costs no more than
 * the worst of them, but for the logarithm of the shares. */
static int merge_groups(bridge_method *m, run *r, dilate_error *err) {
  double cost = 0;
  for (size_t g = 0; g < m->groups; g++) cost = fmax(cost, m->group[g]->best_cost);
  mixture *q = group_join_references(m->group, m->groups);
  if (!q) return error_memory(err, "the joined reference");
  m->phase = BRIDGE_MERGED;
  return group_create_joined((unsigned)m->groups, r->options.islands, q, cost, &m->group[m->groups], err);
}

static int warn_of_disagreement(const bridge_method *m, double bare, run *r, dilate_error *err) {
  return run_warn(r, err,
                  "the groups disagree (effective share of the islands %.2f, spread of their evidence %.1f times its error, %.0f %% of one "
                  "group's draws where another has none): they found different modes or weights, so that others may have been missed by "
                  "all.  Their references were "
                  "joined and the bridge was run again from all of them; compare with another seed or more groups.",
                  m->total.effective, m->total.spread, 100 * bare);
}

/* Weighs the islands of all groups, and merges the groups unless they agree. */
static int weigh_groups(bridge_method *m, run *r, dilate_error *err) {
  double bare = 0;
  int status = combine(m, 0, m->groups, r->options.islands, &m->total, err);
  if (!status) status = agree_bare_share(m->group, m->groups, m->total.log_z, &bare, err);
  if (status) return status;
  m->phase = m->fault ? BRIDGE_MODES : BRIDGE_REPEATS;
  if (m->fault) return DILATE_OK;
  agreement groups = m->groups > 1 ? agree_groups(m->group, m->groups, &m->total, bare) : GROUPS_AGREE;
  if (groups == GROUPS_DISAGREE) status = warn_of_disagreement(m, bare, r, err);
  return status || groups == GROUPS_AGREE ? status : merge_groups(m, r, err);
}

static int step_groups(bridge_method *m, run *r, dilate_error *err) {
  bridge_group *g = m->group[m->done];
  const int settling = g->phase == GROUP_SETTLE && m->done == 0;
  int status = group_step(g, r, err);
  if (status >= 0 && settling) {
    const target_view view = {&g->sample.points, FACTOR_LOWER, g->explore.metric.c, g->number, 0};
    const int doubted = doubt_target(&view, r, &m->fault, err);
    status = doubted ? doubted : status;
    if (!doubted && m->fault > TARGET_IMPROPER) status = error_of_fault(m->fault, DILATE_ENUMERIC, err);
  }
  g->hasty = m->fault != TARGET_SOUND;
  if (status < 0 && m->fault) return error_of_fault(m->fault, status, err);
  if (status != DILATE_OK) return status;
  status = doubt_rounds(g, r, err);
  m->done++;
  if (status) return status;
  if (m->done == m->groups)
    status = weigh_groups(m, r, err);
  else
    status = group_create(r, (unsigned)m->done, r->options.islands / m->groups, &m->group[m->done], err);
  return status ? status : DILATE_CONTINUE;
}

static int step_merged(bridge_method *m, run *r, dilate_error *err) {
  int status = group_step(m->group[m->groups], r, err);
  if (status != DILATE_OK) return status;
  m->phase = BRIDGE_REPEATS;
  status = combine(m, m->groups, m->groups + 1, r->options.islands, &m->total, err);
  return status ? status : DILATE_CONTINUE;
}

/* The groups whose draws count: the merged one where there is one. */
static void final_groups(const bridge_method *m, bridge_group *const **list, size_t *count) {
  const bridge_group *merged = m->group[m->groups];
  int use = merged && merged->phase == GROUP_DONE;
  *list = use ? &m->group[m->groups] : m->group;
  *count = use ? 1 : m->done;
}

/* The coordinates in which the groups moved, or NULL: the user's. */
static const warp *learnt_warp(const bridge_method *m) {
  return m->group[0] ? m->group[0]->warp : NULL;
}

static int result_without_modes(const bridge_method *m, const run *r, dilate_result **out, dilate_error *err) {
  bridge_group *const *list;
  size_t count, islands = 0;
  final_groups(m, &list, &count);
  for (size_t g = 0; g < count; g++) islands += list[g]->islands;
  int status = result_create(r, islands, r->options.spread && r->ranks, out, err);
  if (status) return status;
  status = bridge_draws(list, count, learnt_warp(m), r, *out, err);
  if (!status) return DILATE_OK;
  dilate_result_free(*out);
  *out = NULL;
  return status;
}

/* The most that finding the modes may take. */
static size_t mode_evaluations(const run *r) {
  return MODE_EVALUATIONS * r->options.draws * r->options.islands;
}

/* The draws are all that is left of the states, where nobody looks at these. */
static void keep_draws(bridge_method *m, const run *r, dilate_result *draws) {
  if (!r->unwatched || !draws) return;
  m->draws = draws;
  for (size_t g = 0; g <= m->groups; g++)
    if (m->group[g] && m->group[g]->bridge) bridge_drop_states(m->group[g]->bridge);
}

static int step_modes(bridge_method *m, run *r, dilate_error *err) {
  bridge_group *const *list;
  size_t count;
  dilate_result *draws = NULL;
  final_groups(m, &list, &count);
  int status = result_without_modes(m, r, &draws, err);
  keep_draws(m, r, draws);
  target_set_warp(r->target, NULL); /* modes are those of the user's coordinates */
  if (!status) status = bridge_modes(list, count, m->group[0]->plain, r, draws, mode_evaluations(r), &m->modes, err);
  if (!status) status = target_status(r->target, err);
  for (size_t g = 0; g < count && !status; g++) status = doubt_bridge(list[g], r, &m->pareto_k, err);
  if (!status) status = doubt_modes(m->group, m->groups, list, count, m->total.log_z, draws, &m->modes, r, err);
  if (!status && !m->fault) status = doubt_places(m->group, m->groups, list, count, m->total.log_z, draws, &m->modes, r, err);
  if (!m->draws) dilate_result_free(draws);
  if (!status) status = run_record(r, "modes", (int)m->groups, 0, NAN, NAN, m->total.log_z, NAN, 1, err);
  if (status) return status;
  m->phase = BRIDGE_DONE;
  return DILATE_OK;
}

/* One temperature of a repeat, while there is to be one; then on to the modes. */
static int step_repeats(bridge_method *m, run *r, dilate_error *err) {
  bridge_group *const *list;
  size_t count;
  int more = 1, status = DILATE_OK;
  final_groups(m, &list, &count);
  if (!m->repeats.bridge && m->repeats.next == 0) more = repeats_decide(&m->repeats, m->total.se, mode_evaluations(r), r, err);
  if (more < 0) return more;
  if (!more) {
    m->phase = BRIDGE_MODES;
    return step_modes(m, r, err);
  }
  status = repeats_step(&m->repeats, list, count, r, err);
  if (status == DILATE_OK) {
    const size_t first = count == 1 && list[0]->number == m->groups ? m->groups : 0;
    status = combine(m, first, first + count, r->options.islands, &m->total, err);
  }
  return status ? status : DILATE_CONTINUE;
}

static int bridge_method_step(void *state, run *r, dilate_error *err) {
  bridge_method *m = state;
  switch (m->phase) {
  case BRIDGE_GROUPS:
    return step_groups(m, r, err);
  case BRIDGE_MERGED:
    return step_merged(m, r, err);
  case BRIDGE_REPEATS:
    return step_repeats(m, r, err);
  case BRIDGE_MODES:
    return step_modes(m, r, err);
  default:
    return DILATE_OK;
  }
}

static int copy_modes(const bridge_method *m, dilate_result *out, dilate_error *err) {
  int status = result_set_modes(out, m->modes.count, err);
  if (status) return status;
  memcpy(out->peak, m->modes.peak, m->modes.count * out->dim * sizeof(double));
  memcpy(out->peak_logp, m->modes.peak_logp, m->modes.count * sizeof(double));
  memcpy(out->mode, m->modes.of, out->islands * out->draws * sizeof(int));
  if (!m->modes.countable) out->modes_countable = 0;
  return DILATE_OK;
}

/* What follows from the draws, with the errors that the bridges account for. */
static int finish_result(const bridge_method *m, const run *r, dilate_result *out, dilate_error *err) {
  bridge_group *const *list;
  size_t count;
  bridge_account of;
  final_groups(m, &list, &count);
  int status = bridge_account_create(list, count, out, r->options.threads, &of) ? error_memory(err, "the errors of the means") : DILATE_OK;
  const summary_account account = bridge_account_of(&of);
  if (!status) status = bridge_mode_excess(m->groups, &account, r->options.threads, out, err);
  if (!status) status = result_finish(out, r, &account, err);
  bridge_account_clear(&of);
  return status;
}

static int bridge_method_result(void *state, const run *r, dilate_result **out, dilate_error *err) {
  bridge_method *m = state;
  int status = m->draws ? DILATE_OK : result_without_modes(m, r, out, err);
  if (status) return status;
  if (m->draws) *out = m->draws;
  m->draws = NULL;
  evidence_total total = m->total;
  if (m->phase == BRIDGE_GROUPS && m->done > 0) status = combine(m, 0, m->done, r->options.islands, &total, err);
  if (m->done > 0) {
    (*out)->log_z = total.log_z;
    (*out)->log_z_se = total.se;
    (*out)->log_z_df = total.df;
    (*out)->se_lineages = total.se_lineages;
    (*out)->se_islands = total.se_islands;
  }
  (*out)->pareto_k = m->pareto_k;
  (*out)->complete = m->phase == BRIDGE_DONE;
  (*out)->unseen_mass = NAN;
  if (!status && m->phase == BRIDGE_DONE) status = copy_modes(m, *out, err);
  if (!status && m->phase == BRIDGE_DONE) status = bridge_unseen(m->group, m->groups, learnt_warp(m), r, *out, err);
  if (!status) status = finish_result(m, r, *out, err);
  if (!status) return DILATE_OK;
  dilate_result_free(*out);
  *out = NULL;
  return status;
}

/* A copy of p in the user's coordinates; NULL when out of memory. */
static const particles *show(const warp *w, const particles *p, particles *shown) {
  if (shown->n != p->n) {
    particles_clear(shown);
    if (particles_create(p->dim, p->n, shown)) return NULL;
  }
  memcpy(shown->x, p->x, p->dim * p->ld * sizeof *p->x);
  warp_forward(w, p->n, p->ld, shown->x, NULL);
  return shown;
}

static const double *bridge_method_particles(const void *state, size_t *n, size_t *ld) {
  const bridge_method *m = state;
  size_t at = m->groups; /* the last group that stands */
  while (!m->group[at]) at--;
  const particles *p = group_particles(m->group[at], n);
  if (*n && learnt_warp(m)) p = show(learnt_warp(m), p, m->shown);
  *ld = p ? p->ld : 0;
  return p && *n ? p->x : NULL;
}

static void total_archive(archive *a, evidence_total *t) {
  double *const numbers[] = {&t->log_z, &t->se, &t->df, &t->effective, &t->spread, &t->se_lineages, &t->se_islands};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) archive_double(a, numbers[i]);
}

/* What is over has its states; what goes on is there. */
static void check_groups(archive *a, const bridge_method *m) {
  const size_t begun = m->phase == BRIDGE_GROUPS ? m->done + 1 : m->groups;
  int missing = m->phase != BRIDGE_GROUPS && m->done < m->groups;
  missing |= begun > m->groups || (m->phase == BRIDGE_MERGED && !m->group[m->groups]);
  for (size_t g = 0; g < begun && !missing; g++) missing = !m->group[g] || (g < m->done && m->group[g]->phase != GROUP_DONE);
  if (missing) archive_fail(a, DILATE_ECHECKPOINT, "a group is missing");
}

static void groups_archive(archive *a, run *r, bridge_method *m) {
  const size_t islands = r->options.islands;
  int phase = (int)m->phase, fault = (int)m->fault;
  archive_choice(a, &phase, BRIDGE_DONE + 1);
  m->phase = (bridge_phase)phase;
  archive_size(a, &m->done, m->groups);
  archive_choice(a, &fault, TARGET_FAULTS);
  m->fault = (target_fault)fault;
  for (size_t g = 0; g <= m->groups; g++) group_archive(a, r, (unsigned)g, g < m->groups ? islands / m->groups : islands, &m->group[g]);
  if (!archive_failed(a)) check_groups(a, m);
}

/* Where the groups have learnt coordinates they go on in these; modes are those of the user's. */
static void go_on_in(archive *a, const run *r, const bridge_method *m) {
  if (target_set_warp(r->target, m->phase < BRIDGE_DONE ? learnt_warp(m) : NULL)) archive_fail(a, DILATE_ENOMEM, "out of memory");
}

/* The group that creation begins is the archive's to make. */
static void make_read(archive *a, run *r, void **state) {
  if (bridge_method_create(r, state, NULL)) {
    archive_fail(a, DILATE_ENOMEM, "out of memory");
    return;
  }
  bridge_method *m = *state;
  group_free(m->group[0]);
  m->group[0] = NULL;
}

static void bridge_method_archive(archive *a, run *r, void **state) {
  if (archive_reads(a)) make_read(a, r, state);
  if (archive_failed(a)) return;
  bridge_method *m = *state;
  bridge_group *const *list;
  size_t count;
  groups_archive(a, r, m);
  total_archive(a, &m->total);
  archive_double(a, &m->pareto_k);
  if (archive_failed(a)) return;
  final_groups(m, &list, &count);
  repeats_archive(a, list, count, &m->repeats);
  modes_archive(a, target_dim(r->target), r->options.islands * r->options.draws, &m->modes);
  if (m->phase == BRIDGE_DONE && !m->modes.of) archive_fail(a, DILATE_ECHECKPOINT, "the modes are missing");
  if (archive_reads(a) && !archive_failed(a)) go_on_in(a, r, m);
}

const method method_bridge = {
    .name = "bridge",
    .summary = "explore along the dilation path, fit a mixture reference, bridge to the target: draws, mode weights and log evidence",
    .create = bridge_method_create,
    .step = bridge_method_step,
    .result = bridge_method_result,
    .particles = bridge_method_particles,
    .destroy = bridge_method_destroy,
    .archive = bridge_method_archive,
    .can_cut = 1,
};
