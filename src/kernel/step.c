/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dilate_langevin_step(): one unadjusted Langevin step for a caller who computes the scores.  The noise is that of stream_normals(), made a
 * pair of coordinates at a time (normals 2b and 2b + 1 of a particle come from its block b), so that nothing is allocated whatever the
 * dimension. */
#include <math.h>

#include "base/random.h"
#include "base/vmath.h"
#include "target/particles.h"

/* 32 random bits twice -> (0, 1], on a grid of 2^-53. */
static double unit(uint32_t low, uint32_t high) {
  const uint64_t bits = (((uint64_t)high << 32) | low) >> 11;
  return ((double)bits + 1) * 0x1p-53;
}

/* Normals 2b and 2b + 1 of particles first .. first + n - 1. */
static void normal_pair(stream s, uint32_t step, uint32_t b, size_t first, size_t n, double *even, double *odd) {
  double u1[PARTICLE_TILE], u2[PARTICLE_TILE];
  for (size_t i = 0; i < n; i++) {
    uint32_t bits[4];
    stream_block(s, (uint32_t)(first + i), step, b, bits);
    u1[i] = unit(bits[0], bits[1]);
    u2[i] = unit(bits[2], bits[3]) - 0x1p-53;
  }
  vmath_box_muller(n, u1, u2, even, odd);
}

/* weight[i] = h / max(1, h |s| / bound). */
static void drift_weight(size_t dim, size_t n, size_t ld, const double *score, double h, double bound, double *weight) {
  for (size_t i = 0; i < n; i++) weight[i] = 0;
  for (size_t j = 0; j < dim; j++)
    for (size_t i = 0; i < n; i++) weight[i] += score[j * ld + i] * score[j * ld + i];
  for (size_t i = 0; i < n; i++) weight[i] = h / fmax(1, h * sqrt(weight[i]) / bound);
}

void dilate_langevin_step(size_t dim, size_t n, size_t ld, double *x, const double *score, double h, double bound, uint64_t seed,
                          uint32_t step) {
  const stream s = stream_make(seed, STREAM_USER, 0, 0);
  const double sigma = sqrt(2 * h);
  for (size_t begin = 0; begin < n; begin += PARTICLE_TILE) {
    const size_t count = n - begin < PARTICLE_TILE ? n - begin : PARTICLE_TILE;
    double weight[PARTICLE_TILE], noise[2][PARTICLE_TILE];
    drift_weight(dim, count, ld, score + begin, h, bound, weight);
    for (size_t j = 0; j < dim; j++) {
      if (j % 2 == 0) normal_pair(s, step, (uint32_t)(j / 2), begin, count, noise[0], noise[1]);
      double *row = x + j * ld + begin;
      const double *slope = score + j * ld + begin, *xi = noise[j % 2];
      for (size_t i = 0; i < count; i++) row[i] += weight[i] * slope[i] + sigma * xi[i];
    }
  }
}
