/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the target lies and how far it spreads, for the methods that begin at a Gaussian or drop their particles around a centre. */
#ifndef DILATE_METHOD_PLACE_H
#define DILATE_METHOD_PLACE_H

#include "method/run.h"

/* [out] centre: dim; *scale: root mean square of a coordinate about it.  The options' path_centre and path_scale where they are given; what
 * is not is told by particles that fall onto the target along the dilation path.  Recorded in the trace as stage "place". */
int place_find(run *r, double *centre, double *scale, dilate_error *err);

#endif
