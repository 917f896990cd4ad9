/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Candidates with heavy tails: mixtures of products of Student-t's, for samples that no Gaussian mixture describes. */
#ifndef DILATE_STAGE_HEAVY_H
#define DILATE_STAGE_HEAVY_H

#include "stage/candidates.h"

/* Whether heavy tails are worth the search: t's of 4 degrees of freedom in the place of the Gaussians of the best diagonal candidate, after
 * a few iterations, make the points likelier. */
int heavy_suspected(const fit_points *points, const candidate *list, size_t count, int *suspected, dilate_error *err);
/* Appends fits from Ward's clusters by logarithmic distances, by likelihood, and by gradients for each number of degrees of freedom; and
 * the same from the previous reference where that has heavy tails.  It costs no evaluations. */
int heavy_fit(const reference_task *task, const fit_points *points, candidate *list, size_t *count, dilate_error *err);
/* Appends fits by gradients from the modes that some of the points climb to: where the points are still far out in the tails they tell the
 * modes apart badly, and their gradients still tell the scales. */
int heavy_fit_ascents(const reference_task *task, const fit_points *points, candidate *list, size_t *count, dilate_error *err);

#endif
