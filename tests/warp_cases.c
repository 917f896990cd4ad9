/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random layers: see warp_cases.h. */
#include "warp_cases.h"

#include <check.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_randist.h>

warp_conditional *random_conditional(warp *w, gsl_rng *rng) {
  const size_t dim = w->dim;
  warp_conditional *c = warp_add_conditional(w);
  ck_assert_ptr_nonnull(c);
  c->hyper = gsl_rng_uniform_int(rng, dim);
  c->centre = gsl_ran_gaussian(rng, 1);
  c->low = -1.5;
  c->high = 2;
  for (size_t b = 0; b < WARP_BENDS; b++) c->bend[b] = -1 + (double)b;
  c->terms = dim > 3 ? 2 : 1;
  for (size_t k = 0; k < c->terms; k++)
    c->term[k] =
        (warp_term){(c->hyper + 3 * k) % dim, k ? WARP_SOFTPLUS : WARP_EXP, gsl_ran_gaussian(rng, 1), -1.5, 2, gsl_ran_flat(rng, -1, 1)};
  for (size_t k = 1; k < dim; k++) {
    const size_t j = (c->hyper + k) % dim;
    if (k == 3) continue; /* a term hangs on it */
    if (k % 3 == 2)
      c->parent[c->parents++] = j;
    else
      c->depends[j] = 1;
  }
  for (size_t j = 0; j < dim; j++) {
    if (!c->depends[j]) continue;
    c->constant[j] = gsl_ran_gaussian(rng, 2);
    c->linear[j] = gsl_ran_gaussian(rng, 1);
    c->quadratic[j] = gsl_ran_gaussian(rng, 0.5);
    c->log_scale[j] = gsl_ran_flat(rng, -0.8, 0.8);
    for (size_t b = 0; b < WARP_BENDS; b++) {
      c->bend_linear[j * WARP_BENDS + b] = gsl_ran_gaussian(rng, 1);
      c->bend_log_scale[j * WARP_BENDS + b] = gsl_ran_flat(rng, -0.3, 0.3);
    }
    c->naturally[j] = (unsigned char)(j % 2);
    for (size_t k = 0; k < WARP_NATURAL; k++)
      c->natural[j * WARP_NATURAL + k] = k < WARP_NATURAL / 2 ? gsl_ran_flat(rng, 0.2, 1) : gsl_ran_gaussian(rng, 1);
    for (size_t k = 0; k < c->parents; k++) c->weight[j * dim + k] = gsl_ran_gaussian(rng, 1);
  }
  return c;
}

warp_surface *random_surface(warp *w, gsl_rng *rng) {
  const size_t dim = w->dim;
  warp_surface *s = warp_add_surface(w);
  ck_assert_ptr_nonnull(s);
  s->hyper[0] = gsl_rng_uniform_int(rng, dim);
  s->hyper[1] = (s->hyper[0] + 1 + gsl_rng_uniform_int(rng, dim - 1)) % dim;
  s->slope = gsl_ran_flat(rng, -1, 1);
  for (size_t e = 0; e < 2; e++) {
    s->centre[e] = gsl_ran_gaussian(rng, 1);
    s->unit[e] = gsl_ran_flat(rng, 0.5, 2);
    s->low[e] = -1.5;
    s->high[e] = 2;
  }
  for (size_t k = 0; k < dim * WARP_SURFACE; k++) {
    s->location[k] = gsl_ran_gaussian(rng, 0.5);
    s->log_scale[k] = gsl_ran_flat(rng, -0.3, 0.3);
  }
  for (size_t k = 0; k < dim * dim * WARP_SURFACE; k++) s->weight[k] = gsl_ran_gaussian(rng, 0.1);
  return s;
}

warp_linear *random_linear(warp *w, gsl_rng *rng) {
  const size_t dim = w->dim;
  warp_linear *l = warp_add_linear(w);
  double inverse[WARP_LINEAR_DIM_MAX * WARP_LINEAR_DIM_MAX];
  size_t order[WARP_LINEAR_DIM_MAX];
  int sign;
  ck_assert_ptr_nonnull(l);
  for (size_t k = 0; k < dim * dim; k++) inverse[k] = l->matrix[k] = gsl_ran_gaussian(rng, 0.4) + (k % (dim + 1) == 0 ? 1.5 : 0);
  gsl_matrix_view lu = gsl_matrix_view_array(inverse, dim, dim), out = gsl_matrix_view_array(l->inverse, dim, dim);
  gsl_permutation p = {dim, order};
  gsl_linalg_LU_decomp(&lu.matrix, &p, &sign);
  l->log_det = gsl_linalg_LU_lndet(&lu.matrix);
  gsl_linalg_LU_invert(&lu.matrix, &p, &out.matrix);
  return l;
}

warp_marginal *random_marginal(warp *w, gsl_rng *rng) {
  warp_marginal *m = warp_add_marginal(w);
  ck_assert_ptr_nonnull(m);
  for (size_t j = 0; j < w->dim; j++) {
    double *z = m->z + j * WARP_KNOTS, *x = m->x + j * WARP_KNOTS;
    m->used[j] = j != 1;
    z[0] = -3;
    x[0] = gsl_ran_flat(rng, -8, -4);
    for (size_t k = 0; k < WARP_KNOTS; k++) {
      if (k) z[k] = z[k - 1] + gsl_ran_flat(rng, 0.3, 1.7) * 6 / (WARP_KNOTS - 1);
      if (k) x[k] = x[k - 1] + (z[k] - z[k - 1]) * gsl_ran_flat(rng, 0.5, 3);
      m->slope[j * WARP_KNOTS + k] = gsl_ran_flat(rng, 0.5, 3);
    }
  }
  return m;
}
