/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dilate_summarise(): the diagnostics of one parameter's chains for a caller who holds nothing but draws. */
#include <string.h>

#include "base/sized.h"
#include "stats/chains.h"

static int check(size_t chains, size_t draws, const double *x, const dilate_parameter *out, dilate_error *err) {
  const size_t most = (size_t)UINT32_MAX;
  if (!x || !out) return error_set(err, DILATE_EINVAL, "dilate_summarise: %s is NULL", x ? "out" : "x");
  if (!chains || !draws)
    return error_set(err, DILATE_EINVAL, "dilate_summarise: %zu chains of %zu draws hold nothing: at least one of each is wanted", chains,
                     draws);
  if (draws > most / chains)
    return error_set(err, DILATE_EINVAL, "dilate_summarise: %zu chains of %zu draws are more than the %zu in all that are allowed", chains,
                     draws, most);
  return DILATE_OK;
}

int dilate_summarise(size_t chains, size_t draws, const double *x, dilate_parameter *out, dilate_error *err) {
  dilate_parameter ours = {.struct_size = sizeof ours};
  chains_scratch scratch;
  int status = check(chains, draws, x, out, err);
  if (status) return status;
  if (out->struct_size >= offsetof(dilate_parameter, mean)) ours.name = out->name;
  if (chains_scratch_create(chains, draws, &scratch)) return error_memory(err, "dilate_summarise");
  chains_parameter(x, &scratch, &ours);
  chains_scratch_clear(&scratch);
  if (sized_write(out, &ours, sizeof ours))
    return error_set(err, DILATE_EINVAL, "dilate_summarise: out->struct_size is %zu: set it to sizeof(dilate_parameter)", out->struct_size);
  return DILATE_OK;
}
