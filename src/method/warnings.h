/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The warnings of a result. */
#ifndef DILATE_METHOD_WARNINGS_H
#define DILATE_METHOD_WARNINGS_H

#include "method/result.h"

/* Fills result->warning from the run, the target's counters and the table; part of result_finish(). */
int result_fill_warnings(dilate_result *result, const run *r, dilate_error *err);

#endif
