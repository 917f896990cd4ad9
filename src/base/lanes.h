/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A vector of lanes, one a particle, whatever the instruction set.  lanes_ISA.h defines VECTOR, WIDTH; LOAD, STORE, and of the first
 * `count` < WIDTH lanes LOAD_SOME (0 in the others), STORE_SOME; FILL; MULTIPLY_ADD (fused where the set can); IF_LESS, a lane's x where
 * a < b, else its y; ALL_LESS; EXP, LOG, ROOT, SINCOSPI (sine in .x, cosine in .y); PRODUCT, of the low halves of 64-bit LANES; and ISA,
 * which makes a name of this instruction set's own.  A set that can has PACK, the lanes that are ABOVE moved to the front, and PACK_PLACES,
 * their numbers from `first` on, 32 bits each, which STORE_PLACES writes.
 *
 * Remainders go through whole vectors too, so that a value cannot depend on its place in an array. */
#ifndef DILATE_BASE_LANES_H
#define DILATE_BASE_LANES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __GNUC__
#define UNROLL _Pragma("GCC unroll 8")
#else
#define UNROLL
#endif

/* The lanes of p, of which `left` are there. */
static inline VECTOR lanes_get(const double *p, size_t left) {
  if (left >= WIDTH) return LOAD(p);
  return LOAD_SOME(p, left);
}

static inline void lanes_put(double *p, size_t left, VECTOR v) {
  if (left >= WIDTH)
    STORE(p, v);
  else
    STORE_SOME(p, v, left);
}

/* a where b is not above it, NaN among them. */
static inline VECTOR lanes_larger(VECTOR a, VECTOR b) {
  return IF_LESS(a, b, b, a);
}

/* The lanes' sum, from the first to the last. */
static inline double lanes_sum(VECTOR v) {
  double lane[WIDTH], sum = 0;
  STORE(lane, v);
  for (size_t k = 0; k < WIDTH; k++) sum += lane[k];
  return sum;
}

#endif
