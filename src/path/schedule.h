/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schedules: how lambda runs to 1 with time t in [0, 1].  A schedule knows no path, and a path no schedule. */
#ifndef DILATE_PATH_SCHEDULE_H
#define DILATE_PATH_SCHEDULE_H

#include "dilate.h"

typedef struct schedule {
  dilate_schedule kind; /* where lambda is NULL */
  size_t count;         /* of lambda */
  const double *lambda; /* values at equal distances in time, the last 1; not owned */
} schedule;

/* Whether there is a schedule of that name, and which (kind may be NULL). */
int schedule_find(const char *name, dilate_schedule *kind);
double schedule_lambda(const schedule *s, double t);

#endif
