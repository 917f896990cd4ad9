/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the test program of scores, one a file. */
#ifndef DILATE_TESTS_CHECK_SCORE_H
#define DILATE_TESTS_CHECK_SCORE_H

#include <check.h>

#include "score/score.h"

extern const score_type score_twin; /* wrong on purpose */

#define SCORE_DIM 10 /* no target of these tests has more coordinates */

TCase *trial_tests(void);
TCase *public_tests(void);

#endif
