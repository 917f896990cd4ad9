/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011) through Random123; normals by Box & Muller (1958).
 *
 * A block of four 32-bit words gives two 64-bit integers k1 and k2; uniforms use their upper bits, so that every value is exact in
 * double: u1 = (k1' + 1) 2^-53 in (0, 1], u2 = k2' 2^-53 in [0, 1), and a lone uniform (k1'' + 1/2) 2^-52 in (0, 1). */
#include "base/random.h"
#include "base/vmath.h"

#include <Random123/philox.h>

#define LONE_UNIFORM 0x80000000u /* top bit of a block number: blocks that stream_normals never reaches */
#define CHUNK        64          /* particles at a time on the stack */

stream stream_make(uint64_t seed, stream_stage stage, unsigned number, unsigned island) {
  const uint32_t tag = (uint32_t)stage << 26 | (number & 0x3fffu) << 12 | (island & 0xfffu);
  return (stream){.seed = seed, .tag = tag};
}

static philox4x32_ctr_t philox(stream s, uint32_t particle, uint32_t step, uint32_t block) {
  const philox4x32_ctr_t counter = {{block, step, particle, s.tag}};
  const philox4x32_key_t key = {{(uint32_t)s.seed, (uint32_t)(s.seed >> 32)}};
  return philox4x32_R(10, counter, key);
}

void stream_block(stream s, uint32_t particle, uint32_t step, uint32_t block, uint32_t out[4]) {
  const philox4x32_ctr_t word = philox(s, particle, step, block);
  for (int i = 0; i < 4; i++) out[i] = word.v[i];
}

static uint64_t join(uint32_t low, uint32_t high) {
  return (uint64_t)high << 32 | low;
}

double stream_uniform(stream s, uint32_t particle, uint32_t step, uint32_t slot) {
  const philox4x32_ctr_t word = philox(s, particle, step, LONE_UNIFORM | slot);
  return ((double)(join(word.v[0], word.v[1]) >> 12) + 0.5) * 0x1p-52;
}

static void normals_chunk(stream s, uint32_t step, size_t dim, size_t n, size_t ld, const uint32_t *particle, double *out) {
  double spare[CHUNK]; /* the last sine of an odd dimension */
  for (size_t j = 0; j < dim; j += 2) {
    const vmath_counter counter = {.key = s.seed, .block = (uint32_t)(j / 2), .step = step, .tag = s.tag};
    vmath_normals(&counter, n, particle, out + j * ld, j + 1 < dim ? out + (j + 1) * ld : spare);
  }
}

void stream_normals(stream s, uint32_t step, size_t dim, size_t n, size_t ld, const uint32_t *particle, double *out) {
  for (size_t begin = 0; begin < n; begin += CHUNK)
    normals_chunk(s, step, dim, n - begin < CHUNK ? n - begin : CHUNK, ld, particle + begin, out + begin);
}
