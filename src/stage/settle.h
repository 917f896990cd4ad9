/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settle: what exploration found is brought to local equilibrium before anything is fitted to it (manual, section 3): MALA, then short
 * HMC trajectories while the log-densities still rise. */
#ifndef DILATE_STAGE_SETTLE_H
#define DILATE_STAGE_SETTLE_H

#include "mixture/mixture.h"
#include "stage/explore.h"

/* Points that a reference is fitted to. */
typedef struct sample {
  particles points;    /* equally weighted */
  unsigned char *half; /* 0 or 1: fitted on one half, judged on the other */
  double *mode;        /* dim x points.ld: each point's ascended place in the metric, or NULL */
} sample;

int sample_create(size_t dim, size_t n, int with_modes, sample *s); /* non-zero when out of memory */
void sample_clear(sample *s);
/* Of `dim` dimensions, or empty; what is read is to be cleared, after a failure, too. */
void sample_archive(archive *a, size_t dim, sample *s);

/* At most SETTLE_MAX particles of the exploration, settled; two snapshots of each are in *out. */
#define SETTLE_MAX 1100
int settle(const explore *e, sample *out, dilate_error *err);

/* A settled sample (two snapshots of as many particles) moved on by HMC in the metric of the components of q, pooled; two later snapshots
 * of its particles take its place.  number: tells the streams of several such calls of a group apart. */
typedef struct settle_task {
  target *target;
  uint64_t seed;
  unsigned group, number;
} settle_task;
int settle_again(const settle_task *task, const mixture *q, sample *s, dilate_error *err);

#endif
