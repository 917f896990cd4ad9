/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The uniformity of ranks: see uniform_ranks.h. */
#include "bench/uniform_ranks.h"

#include "base/random.h"
#include "bench/support.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

static double two_sided(unsigned count, double p, unsigned n) {
  const double below = gsl_cdf_binomial_P(count, p, n), above = count > 0 ? gsl_cdf_binomial_Q(count - 1, p, n) : 1;
  return fmin(1, 2 * fmin(below, above));
}

static void simulate(uniform_law *law, uint64_t seed) {
  const stream s = stream_make(seed, STREAM_USER, 0, 0);
  uint64_t *const work = ALLOCATE(uint64_t, 2 * law->sets);
  size_t *const rank = ALLOCATE(size_t, law->n);
  for (size_t k = 0; k < law->sets; k++) {
    for (size_t i = 0; i < law->n; i++) rank[i] = (size_t)((double)(law->draws + 1) * stream_uniform(s, (uint32_t)k, 0, (uint32_t)i));
    law->gamma[k] = uniform_gamma(law, rank);
  }
  sort_ascending(law->sets, law->gamma, work);
  free(rank);
  free(work);
}

void uniform_law_make(size_t n, size_t draws, size_t sets, uint64_t seed, uniform_law *out) {
  *out = (uniform_law){.n = n, .draws = draws, .sets = sets};
  out->probability = ALLOCATE(double, draws *(n + 1));
  out->gamma = ALLOCATE(double, sets);
  for (size_t k = 0; k < draws; k++)
    for (size_t c = 0; c <= n; c++)
      out->probability[k * (n + 1) + c] = two_sided((unsigned)c, (double)(k + 1) / (double)(draws + 1), (unsigned)n);
  simulate(out, seed);
}

void uniform_law_free(uniform_law *law) {
  free(law->probability);
  free(law->gamma);
}

double uniform_gamma(const uniform_law *law, const size_t *rank) {
  double least = 1;
  size_t below = 0, *const count = ALLOCATE(size_t, law->draws + 1);
  for (size_t i = 0; i < law->n; i++) count[rank[i]]++;
  for (size_t k = 0; k < law->draws; k++) {
    below += count[k];
    least = fmin(least, law->probability[k * (law->n + 1) + below]);
  }
  free(count);
  return least;
}

double uniform_probability(const uniform_law *law, double gamma) {
  size_t as_small = 0;
  while (as_small < law->sets && law->gamma[as_small] <= gamma) as_small++;
  return (double)(as_small + 1) / (double)(law->sets + 1);
}

size_t rank_among(size_t draws, const double *value, double truth, double chance) {
  size_t below = 0, equal = 0;
  for (size_t i = 0; i < draws; i++) {
    below += value[i] < truth;
    equal += value[i] == truth;
  }
  return below + (size_t)((double)(equal + 1) * chance);
}
