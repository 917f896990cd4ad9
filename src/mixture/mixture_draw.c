/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws of a mixture, and products with the components' factors, on coordinate-major tiles.
 * Particles of one full factor are packed into a tile of their own, so that there is one product a factor. */
#include "mixture/mixture.h"

#include "base/linalg.h"

#include <math.h>

#define CHUNK 64 /* particles at a time, whose numbers are held on the stack */

static size_t factor_at(const mixture *q, size_t component) {
  return q->factor_of[q->location[component]];
}

/* packed: dim x n scratch; index: the n particles of factor f. */
static void times_full(const mixture *q, size_t f, int transposed, size_t n, const size_t *index, size_t ld, const size_t *component,
                       double *x, double *packed) {
  double scale[CHUNK];
  for (size_t k = 0; k < n; k++) scale[k] = q->scale[component[index[k]]];
  for (size_t j = 0; j < q->dim; j++)
    for (size_t k = 0; k < n; k++) packed[j * n + k] = scale[k] * x[j * ld + index[k]];
  (transposed ? lower_transpose_times : lower_times)(q->dim, q->factor[f].c, n, n, packed);
  for (size_t j = 0; j < q->dim; j++)
    for (size_t k = 0; k < n; k++) x[j * ld + index[k]] = packed[j * n + k];
}

static void times_diagonal(const mixture *q, size_t f, size_t n, const size_t *index, size_t ld, const size_t *component, double *x) {
  const double *const c = q->factor[f].c;
  double scale[CHUNK];
  for (size_t k = 0; k < n; k++) scale[k] = q->scale[component[index[k]]];
  for (size_t j = 0; j < q->dim; j++)
    for (size_t k = 0; k < n; k++) x[j * ld + index[k]] *= scale[k] * c[j];
}

/* Every factor that occurs among n <= CHUNK particles, once: `done` marks those whose factor has had its turn. */
static void times_chunk(const mixture *q, int transposed, size_t n, size_t ld, const size_t *component, double *x, double *packed) {
  unsigned char done[CHUNK] = {0};
  size_t index[CHUNK];
  for (size_t first = 0; first < n; first++) {
    if (done[first]) continue;
    const size_t f = factor_at(q, component[first]);
    size_t count = 0;
    for (size_t i = first; i < n; i++)
      if (factor_at(q, component[i]) == f) {
        done[i] = 1;
        index[count++] = i;
      }
    if (q->factor[f].diagonal)
      times_diagonal(q, f, count, index, ld, component, x);
    else
      times_full(q, f, transposed, count, index, ld, component, x, packed);
  }
}

static void times(const mixture *q, int transposed, size_t n, size_t ld, const size_t *component, double *x, double *work) {
  for (size_t begin = 0; begin < n; begin += CHUNK)
    times_chunk(q, transposed, n - begin < CHUNK ? n - begin : CHUNK, ld, component + begin, x + begin, work);
}

void mixture_times(const mixture *q, size_t n, size_t ld, const size_t *component, double *x, double *work) {
  times(q, 0, n, ld, component, x, work);
}

void mixture_transpose_times(const mixture *q, size_t n, size_t ld, const size_t *component, double *x, double *work) {
  times(q, 1, n, ld, component, x, work);
}

/* A chi-square over its nu degrees of freedom: minus twice the logarithm of the product of nu/2 uniforms, and for an odd nu the square of a
 * normal by Box and Muller.  It takes (nu + 1)/2 + 1 slots. */
static double chi_square_ratio(unsigned nu, stream s, uint32_t particle, uint32_t step, uint32_t slot) {
  const double two_pi = 6.28318530717958647693;
  double product = 1, sum = 0;
  for (unsigned k = 0; k < nu / 2; k++) product *= stream_uniform(s, particle, step, slot++);
  if (nu % 2) {
    const double turn = cos(two_pi * stream_uniform(s, particle, step, slot++));
    sum = -2 * log(stream_uniform(s, particle, step, slot)) * turn * turn;
  }
  return (sum - 2 * log(product)) / (double)nu;
}

/* Standard normals become standard t's, where the particle's location has them. */
static void fatten(const mixture *q, stream s, uint32_t step, size_t n, size_t ld, const uint32_t *particle, const size_t *component,
                   double *x) {
  for (size_t i = 0; i < n; i++) {
    const unsigned nu = q->freedom[q->location[component[i]]], slots = (nu + 1) / 2 + 1;
    for (size_t j = 0; nu > 0 && j < q->dim; j++) {
      const double ratio = chi_square_ratio(nu, s, particle[i], step, MIXTURE_SLOT + (uint32_t)j * slots);
      x[j * ld + i] /= sqrt(fmax(ratio, 1e-300));
    }
  }
}

/* Of n <= CHUNK particles. */
static void add_means(const mixture *q, size_t n, size_t ld, const size_t *component, double *x) {
  const double *mean[CHUNK];
  for (size_t i = 0; i < n; i++) mean[i] = q->mean + q->location[component[i]] * q->dim;
  for (size_t j = 0; j < q->dim; j++)
    for (size_t i = 0; i < n; i++) x[j * ld + i] += mean[i][j];
}

void mixture_draw(const mixture *q, stream s, uint32_t step, size_t n, size_t ld, const uint32_t *particle, const size_t *component,
                  double *x, double *work) {
  stream_normals(s, step, q->dim, n, ld, particle, x);
  if (q->heavy) fatten(q, s, step, n, ld, particle, component, x);
  mixture_times(q, n, ld, component, x, work);
  for (size_t begin = 0; begin < n; begin += CHUNK) add_means(q, n - begin < CHUNK ? n - begin : CHUNK, ld, component + begin, x + begin);
}

void mixture_stratify(const mixture *q, double u, size_t n, size_t *component) {
  double below = 0;
  size_t next = 0, last = 0; /* with any weight: where rounding of the sum ends up */
  for (size_t i = 0; i < n; i++) {
    const double at = ((double)i + u) / (double)n;
    for (; next < q->components && !(at < below); next++) {
      const double weight = exp(q->log_weight[next]);
      if (!(weight > 0)) continue;
      below += weight;
      last = next;
    }
    component[i] = last;
  }
}

size_t mixture_component_at(const mixture *q, double u) {
  size_t component;
  mixture_stratify(q, u, 1, &component);
  return component;
}
