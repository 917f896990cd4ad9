/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows from the draws: natural-scale values, the parameter table, mode weights with their errors.
 *
 * A mode's weight is the share of draws in it.  Its variance is the account's of the indicator, plus the method's excess between groups; t
 * quantiles are folded into the standard error (summary_error()). */
#include "method/result.h"

#include "base/memory.h"
#include "method/warnings.h"
#include "stats/summary.h"

#include <math.h>
#include <omp.h>
#include <string.h>

static size_t rows_of(const dilate_result *result) {
  return result->islands * result->draws;
}

static int constrain_rows(dilate_result *result, const run *r, dilate_error *err) {
  const dilate_target *user = target_user(r->target);
  const size_t dim = result->dim, n_out = result->n_out;
  for (size_t i = 0; i < rows_of(result); i++) {
    const double *x = result->x + i * dim;
    double *value = result->value + i * n_out;
    if (!user->constrain)
      memcpy(value, x, n_out * sizeof *value);
    else if (user->constrain(dim, x, value, user->params))
      return error_set(err, DILATE_ETARGET, "the target's constrain callback failed at draw %zu of island %zu (row %zu)", i % result->draws,
                       i / result->draws, i);
  }
  return 0;
}

static int fill_table(dilate_result *result, const summary_account *account, dilate_error *err) {
  const size_t rows = rows_of(result), n_out = result->n_out;
  double *column = NEW(double, rows);
  summary_space space;
  int status = summary_space_create(rows, &space);
  if (!column) status = DILATE_ENOMEM;
  for (size_t j = 0; j < n_out && !status; j++) {
    for (size_t i = 0; i < rows; i++) column[i] = result->value[i * n_out + j];
    result->parameter[j].struct_size = sizeof result->parameter[j];
    result->parameter[j].name = result->name[j];
    status = summary_parameter(result->islands, result->draws, column, account, &space, &result->parameter[j]);
  }
  summary_space_clear(&space);
  memory_free(column);
  return status ? error_memory(err, "result_finish") : 0;
}

/* Degrees of freedom of a cluster-robust variance: clusters that count in proportion to their squared sizes, less one. */
static double cluster_df(const dilate_result *result, double *size) {
  double sum2 = 0, sum4 = 0;
  for (size_t c = 0; c < result->clusters; c++) size[c] = 0;
  for (size_t i = 0; i < rows_of(result); i++) size[result->cluster[i]] += 1;
  for (size_t c = 0; c < result->clusters; c++) {
    sum2 += size[c] * size[c];
    sum4 += size[c] * size[c] * size[c] * size[c];
  }
  return sum4 > 0 ? fmax(1, sum2 * sum2 / sum4 - 1) : 1;
}

static void mode_mean(dilate_result *result, size_t m) {
  double *mean = result->mode_mean + m * result->n_out;
  for (size_t j = 0; j < result->n_out; j++) mean[j] = 0;
  for (size_t i = 0; i < rows_of(result); i++)
    if (result->mode[i] == (int)m)
      for (size_t j = 0; j < result->n_out; j++) mean[j] += result->value[i * result->n_out + j];
  for (size_t j = 0; j < result->n_out; j++) mean[j] = result->mode_draws[m] ? mean[j] / (double)result->mode_draws[m] : NAN;
}

static int weigh_modes(dilate_result *result, const summary_account *account, dilate_error *err) {
  const size_t rows = rows_of(result);
  double *inside = NEW(double, rows), *work = NEW(double, result->clusters);
  int status = inside && work ? 0 : error_memory(err, "result_finish");
  if (status) goto done;
  const double df = cluster_df(result, work);
  for (size_t m = 0; m < result->modes; m++) {
    size_t count = 0;
    for (size_t i = 0; i < rows; i++) {
      inside[i] = result->mode[i] == (int)m;
      count += result->mode[i] == (int)m;
    }
    result->mode_draws[m] = count;
    result->mode_weight[m] = rows ? (double)count / (double)rows : 0;
    const double weight = result->mode_weight[m];
    const double variance = account->variance(account->state, rows, inside);
    /* All draws from one ancestor: they tell no more than one draw. */
    result->mode_se[m] =
        summary_error(isnan(variance) ? weight * (1 - weight) : variance, df, result->mode_excess[m], result->groups, NULL);
    mode_mean(result, m);
  }
done:
  memory_free(inside);
  memory_free(work);
  return status;
}

static int copy_trace(dilate_result *result, const run *r, dilate_error *err) {
  result->trace = NEW(dilate_trace, r->trace_count);
  if (!result->trace) return error_memory(err, "result_finish");
  if (r->trace_count) memcpy(result->trace, r->trace, r->trace_count * sizeof *r->trace);
  result->traces = r->trace_count;
  return 0;
}

int result_finish(dilate_result *result, const run *r, const summary_account *account, dilate_error *err) {
  double *work = NEW(double, result->clusters);
  if (!work) return error_memory(err, "result_finish");
  summary_clusters lineages = {result->cluster, result->clusters, work};
  const summary_account plain = summary_account_clusters(&lineages);
  const target_counts counts = target_count(r->target);
  result->evaluations = counts.evaluations;
  result->gradients = counts.gradients;
  result->seconds = omp_get_wtime() - r->started;
  int status = constrain_rows(result, r, err);
  if (!status) status = fill_table(result, account ? account : &plain, err);
  if (!status) status = weigh_modes(result, account ? account : &plain, err);
  if (!status) status = copy_trace(result, r, err);
  if (!status) status = result_fill_warnings(result, r, err);
  memory_free(work);
  return status;
}
