/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many groups of galaxies?  Mixtures of k = 1 to 6 normals for the velocities of 82 of them, and the posterior of k from log Z.
 *
 *   y_i ~ sum_j w_j N(mu_j, sigma_j), mu_j ~ N(m, R), sigma_j^-2 ~ Gamma(2, rate b), b ~ Gamma(0.2, rate 10/R^2), w ~ Dirichlet(1, .., 1),
 *
 * with m the midrange and R the range of the data (Richardson & Green 1997).  The k! labellings of one mixture are the same mixture: the
 * means are sampled in ascending order, and the density is multiplied by k!, which leaves the evidence as it is and one labelling of each.
 * Usage: galaxies [K], the largest k. */
#include <dilate.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define GALAXIES 82
#define MOST     6
#define LOG_2PI  1.83787706640934548356

/* In 1000 km/s: Roeder (1990), from Postman, Huchra & Geller (1986). */
static const double y[GALAXIES] = {
    9.172,  9.35,   9.483,  9.558,  9.775,  10.227, 10.406, 16.084, 16.17,  18.419, 18.552, 18.6,   18.927, 19.052, 19.07,  19.33,  19.343,
    19.349, 19.44,  19.473, 19.529, 19.541, 19.547, 19.663, 19.846, 19.856, 19.863, 19.914, 19.918, 19.973, 19.989, 20.166, 20.175, 20.179,
    20.196, 20.215, 20.221, 20.415, 20.629, 20.795, 20.821, 20.846, 20.875, 20.986, 21.137, 21.492, 21.701, 21.814, 21.921, 21.96,  22.185,
    22.209, 22.242, 22.249, 22.314, 22.374, 22.495, 22.746, 22.747, 22.888, 22.914, 23.206, 23.241, 23.263, 23.484, 23.538, 23.542, 23.666,
    23.706, 23.711, 24.129, 24.285, 24.289, 24.366, 24.717, 24.99,  25.633, 26.69,  26.995, 32.065, 32.789, 34.279};

typedef struct mixture {
  size_t k, blocks;
  dilate_block block[4]; /* mu, sigma, b, w */
  double centre, range;
} mixture;

/* Where each parameter begins among the natural values p. */
enum { MU = 0, SIGMA = MOST, B = 2 * MOST, WEIGHT = 2 * MOST + 1, VALUES = 3 * MOST + 1 };
static const size_t start[4] = {MU, SIGMA, B, WEIGHT};

static void mixture_set(mixture *m, size_t k) {
  double low = y[0], high = y[0];
  for (size_t i = 1; i < GALAXIES; i++) low = fmin(low, y[i]), high = fmax(high, y[i]);
  *m = (mixture){.k = k,
                 .blocks = k > 1 ? 4 : 3, /* the one weight of k = 1 is no parameter */
                 .block = {{DILATE_ORDERED, k, 0, 0}, {DILATE_POSITIVE, k, 0, 0}, {DILATE_POSITIVE, 1, 0, 0}, {DILATE_SIMPLEX, k, 0, 0}},
                 .centre = 0.5 * (low + high),
                 .range = high - low};
}

/* The datum's log-density; its derivatives are added to grad.  [in] constant: log weight less log sigma, of each component. */
static double log_mixture(size_t k, double datum, const double *p, const double *constant, double *grad) {
  double z[MOST], share[MOST], top = -INFINITY, sum = 0;
  for (size_t j = 0; j < k; j++) {
    z[j] = (datum - p[MU + j]) / p[SIGMA + j];
    share[j] = constant[j] - 0.5 * z[j] * z[j];
    top = fmax(top, share[j]);
  }
  for (size_t j = 0; j < k; j++) sum += share[j] = exp(share[j] - top);
  for (size_t j = 0; j < k; j++) {
    share[j] /= sum;
    grad[MU + j] += share[j] * z[j] / p[SIGMA + j];
    grad[SIGMA + j] += share[j] * (z[j] * z[j] - 1) / p[SIGMA + j];
    grad[WEIGHT + j] += share[j] / p[WEIGHT + j];
  }
  return top + log(sum) - 0.5 * LOG_2PI;
}

/* log prior of the natural values, k! included. */
static double log_prior(const mixture *m, const double *p, double *grad) {
  const double rate = 10 / (m->range * m->range), b = p[B], k = (double)m->k;
  double logp = lgamma(k + 1) + lgamma(k) + 0.2 * log(rate) - lgamma(0.2) - 0.8 * log(b) - rate * b;
  grad[B] = -0.8 / b - rate;
  for (size_t j = 0; j < m->k; j++) {
    const double z = (p[MU + j] - m->centre) / m->range, sigma = p[SIGMA + j], precision = 1 / (sigma * sigma);
    logp += -0.5 * (z * z + LOG_2PI) - log(m->range) + log(2) + 2 * log(b) - 5 * log(sigma) - b * precision;
    grad[MU + j] = -z / m->range;
    grad[SIGMA + j] = (2 * b * precision - 5) / sigma;
    grad[B] += 2 / b - precision;
  }
  return logp;
}

/* Unconstrained u to natural p; returns the log of the Jacobian. */
static double constrain_all(const mixture *m, const double *u, double *p) {
  double log_jacobian = 0;
  p[WEIGHT] = 1;
  for (size_t i = 0; i < m->blocks; i++) {
    dilate_constrain(&m->block[i], u, p + start[i], &log_jacobian);
    u += dilate_block_dim(&m->block[i]);
  }
  return log_jacobian;
}

static int evaluate(size_t dim, const double *u, double *logp, double *grad, void *params) {
  const mixture *const m = params;
  double p[VALUES], slope[VALUES] = {0}, constant[MOST];
  *logp = constrain_all(m, u, p) + log_prior(m, p, slope);
  for (size_t j = 0; j < m->k; j++) constant[j] = log(p[WEIGHT + j] / p[SIGMA + j]);
  for (size_t i = 0; i < GALAXIES; i++) *logp += log_mixture(m->k, y[i], p, constant, slope);
  for (size_t i = 0, at = 0; grad && i < m->blocks; at += dilate_block_dim(&m->block[i]), i++)
    dilate_pull_back(&m->block[i], u + at, p + start[i], slope + start[i], grad + at);
  for (size_t j = 0; grad && j < dim; j++)
    if (!isfinite(grad[j])) return 1; /* a scale or a weight underflowed: outside the support */
  return isfinite(*logp) ? 0 : 1;
}

typedef struct evidence {
  double log_z, se;
  size_t warnings;
} evidence;

/* Samples k components. */
static int run(size_t k, evidence *out, dilate_error *err) {
  mixture m;
  dilate_target target;
  dilate_result *result;
  double df;
  mixture_set(&m, k);
  dilate_target_init(&target);
  target.dim = 3 * k;
  target.logp = evaluate;
  target.params = &m;
  int status = dilate_sample(&target, NULL, &result, err);
  if (status == DILATE_OK) status = dilate_result_log_z(result, &out->log_z, &out->se, &df);
  if (status == DILATE_OK) out->warnings = dilate_result_warning_count(result);
  dilate_result_free(result);
  return status;
}

/* The same prior probability for every k. */
static void print_posterior(size_t most, const evidence *of) {
  double top = -INFINITY, sum = 0;
  for (size_t k = 1; k <= most; k++) top = fmax(top, of[k].log_z);
  for (size_t k = 1; k <= most; k++) sum += exp(of[k].log_z - top);
  printf("components   log evidence            posterior\n");
  for (size_t k = 1; k <= most; k++)
    printf("%10zu   %9.2f +- %4.2f   %8.3f%s\n", k, of[k].log_z, of[k].se, exp(of[k].log_z - top) / sum,
           of[k].warnings > 0 ? ", warned: errors may be larger" : "");
}

int main(int argc, char **argv) {
  evidence of[MOST + 1];
  dilate_error err;
  const int most = argc > 1 ? atoi(argv[1]) : MOST;
  if (most < 1 || most > MOST) {
    fprintf(stderr, "usage: galaxies [K], K from 1 to %d\n", MOST);
    return 2;
  }
  dilate_error_init(&err);
  for (size_t k = 1; k <= (size_t)most; k++)
    if (run(k, &of[k], &err) != DILATE_OK) {
      fprintf(stderr, "galaxies: %s\n", err.message);
      return 1;
    }
  print_posterior((size_t)most, of);
  return 0;
}
