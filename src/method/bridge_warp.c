/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trying a warp on a group, and taking it or leaving it: see bridge_warp.h. */
#include "method/bridge_warp.h"

#include <string.h>

#include "method/bridge_rounds.h"
#include "stage/straighten.h"

#define STRAIGHTEN_COST   0.4 /* cost of a reference above which other coordinates are tried, */
#define STRAIGHTER        0.5 /* share of it that makes them worth while, */
#define STRAIGHTER_YET    0.8 /* and one more layer, or better surfaces, */
#define STRAIGHTEN_ROUNDS 2   /* the rounds in which this is done, and in all where the reference is still mediocre, */
#define STRAIGHTEN_MAX    8   /* and how often, about */
#define SURFACE_COST      0.1 /* the same cost of surfaces, with the first pilot in their coordinates */

#define SURFACE_NUMBER 4096 /* of rounds, beyond all others */

/* Rounds before and after straightening have streams of their own. */
unsigned group_round_number(const bridge_group *g) {
  return (unsigned)(g->round + (g->straightened + g->settled_again) * GROUP_ROUNDS_MAX);
}

/* The sample taken from the coordinates of `now` (NULL: the user's) to those of `next`. */
static int warp_sample(const sample *from, const warp *now, const warp *next, sample *to) {
  const particles *p = &from->points;
  if (sample_create(p->dim, p->n, from->mode != NULL, to)) return 1;
  memcpy(to->points.x, p->x, p->dim * p->ld * sizeof *p->x);
  memcpy(to->half, from->half, p->n);
  if (from->mode) memcpy(to->mode, from->mode, p->dim * p->ld * sizeof *to->mode);
  if (now) warp_forward(now, p->n, p->ld, to->points.x, NULL);
  warp_backward(next, p->n, p->ld, to->points.x, NULL, NULL);
  return 0;
}

/* The group begins its rounds again in the coordinates of w, with the reference that was fitted there. */
static void adopt_warp(bridge_group *g, warp *w, sample *warped, reference *fitted) {
  warp_free(g->warp);
  g->warp = w;
  if (!g->plain) {
    g->plain = g->tried[g->round]->core;
    g->tried[g->round]->core = NULL;
  }
  sample_clear(&g->sample);
  g->sample = *warped;
  for (size_t i = 0; i <= g->round; i++) {
    reference_free(g->tried[i]);
    bridge_plan_clear(&g->pilot_plan[i]);
  }
  memset(g->tried, 0, sizeof g->tried);
  g->tried[0] = fitted;
  g->round = g->pilots = g->best = g->stuck = 0;
}

/* Whether the coordinates of w give a reference of at most this share of the present cost; then they are the group's.  w is this
 * function's. */
static int try_one(bridge_group *g, warp *w, unsigned number, double share, run *r, int *better, dilate_error *err) {
  sample warped = {0};
  reference *fitted = NULL;
  int status = DILATE_OK;
  *better = 0;
  int failed = target_set_warp(r->target, w) || warp_sample(&g->sample, g->warp, w, &warped);
  const reference_task task = {.target = r->target, .seed = r->options.seed, .group = g->number, .round = number, .sample = &warped};
  if (!failed) {
    particles_evaluate(&warped.points, r->target);
    status = reference_fit(&task, &fitted, NULL);
    failed = status == DILATE_ENOMEM;
  }
  if (!failed && !status && fitted->cost < share * g->tried[g->round]->cost) {
    adopt_warp(g, w, &warped, fitted);
    *better = 1;
    return DILATE_OK;
  }
  failed |= target_set_warp(r->target, g->warp);
  reference_free(fitted);
  sample_clear(&warped);
  warp_free(w);
  return failed ? error_memory(err, "the straightened reference") : target_status(r->target, err);
}

/* Surfaces over two coordinates, where layers of one are not enough.  What comes of a trial that fails must not show: its streams are its
 * own. */
static int try_surface(bridge_group *g, run *r, dilate_error *err) {
  warp *w;
  int better = 0, status = straighten_surface(r->target, &g->sample.points, &w, err);
  const double share = warp_has_surfaces(g->warp) ? STRAIGHTER_YET : STRAIGHTER;
  if (!status && w) status = try_one(g, w, SURFACE_NUMBER + group_round_number(g), share, r, &better, err);
  if (better) g->straightened++;
  return status;
}

/* Another dependence is looked for only when the last one paid: to find one costs far more than to leave it. */
int warp_try(bridge_group *g, run *r, dilate_error *err) {
  if (warp_has_surfaces(g->warp)) return try_surface(g, r, err);
  straightening s;
  int better = 1, status = straighten_begin(r->target, &g->sample.points, &s, err);
  for (size_t k = 0; !status && better; k++) {
    int found;
    warp *part;
    status = straighten_next(&s, &found, err);
    if (status || (!found && (k || g->no_marginals))) break;
    status = straighten_part(r->target, &g->sample.points, s.all, s.all->layers, &part, err);
    better = part != NULL;
    g->no_marginals |= !found && !better;
    if (!status && part) g->straightened++;
    if (!status && part) status = try_one(g, part, group_round_number(g), k ? STRAIGHTER_YET : STRAIGHTER, r, &better, err);
    better &= found;
  }
  straighten_end(&s);
  return status || !(g->tried[g->round]->cost > STRAIGHTEN_COST) ? status : try_surface(g, r, err);
}

/* Whether other coordinates are worth a try.  Surfaces, which come of a poor sample, get another chance from the first pilot in their
 * coordinates.  The sample of a poor reference may not show the right ones, and all later rounds and groups would be stuck with the wrong:
 * what is still mediocre gets another chance from each better sample.  Not after a surprise, whose reference is joined with one in the
 * coordinates that there are. */
int warp_worth_trying(const bridge_group *g) {
  const double cost = g->tried[g->round]->cost;
  if (g->hasty || g->number > 0 || g->straightened >= STRAIGHTEN_MAX) return 0;
  if (warp_has_surfaces(g->warp) && g->pilots == 1 && !g->surprises) return cost > SURFACE_COST;
  const int early = g->round < STRAIGHTEN_ROUNDS, still_mediocre = !g->surprises && cost > COST_PATIENT;
  return cost > STRAIGHTEN_COST && (early || still_mediocre);
}
