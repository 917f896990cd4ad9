/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The variance of an island's log Zhat, from within the run.
 *
 * Zhat is a product over temperatures of mean weights.  A state x of temperature t adds to its relative error by
 *   g_t(x) = w_t(x)/mean(w_t) f_(t+1)(x),   f_(t+1)(x): the relative mass that descends from x at all later temperatures
 * (the function Q_(t,n)(1) of Del Moral 2004; Lee & Whiteley 2018 estimate it from each particle's own descendants, which with few chains
 * is mostly the noise of resampling).  Here f is a regression on x: the mean over the few chains of the next temperature that start
 * nearest to it (evidence_near.h).  So what a chain remembers, be it its mode or a tail that it is slow to leave, is passed on.  Chains are
 * the units, since the states of one depend on one another, and stand in the order in which they were resampled, so that half the mean
 * square of successive differences sees the stratification:
 *   var(log Zhat) = sum_t 1/(2 M_t^2) sum_m (gbar_m - gbar_(m+1))^2. */
#ifndef DILATE_STAGE_EVIDENCE_H
#define DILATE_STAGE_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

#define EVIDENCE_NEAR 6 /* chains that are asked what became of a state */

/* The states of one temperature as they were reweighted: state s of chain m at [s*chains + m]. */
typedef struct evidence_record {
  size_t chains, states;
  double *weight; /* relative to the island's mean */
  size_t *island; /* chains */
  uint32_t *near; /* NULL: no next temperature is known; else `nears` chains of the next temperature a state, at [i*nears] */
  size_t nears;
} evidence_record;

typedef struct evidence {
  evidence_record *record;
  size_t count, room;
} evidence;

int evidence_create(evidence *e); /* non-zero when out of memory */
void evidence_clear(evidence *e);
/* A record with memory for its weights and islands, to be filled; NULL when out of memory. */
evidence_record *evidence_append(evidence *e, size_t chains, size_t states);

/* Variance of log Zhat of an island and its degrees of freedom (from the fourth moments of the differences).  Non-zero when out of memory.
 */
int evidence_variance(const evidence *e, size_t island, double *variance, double *df);

#endif
