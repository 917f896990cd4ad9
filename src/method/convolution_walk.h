/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The convolution path where its density is not known: unadjusted Langevin steps by Monte Carlo scores, or guided, then settling on the
 * target itself. */
#ifndef DILATE_METHOD_CONVOLUTION_WALK_H
#define DILATE_METHOD_CONVOLUTION_WALK_H

#include "method/method.h"

typedef struct convolution_walk convolution_walk;

/* `share` of the run's steps follow the path, by `kind` unless the options name a schedule. */
int convolution_walk_create(run *r, const char *stage, dilate_schedule kind, double share, convolution_walk **out, dilate_error *err);
int convolution_walk_step(convolution_walk *c, run *r, dilate_error *err);
int convolution_walk_result(convolution_walk *c, const run *r, dilate_result **out, dilate_error *err);
const double *convolution_walk_particles(const convolution_walk *c, size_t *n, size_t *ld);
void convolution_walk_destroy(convolution_walk *c);
/* What convolution_walk_create() is given; what is read is the caller's to destroy, after a failure, too. */
void convolution_walk_archive(archive *a, run *r, const char *stage, dilate_schedule kind, double share, convolution_walk **c);

#endif
