/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draws.csv: one row a draw; lp__, chain__ (from 1), mode__ (from 1, 0 where none is listed), then the parameters by name. */
#ifndef DILATE_IO_CSV_H
#define DILATE_IO_CSV_H

#include "io/outcome.h"
#include <stdio.h>

int csv_write(FILE *stream, const outcome *o);                  /* -1: out of memory */
void csv_write_rows(FILE *stream, const dilate_result *result); /* those that are here, without the header */

#endif
