/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of report.html, one file each: sections, and what they share.  A page stays below 1.5 MB whatever the run, by these limits. */
#ifndef DILATE_IO_REPORT_PARTS_H
#define DILATE_IO_REPORT_PARTS_H

#include "io/histogram.h"
#include "io/outcome.h"

enum {
  REPORT_PAIRS = 6,
  REPORT_MARGINALS = 24,
  REPORT_RANKS = 12,
  REPORT_STRIP = 400, /* points of a strip */
  REPORT_MODES = 12,  /* the others fold away */
  REPORT_PARAMETERS = 200,
  REPORT_ISLANDS = 8, /* of a rank plot */
  REPORT_WARNINGS = 40
};

/* From when on a number is called suspicious. */
#define REPORT_RHAT_HIGH   1.01
#define REPORT_UNSEEN_HIGH 0.01
#define REPORT_DF_LOW      5.0
static inline double report_ess_low(const dilate_result *result) {
  return 100 * (double)dilate_result_islands(result);
}

typedef struct report_section {
  const char *id, *title;
  int (*present)(const outcome *o);
  int (*write)(FILE *stream, const outcome *o); /* 0, or -1 when memory ran out */
} report_section;

extern const report_section report_modes, report_marginals, report_pairs, report_ranks, report_convergence, report_evidence,
    report_parameters, report_run;

/* What stands before the sections. */
void report_verdict(FILE *stream, const outcome *o);
void report_cards(FILE *stream, const outcome *o);
void report_checks(FILE *stream, const outcome *o);

extern const char report_style_colours[], report_style_page[], report_style_parts[], report_style_figures[], report_style_print[];

/* ---- Names: cut, since they may be of any length ---- */

typedef char report_label[4 * 20 + 4];
const char *report_cut(const char *name, report_label out); /* for a figure: 20 characters at most, not escaped */
void report_name(FILE *stream, const char *name);           /* for text: 40 characters at most, escaped */

/* ---- Which parameters to show ---- */

/* The `limit` parameters of highest score (earlier ones first where it is equal, NaN last), in their own order; returns how many. */
typedef double (*report_score)(const outcome *o, size_t j);
size_t report_choose(const outcome *o, report_score score, size_t limit, size_t *chosen);
double report_between_modes(const outcome *o, size_t j);                       /* share of the variance that lies between the modes */
void report_between_modes_shown(FILE *stream, const outcome *o, size_t shown); /* says so, where not all are shown */
double report_disagreement(const outcome *o, size_t j);                        /* R-hat */
double report_poverty(const outcome *o, size_t j);                             /* minus the lower of the two effective sample sizes */
/* Where a mode's mean lies: standard deviations of the parameter from its mean; 0 where there is no spread. */
double report_offset(const outcome *o, const dilate_mode *mode, size_t j);

/* ---- Colours of modes: SVG_COLOURS of them, and grey ---- */

typedef char report_class[8];
const char *report_colour(size_t mode, report_class out);
void report_swatch(FILE *stream, size_t mode);
void report_legend(FILE *stream, const outcome *o); /* nothing for fewer than two modes */

/* A histogram in layers, one a colour and grey last, each from the height of the one before: densities in equal bins over the axis.  Draws
 * beyond it count too, so that heights compare between histograms. */
typedef struct report_stack {
  double layer[SVG_COLOURS + 1][HISTOGRAM_BINS];
} report_stack;
/* Value of row i: value[i*stride]. */
void report_stack_count(const outcome *o, const double *value, size_t stride, const svg_axis *axis, report_stack *out);
double report_stack_top(const report_stack *stack);
void report_stack_draw(FILE *stream, const report_stack *stack, const svg_axis *x, const svg_axis *y);

#endif
