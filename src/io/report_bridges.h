/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the trace of a run says of its bridges: log Z and the effective share along each. */
#ifndef DILATE_IO_REPORT_BRIDGES_H
#define DILATE_IO_REPORT_BRIDGES_H

#include "io/outcome.h"

enum { BRIDGES_LINES = 100, BRIDGES_POINTS = 6000 };

/* Consecutive records of one bridge. */
typedef struct bridge_line {
  size_t first, n;
  int pilot, group, round;
} bridge_line;

typedef struct bridges {
  double *temperature, *log_z, *ess; /* `n` points */
  bridge_line *line;
  size_t n, lines, left_out; /* lines left out: the earliest */
} bridges;

int bridges_any(const outcome *o); /* takes no memory */
/* Lines begin at temperature 0, where every bridge does.  At most BRIDGES_LINES are kept, and about BRIDGES_POINTS points, the ends of
 * lines always.  0, or -1 when memory ran out; to be cleared either way. */
int bridges_collect(const outcome *o, bridges *b);
void bridges_clear(bridges *b);

#endif
