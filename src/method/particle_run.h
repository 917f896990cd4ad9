/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the path methods share: one particle a draw, started far away or from a Gaussian, moved by Langevin steps along a path by a
 * schedule, and taken as a draw where it ends. */
#ifndef DILATE_METHOD_PARTICLE_RUN_H
#define DILATE_METHOD_PARTICLE_RUN_H

#include "kernel/langevin.h"
#include "method/method.h"
#include "path/schedule.h"

/* What tells one path method from another. */
typedef struct particle_plan {
  const char *stage; /* the method's name, for the trace: a static string */
  const path_type *path;
  dilate_schedule schedule; /* unless the options name another */
  double first;             /* the named schedules' time at the first step: above 0 where the path has no density at lambda = 0 */
  double share;             /* of the steps that follow the path; the rest settle at lambda = 1 */
  int gaussian;             /* particles start from N(c, s^2 I); otherwise each from its own distance, */
  double nearest, farthest; /* c + s r z, z standard normal, log r uniform between the logs of these */
} particle_plan;

typedef enum step_rule { STEP_ADAPTED, STEP_FIXED, STEP_LAMBDA } step_rule;

typedef struct particle_run {
  const particle_plan *plan;
  path path;      /* its centre and scale are set when the first step is taken */
  double *centre; /* dim */
  schedule schedule;
  step_rule rule;
  double step_size; /* at lambda = 1; the first one where it adapts */
  int step_given;   /* by the options; otherwise an adapted step begins in units of the squared scale */
  langevin kernel;  /* kernel.lambda: where the particles stand on the path */
  particles p, proposal;
  double *h, *acceptance;
  double *log_weight;  /* unadjusted: of the path so far, without the target's last log-density; NULL: adjusted */
  int weighted;        /* the density of the particles' start is known, so log_weight means something */
  unsigned number;     /* of this run's streams: 0 is the run itself, the others look for its place */
  size_t steps, taken; /* steps of the whole run, and those taken; 0: the particles have no place yet */
} particle_run;

/* n particles, `steps` steps, by the options' rules for steps and schedule.  DILATE_EDOMAIN where plan, options and target do not go
 * together. */
int particle_run_open(run *r, const dilate_options *o, const particle_plan *plan, size_t n, size_t steps, unsigned number,
                      particle_run **out, dilate_error *err);
/* The run's place, then its starting points (particle_start.c). */
void particle_run_set_place(particle_run *m, const double *centre, double scale);
int particle_run_start(particle_run *m, run *r, dilate_error *err);
/* One Langevin step of all particles, at the plan's lambda. */
int particle_run_advance(particle_run *m, run *r, dilate_error *err);

/* For a method's create: the run of its options, with a warning about what it does not estimate. */
int particle_run_create(run *r, const particle_plan *plan, void **state, dilate_error *err);
/* Entries of the method's vtable. */
int particle_run_step(void *state, run *r, dilate_error *err);
int particle_run_result(void *state, const run *r, dilate_result **out, dilate_error *err);
const double *particle_run_particles(const void *state, size_t *n, size_t *ld);
void particle_run_destroy(void *state);
/* For a method's entry: with its plan. */
void particle_run_archive(archive *a, run *r, const particle_plan *plan, void **state);

/* Takes particles of a path that is a map, at `from`, to where the same points of the target stand at `to`: no evaluation, log-densities
 * and scores follow.  Nothing happens on other paths. */
void particle_run_carry(const particle_run *m, double from, double to, size_t begin, size_t n, particles *p);

#endif
