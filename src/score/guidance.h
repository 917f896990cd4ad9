/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guidance: the gradient of a log-likelihood at the particle's own place, times a scale, added to the score.  It is the score of the noisy
 * law given the data only as the noise goes to 0. */
#ifndef DILATE_SCORE_GUIDANCE_H
#define DILATE_SCORE_GUIDANCE_H

#include <stdatomic.h>

#include "target/particles.h"

typedef struct guidance {
  dilate_logp_fn log_likelihood; /* NULL: none */
  void *params;
  double scale;
  size_t threads;     /* 1 where callbacks must not run concurrently */
  double *work;       /* 2 threads * dim, owned */
  atomic_int failure; /* what the first failing call returned, or 0; after it nothing is called */
} guidance;

/* Of the options; DILATE_ENOMEM with a text. */
int guidance_create(const dilate_options *o, const target *t, guidance *g, dilate_error *err);
void guidance_clear(guidance *g);
/* at->grad += scale grad log l(at->x), made no longer than `longest`; nothing where the likelihood is 0, or a number is not finite. */
void guidance_add(guidance *g, double longest, particles *at);
/* 0, or the failure that the callback asked for. */
int guidance_status(const guidance *g, dilate_error *err);

#endif
