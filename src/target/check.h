/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of what a user hands over as a target. */
#ifndef DILATE_TARGET_CHECK_H
#define DILATE_TARGET_CHECK_H

#include "base/status.h"

#define TARGET_DIM_MAX 1048576 /* d x d numbers are far from more than can be counted */
#define TARGET_OUT_MAX 16777216

/* [out] *full: *user, with members that lie beyond its struct_size zero and n_out filled in.  Names are still the user's. */
int target_check(const dilate_target *user, dilate_target *full, dilate_error *err);

#endif
