/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Equal isotropic Gaussians around K images m_k: log p(x) = log sum_k N(x | m_k, v I) / K. */
#ifndef DILATE_TARGETS_DIGITS_H
#define DILATE_TARGETS_DIGITS_H

#include <stddef.h>

#define DIGITS_DIM   64
#define DIGITS_BLOCK 8  /* components that are gone over together */
#define DIGITS_CHUNK 32 /* points for which that is done before the next ones are fetched, at most */

typedef struct digits digits;

/* Log-density and, unless grad is NULL, its gradient, for the variance v.  Shapes as for dilate_batch_fn, n <= DIGITS_CHUNK. */
typedef void (*digits_density_fn)(const digits *t, double variance, size_t n, size_t ld, const double *x, double *logp, double *grad);

struct digits {
  size_t components, blocks;
  double sd;
  digits_density_fn density;
  double *weight; /* components */
  double *label;  /* components: the digit that it shows, 0 to 9 */
  double mean[];  /* blocks x DIGITS_BLOCK rows of DIGITS_DIM; those beyond the components are infinitely far away */
};

/* The density in the registers of an instruction set of dilate_isa(); its bits do not depend on them. */
digits_density_fn digits_density_for(const char *isa);

#endif
