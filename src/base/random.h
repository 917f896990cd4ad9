/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counter-based random streams: Philox4x32-10 (Salmon et al. 2011) of Random123, normals by Box-Muller.
 *
 * A number is a pure function of (seed, stage, number, island, particle, step, position): nothing is stored, so bits cannot
 * depend on threads, tiles or the order of calls. */
#ifndef DILATE_BASE_RANDOM_H
#define DILATE_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef enum stream_stage {
  STREAM_EXPLORE = 1,
  STREAM_SETTLE,
  STREAM_FIT,
  STREAM_CHOOSE,
  STREAM_PILOT,
  STREAM_TUNE,
  STREAM_BRIDGE,
  STREAM_RESAMPLE,
  STREAM_ORDER,
  STREAM_PATH,
  STREAM_START,
  STREAM_MODES,
  STREAM_USER,
  STREAM_PROBE, /* in a run: 0 gradients, 1 tails, 2 far looks, 3 masses about peaks, 4 points of checkpoints */
  STREAM_SCORE,
  STREAM_DIFFUSION,
  STREAM_WALK,
  STREAM_DISTANCE
} stream_stage; /* at most 63 */

typedef struct stream {
  uint64_t seed;
  uint32_t tag; /* stage (6 bits), number (14 bits: a batch, a round, a temperature), island (12 bits) */
} stream;

stream stream_make(uint64_t seed, stream_stage stage, unsigned number, unsigned island);

/* The Philox block with key = seed and counter = (block, step, particle, tag). */
void stream_block(stream s, uint32_t particle, uint32_t step, uint32_t block, uint32_t out[4]);

/* A uniform in (0, 1), 53 bits; `slot` < 2^31 tells apart the uniforms of one particle and step.  Never overlaps normals. */
double stream_uniform(stream s, uint32_t particle, uint32_t step, uint32_t slot);

/* Standard normals for a coordinate-major tile: out[j*ld + i], j < dim, i < n, for particle number particle[i].  Normals 2b and 2b+1 of
 * a particle come from its block b.  Vectorised over i; the value at (particle, step, j) does not depend on n, ld or i. */
void stream_normals(stream s, uint32_t step, size_t dim, size_t n, size_t ld, const uint32_t *particle, double *out);

#endif
