/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows from the draws: natural-scale values, the parameter table, mode weights with their errors, and the warnings.
 *
 * A mode's weight is the share of draws in it.  Its variance is the cluster-robust one of the indicator, plus the method's excess between
 * groups; degrees of freedom add up by Welch and Satterthwaite, and the t quantile at them is folded into the standard error. */
#include "method/result.h"

#include "base/memory.h"
#include "stats/summary.h"

#include <math.h>
#include <omp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define RHAT_LIMIT 1.01 /* Vehtari et al. 2021 */

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

static int fill_table(dilate_result *result, dilate_error *err) {
  const size_t rows = rows_of(result), n_out = result->n_out;
  double *column = NEW(double, rows);
  if (!column) return error_memory(err, "result_finish");
  int status = 0;
  for (size_t j = 0; j < n_out && !status; j++) {
    for (size_t i = 0; i < rows; i++) column[i] = result->value[i * n_out + j];
    result->parameter[j].struct_size = sizeof result->parameter[j];
    result->parameter[j].name = result->name[j];
    status = summary_parameter(result->islands, result->draws, column, result->cluster, result->clusters, &result->parameter[j]);
  }
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

/* Standard error for a variance v within (df degrees of freedom) and an excess between g groups (g - 1). */
static double error_bar(double v, double df, double excess, size_t groups) {
  const double excess_df = groups > 1 ? (double)(groups - 1) : 1, total = v + excess;
  if (!(total > 0)) return 0;
  return sqrt(total) * summary_t_factor(total * total / (v * v / df + excess * excess / excess_df));
}

static void mode_mean(dilate_result *result, size_t m) {
  double *mean = result->mode_mean + m * result->n_out;
  for (size_t j = 0; j < result->n_out; j++) mean[j] = 0;
  for (size_t i = 0; i < rows_of(result); i++)
    if (result->mode[i] == (int)m)
      for (size_t j = 0; j < result->n_out; j++) mean[j] += result->value[i * result->n_out + j];
  for (size_t j = 0; j < result->n_out; j++) mean[j] = result->mode_draws[m] ? mean[j] / (double)result->mode_draws[m] : NAN;
}

static int weigh_modes(dilate_result *result, dilate_error *err) {
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
    const double variance = summary_cluster_variance(rows, inside, result->cluster, result->clusters, work);
    /* All draws from one ancestor: they tell no more than one draw. */
    result->mode_se[m] = error_bar(isnan(variance) ? weight * (1 - weight) : variance, df, result->mode_excess[m], result->groups);
    mode_mean(result, m);
  }
done:
  memory_free(inside);
  memory_free(work);
  return status;
}

/* Room for the run's warnings and those that are found here. */
#define WARNINGS_HERE 6

__attribute__((format(printf, 3, 4))) static int warn(dilate_result *result, dilate_error *err, const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  result->warning[result->warnings] = memory_copy_text(text);
  if (!result->warning[result->warnings]) return error_memory(err, "result_finish");
  result->warnings++;
  return 0;
}

static int warn_partial(dilate_result *result, dilate_error *err) {
  if (result->complete) return 0;
  return warn(result, err, "the run was stopped before its end: this is what it had by then, and not yet the target's; let it run longer");
}

static int warn_parameters(dilate_result *result, dilate_error *err) {
  size_t worst = 0, high = 0, broken = result->n_out;
  for (size_t j = 0; j < result->n_out; j++) {
    if (result->parameter[j].rhat > RHAT_LIMIT && (!high++ || result->parameter[j].rhat > result->parameter[worst].rhat)) worst = j;
    if (broken == result->n_out && !isfinite(result->parameter[j].mean)) broken = j;
  }
  int status = 0;
  if (high)
    status =
        warn(result, err,
             "R-hat of %s is %.3f (%zu of %zu parameters are above %.2f): the islands do not agree, so their draws are not yet those of "
             "the target; try more islands, or another parametrisation",
             result->name[worst], result->parameter[worst].rhat, high, result->n_out, RHAT_LIMIT);
  if (!status && rows_of(result) && broken < result->n_out)
    status =
        warn(result, err, "the values of %s are not finite at some draws, so it has no summary: look at the target's constrain callback",
             result->name[broken]);
  return status;
}

/* "(x, y, z)", cut short after eight coordinates. */
static void point_text(size_t dim, const double *x, size_t size, char *text) {
  size_t used = 0;
  for (size_t j = 0; j < dim && j < 8 && used < size; j++)
    used += (size_t)snprintf(text + used, size - used, "%s%.6g", j ? ", " : "(", x[j]);
  if (used < size) snprintf(text + used, size - used, dim > 8 ? ", ...)" : ")");
}

static int warn_target(dilate_result *result, const run *r, dilate_error *err) {
  const target_counts counts = target_count(r->target);
  const double *bad = target_first_bad(r->target);
  char where[256] = "an unknown point";
  if (bad) point_text(result->dim, bad, sizeof where, where);
  int status = 0;
  if (counts.bad_density)
    status =
        warn(result, err,
             "%llu log-densities were NaN or +Inf and were taken as outside the support, the first offending point is %s: mass there is "
             "lost; check the target at that point",
             (unsigned long long)counts.bad_density, where);
  if (!status && counts.bad_gradient)
    status = warn(result, err,
                  "%llu gradients were not finite at a finite log-density and their points were rejected, the first offending point is %s: "
                  "mass there is lost; check the gradient at that point",
                  (unsigned long long)counts.bad_gradient, where);
  if (!status && !target_has_gradient(r->target))
    status = warn(result, err,
                  "the target has no gradient: finite differences were used, 2 dim evaluations each; a gradient would be faster and "
                  "more exact");
  return status;
}

static int fill_warnings(dilate_result *result, const run *r, dilate_error *err) {
  result->warning = NEW(char *, r->warning_count + WARNINGS_HERE);
  if (!result->warning) return error_memory(err, "result_finish");
  int status = warn_partial(result, err);
  for (size_t i = 0; i < r->warning_count && !status; i++) status = warn(result, err, "%s", r->warning[i]);
  if (!status) status = warn_target(result, r, err);
  if (!status) status = warn_parameters(result, err);
  return status;
}

static int copy_trace(dilate_result *result, const run *r, dilate_error *err) {
  result->trace = NEW(dilate_trace, r->trace_count);
  if (!result->trace) return error_memory(err, "result_finish");
  if (r->trace_count) memcpy(result->trace, r->trace, r->trace_count * sizeof *r->trace);
  result->traces = r->trace_count;
  return 0;
}

int result_finish(dilate_result *result, const run *r, dilate_error *err) {
  const target_counts counts = target_count(r->target);
  result->evaluations = counts.evaluations;
  result->gradients = counts.gradients;
  result->seconds = omp_get_wtime() - r->started;
  int status = constrain_rows(result, r, err);
  if (!status) status = fill_table(result, err);
  if (!status) status = weigh_modes(result, err);
  if (!status) status = copy_trace(result, r, err);
  if (!status) status = fill_warnings(result, r, err);
  return status;
}
