/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draws.csv, summary.json and report.html of a run. */
#ifndef DILATE_IO_SAVE_H
#define DILATE_IO_SAVE_H

#include "io/failure.h"
#include "io/outcome.h"

/* All of them into the folder, which exists; on failure the folder holds what it held before. */
int save_outcome(const char *folder, const outcome *o, failure *f);

#endif
