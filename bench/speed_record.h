/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run made, and its figures kept under a name. */
#ifndef BENCH_SPEED_RECORD_H
#define BENCH_SPEED_RECORD_H

#include "bench/speed_figures.h"
#include "dilate.h"

/* Costs: NAME.units, .overhead-units, .evaluations, .memory, and .instructions where they can be counted.  Facts: NAME.seconds, .target
 * (seconds in the target), .overhead, .unit (seconds), .density-cost and .gradient-cost (ns), .dim, .particles, .log-z-error, and a stage's
 * NAME.stage.STAGE and NAME.stage-overhead.STAGE (seconds).  NaN in each where the run failed. */
void speed_record(const char *name, const char *spec, const dilate_options *options, figures *out);

#endif
