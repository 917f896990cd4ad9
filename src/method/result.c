/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result's memory: made for the islands that are finished, filled by the method, derived by result_finish(), freed by the user. */
#include "method/result_rows.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>

/* An array of zero items is a pointer too, so that NULL always means "out of memory".  Values that are the coordinates themselves are no
 * second copy of them. */
static int allocate_draws(dilate_result *result, int constrained) {
  const size_t rows = result->islands * result->draws;
  result->x = NEW2(double, result->held, result->dim);
  result->logp = NEW(double, rows);
  result->mode = NEW(int, rows);
  result->value = constrained ? NEW2(double, result->held, result->n_out) : result->x;
  if (!result->x || !result->logp || !result->mode || !result->value) return DILATE_ENOMEM;
  result->clusters = rows;
  for (size_t i = 0; i < rows; i++) result->mode[i] = -1;
  return 0;
}

int result_set_lineages(dilate_result *result, dilate_error *err) {
  const size_t rows = result->islands * result->draws;
  result->cluster = NEW(size_t, rows);
  result->chain = NEW(size_t, rows);
  return result->cluster && result->chain ? DILATE_OK : error_memory(err, "result_set_lineages");
}

static int name_parameters(dilate_result *result, const char *const *names) {
  result->name = NEW(char *, result->n_out);
  result->parameter = NEW(dilate_parameter, result->n_out);
  if (!result->name || !result->parameter) return DILATE_ENOMEM;
  for (size_t i = 0; i < result->n_out; i++) {
    char numbered[32];
    snprintf(numbered, sizeof numbered, "x[%zu]", i + 1);
    result->name[i] = memory_copy_text(names ? names[i] : numbered);
    if (!result->name[i]) return DILATE_ENOMEM;
  }
  return 0;
}

int result_create(const run *r, size_t islands, int spread, dilate_result **out, dilate_error *err) {
  *out = NULL;
  const dilate_target *user = target_user(r->target);
  dilate_result *result = NEW(dilate_result, 1);
  if (!result) return error_memory(err, "result_create");
  result->dim = user->dim;
  result->n_out = user->n_out;
  result->islands = islands;
  result->groups = r->options.groups;
  result->draws = r->options.draws;
  result->seed = r->options.seed;
  result->spread = spread;
  const shared_loop rows = result_rows(result, r->target);
  result->first = share_first(&rows);
  result->held = share_after(&rows) - result->first;
  result->method = r->options.method;
  result->modes_countable = 1;
  result->log_z = result->log_z_se = result->log_z_df = NAN;
  result->se_lineages = result->se_islands = result->pareto_k = NAN;
  result->log_z_bound = result->log_z_bound_se = NAN;
  if (allocate_draws(result, user->constrain != NULL) || name_parameters(result, user->names) || result_set_modes(result, 0, NULL)) {
    dilate_result_free(result);
    return error_memory(err, "result_create");
  }
  *out = result;
  return 0;
}

static void modes_release(dilate_result *result) {
  memory_free(result->peak);
  memory_free(result->peak_logp);
  memory_free(result->mode_excess);
  memory_free(result->mode_weight);
  memory_free(result->mode_se);
  memory_free(result->mode_mean);
  memory_free(result->mode_draws);
  result->modes = 0;
}

int result_set_modes(dilate_result *result, size_t modes, dilate_error *err) {
  modes_release(result);
  result->peak = NEW2(double, modes, result->dim);
  result->peak_logp = NEW(double, modes);
  result->mode_excess = NEW(double, modes);
  result->mode_weight = NEW(double, modes);
  result->mode_se = NEW(double, modes);
  result->mode_mean = NEW2(double, modes, result->n_out);
  result->mode_draws = NEW(size_t, modes);
  if (!result->peak || !result->peak_logp || !result->mode_excess || !result->mode_weight || !result->mode_se || !result->mode_mean ||
      !result->mode_draws)
    return error_memory(err, "result_set_modes");
  result->modes = modes;
  return 0;
}

static void texts_free(char **text, size_t n) {
  if (!text) return;
  for (size_t i = 0; i < n; i++) memory_free(text[i]);
  memory_free(text);
}

void dilate_result_free(dilate_result *result) {
  if (!result) return;
  modes_release(result);
  texts_free(result->name, result->n_out);
  texts_free(result->warning, result->warnings);
  if (result->value != result->x) memory_free(result->value);
  memory_free(result->x);
  memory_free(result->logp);
  memory_free(result->cluster);
  memory_free(result->chain);
  memory_free(result->mode);
  memory_free(result->parameter);
  memory_free(result->trace);
  memory_free(result);
}
