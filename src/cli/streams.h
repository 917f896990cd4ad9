/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The standard streams: a reader that goes away, or a disk that is full, is an error like any other, not the end of the program. */
#ifndef DILATE_CLI_STREAMS_H
#define DILATE_CLI_STREAMS_H

#include "io/failure.h"

/* Before anything is opened. */
void streams_begin(void);
/* Everything printed is handed over; fails when some of it was lost. */
int streams_finish(failure *f);

#endif
