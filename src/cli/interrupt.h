/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Being asked to end, by Ctrl-C (SIGINT), SIGTERM, or SIGHUP where it is not ignored: the first signal is noted and the command comes to an
 * end of its own, the second ends the program at once. */
#ifndef DILATE_CLI_INTERRUPT_H
#define DILATE_CLI_INTERRUPT_H

#include "dilate.h"

/* From now on. */
void interrupt_watch(void);
/* 0, or the signal that came. */
int interrupt_asked(void);
/* "Ctrl-C", "SIGTERM". */
const char *interrupt_name(void);

/* The sampler that a signal stops; it stands until the program ends or this is called with NULL. */
void interrupt_stops(dilate_sampler *sampler);

/* Ends the program by the signal that came, if one did, so that whoever waits for it knows: for a shell the status is 128 + signal. */
void interrupt_end(void);

#endif
