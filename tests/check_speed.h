/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Test cases of bench/speed, by file. */
#ifndef DILATE_TESTS_CHECK_SPEED_H
#define DILATE_TESTS_CHECK_SPEED_H

#include <check.h>

void add_speed_verdicts(TCase *figures); /* speed_verdicts.c: lines and exponents */
void add_speed_runs(TCase *runs);        /* speed_runs.c: what is really timed and run */

#endif
