/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many steps a method may take within a budget of evaluations. */
#ifndef BENCH_PATHS_PLAN_H
#define BENCH_PATHS_PLAN_H

#include "bench/paths_rows.h"
#include "dilate.h"

typedef struct paths_plan {
  size_t steps, samples; /* 0: the method takes none */
} paths_plan;

/* Sets options->steps (and score and its samples) so that a run of the method uses about `budget` evaluations until its sampler is
 * done; draws, islands and seed must be set before.  A first step is taken, and thrown away, to learn what comes before it: the search
 * for the target's place depends on the seed.  A failure of that step is returned. */
int paths_plan_make(const paths_method *method, const dilate_target *target, size_t samples, uint64_t budget, dilate_options *options,
                    paths_plan *out, dilate_error *err);

#endif
