/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Variances of the modes' weights, which are means of indicators, by an account. */
#ifndef DILATE_METHOD_MODE_VARIANCES_H
#define DILATE_METHOD_MODE_VARIANCES_H

#include "method/result.h"
#include "stats/summary.h"

/* One a mode (NaN: the account cannot say), by so many threads.  Non-zero when out of memory. */
int mode_variances(const dilate_result *result, size_t team, const summary_account *account, double *variance);

#endif
