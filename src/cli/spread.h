/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result that is spread over the processes of a run: the leader asks for rows and columns while it writes, the others answer. */
#ifndef DILATE_CLI_SPREAD_H
#define DILATE_CLI_SPREAD_H

#include "io/rows.h"

/* All processes, which write their parts of draws.csv into the folder (NULL: there is none); *out (the leader's): what reads the result, or
 * NULL where all of it is here.  Then the leader does what it has to and ends it, and the others answer until then.  Non-zero: out of
 * memory, or the others are lost. */
int spread_begin(const dilate_result *result, const char *folder, row_spread **out);
void spread_answer(void);
void spread_end(void);

#endif
