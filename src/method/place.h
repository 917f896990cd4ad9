/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the target lies and how far it spreads, for the methods that begin at a Gaussian or drop their particles around a centre. */
#ifndef DILATE_METHOD_PLACE_H
#define DILATE_METHOD_PLACE_H

#include "method/run.h"

/* [out] centre: dim; *scale: root mean square of a coordinate about it.  The options' path_centre and path_scale where they are given; what
 * is not is told by particles that fall onto the target.  Recorded in the trace as stage "place".  DILATE_ESUPPORT where none of them found
 * its support: centre and scale are then those of the options, or the origin and 1. */
int place_find(run *r, double *centre, double *scale, dilate_error *err);

#endif
