/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A particle has not arrived when its log-density is far below that of the better ones: a draw of a Gaussian is d/2 below the mode, give or
 * take sqrt(d/2). */
#include "method/settled.h"

#include <math.h>

#include "base/sort.h"
#include "stats/summary.h"

double settled_quartile(const particles *points, double *sorted) {
  sort_order(points->n, points->logp, sorted, NULL, sorted + points->n, NULL);
  return summary_quantile(points->n, sorted, 0.75);
}

size_t settled_weights(const particles *points, double floor, double *weight) {
  size_t count = 0;
  for (size_t i = 0; i < points->n; i++) {
    weight[i] = points->logp[i] >= floor;
    count += points->logp[i] >= floor;
  }
  return count;
}

size_t settled_share_places(particles *p) {
  size_t inside = 0, next = 0;
  for (size_t i = 0; i < p->n; i++) inside += isfinite(p->logp[i]) != 0;
  if (inside == 0 || inside == p->n) return inside;
  for (size_t i = 0; i < p->n; i++) {
    if (isfinite(p->logp[i])) continue;
    while (!isfinite(p->logp[next])) next = (next + 1) % p->n;
    particles_copy(p, i, p, next);
    next = (next + 1) % p->n;
  }
  return inside;
}

int settled_none(const target *t, size_t n, dilate_error *err) {
  char bad[TARGET_BAD_TEXT];
  target_bad_text(t, bad);
  return error_set(err, DILATE_ESUPPORT, "none of the %zu particles has come into the target's support%s", n, bad);
}
