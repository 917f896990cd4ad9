/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mass in modes that nobody has seen, by Good's (1953) argument turned round: what was found only just could as well have been missed.
 *
 * Good and Turing count species by how often each was caught.  Here modes are caught by particles of an exploration, not in proportion to
 * their mass, so each counts with its own mass.  A mode that n particles each fall into with chance b is missed with (1 - b)^n and caught
 * once with n b (1 - b)^(n - 1): about as likely where it is in doubt at all (n b near 1).  Particles of one group share what early chance
 * decided, so groups are counted too: with G groups the mass that only one of them found, over G, is what one group adds to the others. */
#ifndef DILATE_STATS_UNSEEN_H
#define DILATE_STATS_UNSEEN_H

#include <stddef.h>

/* The larger of both estimates.  weight: modes; count: groups x modes, the particles of each group that fell into each mode.  A mode with
 * none at all, which only later moves came upon, counts as caught once. */
double unseen_mass(size_t modes, const double *weight, size_t groups, const size_t *count);

#endif
