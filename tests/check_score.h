/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the test program of scores, one a file. */
#ifndef DILATE_TESTS_CHECK_SCORE_H
#define DILATE_TESTS_CHECK_SCORE_H

#include <check.h>

#include "score/score.h"

extern const score_type score_twin; /* wrong on purpose */

/* Nobody but the score's own file calls these by these names: the target's dimension is at most SCORE_DIM. */
#define SCORE_DIM 10

TCase *trial_tests(void);
TCase *public_tests(void);

#endif
