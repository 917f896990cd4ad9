/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Langevin kernels on any path at any lambda, with or without bounded drift: ULA, MALA (Roberts & Tweedie 1996; Besag 1994), and
 * preconditioned HMC (Neal 2011); one step size a particle, adapted by acceptance: log h += rate (a - target). */
#ifndef DILATE_KERNEL_LANGEVIN_H
#define DILATE_KERNEL_LANGEVIN_H

#include "base/random.h"
#include "path/path.h"
#include "target/particles.h"

typedef struct langevin {
  const path *path;
  double lambda;
  const double *metric_c;            /* dim x dim lower Cholesky factor of the metric S = C C', or NULL: identity */
  stream stream;                     /* particle i uses number i */
  double bound;                      /* of a step's drift, |h C's| <= bound; 0: none */
  double rate, accept, h_min, h_max; /* adaptation: rate 0 leaves h alone; accept: the acceptance aimed at (0.574 for MALA) */
  double *work;                      /* langevin_work() doubles of scratch, not owned; one step at a time */
  int proposals_read;                /* with ranks: the caller reads the proposals of a Metropolis step, so that all ranks get them */
} langevin;

#define MALA_ACCEPTANCE 0.574 /* the best in many dimensions (Roberts & Rosenthal 1998) */

/* MALA on a path, its steps adapting to that acceptance within any limits; rate and work are still to be set. */
langevin langevin_adapting(const path *along, stream s);
/* The rate of adaptation when this share of a run is done: 1.6 at its start, 0 in its last fifth, which leaves the target invariant. */
double langevin_rate(double done);

/* Doubles of scratch that the steps below need. */
size_t langevin_work(const target *t);

/* One step of all particles, in parallel over tiles; p->logp and p->grad are those of the path at lambda on entry and on exit.
 * h[i] > 0: step size of particle i, adapted in place; acceptance[i] (NULL: not needed): its acceptance probability in [0, 1].
 * `proposal` (same shape as p) is scratch; after a Metropolis step it holds the proposals with their log-densities and gradients.  A
 * proposal that overflows is not shown to the target: it stands in `proposal` as the particle's own place with log-density -inf.
 * From a particle outside the support any proposal inside is accepted. */
void mala_step(const langevin *k, uint32_t step, particles *p, particles *proposal, double *h, double *acceptance);
/* Unadjusted: every proposal that does not overflow is taken; h is left alone.  log_ratio[i] (NULL: not needed): log of the density of the
 * step that would lead back over that of the step taken, the increment of the unadjusted path's log weight (Thin et al. 2021); -inf of a
 * particle that could not move. */
void ula_step(const langevin *k, uint32_t step, particles *p, const double *h, double *log_ratio);
/* leapfrogs leapfrog steps of size h[i] * U(0.7, 1.3). */
void hmc_step(const langevin *k, uint32_t step, int leapfrogs, particles *p, particles *proposal, double *h, double *acceptance);

#endif
