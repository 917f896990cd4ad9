/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows from the draws: natural-scale values, the parameter table, mode weights with their errors.
 *
 * A mode's weight is the share of draws in it.  Its variance is the account's of the indicator, plus the method's excess between groups; t
 * quantiles are folded into the standard error (summary_error()). */
#include "method/result_rows.h"

#include "base/memory.h"
#include "base/team.h"
#include "method/mode_variances.h"
#include "method/warnings.h"
#include "stats/summary.h"

#include <math.h>
#include <string.h>

#define TABLE_BYTES ((size_t)1 << 24) /* that more threads than one may take for the table: many draws are not sorted side by side */

static size_t rows_of(const dilate_result *result) {
  return result->islands * result->draws;
}

static int constrain_rows(dilate_result *result, const run *r, dilate_error *err) {
  const dilate_target *user = target_user(r->target);
  const size_t dim = result->dim, n_out = result->n_out;
  for (size_t i = 0; user->constrain && i < result->held; i++) {
    const size_t row = result->first + i;
    if (user->constrain(dim, result->x + i * dim, result->value + i * n_out, user->params))
      return error_set(err, DILATE_ETARGET, "the target's constrain callback failed at draw %zu of island %zu (row %zu)",
                       row % result->draws, row / result->draws, row);
  }
  return 0;
}

/* One thread's. */
typedef struct table_work {
  double *column;
  summary_scratch scratch;
} table_work;

/* Threads for the table; the draws' lineages are counted by so many as well. */
static size_t table_team(const dilate_result *result, const run *r) {
  const size_t each = rows_of(result) * (9 * sizeof(double)) + 1, most = TABLE_BYTES / each + 1,
               team = (size_t)team_size(r->options.threads);
  const size_t wanted = team < result->n_out ? team : result->n_out;
  return wanted < 1 ? 1 : wanted < most ? wanted : most;
}

static void table_work_free(size_t count, table_work *work) {
  for (size_t i = 0; work && i < count; i++) {
    summary_scratch_clear(&work[i].scratch);
    memory_free(work[i].column);
  }
  memory_free(work);
}

/* NULL when out of memory. */
static table_work *table_work_create(size_t count, size_t rows) {
  table_work *const work = NEW(table_work, count);
  int failed = !work;
  for (size_t i = 0; i < count && !failed; i++)
    failed = !(work[i].column = NEW(double, rows)) || summary_scratch_create(rows, &work[i].scratch);
  if (!failed) return work;
  table_work_free(count, work);
  return NULL;
}

/* Means of a parameter over the draws of each mode. */
static void fill_mode_means(dilate_result *result, size_t j, const double *column) {
  for (size_t m = 0; m < result->modes; m++) result->mode_mean[m * result->n_out + j] = 0;
  for (size_t i = 0; i < rows_of(result); i++)
    if (result->mode[i] >= 0) result->mode_mean[(size_t)result->mode[i] * result->n_out + j] += column[i];
  for (size_t m = 0; m < result->modes; m++) {
    double *mean = &result->mode_mean[m * result->n_out + j];
    *mean = result->mode_draws[m] ? *mean / (double)result->mode_draws[m] : NAN;
  }
}

static void fill_line(dilate_result *result, size_t j, const summary_account *account, table_work *w) {
  fill_mode_means(result, j, w->column);
  result->parameter[j].struct_size = sizeof result->parameter[j];
  result->parameter[j].name = result->name[j];
  summary_parameter(result->islands, result->draws, w->column, account, &w->scratch, &result->parameter[j]);
}

/* Column by column, a team of them at a time: what is spread over ranks is brought together no further. */
static int fill_table(dilate_result *result, target *t, size_t team, const summary_account *account, dilate_error *err) {
  const size_t width = result->n_out;
  table_work *const work = table_work_create(team, rows_of(result));
  if (!work) return error_memory(err, "result_finish");
  for (size_t begin = 0; begin < width; begin += team) {
    const size_t n = width - begin < team ? width - begin : team;
    for (size_t k = 0; k < n; k++) result_column(result, t, result->value, width, begin + k, work[k].column);
#pragma omp parallel for schedule(static, 1) num_threads((int)team)
    for (size_t k = 0; k < n; k++) fill_line(result, begin + k, account, &work[k]);
  }
  table_work_free(team, work);
  return DILATE_OK;
}

/* Degrees of freedom of a cluster-robust variance: clusters that count in proportion to their squared sizes, less one. */
static double cluster_df(const dilate_result *result, double *size) {
  double sum2 = 0, sum4 = 0;
  if (!result->cluster) return fmax(1, (double)rows_of(result) - 1);
  for (size_t c = 0; c < result->clusters; c++) size[c] = 0;
  for (size_t i = 0; i < rows_of(result); i++) size[result->cluster[i]] += 1;
  for (size_t c = 0; c < result->clusters; c++) {
    sum2 += size[c] * size[c];
    sum4 += size[c] * size[c] * size[c] * size[c];
  }
  return sum4 > 0 ? fmax(1, sum2 * sum2 / sum4 - 1) : 1;
}

static void count_modes(dilate_result *result) {
  for (size_t m = 0; m < result->modes; m++) result->mode_draws[m] = 0;
  for (size_t i = 0; i < rows_of(result); i++)
    if (result->mode[i] >= 0) result->mode_draws[result->mode[i]]++;
}

static void weigh_mode(dilate_result *result, size_t m, double variance, double df) {
  const size_t rows = rows_of(result);
  const double weight = rows ? (double)result->mode_draws[m] / (double)rows : 0;
  result->mode_weight[m] = weight;
  /* All draws from one ancestor: they tell no more than one draw. */
  result->mode_se[m] = summary_error(isnan(variance) ? weight * (1 - weight) : variance, df, result->mode_excess[m], result->groups, NULL);
}

static int weigh_modes(dilate_result *result, size_t team, const summary_account *account, dilate_error *err) {
  double *variance = NEW(double, result->modes), *size = NEW(double, result->cluster ? result->clusters : 0);
  const int failed = !variance || !size || mode_variances(result, team, account, variance);
  const double df = failed ? 1 : cluster_df(result, size);
  for (size_t m = 0; m < (failed ? 0 : result->modes); m++) weigh_mode(result, m, variance[m], df);
  memory_free(variance);
  memory_free(size);
  return failed ? error_memory(err, "result_finish") : 0;
}

static int copy_trace(dilate_result *result, const run *r, dilate_error *err) {
  result->trace = NEW(dilate_trace, r->trace_count);
  if (!result->trace) return error_memory(err, "result_finish");
  if (r->trace_count) memcpy(result->trace, r->trace, r->trace_count * sizeof *r->trace);
  result->traces = r->trace_count;
  return 0;
}

int result_finish(dilate_result *result, const run *r, const summary_account *account, dilate_error *err) {
  const size_t team = table_team(result, r);
  double *work = NEW2(double, team, result->cluster ? result->clusters : 0);
  if (!work) return error_memory(err, "result_finish");
  summary_clusters lineages = {result->cluster, result->clusters, work, team};
  const summary_account plain = summary_account_clusters(&lineages);
  const target_counts counts = target_count(r->target);
  result->evaluations = counts.evaluations;
  result->gradients = counts.gradients;
  result->seconds = omp_get_wtime() - r->started;
  int status = constrain_rows(result, r, err);
  count_modes(result);
  if (!status) status = fill_table(result, r->target, team, account ? account : &plain, err);
  if (!status) status = weigh_modes(result, team, account ? account : &plain, err);
  if (!status) status = copy_trace(result, r, err);
  if (!status) status = result_fill_warnings(result, r, err);
  memory_free(work);
  return status;
}
