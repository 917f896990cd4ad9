/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The variance of an island's log Zhat, and of means over its draws, from within the run.
 *
 * Zhat is a product over temperatures of mean weights.  A state x of temperature t adds to its relative error by
 *   g_t(x) = w_t(x)/mean(w_t) f_(t+1)(x),   f_(t+1)(x): the relative mass that descends from x at all later temperatures
 * (the function Q_(t,n)(1) of Del Moral 2004; Lee & Whiteley 2018 estimate it from each particle's own descendants, which with few chains
 * is mostly the noise of resampling).  Here f is a regression on x: the mean over the few chains of the next temperature that start
 * nearest to it (evidence_near.h).  So what a chain remembers, be it its mode or a tail that it is slow to leave, is passed on.  Chains are
 * the units, since the states of one depend on one another, and stand in the order in which they were resampled, so that half the mean
 * square of successive differences sees the stratification:
 *   var(log Zhat) = sum_t 1/(2 M_t (M_t - 1)) sum_m (gbar_m - gbar_(m+1))^2.
 * The mean of any function of the draws has the same account, with its deviation from the mean, averaged over a chain's draws, in the place
 * of the last f.  It can differ by much between one mode and the next, while systematic resampling knows the modes' shares to within one
 * chain: so differences are taken within runs of chains that start at one location of the reference, and a step by d from one run to the
 * next adds d^2/12, the variance of the position of the first chain beyond it. */
#ifndef DILATE_STAGE_EVIDENCE_H
#define DILATE_STAGE_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/archive.h"

#define EVIDENCE_NEAR 6 /* chains that are asked what became of a state */

/* The states of one temperature as they were reweighted: state s of chain m at [s*chains + m].  Of very many chains every `stride`-th is
 * recorded and stands for all: memory and time of the account then do not grow with the run, and its own error is that of the chains
 * recorded. */
typedef struct evidence_record {
  size_t chains, states; /* recorded */
  size_t stride, all;    /* recorded chain m is number m*stride of the run's `all` chains */
  size_t near_stride;    /* what `near` numbers are multiplied by to number the values of the next temperature's chains */
  double *weight;        /* relative to the island's mean */
  size_t *island;        /* chains */
  size_t *run;           /* chains: number of the run of chains of one location */
  uint32_t *near;        /* NULL: no next temperature is known; else `nears` chains of the next temperature a state, at [i*nears] */
  size_t nears;
} evidence_record;

typedef struct evidence {
  evidence_record *record;
  size_t count, room;
  evidence_record last; /* the chains that draws are taken from: never weighted */
} evidence;

int evidence_create(evidence *e); /* non-zero when out of memory */
void evidence_clear(evidence *e);
/* A record of chains in `island`, each from `location` of the reference, with memory for weights to be filled; NULL when out of memory. */
evidence_record *evidence_append(evidence *e, size_t chains, size_t states, const size_t *island, const size_t *location);
/* The chains that follow the last record.  Non-zero when out of memory. */
int evidence_end(evidence *e, size_t chains, const size_t *island, const size_t *location);

/* One that evidence_create() has made, of chains in so many cells; `next` chains will follow the last record, unless they are there. */
void evidence_archive(archive *a, size_t cells, size_t next, evidence *e);

/* Variance of log Zhat of an island and its degrees of freedom (from the fourth moments of the differences).  Non-zero when out of memory.
 */
int evidence_variance(const evidence *e, size_t island, double *variance, double *df);

#define EVIDENCE_TOGETHER 8 /* functions at a time */

/* Variances of the means of so many functions over the island's draws, given their means over the draws of each of the last chains, of
 * function c at value[m*EVIDENCE_TOGETHER + c]; those of the island are centred.  draws: how many each chain gave (NULL: all gave some);
 * where some gave none, the others alone tell the variance between chains, and the values of those without are what a neighbour's are.
 * work: evidence_work() doubles.  (evidence_mean.c) */
void evidence_mean_variances(const evidence *e, size_t island, const double *draws, double *value, double *work, double *variance);
size_t evidence_work(const evidence *e);

/* The chains of the largest record, or of the last. */
size_t evidence_most_chains(const evidence *e);

#endif
