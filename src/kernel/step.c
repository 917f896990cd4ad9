/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dilate_langevin_step(): one unadjusted Langevin step for a caller who computes the scores.  Noise is made two coordinates at a time, each
 * pair from a stream of its own, so that nothing is allocated whatever the dimension. */
#include <math.h>

#include "base/random.h"
#include "target/particles.h"

#define NUMBER_BITS 14 /* of a stream's tag; the pair's other bits go where the island stands */

static void pair_noise(uint64_t seed, uint32_t step, size_t pair, size_t begin, size_t n, double *noise) {
  const unsigned low = (unsigned)(pair & ((1u << NUMBER_BITS) - 1)), high = (unsigned)(pair >> NUMBER_BITS);
  uint32_t particle[PARTICLE_TILE];
  for (size_t i = 0; i < n; i++) particle[i] = (uint32_t)(begin + i);
  stream_normals(stream_make(seed, STREAM_USER, low, high), step, 2, n, PARTICLE_TILE, particle, noise);
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
  if (!x || !score || dim == 0 || ld < n) return;
  const double sigma = sqrt(2 * h);
  for (size_t begin = 0; begin < n; begin += PARTICLE_TILE) {
    const size_t count = n - begin < PARTICLE_TILE ? n - begin : PARTICLE_TILE;
    double weight[PARTICLE_TILE], noise[2 * PARTICLE_TILE];
    drift_weight(dim, count, ld, score + begin, h, bound, weight);
    for (size_t j = 0; j < dim; j++) {
      if (j % 2 == 0) pair_noise(seed, step, j / 2, begin, count, noise);
      double *row = x + j * ld + begin;
      const double *slope = score + j * ld + begin, *xi = noise + j % 2 * PARTICLE_TILE;
      for (size_t i = 0; i < count; i++) row[i] += weight[i] * slope[i] + sigma * xi[i];
    }
  }
}
