/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The readable summary of a run, for a terminal. */
#ifndef DILATE_IO_TABLE_H
#define DILATE_IO_TABLE_H

#include "io/outcome.h"
#include <stdio.h>

void table_write(FILE *stream, const outcome *o);

#endif
