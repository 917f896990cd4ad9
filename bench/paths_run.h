/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of a method on a target, and its figures. */
#ifndef BENCH_PATHS_RUN_H
#define BENCH_PATHS_RUN_H

#include "bench/paths_measure.h"
#include "bench/paths_plan.h"

/* Runs the method within the target's budget on one thread and measures what comes of it.  [in] shown: keep what the figures need. */
void paths_run_make(const paths_yardstick *y, const paths_method *method, uint64_t seed, int shown, paths_run *out);

#endif
