/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Density, gradient and responsibilities of a mixture on a coordinate-major tile.
 *
 * With u = C_f^-1 (x - origin) and w_l = C_f^-1 (m_l - origin): D_l = |u - w_l|^2, component k has log-density
 * log_norm_k - D_l(k) / (2 s_k^2), and the gradient of log q is -sum_f C_f'^-1 sum_l rho_l (u - w_l), rho_l = sum_k share_k / s_k^2.
 * A product of t's has D = (nu + 1) sum_j log(1 + z_j^2/nu) with z = u - w, and (nu + 1) z_j/(nu + z_j^2) in the gradient for u - w. */
#include "mixture/mixture.h"

#include "base/linalg.h"
#include "base/logsumexp.h"
#include "base/vmath.h"

#include <math.h>
#include <string.h>

size_t mixture_work(const mixture *q, size_t n) {
  return n * (2 * q->dim + q->locations + q->components);
}

/* u = C_f^-1 (x - origin), dim x n. */
static void whiten(const mixture *q, const mixture_factor *factor, size_t n, size_t ld, const double *x, double *u) {
  for (size_t j = 0; j < q->dim; j++) {
    const double origin = q->origin[j], divisor = factor->diagonal ? factor->ci[j] : 1;
    const double *const from = x + j * ld;
    double *const to = u + j * n;
#pragma omp simd
    for (size_t i = 0; i < n; i++) to[i] = (from[i] - origin) * divisor;
  }
  if (!factor->diagonal) lower_times(q->dim, factor->ci, n, n, u);
}

/* distance[i] = |u_i - w|^2; what overflowed (inf - inf) is infinitely far.  Four coordinates at a time: half the memory traffic. */
static void squared_distances(size_t dim, size_t n, const double *u, const double *w, double *distance) {
  memset(distance, 0, n * sizeof(double));
  size_t j = 0;
  for (; j + 4 <= dim; j += 4) {
    const double *const u0 = u + j * n, *const u1 = u0 + n, *const u2 = u1 + n, *const u3 = u2 + n;
    const double w0 = w[j], w1 = w[j + 1], w2 = w[j + 2], w3 = w[j + 3];
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
      const double a = u0[i] - w0, b = u1[i] - w1, c = u2[i] - w2, d = u3[i] - w3;
      distance[i] += (a * a + b * b) + (c * c + d * d);
    }
  }
  for (; j < dim; j++) {
    const double *const uj = u + j * n;
    const double wj = w[j];
#pragma omp simd
    for (size_t i = 0; i < n; i++) distance[i] += (uj[i] - wj) * (uj[i] - wj);
  }
#pragma omp simd
  for (size_t i = 0; i < n; i++) distance[i] = distance[i] < INFINITY ? distance[i] : INFINITY;
}

/* distance[i] = (nu + 1) sum_j log(1 + (u_ij - w_j)^2/nu): minus twice the log-density of a product of t's, without its constant.  Four
 * coordinates share a logarithm; term: n of scratch. */
static void product_distances(size_t dim, size_t n, const double *u, const double *w, double nu, double *distance, double *term) {
  memset(distance, 0, n * sizeof(double));
  for (size_t j = 0; j < dim; j += 4) {
    for (size_t i = 0; i < n; i++) term[i] = 1;
    for (size_t k = j; k < dim && k < j + 4; k++) {
      const double *const uk = u + k * n, wk = w[k];
#pragma omp simd
      for (size_t i = 0; i < n; i++) term[i] *= 1 + (uk[i] - wk) * (uk[i] - wk) / nu;
    }
    vmath_log(n, term, term);
#pragma omp simd
    for (size_t i = 0; i < n; i++) distance[i] += (nu + 1) * term[i];
  }
  for (size_t i = 0; i < n; i++) distance[i] = distance[i] < INFINITY ? distance[i] : INFINITY;
}

/* distance[l*n + i] for all locations; term: n of scratch; locations that share a factor stand together, so that u is made once a factor.
 */
static void all_distances(const mixture *q, size_t n, size_t ld, const double *x, double *u, double *distance, double *term) {
  for (size_t l = 0; l < q->locations; l++) {
    const double *const w = q->whitened + l * q->dim;
    if (l == 0 || q->factor_of[l] != q->factor_of[l - 1]) whiten(q, &q->factor[q->factor_of[l]], n, ld, x, u);
    if (q->freedom[l] > 0)
      product_distances(q->dim, n, u, w, (double)q->freedom[l], distance + l * n, term);
    else
      squared_distances(q->dim, n, u, w, distance + l * n);
  }
}

/* Responsibilities at or below it are as good as none. */
static const double negligible = 1e-300;

/* v -= rho (u - w), where the location has any responsibility: there u is finite. */
static void add_pull(size_t dim, size_t n, const double *u, const double *w, const double *rho, double *v) {
  for (size_t j = 0; j < dim; j++) {
    const double *const uj = u + j * n;
    double *const vj = v + j * n;
    const double wj = w[j];
#pragma omp simd
    for (size_t i = 0; i < n; i++) vj[i] -= rho[i] > negligible ? rho[i] * (uj[i] - wj) : 0;
  }
}

/* The same where few points of the tile have any responsibility, as with modes far apart. */
static void add_few_pulls(size_t dim, size_t n, const double *u, const double *w, const double *rho, double *v) {
  for (size_t i = 0; i < n; i++) {
    if (!(rho[i] > negligible)) continue;
    for (size_t j = 0; j < dim; j++) v[j * n + i] -= rho[i] * (u[j * n + i] - w[j]);
  }
}

/* v -= rho (nu + 1) z/(nu + z^2), z = u - w: the pull of a product of t's. */
static void add_product_pull(size_t dim, size_t n, const double *u, const double *w, double nu, const double *rho, double *v) {
  for (size_t j = 0; j < dim; j++) {
    const double *const uj = u + j * n;
    double *const vj = v + j * n;
    const double wj = w[j];
#pragma omp simd
    for (size_t i = 0; i < n; i++) vj[i] -= rho[i] > negligible ? rho[i] * (nu + 1) * (uj[i] - wj) / (nu + (uj[i] - wj) * (uj[i] - wj)) : 0;
  }
}

/* grad += C_f'^-1 v; v is overwritten. */
static void add_gradient(const mixture *q, const mixture_factor *factor, size_t n, size_t ld, double *v, double *grad) {
  if (!factor->diagonal) lower_transpose_times(q->dim, factor->ci, n, n, v);
  for (size_t j = 0; j < q->dim; j++) {
    const double multiplier = factor->diagonal ? factor->ci[j] : 1;
    const double *const from = v + j * n;
    double *const to = grad + j * ld;
#pragma omp simd
    for (size_t i = 0; i < n; i++) to[i] += multiplier * from[i];
  }
}

/* rho[l*n + i] from the shares of the components. */
static void location_weights(const mixture *q, size_t n, size_t ld, const double *share, double *rho) {
  memset(rho, 0, q->locations * n * sizeof(double));
  for (size_t k = 0; k < q->components; k++) {
    const double precision = 1 / (q->scale[k] * q->scale[k]);
    const double *const from = share + k * ld;
    double *const to = rho + q->location[k] * n;
#pragma omp simd
    for (size_t i = 0; i < n; i++) to[i] += precision * from[i];
  }
}

static size_t count_concerned(size_t n, const double *rho) {
  size_t count = 0;
  for (size_t i = 0; i < n; i++) count += rho[i] > negligible;
  return count;
}

/* On entry u holds the whitened tile of factor `whitened_for`; u and v are scratch. */
static void gradient(const mixture *q, size_t n, size_t ld, const double *x, const double *rho, size_t whitened_for, double *u, double *v,
                     double *grad) {
  for (size_t j = 0; j < q->dim; j++) memset(grad + j * ld, 0, n * sizeof(double));
  int pending = 0; /* v holds pulls of the factor of location l - 1 */
  for (size_t l = 0; l < q->locations; l++) {
    const size_t f = q->factor_of[l];
    if (pending && f != q->factor_of[l - 1]) {
      add_gradient(q, &q->factor[q->factor_of[l - 1]], n, ld, v, grad);
      pending = 0;
    }
    const size_t concerned = count_concerned(n, rho + l * n);
    if (concerned == 0) continue;
    if (f != whitened_for) whiten(q, &q->factor[f], n, ld, x, u);
    whitened_for = f;
    if (!pending) memset(v, 0, q->dim * n * sizeof(double));
    pending = 1;
    if (q->freedom[l] > 0)
      add_product_pull(q->dim, n, u, q->whitened + l * q->dim, (double)q->freedom[l], rho + l * n, v);
    else
      (8 * concerned < n ? add_few_pulls : add_pull)(q->dim, n, u, q->whitened + l * q->dim, rho + l * n, v);
  }
  if (pending) add_gradient(q, &q->factor[q->factor_of[q->locations - 1]], n, ld, v, grad);
}

void mixture_evaluate(const mixture *q, size_t n, size_t ld, const double *x, double *logq, double *grad, double *share, double *work) {
  double *const u = work, *const v = u + q->dim * n, *const distance = v + q->dim * n;
  double *const density = share ? share : distance + q->locations * n;
  const size_t stride = share ? ld : n;
  all_distances(q, n, ld, x, u, distance, v);
  for (size_t k = 0; k < q->components; k++) {
    const double *const from = distance + q->location[k] * n;
    double *const to = density + k * stride;
    const double norm = q->log_norm[k], half_precision = 0.5 / (q->scale[k] * q->scale[k]);
#pragma omp simd
    for (size_t i = 0; i < n; i++) to[i] = norm - half_precision * from[i];
  }
  log_sum_exp_columns(q->components, n, stride, density, logq);
  if (!grad) return;
  location_weights(q, n, stride, density, distance);
  gradient(q, n, ld, x, distance, q->factor_of[q->locations - 1], u, v, grad);
}
