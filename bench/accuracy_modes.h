/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The weights of a result's modes against those of the true components. */
#ifndef BENCH_ACCURACY_MODES_H
#define BENCH_ACCURACY_MODES_H

#include "bench/accuracy_run.h"

/* [in] component: of each draw, NULL when the target has none; count: draws of each component.  [out] out->modes, out->mode. */
void modes_compare(const builtin *target, const dilate_result *result, const size_t *component, const size_t *count, run *out);

#endif
