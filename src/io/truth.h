/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of a built-in target, beside what the draws say.  Computed after the run; the sampler never sees it. */
#ifndef DILATE_IO_TRUTH_H
#define DILATE_IO_TRUTH_H

#include "io/rows.h"
#include "targets/targets.h"

typedef struct truth {
  double log_z;       /* exact; NaN where it is not known */
  size_t modes;       /* known components; 0: none are known */
  size_t modes_found; /* those with at least one draw */
  double mode_tv;     /* half the sum of |share of the draws - weight|, NaN without draws or components */
} truth;

/* 1 and *out when something is known of the target, 0 when nothing is, -1 when memory ran out. */
int truth_compare(const builtin *target, const dilate_result *result, row_spread *spread, truth *out);

#endif
