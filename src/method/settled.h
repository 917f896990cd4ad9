/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of many particles have arrived at the target. */
#ifndef DILATE_METHOD_SETTLED_H
#define DILATE_METHOD_SETTLED_H

#include "target/particles.h"

/* weight[i] = 1 for particles that have settled, 0 for those far below the better ones (the exploration's rule for the lost).  sorted:
 * n numbers of scratch. */
void settled_weights(const particles *points, double *sorted, double *weight);

#endif
