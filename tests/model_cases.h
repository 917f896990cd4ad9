/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models with a known truth: one normalised density for every constraint, on the natural scale, and one of several parameters. */
#ifndef DILATE_TESTS_MODEL_CASES_H
#define DILATE_TESTS_MODEL_CASES_H

#include "dilate.h"

#define MODEL_VALUES_MAX 16

typedef struct model_case {
  dilate_declaration declaration;
  dilate_logp_fn logp; /* normalised: log Z is 0 */
  size_t at;           /* a value whose mean is known */
  double mean;
} model_case;

extern const model_case model_cases[];
extern const int model_case_count;

/* Asserts that it can be made; by a batch callback, too, if `batch`. */
dilate_model *make_case(int i, int batch, unsigned flags);

/* Several at once: alpha; sigma[2] > 0; theta[2,3], two simplexes; R[2,2]; and two values derived of them. */
#define SEVERAL_VALUES  13
#define SEVERAL_DERIVED 2
extern const char *const several_names[SEVERAL_VALUES + SEVERAL_DERIVED];
dilate_model *make_several(int batch);

#endif
