/* SPDX-License-Identifier: GPL-3.0-or-later */
/* While a run lasts: a line on the terminal. */
#ifndef DILATE_CLI_PROGRESS_H
#define DILATE_CLI_PROGRESS_H

#include "dilate.h"

typedef struct progress_line {
  int shown;        /* 0: standard error is no terminal, or quiet was asked */
  int drawn;        /* there is a line to clear */
  double last_time; /* when it was drawn, in the run's seconds */
} progress_line;

progress_line progress_begin(int quiet);
/* Redraws the line, at most ten times a second. */
void progress_show(progress_line *line, const dilate_progress *p);
void progress_end(progress_line *line);

#endif
