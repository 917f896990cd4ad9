/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The public view of a result.  A NULL result is an empty one, an index out of range is an error or NULL, and no more of a caller's
 * struct is written than its struct_size says. */
#include "base/sized.h"
#include "method/result.h"

#include <math.h>

size_t dilate_result_dim(const dilate_result *result) {
  return result ? result->dim : 0;
}
size_t dilate_result_n_out(const dilate_result *result) {
  return result ? result->n_out : 0;
}
size_t dilate_result_islands(const dilate_result *result) {
  return result ? result->islands : 0;
}
size_t dilate_result_draws(const dilate_result *result) {
  return result ? result->draws : 0;
}
size_t dilate_result_held(const dilate_result *result, size_t *first) {
  if (first) *first = result ? result->first : 0;
  return result ? result->held : 0;
}
int dilate_result_complete(const dilate_result *result) {
  return result ? result->complete : 0;
}
const char *dilate_result_method(const dilate_result *result) {
  return result ? result->method : NULL;
}
uint64_t dilate_result_seed(const dilate_result *result) {
  return result ? result->seed : 0;
}
size_t dilate_result_groups(const dilate_result *result) {
  return result ? result->groups : 0;
}

const double *dilate_result_unconstrained(const dilate_result *result) {
  return result ? result->x : NULL;
}
const double *dilate_result_values(const dilate_result *result) {
  return result ? result->value : NULL;
}
const double *dilate_result_log_density(const dilate_result *result) {
  return result ? result->logp : NULL;
}
const int *dilate_result_mode(const dilate_result *result) {
  return result ? result->mode : NULL;
}

const char *dilate_result_name(const dilate_result *result, size_t i) {
  return result && i < result->n_out ? result->name[i] : NULL;
}

int dilate_result_log_z(const dilate_result *result, double *log_z, double *se, double *df) {
  if (log_z) *log_z = result ? result->log_z : NAN;
  if (se) *se = result ? result->log_z_se : NAN;
  if (df) *df = result ? result->log_z_df : NAN;
  if (!result) return DILATE_EINVAL;
  return isnan(result->log_z) ? DILATE_EDOMAIN : DILATE_OK;
}

int dilate_result_log_z_errors(const dilate_result *result, double *lineages, double *islands) {
  if (lineages) *lineages = result ? result->se_lineages : NAN;
  if (islands) *islands = result ? result->se_islands : NAN;
  if (!result) return DILATE_EINVAL;
  return isnan(result->se_lineages) && isnan(result->se_islands) ? DILATE_EDOMAIN : DILATE_OK;
}

double dilate_result_pareto_k(const dilate_result *result) {
  return result ? result->pareto_k : NAN;
}

int dilate_result_log_z_bound(const dilate_result *result, double *bound, double *se) {
  if (bound) *bound = result ? result->log_z_bound : NAN;
  if (se) *se = result ? result->log_z_bound_se : NAN;
  if (!result) return DILATE_EINVAL;
  return isnan(result->log_z_bound) ? DILATE_EDOMAIN : DILATE_OK;
}

uint64_t dilate_result_evaluations(const dilate_result *result, uint64_t *gradients) {
  if (gradients) *gradients = result ? result->gradients : 0;
  return result ? result->evaluations : 0;
}

double dilate_result_seconds(const dilate_result *result) {
  return result ? result->seconds : 0;
}

size_t dilate_result_mode_count(const dilate_result *result) {
  return result ? result->modes : 0;
}
int dilate_result_modes_countable(const dilate_result *result) {
  return result ? result->modes_countable : 0;
}
double dilate_result_unseen_mass(const dilate_result *result) {
  return result ? result->unseen_mass : NAN;
}

int dilate_result_mode_info(const dilate_result *result, size_t i, dilate_mode *mode) {
  if (!result || !mode || i >= result->modes) return DILATE_EINVAL;
  dilate_mode ours = {.weight = result->mode_weight[i],
                      .weight_se = result->mode_se[i],
                      .draws = result->mode_draws[i],
                      .log_density = result->peak_logp[i],
                      .mean = result->mode_mean + i * result->n_out,
                      .peak = result->peak + i * result->dim};
  return sized_write(mode, &ours, sizeof ours);
}

int dilate_result_parameter(const dilate_result *result, size_t i, dilate_parameter *parameter) {
  if (!result || !parameter || i >= result->n_out) return DILATE_EINVAL;
  dilate_parameter ours = result->parameter[i];
  return sized_write(parameter, &ours, sizeof ours);
}

size_t dilate_result_warning_count(const dilate_result *result) {
  return result ? result->warnings : 0;
}

const char *dilate_result_warning(const dilate_result *result, size_t i) {
  return result && i < result->warnings ? result->warning[i] : NULL;
}

size_t dilate_result_trace_count(const dilate_result *result) {
  return result ? result->traces : 0;
}

int dilate_result_trace_info(const dilate_result *result, size_t i, dilate_trace *trace) {
  if (!result || !trace || i >= result->traces) return DILATE_EINVAL;
  dilate_trace ours = result->trace[i];
  return sized_write(trace, &ours, sizeof ours);
}
