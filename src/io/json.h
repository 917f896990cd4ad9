/* SPDX-License-Identifier: GPL-3.0-or-later */
/* summary.json: everything that is reported of a run but the draws. */
#ifndef DILATE_IO_JSON_H
#define DILATE_IO_JSON_H

#include "io/outcome.h"
#include <stdio.h>

/* 0, or -1 when memory ran out or the stream failed. */
int json_write(FILE *stream, const outcome *o);

#endif
