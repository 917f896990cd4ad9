/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gains of all coordinates, side by side: see hyper.h. */
#include "stage/hyper.h"

#include <math.h>

#include "base/memory.h"
#include "base/team.h"
#include "stage/turned.h"

#define SCAN_POINTS 300 /* of the sample that are looked at, */
#define SCAN_FACTOR 12  /* or so many times the dimension */

/* The points that are looked at: fewer do. */
static int thin(const particles *p, particles *few) {
  const size_t least = SCAN_FACTOR * p->dim;
  return particles_thin(p, least > SCAN_POINTS ? least : SCAN_POINTS, few);
}

/* What one thread works with: the regressions along the axes that there are, and along others. */
typedef struct searcher {
  regression g;
  turned t;
} searcher;

static void searchers_free(size_t count, searcher *all) {
  for (size_t i = 0; all && i < count; i++) {
    turned_clear(&all[i].t);
    regression_clear(&all[i].g);
  }
  memory_free(all);
}

/* As many as there are threads, of coordinates at most; search: other axes are tried.  NULL when out of memory. */
static searcher *searchers_create(const particles *p, int search, size_t count) {
  searcher *const all = NEW(searcher, count);
  int failed = !all;
  for (size_t i = 0; i < count && !failed; i++) failed = regression_create(p, &all[i].g) || (search && turned_create(p, &all[i].t));
  if (!failed) return all;
  searchers_free(count, all);
  return NULL;
}

/* What the other coordinates gain in all when they depend on h, along the axes they have or (search) along others. */
static double gain_of_hyper(searcher *s, int search, size_t h, const unsigned char *apart) {
  regression_set_hyper(&s->g, h);
  const double gain = regression_gain(&s->g, h, NULL);
  return search && turned_turn(&s->t, &s->g, h, apart) ? fmax(gain, regression_gain(&s->t.g, h, NULL)) : gain;
}

int hyper_find(const particles *p, int search, const unsigned char *apart, size_t threads, double *gain, size_t *best) {
  const size_t dim = p->dim, team = (size_t)team_size(threads < dim ? threads : dim);
  particles few;
  const int failed = thin(p, &few);
  searcher *const all = failed ? NULL : searchers_create(&few, search, team);
  if (all) {
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)team)
    for (size_t h = 0; h < dim; h++) gain[h] = gain_of_hyper(&all[omp_get_thread_num()], search, h, apart);
    *best = 0;
    for (size_t h = 1; h < dim; h++)
      if (gain[h] > gain[*best]) *best = h;
  }
  searchers_free(team, all);
  particles_clear(&few);
  return all == NULL;
}
