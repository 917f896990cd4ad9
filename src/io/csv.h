/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draws.csv: one row a draw; lp__, chain__ (from 1), mode__ (from 1, 0 where none is listed), then the parameters by name. */
#ifndef DILATE_IO_CSV_H
#define DILATE_IO_CSV_H

#include "io/outcome.h"
#include <stdio.h>

void csv_write(FILE *stream, const outcome *o);

#endif
