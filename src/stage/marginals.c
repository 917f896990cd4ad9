/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Marginals from profiles of the target: see marginals.h. */
#include "stage/marginals.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "base/constants.h"
#include "base/memory.h"

#define PROFILES      8  /* of a coordinate, */
#define PROFILES_ONLY 24 /* and where it is asked for */
#define GRID          48 /* places of a profile */
#define FINER         8  /* steps between two of them, by cubic interpolation of the log-density */
#define FINE          ((GRID - 1) * FINER + 1)
#define REACH         1.0   /* standard deviations beyond the sample, */
#define REACH_ONLY    4.0   /* and for coordinates that are asked for: their tails may be what the sample lacks */
#define SPREAD_ONLY   0.15  /* nats by which the profiles may differ from their mean, where they are asked for */
#define ZOOMS         3     /* to a finer grid, at most, where the density covers less than half of one */
#define COVERED       1e-6  /* of the distribution, at either end: what a grid need not hold */
#define DEEPEST       -25.0 /* log-densities below the highest are held there */
#define SKEWNESS      0.6   /* of a Gaussian's sample, at most */
#define FLAT          -0.5  /* and its excess kurtosis, between these */
#define PEAKED        1.0
#define GAIN_LEAST    0.05 /* nats below which a coordinate stays as it is */
#define LOOKED_LEAST  6    /* coordinates with profiles, after which all others go without */
#define SHARE_LEAST   4    /* where less than one in so many gains anything */
#define Z_MAX         3.2  /* standard normal quantiles between which the spline runs */

/* One coordinate: its sample's spread, and its density and distribution on the fine grid. */
typedef struct marginal {
  size_t profiles;
  double sd, first, step; /* of the sample; of the fine grid */
  double entropy;         /* of the profiles, their mean */
  double density[FINE], below[FINE], above[FINE];
  size_t looked, promising; /* coordinates that had profiles, and of them those that gain something */
} marginal;

/* Standard deviation and grid of coordinate j, so many standard deviations beyond the sample. */
static void place_grid(const particles *p, size_t j, double reach, marginal *m) {
  const double *x = p->x + j * p->ld;
  double low = INFINITY, high = -INFINITY, mean = 0, square = 0;
  for (size_t i = 0; i < p->n; i++) {
    mean += x[i] / (double)p->n;
    low = fmin(low, x[i]);
    high = fmax(high, x[i]);
  }
  for (size_t i = 0; i < p->n; i++) square += (x[i] - mean) * (x[i] - mean) / (double)p->n;
  m->sd = sqrt(square);
  m->first = low - reach * m->sd;
  m->step = (high - low + 2 * reach * m->sd) / (FINE - 1);
}

/* Whether the sample's third and fourth moments of coordinate j are near a Gaussian's, so that profiles are not worth their price. */
static int looks_gaussian(const particles *p, size_t j, const marginal *m) {
  const double *x = p->x + j * p->ld, n = (double)p->n;
  double mean = 0, skewness = 0, kurtosis = -3;
  for (size_t i = 0; i < p->n; i++) mean += x[i] / n;
  for (size_t i = 0; i < p->n; i++) {
    const double u = (x[i] - mean) / m->sd;
    skewness += u * u * u / n;
    kurtosis += u * u * u * u / n;
  }
  return fabs(skewness) < SKEWNESS && kurtosis > FLAT && kurtosis < PEAKED;
}

/* The points of all profiles of coordinate j, evaluated: place k of profile r is point r*GRID + k. */
static void evaluate_profiles(target *t, const particles *p, size_t j, const marginal *m, particles *line) {
  for (size_t r = 0; r < m->profiles; r++) {
    const size_t from = (2 * r + 1) * p->n / (2 * m->profiles);
    for (size_t k = 0; k < GRID; k++) {
      const size_t to = r * GRID + k;
      for (size_t i = 0; i < p->dim; i++) line->x[i * line->ld + to] = p->x[i * p->ld + from];
      line->x[j * line->ld + to] = m->first + (double)(k * FINER) * m->step;
    }
  }
  particles_evaluate_density(line, m->profiles * GRID, t);
}

/* Cubic through four equidistant values, at u in [0, 1] between the middle two (Catmull & Rom 1974). */
static double cubic(double a, double b, double c, double d, double u) {
  return b + 0.5 * u * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * (b - c) + d - a)));
}

/* Adds the profile's normalised density to m->density, and its entropy. */
static void add_profile(const double *logp, marginal *m) {
  double most = -INFINITY, value[GRID], fine[FINE], sum = 0;
  for (size_t k = 0; k < GRID; k++) most = fmax(most, logp[k]);
  if (most == -INFINITY) return;
  for (size_t k = 0; k < GRID; k++) value[k] = fmax(logp[k] - most, DEEPEST);
  for (size_t i = 0; i < FINE; i++) {
    const size_t k = i / FINER == GRID - 1 ? GRID - 2 : i / FINER;
    const double u = (double)(i - k * FINER) / FINER;
    fine[i] = exp(cubic(value[k ? k - 1 : 0], value[k], value[k + 1], value[k + 2 < GRID ? k + 2 : k + 1], u));
    sum += fine[i] * m->step;
  }
  for (size_t i = 0; i < FINE; i++) {
    const double density = fine[i] / sum;
    m->density[i] += density / (double)m->profiles;
    m->entropy -= density * log(density) * m->step / (double)m->profiles;
  }
}

/* Distribution from the density, by trapezia, summed from either end. */
static int integrate(marginal *m) {
  double total = 0;
  for (size_t i = 1; i < FINE; i++) total += 0.5 * (m->density[i - 1] + m->density[i]) * m->step;
  if (!(total > 0)) return 1;
  for (size_t i = 0; i < FINE; i++) m->density[i] /= total;
  m->below[0] = m->above[FINE - 1] = 0;
  for (size_t i = 1; i < FINE; i++) m->below[i] = m->below[i - 1] + 0.5 * (m->density[i - 1] + m->density[i]) * m->step;
  for (size_t i = FINE - 1; i-- > 0;) m->above[i] = m->above[i + 1] + 0.5 * (m->density[i + 1] + m->density[i]) * m->step;
  return 0;
}

/* Kullback-Leibler divergence of the marginal from the Gaussian of its own moments: what a Gaussian component cannot give.  0 where the
 * profiles differ from one another by more than that: they are not of independent coordinates, and their mean says little. */
static double gain_over_gaussian(const marginal *m, int asked) {
  double entropy = 0, mean = 0, square = 0;
  for (size_t i = 0; i < FINE; i++) {
    const double x = ((double)i - 0.5 * FINE) * m->step, p = m->density[i] * m->step; /* about the middle: nothing cancels */
    if (p > 0) entropy -= p * log(m->density[i]);
    mean += p * x;
    square += p * x * x;
  }
  const double gain = 0.5 * (log(square - mean * mean) + LOG_2PI + 1) - entropy;
  return entropy - m->entropy < (asked ? SPREAD_ONLY : gain) ? gain : 0;
}

/* Standard normal quantile at place i of the fine grid, from the nearer tail. */
static double normal_score(const marginal *m, size_t i) {
  return m->below[i] < m->above[i] ? gsl_cdf_ugaussian_Pinv(m->below[i]) : gsl_cdf_ugaussian_Qinv(m->above[i]);
}

/* Knots at equal steps of half the quantile and half the place, so that both wells and gaps between them are resolved; they stand on the
 * fine grid. */
static int place_knots(const marginal *m, double *z, double *x, double *slope) {
  size_t low = 1, high = FINE - 2, at;
  while (low < FINE && normal_score(m, low) < -Z_MAX) low++;
  while (high > low && normal_score(m, high) > Z_MAX) high--;
  at = low;
  if (high < low + 2 * WARP_KNOTS) return 0;
  const double first = normal_score(m, low), range = normal_score(m, high) - first, width = (double)(high - low);
  for (size_t k = 0; k < WARP_KNOTS; k++) {
    const double value = (double)k / (WARP_KNOTS - 1);
    if (k + 1 == WARP_KNOTS) at = high;
    while (at < high && 0.5 * (normal_score(m, at) - first) / range + 0.5 * (double)(at - low) / width < value) at++;
    const double score = normal_score(m, at);
    x[k] = m->first + (double)at * m->step;
    z[k] = score;
    slope[k] = gsl_ran_ugaussian_pdf(score) / m->density[at];
    if (!isfinite(z[k]) || !isfinite(slope[k]) || !(slope[k] > 0) || (k && !(z[k] > z[k - 1] && x[k] > x[k - 1]))) return 0;
  }
  return 1;
}

/* Density and distribution on the grid as it is.  Non-zero when there is none. */
static int profile(target *t, const particles *p, size_t j, marginal *m, particles *line) {
  memset(m->density, 0, sizeof m->density);
  m->entropy = 0;
  evaluate_profiles(t, p, j, m, line);
  for (size_t r = 0; r < m->profiles; r++) add_profile(line->logp + r * GRID, m);
  return integrate(m);
}

/* A grid over what the density covers of the present one, with a cell to either side.  Returns 0 when that would not be much finer. */
static int zoom(marginal *m) {
  size_t low = 0, high = FINE - 1;
  while (low < high && m->below[low] < COVERED) low++;
  while (high > low && m->above[high] < COVERED) high--;
  low = low > FINER ? low - FINER : 0;
  high = high + FINER < FINE - 1 ? high + FINER : FINE - 1;
  if (2 * (high - low) > FINE) return 0;
  m->first += (double)low * m->step;
  m->step *= (double)(high - low) / (FINE - 1);
  return 1;
}

/* Coordinate j; line: as many points as its profiles have. */
static double fit_coordinate(target *t, const particles *p, size_t j, int asked, marginal *m, particles *line, warp_marginal *out) {
  m->profiles = asked ? PROFILES_ONLY : PROFILES;
  place_grid(p, j, asked ? REACH_ONLY : REACH, m);
  if (!(m->sd > 0 && isfinite(m->step)) || (!asked && looks_gaussian(p, j, m))) return 0;
  m->looked++;
  if (profile(t, p, j, m, line)) return 0;
  for (int k = 0; asked && k < ZOOMS && zoom(m); k++)
    if (profile(t, p, j, m, line)) return 0;
  const double gain = gain_over_gaussian(m, asked);
  if (!(gain > (asked ? 0 : GAIN_LEAST))) return 0;
  out->used[j] = (unsigned char)place_knots(m, out->z + j * WARP_KNOTS, out->x + j * WARP_KNOTS, out->slope + j * WARP_KNOTS);
  m->promising += out->used[j];
  return out->used[j] ? gain : 0;
}

/* Where few of the coordinates gain anything they are not independent, and all others are not worth their profiles. */
static int is_vain(const marginal *m) {
  return m->looked >= LOOKED_LEAST && SHARE_LEAST * m->promising < m->looked;
}

int marginals_fit(target *t, const particles *p, const unsigned char *only, warp_marginal *out, double *gain, dilate_error *err) {
  marginal *m = NEW(marginal, 1);
  particles line;
  int failed = particles_create(p->dim, (only ? PROFILES_ONLY : PROFILES) * GRID, &line) || !m;
  *gain = 0;
  for (size_t j = 0; j < p->dim && !failed && (only || !is_vain(m)); j++)
    if (!only || only[j]) *gain += fit_coordinate(t, p, j, only != NULL, m, &line, out);
  if (!failed && !only && is_vain(m)) *gain = 0;
  particles_clear(&line);
  memory_free(m);
  return failed ? error_memory(err, "the marginals") : target_status(t, err);
}
