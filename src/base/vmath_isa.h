/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One instruction set's vector kernels; each is made from vmath_body.h in a file of its own. */
#ifndef DILATE_BASE_VMATH_ISA_H
#define DILATE_BASE_VMATH_ISA_H

#include "base/vmath.h"

typedef struct vmath_kernels {
  const char *name;
  void (*exp)(size_t n, const double *x, double *y);
  void (*log)(size_t n, const double *x, double *y);
  void (*root)(size_t n, const double *x, double *y);
  void (*normals)(const vmath_counter *c, size_t n, const uint32_t *particle, double *a, double *b);
  void (*columns)(size_t rows, size_t n, size_t ld, double *c, double *lse);
  void (*lower_times)(size_t d, const double *c, size_t n, size_t ld, double *x);
  void (*lower_transpose_times)(size_t d, const double *c, size_t n, size_t ld, double *x);
  /* c = a b, the entry of a in row r and column k being a[r*row + k*column]. */
  void (*product)(size_t rows, size_t inner, size_t n, const double *a, size_t row, size_t column, const double *b, size_t ldb, double *c,
                  size_t ldc);
  void (*symmetric_product)(size_t d, size_t n, size_t ld, const double *x, double keep, double *c);
  void (*weighted_product)(size_t d, size_t n, size_t ld, const double *x, const double *w, const double *m, double *c);
  void (*distances)(size_t dim, size_t n, size_t ld, const double *x, size_t stride, const double *at, double *distance);
} vmath_kernels;

extern const vmath_kernels vmath_generic;
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define VMATH_X86 1 /* gcc's target pragma, and the intrinsics */
extern const vmath_kernels vmath_sse2, vmath_avx2, vmath_avx512;
#else
#define VMATH_X86 0
#endif

/* The kernels of the named instruction set; where the processor lacks it, or there is no such name (NULL too), the widest that it has and
 * that is no wider than the one named. */
const vmath_kernels *vmath_find(const char *name);
/* Those in use. */
const vmath_kernels *vmath_chosen(void);

#endif
