/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The draws and modes of methods that fit no mixture: particles that have settled on the target, with its log-densities and gradients
 * there.
 *
 * Modes are told apart in one metric for all: the inverse of the gradients' second moment (the Fisher metric), which is the local
 * covariance of a Gaussian mixture with well separated components of one shape. */
#ifndef DILATE_METHOD_SETTLED_RESULT_H
#define DILATE_METHOD_SETTLED_RESULT_H

#include "method/result.h"
#include "target/particles.h"

/* The whole result of such a method: islands * draws points (none: no islands), each its own lineage; those outside the support take the
 * places of others.  The points are freed before the summaries where nobody looks at the run again. */
int settled_result(const run *r, particles *points, int complete, dilate_result **out, dilate_error *err);

/* The points as the result's rows: x and logp. */
void settled_rows(const particles *points, dilate_result *result);
/* c (dim): the diagonal of that metric's factor, the coordinates' inverse root mean square gradients by weight (NULL: all alike); 1 where
 * there is none. */
void settled_scale(const particles *points, const double *weight, double *c);
/* Fills the result's modes. */
int settled_modes(const run *r, const particles *points, dilate_result *result, dilate_error *err);

#endif
