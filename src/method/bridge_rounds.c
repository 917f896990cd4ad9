/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accepting, improving or giving up a reference: see bridge_rounds.h. */
#include "method/bridge_rounds.h"

#include <math.h>

#define COST_EASY       0.8 /* good enough at once, with ESS_GOOD */
#define COST_EASY_LATER 0.6
#define ESS_GOOD        0.3
#define ESS_SINGLE      0.15
#define ESS_HOPELESS    0.15
#define IMPROVEMENT     0.85 /* a round must lower the cost to this share */
#define AGREEMENT       0.3  /* of two rounds' log Z */
#define DROP            0.5  /* of log Z from one round to the next: mass was lost */
#define ROUNDS_MAX      5
#define SURPRISE        0.3 /* least effective share of a final bridge's temperatures; its plan expects 0.5 or more */
#define SURPRISES_MAX   2
#define COST_UNSETTLED  3.0
#define SETTLED_MAX     4   /* times that a sample is settled again, */
#define SETTLED_HELPED  0.8 /* while that lowers the cost to this share */

/* Whether the last two pilots found the same log Z; what a pilot from a hard reference says of it is too noisy to count. */
static int pilots_agree(const bridge_group *g) {
  if (g->pilots < 2 || g->tried[g->pilots - 2]->cost > COST_HARD) return 1;
  return fabs(g->log_z[g->pilots - 1] - g->log_z[g->pilots - 2]) < AGREEMENT;
}

/* The round whose pilot found the most mass, when the last pilot lost some; else GROUP_ROUNDS_MAX. */
static size_t round_before_loss(const bridge_group *g) {
  size_t most = GROUP_ROUNDS_MAX;
  for (size_t i = 0; i < g->pilots; i++)
    if (g->tried[i]->cost <= COST_HARD && (most == GROUP_ROUNDS_MAX || g->log_z[i] > g->log_z[most])) most = i;
  if (most == GROUP_ROUNDS_MAX) return most;
  return g->log_z[g->pilots - 1] < g->log_z[most] - DROP ? most : GROUP_ROUNDS_MAX;
}

static int good_enough(const bridge_group *g) {
  const reference *now = g->tried[g->round];
  int good = now->cost < (g->round == 0 ? COST_EASY : COST_EASY_LATER) && now->ess > ESS_GOOD;
  int single = now->core->components == 1 && now->cost < COST_SINGLE && now->ess > ESS_SINGLE;
  return good || single;
}

/* Refits do not get there, nor nearer, and each sees less of the target. */
static int hopeless(const bridge_group *g) {
  return g->stuck > 0 && g->best_cost > COST_HARD && g->tried[g->round]->ess < ESS_HOPELESS;
}

/* The new reference becomes the best one if it improves on the previous one, judged on the same sample. */
static void compare_with_best(bridge_group *g) {
  const reference *now = g->tried[g->round];
  int improved = g->round == 0 || now->cost < IMPROVEMENT * now->previous_cost;
  if (improved) g->best = g->round;
  g->best_cost = improved ? now->cost : now->previous_cost;
  g->stuck = improved ? 0 : g->stuck + 1;
}

/* Surfaces are found in the sample of a poor reference, which may be as narrow as that was: a pilot in the new coordinates is due. */
static int unconfirmed(const bridge_group *g) {
  return !g->hasty && g->pilots == 0 && warp_has_surfaces(g->warp);
}

static int accept(bridge_group *g) {
  size_t before_loss = round_before_loss(g);
  if (before_loss != GROUP_ROUNDS_MAX) {
    g->best = before_loss;
    g->best_cost = g->tried[before_loss]->cost;
    return 1;
  }
  compare_with_best(g);
  if (hopeless(g)) {
    g->best = 0; /* the first reference is the widest */
    g->hopeless = 1;
    return 1;
  }
  if (unconfirmed(g)) return 0;
  size_t patience = g->best_cost > COST_SINGLE ? 2 : 1;
  int stuck = g->stuck >= patience && pilots_agree(g) && g->best_cost <= COST_HARD;
  return good_enough(g) || stuck || g->hasty || g->round + 1 == ROUNDS_MAX;
}

/* The reference so far and another, half each: nothing that was covered is lost. */
static int join_reference(bridge_group *g, const mixture *q, dilate_error *err) {
  mixture *joined = mixture_merge(group_reference(g), q, 0.5);
  if (!joined) return error_memory(err, "the joined reference");
  mixture_free(g->joined);
  g->joined = joined;
  return DILATE_OK;
}

/* A reference that stayed mediocre is joined with that of its neighbouring round: what one of them leaves bare the other may cover. */
static int join_neighbour(bridge_group *g, dilate_error *err) {
  if (g->round == 0 || g->best_cost <= COST_PATIENT || g->best_cost > COST_HARD) return DILATE_OK;
  const reference *other = g->tried[g->best == g->round ? g->round - 1 : g->round];
  return other->cost <= COST_HARD ? join_reference(g, other->q, err) : DILATE_OK;
}

int rounds_judge(bridge_group *g, int *accepted, dilate_error *err) {
  *accepted = 1;
  if (g->surprises) return join_reference(g, g->tried[g->round]->q, err);
  *accepted = accept(g);
  g->rounds_disagree = *accepted && !pilots_agree(g);
  return *accepted ? join_neighbour(g, err) : DILATE_OK;
}

int rounds_surprised(const bridge_group *g) {
  return !g->hasty && !g->hopeless && g->least_ess < SURPRISE && g->surprises < SURPRISES_MAX && g->round + 1 < GROUP_ROUNDS_MAX;
}

int rounds_unsettled(const bridge_group *g, int learnt) {
  const double cost = g->tried[g->round]->cost;
  if (g->hasty || !learnt || g->round > 0 || g->surprises || cost <= COST_UNSETTLED || g->settled_again == SETTLED_MAX) return 0;
  return g->settled_again == 0 || cost < SETTLED_HELPED * g->settled_cost;
}
