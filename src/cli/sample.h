/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second half of `dilate sample`, which `dilate resume` has too: a sampler runs to its end, and its files are written. */
#ifndef DILATE_CLI_SAMPLE_H
#define DILATE_CLI_SAMPLE_H

#include "cli/arguments.h"
#include "cli/keeper.h"
#include "cli/subject.h"

/* All processes but the first are silent and write nothing. */
void sample_join_ranks(arguments *a);
/* Of a, what it says of output and streams.  Returns the exit status. */
int sample_to_the_end(const arguments *a, const subject *s, dilate_sampler *sampler, keeper *k, failure *f);

#endif
