/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The random walk of Park, McCann, Garcia-Cardona, Wohlberg & Kamilov (2024, arXiv 2411.18702), x <- x + tau s(x) + sqrt(2 tau T) n, of
 * which annealed Langevin sampling, DDPM and the reverse diffusions are rows of (tau, T). */
#ifndef DILATE_KERNEL_RANDOM_WALK_H
#define DILATE_KERNEL_RANDOM_WALK_H

#include "base/random.h"
#include "target/particles.h"

typedef struct random_walk {
  stream stream; /* particle i uses number i */
  size_t threads;
  double *work; /* random_walk_work() doubles of scratch, not owned */
} random_walk;

size_t random_walk_work(size_t threads, size_t dim);

/* One step of all particles in parallel over tiles; p->grad is the score s.  A particle that would overflow stays. */
void random_walk_step(const random_walk *k, uint32_t step, double tau, double temperature, particles *p);

#endif
