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
/* Each datum multiplies the product by at most K = 10, so that a block of 64 cannot overflow. */
#define BLOCK 64

typedef struct work {
  double split[K][N];      /* s_j */
  double log_weight[K][N]; /* log w_j */
  double inverse[K][N];    /* 1/sigma_j */
  double offset[K][N];     /* log w_j - log sigma_j */
  double z[K][N];          /* (y - mu_j)/sigma_j for one y */
  double share[K][N];      /* responsibilities of one y */
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

static void break_stick(size_t k, size_t ld, const double *v, work *w) {
  double rest[N] = {0}; /* log of what is left of the stick */
  for (size_t j = 0; j + 1 < k; j++) {
    const double offset = log((double)(k - 1 - j));
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
      const double a = v[j * ld + i] - offset;
      w->split[j][i] = builtin_logistic(a);
      w->log_weight[j][i] = rest[i] - builtin_softplus(-a);
      rest[i] -= builtin_softplus(a);
    }
  }
  memcpy(w->log_weight[k - 1], rest, sizeof rest);
}

static void set_scales(size_t k, size_t ld, const double *l, work *w) {
  for (size_t j = 0; j < k; j++)
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
      const double bounded = fmax(-LOG_SIGMA_MAX, fmin(LOG_SIGMA_MAX, l[j * ld + i]));
      w->inverse[j][i] = exp(-bounded);
      w->offset[j][i] = w->log_weight[j][i] - bounded;
    }
}

/* Adds the datum's largest log-term to logp and multiplies product by the sum of all terms relative to it. */
static void add_datum(double y, size_t k, size_t ld, const double *mu, work *w, double *logp, double *sum) {
  double top[N];
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) top[i] = -INFINITY, sum[i] = 0;
  for (size_t j = 0; j < k; j++)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
      w->z[j][i] = (y - mu[j * ld + i]) * w->inverse[j][i];
      w->share[j][i] = w->offset[j][i] - 0.5 * (w->z[j][i] * w->z[j][i]);
      top[i] = w->share[j][i] > top[i] ? w->share[j][i] : top[i];
    }
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    logp[i] += top[i];
    top[i] = top[i] > -INFINITY ? top[i] : 0;
  }
  for (size_t j = 0; j < k; j++)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
      w->share[j][i] = exp(w->share[j][i] - top[i]);
      sum[i] += w->share[j][i];
    }
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) w->product[i] *= sum[i];
}

static void add_moments(size_t k, const double *sum, work *w) {
  double inverse[N];
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) inverse[i] = 1 / (sum[i] > 0 ? sum[i] : 1);
  for (size_t j = 0; j < k; j++)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
      const double share = w->share[j][i] * inverse[i], weighted = share * w->z[j][i];
      w->count[j][i] += share;
      w->first[j][i] += weighted;
      w->second[j][i] += weighted * w->z[j][i];
    }
}

static void take_logs(work *w, double *logp) {
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    logp[i] += log(w->product[i]);
    w->product[i] = 1;
  }
}

static void add_likelihood(const galaxies *g, size_t ld, const double *mu, int moments, work *w, double *logp) {
  double sum[N];
  for (size_t j = 0; j < g->components; j++)
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) w->count[j][i] = w->first[j][i] = w->second[j][i] = 0;
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) w->product[i] = 1;
  for (size_t datum = 0; datum < g->observations; datum++) {
    add_datum(g->y[datum], g->components, ld, mu, w, logp, sum);
    if (moments) add_moments(g->components, sum, w);
    if ((datum + 1) % BLOCK == 0) take_logs(w, logp);
  }
  take_logs(w, logp);
}

/* Priors and Jacobians; grad, when it is not NULL, gets the whole gradient of mu, log sigma and log b. */
static void add_priors(const galaxies *g, size_t ld, const double *x, const work *w, double *logp, double *grad) {
  const size_t k = g->components;
  const double *const mu = x, *const l = x + k * ld, *const beta = x + (3 * k - 1) * ld;
  double rise[N]; /* derivative with respect to log b */
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const double shape = SHAPE_B + SHAPE_SIGMA * (double)k, b = g->rate * exp(beta[i]);
    logp[i] += shape * beta[i] - b;
    rise[i] = shape - b;
  }
  for (size_t j = 0; j < k; j++)
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
      const double z = (mu[j * ld + i] - g->centre) / g->range, log_sigma = l[j * ld + i], e = exp(beta[i] - 2 * log_sigma);
      logp[i] += w->log_weight[j][i] - 0.5 * z * z - 2 * SHAPE_SIGMA * log_sigma - e;
      if (fabs(log_sigma) > LOG_SIGMA_MAX) logp[i] = -INFINITY;
      rise[i] -= e;
      if (grad == NULL) continue;
      grad[j * ld + i] = w->first[j][i] * w->inverse[j][i] - z / g->range;
      grad[(k + j) * ld + i] = w->second[j][i] - w->count[j][i] - 2 * SHAPE_SIGMA + 2 * e;
    }
  for (size_t i = 0; grad != NULL && i < BUILTIN_CHUNK; i++) grad[(3 * k - 1) * ld + i] = rise[i];
}

/* d log w_j / d v_j = 1 - s_j and d log w_i / d v_j = -s_j for i > j; the Jacobian adds one to each component's count. */
static void weight_gradient(size_t k, size_t ld, const work *w, double *grad) {
  double later[N];
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) later[i] = w->count[k - 1][i] + 1;
  for (size_t j = k - 1; j-- > 0;)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
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
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) logp[i] = g->constant;
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
