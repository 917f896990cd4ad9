/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does the log-density rise without bound?  From the highest point, steps along the gradient whose length promises to raise it by a given
 * amount: at a maximum they soon fail, towards a pole -a log r each divides the distance by the same factor, for ever. */
#ifndef DILATE_STAGE_PROBE_BOUND_H
#define DILATE_STAGE_PROBE_BOUND_H

#include "target/particles.h"

typedef struct bound_probe {
  int unbounded;
  double gain;       /* above the highest point, where it was left, still rising */
  size_t coordinate; /* the one along which it rises most steeply, and */
  double at;         /* its value there */
} bound_probe;

/* p: evaluated particles on the target.  At most 120 evaluations with gradient. */
int probe_bound(target *t, const particles *p, bound_probe *out, dilate_error *err);

#endif
