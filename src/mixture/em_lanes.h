/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passes over points of M steps, WIDTH points at a time; once for every instruction set (base/lanes.h): which a component has a share in,
 * and the sums of products of t's (em_product.c), in which lanes beyond the last point have no share. */
#include "mixture/em_state.h"
#include "mixture/mixture_isa.h"

/* See em_find_members().  Without a branch, which could not be foretold. */
static size_t members(size_t n, const double *share, uint32_t *member, double *kept) {
  size_t count = 0, i = 0;
#ifdef PACK
  for (; i + WIDTH <= n; i += WIDTH) { /* whole vectors are written: count <= i */
    const VECTOR v = LOAD(share + i);
    const unsigned some = ABOVE(v, FILL(EM_NEGLIGIBLE));
    STORE(kept + count, PACK((__mmask8)some, v));
    STORE_PLACES(member + count, PACK_PLACES(some, i));
    count += (size_t)__builtin_popcount(some);
  }
#endif
  for (; i < n; i++) {
    member[count] = (uint32_t)i;
    kept[count] = share[i];
    count += share[i] > EM_NEGLIGIBLE;
  }
  return count;
}

/* sum: of w = share (nu + 1)/(nu + z^2), w d and w d^2 with d = x - mean, z = d/scale. */
static void moments(size_t n, const double *share, const double *x, double nu, double mean, double scale, double sum[3]) {
  const VECTOR more = FILL(nu + 1), freedom = FILL(nu), centre = FILL(mean), inverse = FILL(1 / scale);
  VECTOR weight = FILL(0.0), first = weight, second = weight;
  for (size_t i = 0; i < n; i += WIDTH) {
    const VECTOR d = lanes_get(x + i, n - i) - centre, z = d * inverse;
    const VECTOR w = lanes_get(share + i, n - i) * more / (freedom + z * z), wd = w * d;
    weight += w;
    first += wd;
    second = MULTIPLY_ADD(wd, d, second);
  }
  sum[0] = lanes_sum(weight);
  sum[1] = lanes_sum(first);
  sum[2] = lanes_sum(second);
}

/* sum: of w A^2, w A B, w B^2, w A y and w B y, the equation of a point being A a + B b = y. */
static void equations(size_t n, const double *share, const double *x, const double *grad, double nu, double mean, double scale,
                      double sum[5]) {
  const VECTOR more = FILL(nu + 1), centre = FILL(mean), square = FILL(nu * scale * scale);
  VECTOR aa = FILL(0.0), ab = aa, bb = aa, ay = aa, by = aa;
  for (size_t i = 0; i < n; i += WIDTH) {
    const VECTOR d = lanes_get(x + i, n - i) - centre, g = lanes_get(grad + i, n - i), dg = d * g;
    const VECTOR a = -g, b = dg + dg + more, y = d * (dg + more), error = MULTIPLY_ADD(d, d, square);
    const VECTOR w = lanes_get(share + i, n - i) / (error * error), wa = w * a, wb = w * b;
    aa = MULTIPLY_ADD(wa, a, aa);
    ab = MULTIPLY_ADD(wa, b, ab);
    bb = MULTIPLY_ADD(wb, b, bb);
    ay = MULTIPLY_ADD(wa, y, ay);
    by = MULTIPLY_ADD(wb, y, by);
  }
  const VECTOR all[5] = {aa, ab, bb, ay, by};
  for (size_t k = 0; k < 5; k++) sum[k] = lanes_sum(all[k]);
}

const em_sums ISA(em_sums) = {members, moments, equations};
