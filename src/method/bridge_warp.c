/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trying a warp on a group, and taking it or leaving it: see bridge_warp.h. */
#include "method/bridge_warp.h"

#include <math.h>
#include <string.h>

#include "method/bridge_rounds.h"
#include "stage/straighten.h"

#define STRAIGHTEN_COST   0.4  /* cost of a reference above which other coordinates are tried, and below which they are taken at once, */
#define STRAIGHTEN_FIRST  3.0  /* cost of the quick candidates above which they are looked for before others, */
#define STRAIGHTER        0.5  /* share of the cost that makes them worth while, else, */
#define STRAIGHTER_YET    0.8  /* and one more layer, or better surfaces, */
#define STRAIGHT          0.05 /* unless the cost is below that */
#define STRAIGHTEN_ROUNDS 2    /* the rounds in which this is done, and in all where the reference is still mediocre, */
#define STRAIGHTEN_MAX    8    /* and how often, about */
#define SURFACE_COST      0.1  /* the same cost of surfaces, with the first pilot in their coordinates */

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

/* Whether they are worth a look before anything dear is fitted.  Not where several modes have been counted: mixtures are for those, and a
 * marginal may take two for one bent coordinate, in which a third that was missed is hard to reach. */
static int is_early(const bridge_group *g) {
  const int counted = g->explore.converged && !g->explore.uncountable && g->explore.clusters > 1;
  if (counted || warp_has_surfaces(g->warp)) return 0;
  return !g->hasty && g->number == 0 && !g->surprises && g->straightened < STRAIGHTEN_MAX && g->round < STRAIGHTEN_ROUNDS;
}

/* What straightening has found so far, and the last of it: coordinates, the sample there, and a reference fitted to it. */
typedef struct lookout {
  straightening all;
  int begun, another; /* the last look found another dependence */
  warp *w;
  sample warped;
  reference *fitted;
} lookout;

static void leave(lookout *l) {
  warp_free(l->w);
  sample_clear(&l->warped);
  reference_free(l->fitted);
  l->w = NULL;
  l->fitted = NULL;
}

/* The sample, evaluated in the coordinates of l. */
static int go_there(bridge_group *g, run *r, lookout *l, dilate_error *err) {
  g->straightened++;
  int failed = target_set_warp(r->target, l->w) || warp_sample(&g->sample, g->warp, l->w, &l->warped);
  if (!failed) particles_evaluate(&l->warped.points, r->target);
  failed |= target_set_warp(r->target, g->warp);
  return failed ? error_memory(err, "straightening") : target_status(r->target, err);
}

/* Another dependence, or none and the marginals.  l->w: NULL where they promise nothing. */
static int look_further(bridge_group *g, run *r, lookout *l, dilate_error *err) {
  const size_t dependences = l->all.count;
  int status = l->begun ? DILATE_OK : straighten_begin(r->target, &g->sample.points, &l->all, err);
  l->begun = 1;
  if (!status) status = straighten_next(&l->all, &l->another, err);
  if (status || (!l->another && (dependences || g->no_marginals))) return status;
  status = straighten_part(r->target, &g->sample.points, l->all.all, l->all.all->layers, &l->w, err);
  g->no_marginals |= !l->another && !l->w;
  return status || !l->w ? status : go_there(g, r, l, err);
}

/* A reference there, whose quick candidates are followed by others up to that cost of theirs.  None where it cannot be fitted. */
static int fit_there(bridge_group *g, run *r, lookout *l, double promising, dilate_error *err) {
  const reference_task task = {.target = r->target,
                               .seed = r->options.seed,
                               .group = g->number,
                               .round = group_round_number(g),
                               .sample = &l->warped,
                               .promising = promising};
  reference_free(l->fitted);
  l->fitted = NULL;
  int failed = target_set_warp(r->target, l->w);
  if (!failed) failed = reference_fit(&task, &l->fitted, NULL) == DILATE_ENOMEM;
  failed |= target_set_warp(r->target, g->warp);
  return failed ? error_memory(err, "the straightened reference") : target_status(r->target, err);
}

/* The group begins its rounds again in those coordinates, with the reference that was fitted there. */
static int adopt(bridge_group *g, run *r, lookout *l, dilate_error *err) {
  if (target_set_warp(r->target, l->w)) return error_memory(err, "the straightened reference");
  warp_free(g->warp);
  g->warp = l->w;
  if (!g->plain) {
    g->plain = g->tried[g->round]->core;
    g->tried[g->round]->core = NULL;
  }
  sample_clear(&g->sample);
  g->sample = l->warped;
  for (size_t i = 0; i <= g->round; i++) {
    reference_free(g->tried[i]);
    bridge_plan_clear(&g->pilot_plan[i]);
  }
  memset(g->tried, 0, sizeof g->tried);
  g->tried[0] = l->fitted;
  g->round = g->pilots = g->best = g->stuck = 0;
  l->w = NULL;
  l->fitted = NULL;
  memset(&l->warped, 0, sizeof l->warped);
  return DILATE_OK;
}

/* Straightening needs a sample, and no reference: where the quick candidates are hopeless, coordinates are looked for before others are
 * searched for, and such are taken at once that make the sample nearly Gaussian.  (Several modes they do not make Gaussian; where they only
 * bring them nearer, a search in the coordinates before may do better.)  Else g has its reference, or nothing yet. */
static int look_first(bridge_group *g, run *r, const reference_task *task, lookout *l, int *adopted, dilate_error *err) {
  reference_task quick = *task;
  quick.promising = STRAIGHTEN_FIRST;
  int status = reference_fit(&quick, &g->tried[g->round], err);
  if (status || g->tried[g->round]->quick_cost <= STRAIGHTEN_FIRST) return status;
  status = look_further(g, r, l, err);
  if (!status && l->w) status = fit_there(g, r, l, REFERENCE_QUICK, err);
  *adopted = !status && l->fitted && l->fitted->core->components == 1 && l->fitted->cost < STRAIGHTEN_COST;
  if (status || *adopted) return status ? status : adopt(g, r, l, err);
  reference_free(g->tried[g->round]);
  g->tried[g->round] = NULL;
  return DILATE_OK;
}

/* Whether the coordinates of l give a reference of at most this share of the present cost; then they are the group's.  From a hard
 * reference a pilot is so dear that whatever may be better is searched for. */
static int try_there(bridge_group *g, run *r, lookout *l, double share, int *better, dilate_error *err) {
  const reference *now = g->tried[g->round];
  const double promising = now->cost > COST_HARD ? INFINITY : now->quick_cost;
  int status = DILATE_OK;
  if (!l->fitted || l->fitted->quick_cost <= promising) status = fit_there(g, r, l, promising, err);
  *better = !status && l->fitted && l->fitted->cost < share * now->cost;
  if (*better) return adopt(g, r, l, err);
  leave(l);
  return status;
}

/* One set of coordinates after the other.  Another dependence is looked for only when the last one paid, and left something to mend: to
 * find one costs far more than to leave it. */
static int try_all(bridge_group *g, run *r, lookout *l, int adopted, dilate_error *err) {
  double share = adopted ? STRAIGHTER_YET : STRAIGHTER;
  int better = !adopted || l->another, status = DILATE_OK;
  if (!adopted && l->begun && !l->w) return DILATE_OK;
  for (; !status && better && g->tried[g->round]->cost > STRAIGHT; share = STRAIGHTER_YET) {
    if (!l->w) status = look_further(g, r, l, err);
    if (status || !l->w) return status;
    status = try_there(g, r, l, share, &better, err);
    better &= l->another;
  }
  return status;
}

/* Surfaces over two coordinates, where layers of one are not enough, or better ones. */
static int try_surface(bridge_group *g, run *r, lookout *l, dilate_error *err) {
  const double share = warp_has_surfaces(g->warp) ? STRAIGHTER_YET : STRAIGHTER;
  int better, status = straighten_surface(r->target, &g->sample.points, &l->w, err);
  if (!status && l->w) status = go_there(g, r, l, err);
  return status || !l->w ? status : try_there(g, r, l, share, &better, err);
}

int warp_fit(bridge_group *g, run *r, const reference_task *task, dilate_error *err) {
  lookout l = {0};
  int adopted = 0, status = is_early(g) ? look_first(g, r, task, &l, &adopted, err) : DILATE_OK;
  if (!status && !g->tried[g->round]) status = reference_fit(task, &g->tried[g->round], err);
  const int worth = !status && (adopted || warp_worth_trying(g));
  if (worth && !warp_has_surfaces(g->warp)) status = try_all(g, r, &l, adopted, err);
  leave(&l);
  if (!status && worth && (warp_has_surfaces(g->warp) || g->tried[g->round]->cost > STRAIGHTEN_COST)) status = try_surface(g, r, &l, err);
  leave(&l);
  straighten_end(&l.all);
  return status;
}
