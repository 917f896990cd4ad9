/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Are ranks uniform?  The statistic of Saeilynoja, Buerkner & Vehtari (2022, Statistics and Computing 32): the empirical distribution
 * function of N ranks among L draws, at all k/(L + 1), counts c_k ~ Binomial(N, k/(L + 1)); gamma is the smallest two-sided probability
 * of any of them, and its law, from simulated ranks, makes the band simultaneous. */
#ifndef BENCH_UNIFORM_RANKS_H
#define BENCH_UNIFORM_RANKS_H

#include <stddef.h>
#include <stdint.h>

/* Two-sided probabilities of every count at every place, and gamma of simulated sets in ascending order. */
typedef struct uniform_law {
  size_t n, draws, sets;
  double *probability, *gamma; /* draws x (n + 1); sets */
} uniform_law;

void uniform_law_make(size_t n, size_t draws, size_t sets, uint64_t seed, uniform_law *out);
void uniform_law_free(uniform_law *law);

/* gamma of the law's n ranks, each from 0 to `draws`. */
double uniform_gamma(const uniform_law *law, const size_t *rank);
/* Probability that uniform ranks have a gamma as small: at least 1/(sets + 1). */
double uniform_probability(const uniform_law *law, double gamma);

/* The rank of a true value among draws; ties are broken by `chance`, a uniform. */
size_t rank_among(size_t draws, const double *value, double truth, double chance);

#endif
