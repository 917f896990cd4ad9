/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The score that the target knows in closed form, as mixtures of Gaussians do.  Exact: standard error 0, effective samples infinite;
 * outside the support of the convolution there is none, and they are infinite and 0. */
#include <math.h>

#include "score/score.h"

static size_t nothing_needed(size_t dim, size_t samples) {
  (void)dim, (void)samples;
  return 0;
}

static void closed_evaluate(const score_tile *t) {
  particles *at = t->at;
  const size_t begin = t->begin;
  target_convolve(t->s->target, t->sigma, begin, t->n, at->ld, at->x + begin, at->logp + begin, at->grad + begin);
  for (size_t i = begin; i < begin + t->n; i++) {
    const int inside = at->logp[i] > -INFINITY;
    score_errors(t, i, inside ? 0 : INFINITY, inside ? INFINITY : 0);
  }
}

const score_type score_closed = {"closed", 1, nothing_needed, nothing_needed, closed_evaluate};
