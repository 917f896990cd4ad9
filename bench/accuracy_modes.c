/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The weights of a result's modes against those of the true components.
 *
 * A mode has a true weight when it consists of whole components: of the components of which 99 % of the draws lie in this mode, 99 % of
 * the mode's draws stem.  Its truth is then the sum of their weights.  A mode of all the components is sure of its weight 1, and says
 * nothing. */
#include "bench/accuracy_modes.h"

#include "bench/support.h"
#include <math.h>
#include <stdlib.h>

#define WHOLE 0.99

/* table[m*components + k]: draws of component k in mode m. */
static size_t *cross_table(const builtin *target, const dilate_result *result, const size_t *component, size_t modes) {
  const size_t n = dilate_result_islands(result) * dilate_result_draws(result);
  const int *const mode = dilate_result_mode(result);
  size_t *const table = ALLOCATE(size_t, modes * target->components);
  for (size_t i = 0; i < n; i++)
    if (mode[i] >= 0 && (size_t)mode[i] < modes) table[(size_t)mode[i] * target->components + component[i]]++;
  return table;
}

static double true_weight(const builtin *target, const size_t *in_mode, const size_t *count) {
  size_t draws = 0, from_whole = 0, whole = 0;
  double weight = 0;
  for (size_t k = 0; k < target->components; k++) {
    draws += in_mode[k];
    if (in_mode[k] == 0 || (double)in_mode[k] < WHOLE * (double)count[k]) continue;
    from_whole += in_mode[k];
    weight += target->component_weight[k];
    whole++;
  }
  return whole > 0 && whole < target->components && (double)from_whole >= WHOLE * (double)draws ? weight : NAN;
}

void modes_compare(const builtin *target, const dilate_result *result, const size_t *component, const size_t *count, run *out) {
  out->modes = dilate_result_mode_count(result);
  out->mode = ALLOCATE(run_mode, out->modes);
  size_t *const table = component != NULL ? cross_table(target, result, component, out->modes) : NULL;
  for (size_t m = 0; m < out->modes; m++) {
    dilate_mode mode = {.struct_size = sizeof mode};
    dilate_result_mode_info(result, m, &mode);
    out->mode[m] = (run_mode){.weight = mode.weight, .weight_se = mode.weight_se, .truth = NAN};
    if (table != NULL) out->mode[m].truth = true_weight(target, table + m * target->components, count);
  }
  free(table);
}
