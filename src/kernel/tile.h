/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the Langevin kernels share: one tile of particles at work, in coordinates whitened by the metric (x = C u, so that the gradient
 * is C'g and noise is standard normal). */
#ifndef DILATE_KERNEL_TILE_H
#define DILATE_KERNEL_TILE_H

#include "kernel/langevin.h"
#include "target/share.h"

typedef struct kernel_tile {
  const langevin *k;
  uint32_t step;
  size_t begin, n, dim, ld; /* particles begin .. begin + n - 1; ld: of the particles' arrays */
  double *move, *scratch;   /* whitened, dim x PARTICLE_TILE each, leading dimension PARTICLE_TILE */
  const double *slope;      /* C' grad: in scratch, or the gradients themselves where there is no metric */
  size_t slope_ld;
  uint32_t particle[PARTICLE_TILE];  /* their numbers in the random stream */
  unsigned char lost[PARTICLE_TILE]; /* 1: the proposal overflowed and will be rejected */
  int any_lost;
} kernel_tile;

/* The tile's share of p, with the calling thread's part of k->work. */
void tile_open(const langevin *k, uint32_t step, const particles *p, size_t tile, kernel_tile *t);
/* move <- standard normals of this step. */
void tile_noise(kernel_tile *t);
/* slope <- C' grad; valid until scratch or those gradients change. */
void tile_slope(kernel_tile *t, const particles *at);
/* sum[i] = |u|^2 of each particle, u of leading dimension ld. */
void tile_square(const kernel_tile *t, size_t ld, const double *u, double *sum);
/* to->x = from->x + C u (to may be from); u is overwritten.  A particle that overflows is lost and gets `home`'s place. */
void tile_displace(kernel_tile *t, const particles *home, const particles *from, double *u, particles *to);
/* Log-density and gradient on the path. */
void tile_evaluate(const kernel_tile *t, particles *at);
/* The Metropolis rule: ratio[i] is the log ratio without the log-densities' difference, which is added here.  The lost get log-density
 * -inf, accepted proposals move into p, and h adapts. */
void tile_metropolis(const kernel_tile *t, const double *ratio, particles *p, particles *proposal, double *h, double *acceptance);
/* All ranks' particles, step sizes and acceptance after a Metropolis step, and the proposals where they are read. */
void tile_share(const shared_loop *s, const langevin *k, const particles *p, const particles *proposal, double *h, double *acceptance);

#endif
