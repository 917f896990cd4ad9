/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report.html: one self-contained page about a run, to be sent to a colleague: light or dark, for a telephone, a desk or paper. */
#ifndef DILATE_IO_REPORT_H
#define DILATE_IO_REPORT_H

#include "io/outcome.h"
#include <stdio.h>

/* 0, or -1 when memory ran out. */
int report_write(FILE *stream, const outcome *o);

#endif
