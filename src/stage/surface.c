/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search for two coordinates on which all others depend: see surface.h.  One of those that explain most by themselves, and the one that
 * explains most together with it. */
#include "stage/surface.h"

#include <math.h>

#include "base/memory.h"
#include "base/team.h"
#include "stage/surface_fit.h"

#define STEPS         5   /* of Gauss and Newton, */
#define STEPS_ROUGH   1   /* and while coordinates are looked for */
#define SCAN_POINTS   600 /* of the sample that are looked at for coordinates, */
#define SCAN_MIN      4   /* or so many an unknown */
#define FIRSTS        3   /* coordinates that are tried as the first */
#define GAIN_FIRST    1.5 /* nats in all of one coordinate, below which no second is looked for, */
#define GAIN_SECOND   1.0 /* and of the two, a coordinate that depends on them, below which no surfaces are fitted */
#define EXTRAPOLATION 1.0 /* ranges of t and u beyond the sample within which surfaces are believed */

static void fitters_free(size_t count, surface_fitter *all) {
  for (size_t i = 0; all && i < count; i++) surface_fitter_clear(&all[i]);
  memory_free(all);
}

/* One a thread. */
static surface_fitter *fitters_create(const particles *p, size_t count) {
  surface_fitter *const all = NEW(surface_fitter, count);
  int failed = !all;
  for (size_t i = 0; i < count && !failed; i++) failed = surface_fitter_create(p, &all[i]);
  if (!failed) return all;
  fitters_free(count, all);
  return NULL;
}

/* Gains of all coordinates as the first (second = 0) or with h[0]; h[0] itself has none. */
static void scan(size_t team, surface_fitter *all, int second, const size_t h[2], double *gain) {
  const size_t dim = all->p->dim, terms = second ? WARP_SURFACE : SURFACE_LINE;
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)team)
  for (size_t j = 0; j < dim; j++) {
    const size_t pair[2] = {second ? h[0] : j, second ? j : dim};
    gain[j] = second && j == h[0] ? -INFINITY : surface_gain(&all[omp_get_thread_num()], pair, terms, STEPS_ROUGH, NULL);
  }
}

static size_t best_of(size_t dim, const double *gain) {
  size_t best = 0;
  for (size_t j = 1; j < dim; j++)
    if (gain[j] > gain[best]) best = j;
  return best;
}

/* What depends on a coordinate may look like it, so that a few of the best are tried as the first.  Returns the best pair's gain; gain:
 * scratch (2 dim). */
static double find_both(size_t team, surface_fitter *all, size_t h[2], double *gain) {
  const size_t dim = all->p->dim;
  double *const with = gain + dim, most = -INFINITY;
  scan(team, all, 0, h, gain);
  for (int again = 0; again < FIRSTS; again++) {
    const size_t first[2] = {best_of(dim, gain), dim};
    if (!(gain[first[0]] > GAIN_FIRST)) break;
    gain[first[0]] = -INFINITY;
    scan(team, all, 1, first, with);
    const size_t second = best_of(dim, with);
    if (!(with[second] > most)) continue;
    most = with[second];
    h[0] = first[0];
    h[1] = second;
  }
  return most;
}

/* Some of the points: fewer do. */
static int thin(const particles *p, particles *few) {
  const size_t least = SCAN_MIN * WARP_SURFACE * p->dim;
  return particles_thin(p, least > SCAN_POINTS ? least : SCAN_POINTS, few);
}

/* *found: whether there are two coordinates that promise enough. */
static int search(const particles *p, size_t threads, size_t h[2], int *found) {
  const size_t dim = p->dim, team = (size_t)team_size(threads < dim ? threads : dim);
  particles few;
  const int failed = thin(p, &few);
  double *const gain = NEW2(double, 2, dim);
  surface_fitter *const all = failed || !gain ? NULL : fitters_create(&few, team);
  *found = all && find_both(team, all, h, gain) > GAIN_SECOND * (double)(dim - 2);
  fitters_free(team, all);
  particles_clear(&few);
  memory_free(gain);
  return all == NULL;
}

static void set_range(const surface_fitter *f, warp_surface *out) {
  const warp_surface *ground = &f->ground;
  for (size_t e = 0; e < 2; e++) {
    const double *t = f->t + e * f->p->ld;
    double low = 0, high = 0;
    for (size_t i = 0; i < f->p->n; i++) {
      low = fmin(low, t[i]);
      high = fmax(high, t[i]);
    }
    out->hyper[e] = ground->hyper[e];
    out->centre[e] = ground->centre[e];
    out->unit[e] = ground->unit[e];
    out->low[e] = low - EXTRAPOLATION * (high - low);
    out->high[e] = high + EXTRAPOLATION * (high - low);
  }
  out->slope = ground->slope;
}

int surface_find(const particles *p, size_t threads, warp_surface *out, int *found) {
  size_t h[2] = {0};
  *found = 0;
  if (!surface_enough(p->dim, p->n)) return 0;
  if (search(p, threads, h, found)) return 1;
  if (!*found) return 0;
  surface_fitter *const one = fitters_create(p, 1);
  if (!one) return 1;
  *found = surface_gain(one, h, WARP_SURFACE, STEPS, out) > GAIN_SECOND * (double)(p->dim - 2);
  set_range(one, out);
  fitters_free(1, one);
  return 0;
}
