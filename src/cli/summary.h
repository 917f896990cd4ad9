/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of `dilate summary`: the command line, and what is measured. */
#ifndef DILATE_CLI_SUMMARY_H
#define DILATE_CLI_SUMMARY_H

#include "io/draws.h"
#include "io/own_run.h"
#include "io/summarised.h"

/* The draws, and the run that they are from where it is one of ours. */
typedef struct summary_draws {
  size_t files;
  draws_table *table; /* files */
  own_run run;
} summary_draws;

/* Fills *out from the run's own summary, or by the order of the draws.  On failure, too, *out needs summarised_clear(). */
int summary_measure(summary_draws *of, summarised *out, failure *f);

#endif
