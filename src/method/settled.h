/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of many particles have arrived at the target. */
#ifndef DILATE_METHOD_SETTLED_H
#define DILATE_METHOD_SETTLED_H

#include "target/particles.h"

/* The upper quartile of the particles' log-densities.  sorted: 2 n numbers of scratch. */
double settled_quartile(const particles *points, double *sorted);
/* weight[i] = 1 for particles whose log-density is at least `floor`, else 0; returns how many. */
size_t settled_weights(const particles *points, double floor, double *weight);
/* Particles outside the support take the places of those inside, in turn.  Returns how many were inside. */
size_t settled_share_places(particles *points);
/* The failure of a method none of whose n particles is inside. */
int settled_none(const target *t, size_t n, dilate_error *err);

#endif
