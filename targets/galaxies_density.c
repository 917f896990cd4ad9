/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log-density and gradient of the galaxies posterior, for a chunk of points at once.
 *
 * With l = log sigma, beta = log b, stick-breaking shares s_j = logistic(v_j - log(k - j)) and w_j = s_j prod_{i<j} (1 - s_i), i and j
 * from 1 and s_k = 1, the log-density on the unconstrained scale is
 *
 *   sum_i log sum_j w_j N(y_i | mu_j, sigma_j) + sum_j [ log N(mu_j | m, R) + log 2 + 2 beta - 4 l_j - exp(beta - 2 l_j) ]
 *   + 0.2 log g - log Gamma(0.2) + 0.2 beta - g exp(beta) + log Gamma(k) + sum_j log w_j:
 * sigma^-2 ~ Gamma(2, rate b) gives l the density 2 b^2 sigma^-4 exp(-b sigma^-2), and the Jacobian of stick breaking is prod_j w_j.
 * |l| > 300, where exp overflows and nothing of the posterior lies, is outside the support. */
#include "galaxies.h"
#include "support.h"

#include <gsl/gsl_sf_gamma.h>
#include <string.h>

#define K             GALAXIES_COMPONENTS_MAX
#define N             BUILTIN_CHUNK
#define LOG_SIGMA_MAX 300.0
#define SHAPE_SIGMA   2.0 /* of sigma^-2 */
#define SHAPE_B       0.2
#define GROUP         8  /* data whose exponentials are taken together */
#define LOG_GROUPS    16 /* groups between two logarithms: a datum multiplies the product by at most K = 10, 128 of them by 1e128 */

typedef struct work {
  double split[K][N];      /* s_j */
  double log_weight[K][N]; /* log w_j */
  double inverse[K][N];    /* 1/sigma_j */
  double offset[K][N];     /* log w_j - log sigma_j */
  /* Of a group of data, those of one after those of another: (y - mu_j)/sigma_j, and the terms of y's mixture relative to the largest. */
  double z[GROUP * K][N], term[GROUP * K][N];
  /* Sums over the data of share, share z, share z^2. */
  double count[K][N], first[K][N], second[K][N];
  double product[N]; /* of the mixture densities since the last logarithm, each divided by its largest term */
} work;

void galaxies_prepare(galaxies *g) {
  double low = g->y[0], high = g->y[0];
  for (size_t i = 1; i < g->observations; i++) {
    low = fmin(low, g->y[i]);
    high = fmax(high, g->y[i]);
  }
  const double k = (double)g->components;
  g->centre = 0.5 * low + 0.5 * high;
  g->range = high - low;
  g->rate = 10 / (g->range * g->range);
  g->constant = -0.5 * (double)g->observations * BUILTIN_LOG_2PI + k * (log(2) - log(g->range) - 0.5 * BUILTIN_LOG_2PI) +
                SHAPE_B * log(g->rate) - gsl_sf_lngamma(SHAPE_B) + gsl_sf_lngamma(k);
}

static inline void break_stick(size_t k, size_t ld, const double *v, work *w) {
  double rest[N] = {0}; /* log of what is left of the stick */
  double a[K * N] = {0}, decay[K * N], softplus[K * N];
  for (size_t j = 0; j + 1 < k; j++) {
    const double offset = log((double)(k - 1 - j));
#pragma omp simd
    for (size_t i = 0; i < N; i++) a[j * N + i] = v[j * ld + i] - offset;
  }
  builtin_softplus_rows(k - 1, a, decay, softplus);
  for (size_t j = 0; j + 1 < k; j++)
#pragma omp simd
    for (size_t i = 0; i < N; i++) {
      w->split[j][i] = builtin_logistic_of(a[j * N + i], decay[j * N + i]);
      w->log_weight[j][i] = rest[i] - (softplus[j * N + i] - a[j * N + i]);
      rest[i] -= softplus[j * N + i];
    }
  memcpy(w->log_weight[k - 1], rest, sizeof rest);
}

static inline void set_scales(size_t k, size_t ld, const double *l, work *w) {
  for (size_t j = 0; j < k; j++)
#pragma omp simd
    for (size_t i = 0; i < N; i++) {
      const double bounded = builtin_clamp(l[j * ld + i], LOG_SIGMA_MAX);
      w->inverse[j][i] = -bounded;
      w->offset[j][i] = w->log_weight[j][i] - bounded;
    }
  dilate_vector_exp(k * N, w->inverse[0], w->inverse[0]);
}

/* Makes z and the terms of one datum, of which the largest is added to logp. */
static inline void add_datum(double y, size_t k, size_t ld, const double *mu, const work *w, double (*z)[N], double (*term)[N],
                             double *logp) {
  double top[N];
  for (size_t i = 0; i < N; i++) top[i] = -INFINITY;
  for (size_t j = 0; j < k; j++)
#pragma omp simd
    for (size_t i = 0; i < N; i++) {
      z[j][i] = (y - mu[j * ld + i]) * w->inverse[j][i];
      term[j][i] = w->offset[j][i] - 0.5 * (z[j][i] * z[j][i]);
      top[i] = term[j][i] > top[i] ? term[j][i] : top[i];
    }
#pragma omp simd
  for (size_t i = 0; i < N; i++) {
    logp[i] += top[i];
    top[i] = top[i] > -INFINITY ? top[i] : 0;
  }
  for (size_t j = 0; j < k; j++)
#pragma omp simd
    for (size_t i = 0; i < N; i++) term[j][i] -= top[i];
}

/* Multiplies product by the sum of a datum's terms, and adds its responsibilities to the moments. */
static inline void add_moments(size_t k, double (*z)[N], double (*term)[N], int moments, work *w) {
  double sum[N] = {0}, inverse[N];
  for (size_t j = 0; j < k; j++)
#pragma omp simd
    for (size_t i = 0; i < N; i++) sum[i] += term[j][i];
#pragma omp simd
  for (size_t i = 0; i < N; i++) {
    w->product[i] *= sum[i];
    inverse[i] = 1 / (sum[i] > 0 ? sum[i] : 1);
  }
  for (size_t j = 0; moments && j < k; j++)
#pragma omp simd
    for (size_t i = 0; i < N; i++) {
      const double share = term[j][i] * inverse[i], weighted = share * z[j][i];
      w->count[j][i] += share;
      w->first[j][i] += weighted;
      w->second[j][i] += weighted * z[j][i];
    }
}

static inline void take_logs(work *w, double *logp) {
  dilate_vector_log(N, w->product, w->product);
#pragma omp simd
  for (size_t i = 0; i < N; i++) {
    logp[i] += w->product[i];
    w->product[i] = 1;
  }
}

static inline void add_group(const double *y, size_t data, size_t k, size_t ld, const double *mu, int moments, work *w, double *logp) {
  for (size_t datum = 0; datum < data; datum++) add_datum(y[datum], k, ld, mu, w, w->z + datum * k, w->term + datum * k, logp);
  dilate_vector_exp(data * k * N, w->term[0], w->term[0]);
  for (size_t datum = 0; datum < data; datum++) add_moments(k, w->z + datum * k, w->term + datum * k, moments, w);
}

static inline void add_likelihood(const galaxies *g, size_t ld, const double *mu, int moments, work *w, double *logp) {
  for (size_t j = 0; j < g->components; j++)
    for (size_t i = 0; i < N; i++) w->count[j][i] = w->first[j][i] = w->second[j][i] = 0;
  for (size_t i = 0; i < N; i++) w->product[i] = 1;
  for (size_t first = 0; first < g->observations; first += GROUP) {
    const size_t left = g->observations - first;
    add_group(g->y + first, left < GROUP ? left : GROUP, g->components, ld, mu, moments, w, logp);
    if (first / GROUP % LOG_GROUPS == LOG_GROUPS - 1) take_logs(w, logp);
  }
  take_logs(w, logp);
}

/* b = g exp(beta), and rows e_j = exp(beta - 2 l_j). */
static inline void set_rates(const galaxies *g, size_t ld, const double *l, const double *beta, double *b, double *e) {
  for (size_t j = 0; j < g->components; j++)
#pragma omp simd
    for (size_t i = 0; i < N; i++) e[j * N + i] = beta[i] - 2 * l[j * ld + i];
  dilate_vector_exp(g->components * N, e, e);
  dilate_vector_exp(N, beta, b);
#pragma omp simd
  for (size_t i = 0; i < N; i++) b[i] *= g->rate;
}

/* Priors and Jacobians; grad, when it is not NULL, gets the whole gradient of mu, log sigma and log b. */
static inline void add_priors(const galaxies *g, size_t ld, const double *x, const work *w, double *logp, double *grad) {
  const size_t k = g->components;
  const double *const l = x + k * ld, *const beta = x + (3 * k - 1) * ld, shape = SHAPE_B + SHAPE_SIGMA * (double)k;
  double b[N], e[K * N], rise[N]; /* rise: derivative with respect to log b */
  set_rates(g, ld, l, beta, b, e);
#pragma omp simd
  for (size_t i = 0; i < N; i++) {
    logp[i] += shape * beta[i] - b[i];
    rise[i] = shape - b[i];
  }
  for (size_t j = 0; j < k; j++)
#pragma omp simd
    for (size_t i = 0; i < N; i++) {
      const double z = (x[j * ld + i] - g->centre) / g->range, log_sigma = l[j * ld + i];
      const double sum = logp[i] + w->log_weight[j][i] - 0.5 * z * z - 2 * SHAPE_SIGMA * log_sigma - e[j * N + i];
      logp[i] = fabs(log_sigma) > LOG_SIGMA_MAX ? -INFINITY : sum;
      rise[i] -= e[j * N + i];
      if (grad == NULL) continue;
      grad[j * ld + i] = w->first[j][i] * w->inverse[j][i] - z / g->range;
      grad[(k + j) * ld + i] = w->second[j][i] - w->count[j][i] - 2 * SHAPE_SIGMA + 2 * e[j * N + i];
    }
#pragma omp simd
  for (size_t i = 0; i < N; i++)
    if (grad != NULL) grad[(3 * k - 1) * ld + i] = rise[i];
}

/* d log w_j / d v_j = 1 - s_j and d log w_i / d v_j = -s_j for i > j; the Jacobian adds one to each component's count. */
static inline void weight_gradient(size_t k, size_t ld, const work *w, double *grad) {
  double later[N];
  for (size_t i = 0; i < N; i++) later[i] = w->count[k - 1][i] + 1;
  for (size_t j = k - 1; j-- > 0;)
#pragma omp simd
    for (size_t i = 0; i < N; i++) {
      const double own = w->count[j][i] + 1;
      grad[j * ld + i] = own * (1 - w->split[j][i]) - later[i] * w->split[j][i];
      later[i] += own;
    }
}

static inline void galaxies_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  (void)dim;
  const galaxies *const g = params;
  const size_t k = g->components;
  work w;
  for (size_t i = 0; i < N; i++) logp[i] = g->constant;
  break_stick(k, ld, x + 2 * k * ld, &w);
  set_scales(k, ld, x + k * ld, &w);
  add_likelihood(g, ld, x, grad != NULL, &w, logp);
  add_priors(g, ld, x, &w, logp, grad);
  if (grad != NULL) weight_gradient(k, ld, &w, grad + 2 * k * ld);
}

BUILTIN_CALLBACKS(galaxies_chunk)

void galaxies_set_target(builtin *out, size_t dim) {
  builtin_set_target(out, dim, galaxies_chunk_callbacks);
}
