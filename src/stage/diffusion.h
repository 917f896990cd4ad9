/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diffusion sequential Monte Carlo: the Particle Denoising Diffusion Sampler of Phillips et al. 2024 (arXiv 2402.06320), untrained.
 *
 * The base q0 = N(c, s^2 I) is left invariant by the noising X_k - c = sqrt(abar_k) (X_0 - c) + sqrt(1 - abar_k) s E.  With
 * g_0 = pi~/q0 the noised target is q0 g_k, g_k(x) = E[g_0(X_0) given X_k = x] under the base.  Untrained, g_k is taken to be
 *   ghat_k(x) = g_0(c + sqrt(abar_k) (x - c)),
 * exact at abar = 1.  Particles start from q0 at k = K and come down to k = 0 by a kernel that ghat guides (denoise.h); their weights
 *   ghat_k(x_k) p(x_k | x_(k+1)) / [ghat_(k+1)(x_(k+1)) phat(x_k | x_(k+1))],   p: the base's own reverse kernel, phat: the guided one,
 * telescope, so that E[Zhat] = Z whatever ghat and the guidance are, as long as ghat > 0 wherever mass may still come from.  Outside the
 * target's support it is therefore not 0 but 1 - abar_k times the smallest among the island's particles inside, which is 0 at the end
 * only; at abar = 0, where g is constant, it is 1. */
#ifndef DILATE_STAGE_DIFFUSION_H
#define DILATE_STAGE_DIFFUSION_H

#include "path/schedule.h"
#include "target/particles.h"

typedef struct diffusion_settings {
  target *target;
  const double *centre;     /* dim; not owned */
  double scale;             /* > 0 */
  const schedule *schedule; /* abar_k = lambda(1 - k/K), below 1 at the start; not owned */
  size_t levels;            /* K >= 1 */
  size_t islands, draws;    /* particles an island: each island is a sampler of its own, with its own stream */
  uint64_t seed;
} diffusion_settings;

typedef struct diffusion {
  diffusion_settings set;
  size_t level;              /* k; K + 1: nothing was drawn yet; 0: done */
  double abar, old_abar;     /* of this level, and of the one before */
  particles now, old;        /* x: (X_k - c)/s; logp, grad: the target's, at c + sqrt(abar) (X_k - c).  Island i has the i-th `draws` */
  double *cloud;             /* dim x now.ld: X_k */
  double *log_g, *old_log_g; /* log ghat */
  double *log_weight, *old_log_weight; /* since the island was last resampled */
  double *weight;                      /* the same relative to the island's largest; 0 where all are 0 */
  size_t *parent;                      /* of each particle among the old */
  size_t *eve, *old_eve;               /* its ancestor at k = K */
  double *log_z;                       /* islands: log Zhat up to the last resampling, ... */
  double *estimate;                    /* ... and up to now; -inf where no particle has a weight */
  double *ess;                         /* islands: effective share of the particles, 0 where none has a weight */
  double *work;                        /* dim x PARTICLE_TILE for each thread */
} diffusion;

int diffusion_create(const diffusion_settings *set, diffusion **out, dilate_error *err);
void diffusion_free(diffusion *d);

/* One that diffusion_create() has made. */
void diffusion_archive(archive *a, diffusion *d);
/* The next level of all islands: first the draws of level K.  DILATE_CONTINUE, DILATE_OK at k = 0, or a failure of the target. */
int diffusion_step(diffusion *d, dilate_error *err);
/* Log of the mean of the islands' Zhat, and the smallest of their effective shares. */
double diffusion_log_z(const diffusion *d);
double diffusion_least_ess(const diffusion *d);

#endif
