/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schedules: how lambda runs from 0 to 1 with time t.  Linear in sqrt(lambda) moves the particles of the dilation path at a constant
 * speed, since their distance from the centre goes as sqrt(lambda). */
#include <math.h>

#include "dilate.h"

double dilate_schedule_lambda(dilate_schedule schedule, double t) {
  const double s = t > 0 ? fmin(t, 1) : 0;
  return schedule == DILATE_SCHEDULE_QUADRATIC ? s * s : s;
}
