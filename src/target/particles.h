/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Particles: n points with what was paid for at each, coordinate-major (coordinate j of particle i at x[j*ld + i]). */
#ifndef DILATE_TARGET_PARTICLES_H
#define DILATE_TARGET_PARTICLES_H

#include "target/target.h"

#define PARTICLE_TILE 32 /* particles a task: fixed, so that work is shared out the same way whatever the threads */

typedef struct particles {
  size_t n, dim, ld; /* ld: n rounded up to a multiple of 8 */
  double *x, *grad;  /* dim x ld */
  double *logp;      /* ld */
} particles;

int particles_create(size_t dim, size_t n, particles *p); /* zeroed; non-zero when out of memory (p is then empty and may be cleared) */
/* few is made: of p's particles at most so many, evenly among all.  Non-zero when out of memory. */
int particles_thin(const particles *p, size_t most, particles *few);
void particles_clear(particles *p);
/* Particle `from` of src to place `to` of dst. */
void particles_copy(particles *dst, size_t to, const particles *src, size_t from);
/* n particles from `from` on to the places from `to` on; of them those of the `count` numbers in `index`. */
void particles_copy_range(particles *dst, size_t to, const particles *src, size_t from, size_t n);
void particles_copy_listed(particles *dst, size_t to, const particles *src, size_t from, size_t count, const size_t *index);
/* Those of the `count` numbers in `index`, one after the other, to the places from 0 on. */
void particles_gather(particles *dst, const particles *src, size_t count, const size_t *index);
/* All of src to dst, which is as large. */
void particles_copy_all(particles *dst, const particles *src);
/* Its arrays, as far as there are any. */
void particles_archive(archive *a, particles *p);
/* Evaluates all (log-density and gradient), in parallel over tiles. */
void particles_evaluate(particles *p, target *t);
/* The log-density only, of the first n. */
void particles_evaluate_density(particles *p, size_t n, target *t);

/* Tiles of a loop over n particles. */
static inline size_t tile_count(size_t n) {
  return (n + PARTICLE_TILE - 1) / PARTICLE_TILE;
}
static inline size_t tile_size(size_t n, size_t tile) {
  size_t begin = tile * PARTICLE_TILE;
  return n - begin < PARTICLE_TILE ? n - begin : PARTICLE_TILE;
}

#endif
