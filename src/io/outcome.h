/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the writers are told of a run: the result, what its target is called, and what is known of the target. */
#ifndef DILATE_IO_OUTCOME_H
#define DILATE_IO_OUTCOME_H

#include "io/rows.h"
#include "io/truth.h"

typedef struct outcome {
  const char *target; /* name with options, or path of the plug-in */
  const dilate_result *result;
  const truth *truth;     /* NULL: nothing is known */
  const char *data;       /* the data file; NULL: none was given */
  const builtin *builtin; /* the target, where it is one of the built-in ones; else NULL */
  row_spread *spread;     /* NULL: all draws are here */
} outcome;

static inline size_t outcome_rows(const outcome *o) {
  return dilate_result_islands(o->result) * dilate_result_draws(o->result);
}

/* A struct of the result with its size set, zero where the library is older than the member. */
dilate_parameter outcome_parameter(const outcome *o, size_t i);
dilate_mode outcome_mode(const outcome *o, size_t i);
dilate_trace outcome_trace(const outcome *o, size_t i);

#endif
