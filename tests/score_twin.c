/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Importance sampling that is wrong on purpose: earlier batches are weighted as if they had been drawn at the particle's present place,
 * without the mixture of proposals in the denominator. */
#include <string.h>

#include "base/logsumexp.h"
#include "check_score.h"

/* log_sum_exp_columns() as the twin sees it: the mixture is the fresh batch alone. */
static void fresh_alone(size_t k, size_t n, size_t ld, const double *c, double *lse) {
  (void)k, (void)ld;
  memcpy(lse, c, n * sizeof *lse);
}

#define log_sum_exp_columns(k, n, ld, c, lse) fresh_alone(k, n, ld, c, lse)
#define score_importance                      score_twin
#include "score/importance.c"
