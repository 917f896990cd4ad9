/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hamiltonian Monte Carlo (Duane et al. 1987; Neal 2011) with mass S^-1, S = C C': in whitened coordinates x = C u the momentum r is
 * standard normal and a leapfrog step of size e is r += e/2 C'g, x += e C r, r += e/2 C'g.  Outside the support the force is 0, which keeps
 * the map reversible and volume-preserving.  e is drawn anew at every trajectory, so that no orbit closes on itself. */
#include <math.h>

#include "base/team.h"
#include "kernel/tile.h"

#define DIVERGED 1000.0 /* energy, far beyond what is ever accepted */

/* r += scale e slope. */
static void kick(const kernel_tile *t, double scale, const double *e) {
  for (size_t j = 0; j < t->dim; j++) {
    double *r = t->move + j * PARTICLE_TILE;
    const double *slope = t->slope + j * t->slope_ld;
#pragma omp simd
    for (size_t i = 0; i < t->n; i++) r[i] += scale * e[i] * slope[i];
  }
}

/* x += e C r, and the slope there. */
static void drift(kernel_tile *t, const double *e, const particles *p, const particles *from, particles *to) {
  for (size_t j = 0; j < t->dim; j++) {
    const double *r = t->move + j * PARTICLE_TILE;
    double *u = t->scratch + j * PARTICLE_TILE;
#pragma omp simd
    for (size_t i = 0; i < t->n; i++) u[i] = e[i] * r[i];
  }
  tile_displace(t, p, from, t->scratch, to);
  tile_evaluate(t, to);
  tile_slope(t, to);
}

/* A trajectory whose energy is off by as much as that will not come back: it stays where it is, to be rejected, lest it run off to where
 * the density overflows.  before: |r|^2 at its start. */
static void stop_diverged(const kernel_tile *t, const double *before, const particles *p, const particles *to, double *e) {
  for (size_t i = 0; i < t->n; i++) {
    const double now = to->logp[t->begin + i];
    if (now > -INFINITY && now < p->logp[t->begin + i] - 0.5 * before[i] - DIVERGED) e[i] = 0;
  }
}

static void hmc_tile(kernel_tile *t, int leapfrogs, particles *p, particles *proposal, double *h, double *acceptance) {
  double e[PARTICLE_TILE], before[PARTICLE_TILE], ratio[PARTICLE_TILE];
  for (size_t i = 0; i < t->n; i++) e[i] = h[t->begin + i] * (0.7 + 0.6 * stream_uniform(t->k->stream, t->particle[i], t->step, 1));
  tile_noise(t);
  tile_square(t, PARTICLE_TILE, t->move, before);
  tile_slope(t, p);
  kick(t, 0.5, e);
  for (int l = 1; l <= leapfrogs; l++) {
    drift(t, e, p, l == 1 ? p : proposal, proposal);
    stop_diverged(t, before, p, proposal, e);
    kick(t, l < leapfrogs ? 1 : 0.5, e);
  }
  tile_square(t, PARTICLE_TILE, t->move, ratio);
  for (size_t i = 0; i < t->n; i++) ratio[i] = 0.5 * (before[i] - ratio[i]);
  tile_metropolis(t, ratio, p, proposal, h, acceptance);
}

void hmc_step(const langevin *k, uint32_t step, int leapfrogs, particles *p, particles *proposal, double *h, double *acceptance) {
  const shared_loop s = share_begin(k->path->target, p->n, 1);
#pragma omp parallel for schedule(dynamic) num_threads(team_size(target_threads(k->path->target)))
  for (size_t tile = s.first; tile < s.end; tile++) {
    kernel_tile t;
    tile_open(k, step, p, tile, &t);
    hmc_tile(&t, leapfrogs, p, proposal, h, acceptance);
  }
  tile_share(&s, k, p, proposal, h, acceptance);
}
