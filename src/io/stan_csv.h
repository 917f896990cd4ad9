/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws as CmdStan writes them, for what reads its files. */
#ifndef DILATE_IO_STAN_CSV_H
#define DILATE_IO_STAN_CSV_H

#include "io/failure.h"
#include "io/outcome.h"
#include <stdio.h>

/* One chain, from 1, or all of them one after another (0).  Names are a Stan program's: theta.1, L.2.1; where that changes a name, a
 * comment has the parameter's own. */
int stan_csv_write(FILE *stream, const outcome *o, size_t chain, failure *f);

#endif
