/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Centre and scale of a path. */
#ifndef DILATE_METHOD_PLACE_H
#define DILATE_METHOD_PLACE_H

#include "method/run.h"

/* [out] centre: dim values; scale: root mean square of a coordinate around it. */
int place_find(run *r, double *centre, double *scale, dilate_error *err);

#endif
