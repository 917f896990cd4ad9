/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explore: batches of particles follow the dilation path from far away onto the target (manual, section 3).
 *
 * With y = c + (x - c)/sqrt(lambda), a Langevin step along the path is a step on the target itself followed by a contraction of y towards c
 * (manual, section 2): so the particles are kept as y, and the path is a way to drop them from all sides.  Centre,
 * shape and metric are taken from what was found, until batches bring nothing new. */
#ifndef DILATE_STAGE_EXPLORE_H
#define DILATE_STAGE_EXPLORE_H

#include "base/random.h"
#include "stage/hints.h"
#include "stage/metric.h"

#define EXPLORE_BATCH       128
#define EXPLORE_BATCHES_MAX 60 /* at an effort of 5 and more; streams beyond are those of the first batch's attempts */

typedef struct explore {
  target *target;
  uint64_t seed;
  unsigned group;
  size_t dim, batches, quiet;
  size_t batches_max, quiet_wanted; /* by the effort */
  hints hints;                      /* none, unless the caller sets them */
  double *hinted;                   /* the hinted centre in the target's present coordinates */
  double *centre, *shape;           /* c; A: lower Cholesky factor of (between-cluster covariance + S) */
  double isotropic;                 /* scale of the even batches, in units of the metric */
  metric metric;
  double floor;        /* log-density below which pairs say nothing of the metric */
  particles settled;   /* last state of every particle of every batch, in order */
  particles ascended;  /* the same after four ascents */
  unsigned char *kept; /* 1: not lost */
  size_t *label;       /* cluster of a kept particle */
  size_t clusters;
  double new_share, singles;  /* of the last batch in new clusters; of all in clusters of one (Good-Turing) */
  int uncountable, converged; /* clusters never stop appearing; enough quiet batches in a row */
  double acceptance;
  /* Scratch, allocated once. */
  particles now, before, proposal, pair;
  double *h, *accepted, *start_factor, *factor, *work, *kernel_work;
  size_t *scratch_label, *leader;
} explore;

/* effort: multiplies the batches that there may be, and the quiet ones in a row that end the exploration; default 1. */
int explore_create(target *t, uint64_t seed, unsigned group, double effort, explore *e, dilate_error *err);
void explore_clear(explore *e);
/* One that explore_create() has made, and, when it is written, at any point of its life; *e is to be cleared after a failure, too. */
void explore_archive(archive *a, explore *e);
/* One batch.  DILATE_CONTINUE, DILATE_OK when the exploration is over, or a failure (DILATE_ESUPPORT: no point has a finite density). */
int explore_step(explore *e, dilate_error *err);
/* What only further batches need is given up. */
void explore_end(explore *e);
/* What only settling needs is given up, too: the metric, the clusters and the ascended particles' places are left.  Non-zero when out of
 * memory. */
int explore_give_up(explore *e);
/* Radius of the leader clusters, in units of the metric: max(1, 0.3 sqrt(d)). */
double explore_radius(size_t dim);

#endif
