/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One whole run in a process of its own, so that its memory and its threads are its own: what it cost, stage by stage, and what a call
 * of its target costs there. */
#ifndef BENCH_SPEED_RUN_H
#define BENCH_SPEED_RUN_H

#include "targets/targets.h"

#include <stdint.h>

#define STAGES_MAX 24

typedef struct stage_time {
  char name[24];
  double seconds;
  uint64_t evaluations;
} stage_time;

typedef struct speed_run {
  char failure[256]; /* empty: the run reached its end; a budget that ended it is a failure too */
  size_t dim, particles;
  double seconds, wall;                /* of processor, all threads; on the wall */
  double unit;                         /* seconds of a million ziggurat normals, before and after */
  double instructions;                 /* of all threads; NaN where they cannot be counted */
  double memory;                       /* bytes at the peak, more than before the run */
  uint64_t evaluations, gradients;     /* point calls; those with a gradient */
  double density_cost, gradient_cost;  /* seconds of a bare call without and with gradient, at the run's draws */
  double log_z, log_z_se, log_z_truth; /* NaN where there is none */
  size_t stages;
  stage_time stage[STAGES_MAX];
} speed_run;

/* [in] spec: as for speed_target_create(); [in] measure_cost: 0 leaves unit and costs NaN.  Not after this process has run two
 * threads. */
void speed_run_make(const char *spec, const dilate_options *options, int measure_cost, speed_run *out);

/* Seconds that the target's own calls took. */
double speed_run_target(const speed_run *r);

#endif
