/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of simulated runs, for the tests of the errors of log Z and of means. */
#ifndef DILATE_TESTS_EVIDENCE_CASES_H
#define DILATE_TESTS_EVIDENCE_CASES_H

#include <gsl/gsl_rng.h>

#include "stage/evidence_near.h"

#define REPLICATES 1000
#define DRAWS      400 /* of the first temperature */
#define CHAINS     100
#define STATES     8

/* The variance between replicates has relative standard deviation sqrt(2/999) = 0.045 (log Zhat is nearly normal), the mean of the reported
 * ones less than 0.02: five of these together, and 0.05 for what shrinkage to one and the curvature of the logarithm leave. */
#define RATIO_LIMIT 0.30

/* From the fixture's set-up to its tear-down. */
extern gsl_rng *rng;
void evidence_set_up(void);
void evidence_tear_down(void);

extern const size_t zeros[DRAWS * 8];

/* A record of chains in one island, from one location. */
evidence_record *append(evidence *e, size_t chains, size_t states);
/* Divides the record's weights by their mean, whose logarithm is returned. */
double relative(evidence_record *r);
/* Ties a record of draws to the chains that start at them; the points tell the modes apart, or nothing. */
void link_draws(evidence_record *first, const size_t *mode, int told, const size_t *parent);

#endif
