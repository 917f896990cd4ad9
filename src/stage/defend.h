/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a fitted mixture to a reference that a bridge can start from (manual, end of section 4): weights by importance sampling,
 * inflation, widened twins of the components, and a broad Gaussian over everything. */
#ifndef DILATE_STAGE_DEFEND_H
#define DILATE_STAGE_DEFEND_H

#include "stage/choose.h"

/* Two rounds of equal-allocation importance sampling set the components' weights, in place. */
int defend_reweight(const reference_task *task, mixture *core, dilate_error *err);
/* The defended mixture; cost decides on inflation and twins; points are those the fit saw. */
int defend_build(const mixture *core, double cost, const fit_points *points, const warp *w, mixture **out, dilate_error *err);

#endif
