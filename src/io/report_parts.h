/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections of report.html, one file each.  Those that return int return 0, or -1 when memory ran out. */
#ifndef DILATE_IO_REPORT_PARTS_H
#define DILATE_IO_REPORT_PARTS_H

#include "io/outcome.h"
#include <stdio.h>

enum { REPORT_PAIRS = 6, REPORT_MARGINALS = 24, REPORT_MODES = 40, REPORT_PARAMETERS = 200 };

/* From when on the tables and the diagnostics call a number suspicious. */
#define REPORT_RHAT_HIGH 1.01
static inline double report_ess_low(const dilate_result *result) {
  return 100 * (double)dilate_result_islands(result);
}

/* The parameters that tell the modes apart best, at most REPORT_PAIRS, in their own order; returns how many. */
size_t report_choose(const outcome *o, size_t chosen[REPORT_PAIRS]);

extern const char *const report_style[]; /* the style sheet in pieces, NULL-terminated */
void report_modes(FILE *stream, const outcome *o);
int report_pairs(FILE *stream, const outcome *o);
int report_marginals(FILE *stream, const outcome *o);
int report_path(FILE *stream, const outcome *o);
void report_parameters(FILE *stream, const outcome *o);
void report_diagnostics(FILE *stream, const outcome *o);

#endif
