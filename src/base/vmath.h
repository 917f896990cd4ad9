/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectorised elementary functions through SLEEF (1 ulp), dispatched once at run time; DILATE_ISA pins the instruction set.
 * The value at an index does not depend on its position in the array or on n (remainders go through a padded vector). */
#ifndef DILATE_BASE_VMATH_H
#define DILATE_BASE_VMATH_H

#include <stddef.h>
#include <stdint.h>

void vmath_exp(size_t n, const double *x, double *y); /* y may be x */
void vmath_log(size_t n, const double *x, double *y);
void vmath_root(size_t n, const double *x, double *y); /* square root, rounded correctly */
/* What is the same for all particles of a Philox block: the key and three of the counter's four words. */
typedef struct vmath_counter {
  uint64_t key;
  uint32_t block, step, tag;
} vmath_counter;
/* Philox4x32-10 at counter (block, step, particle[i], tag): its two 64-bit integers give u1 in (0, 1] and u2 in [0, 1), and these by Box
 * and Muller r cos(2 pi u2) in a[i], r sin(2 pi u2) in b[i], r = sqrt(-2 log u1). */
void vmath_normals(const vmath_counter *c, size_t n, const uint32_t *particle, double *a, double *b);
const char *vmath_isa(void);

#endif
