/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report.html: one self-contained page about a run, light or dark as the reader's system is, for a telephone or a desk. */
#ifndef DILATE_IO_REPORT_H
#define DILATE_IO_REPORT_H

#include "io/outcome.h"
#include <stdio.h>

/* 0, or -1 when memory ran out. */
int report_write(FILE *stream, const outcome *o);

#endif
