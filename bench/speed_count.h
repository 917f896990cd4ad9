/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Instructions of this process, counted by the processor: what a busy machine does not change. */
#ifndef BENCH_SPEED_COUNT_H
#define BENCH_SPEED_COUNT_H

/* Begins to count in all threads from here on; a descriptor, or -1 where the system does not let it. */
int instructions_begin(void);
/* How many since; ends the count.  NaN for -1. */
double instructions_end(int descriptor);

#endif
