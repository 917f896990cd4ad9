/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Normals on WIDTH lanes: Philox4x32-10 (Salmon et al. 2011), and Box and Muller's r cos(2 pi u2), r sin(2 pi u2), r = sqrt(-2 log u1).
 *
 * The two functions need not serve all numbers here, only u1 = k 2^-53, 0 < u1 <= 1, and angles of which the multiple of a right angle is
 * taken away without rounding.  Their polynomials interpolate at Chebyshev's points; errors stay below 2 units in the last place. */
#ifndef DILATE_BASE_VMATH_NORMALS_H
#define DILATE_BASE_VMATH_NORMALS_H

#include <Random123/philox.h>
#include <string.h>

#if WIDTH == 1
typedef uint64_t LANES;
static inline LANES widened(const uint32_t *k) {
  return *k;
}

static inline VECTOR to_double(LANES k) {
  return (double)k;
}
#else
typedef uint64_t LANES __attribute__((vector_size(WIDTH * sizeof(uint64_t))));

static inline LANES widened(const uint32_t *k) {
  uint32_t words __attribute__((vector_size(WIDTH * sizeof(uint32_t))));
  memcpy(&words, k, sizeof words);
  return __builtin_convertvector(words, LANES);
}

/* Exact for k < 2^53: the halves are put into the low bits of 2^84 and of 2^52, which are then taken away again. */
static inline VECTOR to_double(LANES k) {
  const LANES high = (k >> 32) | 0x4530000000000000u, low = (k & 0xffffffffu) | 0x4330000000000000u;
  return ((VECTOR)high - FILL(0x1p84 + 0x1p52)) + (VECTOR)low;
}
#endif

/* The 53 upper bits of a 64-bit integer, from its two 32-bit words. */
static inline VECTOR upper_bits(LANES low, LANES high) {
  return to_double(((high << 32) | (low & 0xffffffffu)) >> 11);
}

/* Philox4x32-10, one block a lane.  The upper halves of the words hold rubbish, which PRODUCT does not see. */
static inline void philox_lanes(uint64_t key, LANES word[4]) {
  const LANES zero = {0};
  uint32_t key0 = (uint32_t)key, key1 = (uint32_t)(key >> 32);
  for (int round = 0; round < 10; round++) {
    const LANES a = PRODUCT(word[0], zero + PHILOX_M4x32_0), b = PRODUCT(word[2], zero + PHILOX_M4x32_1);
    word[0] = (b >> 32) ^ word[1] ^ key0;
    word[1] = b;
    word[2] = (a >> 32) ^ word[3] ^ key1;
    word[3] = a;
    key0 += PHILOX_W32_0;
    key1 += PHILOX_W32_1;
  }
}

static inline LANES bits_of(VECTOR v) {
  LANES bits;
  memcpy(&bits, &v, sizeof bits);
  return bits;
}

static inline VECTOR from_bits(LANES bits) {
  VECTOR v;
  memcpy(&v, &bits, sizeof v);
  return v;
}

/* c[0] + c[1] z + ... */
static inline VECTOR polynomial(size_t terms, const double *c, VECTOR z) {
  VECTOR sum = FILL(c[terms - 1]);
  UNROLL for (size_t k = terms - 1; k > 0; k--) sum = MULTIPLY_ADD(sum, z, FILL(c[k - 1]));
  return sum;
}

/* log u for 2^-60 < u <= 1: u = 2^-e m with m within a root of 2 of 1, and log m = 2 artanh s with s = (m - 1)/(m + 1). */
static inline VECTOR log_unit(VECTOR u) {
  static const double series[] = {0.666666666666667,   0.39999999999899505, 0.28571428625975487, 0.2222221113479508,
                                  0.18182889125261723, 0.15331721600556042, 0.14616449685043406}; /* (2 artanh s - 2 s)/s^3 in s^2 */
  const uint64_t half_root = 0x3fe6a09e667f3bcd, raised = (uint64_t)64 << 52;
  const LANES bits = bits_of(u), power = (bits - (half_root - raised)) >> 52; /* 64 - e */
  const VECTOR m = from_bits(bits - (power << 52) + raised), e = from_bits(power | 0x4330000000000000u) - FILL(0x1p52 + 64);
  const VECTOR s = (m - FILL(1.0)) / (m + FILL(1.0)), z = s * s;
  const VECTOR small = MULTIPLY_ADD(e, FILL(0x1.cf79abc9e3b3ap-40), s * z * polynomial(7, series, z));
  return MULTIPLY_ADD(e, FILL(0x1.62e42fefa0000p-1), (s + s) + small); /* e log 2, in two parts */
}

/* Sine and cosine of pi t, 0 <= t < 2: of the distance to the nearest multiple of a right angle, then turned back. */
static inline void sine_cosine(VECTOR t, VECTOR *sine, VECTOR *cosine) {
  static const double of_sine[] = {3.141592653589793,   -5.167712780049954,    2.5501640398733763,  -0.5992645289396449,
                                   0.08214586918000175, -0.007370021586907771, 0.000461531855383581};
  static const double of_cosine[] = {1.0,
                                     -4.934802200544679,
                                     4.058712126416747,
                                     -1.3352627688519174,
                                     0.23533063019088787,
                                     -0.025806885652951306,
                                     0.0019294657440800042,
                                     -0.00010356747255199479};
  const VECTOR shifted = (t + t) + FILL(0x1.8p52), r = t - FILL(0.5) * (shifted - FILL(0x1.8p52)), z = r * r;
  const LANES turn = bits_of(shifted), none = {0}, odd = none - (turn & 1); /* right angles; all bits where they are odd */
  const LANES s = bits_of(r * polynomial(7, of_sine, z)), c = bits_of(polynomial(8, of_cosine, z));
  *sine = from_bits(((c & odd) | (s & ~odd)) ^ ((turn & 2) << 62));
  *cosine = from_bits(((s & odd) | (c & ~odd)) ^ (((turn + 1) & 2) << 62));
}

/* Normals from the two integers of each block. */
static inline void normal_vector(const vmath_counter *c, const uint32_t *particle, double *a, double *b) {
  const LANES zero = {0};
  LANES word[4] = {zero + c->block, zero + c->step, widened(particle), zero + c->tag};
  philox_lanes(c->key, word);
  const VECTOR u1 = (upper_bits(word[0], word[1]) + FILL(1.0)) * FILL(0x1p-53);
  const VECTOR radius = ROOT(FILL(-2.0) * log_unit(u1));
  VECTOR sine, cosine;
  sine_cosine(upper_bits(word[2], word[3]) * FILL(0x1p-52), &sine, &cosine); /* 2 u2: in half turns */
  STORE(a, radius * cosine);
  STORE(b, radius * sine);
}

#endif
