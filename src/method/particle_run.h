/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the methods "langevin" and "dilation" share: one particle a draw, dropped on the target from its own distance, moved by MALA along a
 * path, and taken as a draw where it ends. */
#ifndef DILATE_METHOD_PARTICLE_RUN_H
#define DILATE_METHOD_PARTICLE_RUN_H

#include "kernel/langevin.h"
#include "method/method.h"

typedef struct particle_run {
  const char *stage; /* for the trace: a static string */
  path path;
  langevin kernel; /* kernel.lambda: where the particles stand on the path */
  particles p, proposal;
  double *h, *acceptance;
  size_t steps, taken; /* steps of the whole run, and those taken; 0: the particles have no place yet */
} particle_run;

int particle_run_create(run *r, const char *stage, const path_type *type, particle_run **out, dilate_error *err);
/* One Langevin step of all particles at lambda (the first: after the drop).  DILATE_OK when it was the last. */
int particle_run_step(particle_run *m, run *r, double lambda, dilate_error *err);
/* Entries of the method's vtable. */
int particle_run_result(void *state, const run *r, dilate_result **out, dilate_error *err);
const double *particle_run_particles(const void *state, size_t *n, size_t *ld);
void particle_run_destroy(void *state);

/* Takes particles of the path at `from` to where the same points of the target stand at `to`: no evaluation, log-densities and scores
 * follow. */
void particle_run_carry(const particle_run *m, double from, double to, size_t begin, size_t n, particles *p);

#endif
