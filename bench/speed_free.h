/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets of the suite's own, of any dimension and any number of components. */
#ifndef BENCH_SPEED_FREE_H
#define BENCH_SPEED_FREE_H

#include "targets/targets.h"

/* A standard Gaussian in dim dimensions, for nothing: a batch callback of one pass. */
dilate_target free_target(size_t dim);

/* "free:DIM", "mixture:K" (K isotropic Gaussians in the plane, equally heavy), or what builtin_create() makes of any other text; to be
 * freed by builtin_destroy(). */
void speed_target_create(const char *spec, builtin *out);

#endif
