/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The draws of a run, its summary.json and its report.html. */
#ifndef DILATE_IO_SAVE_H
#define DILATE_IO_SAVE_H

#include "io/failure.h"
#include "io/outcome.h"

/* All of them into the folder, which exists; on failure the folder holds what it held before.  formats: as draw_formats_read() has them,
 * one at least.  The folder is then this run's alone: where an earlier run left its summary, the draws that it left in other formats, and
 * those of chains that this run has not, are removed. */
int save_outcome(const char *folder, const outcome *o, unsigned formats, failure *f);

#endif
