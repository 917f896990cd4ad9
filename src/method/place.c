/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Centre and scale of a path, as given. */
#include "method/place.h"

int place_find(run *r, double *centre, double *scale, dilate_error *err) {
  (void)err;
  for (size_t j = 0; j < target_dim(r->target); j++) centre[j] = r->options.path_centre ? r->options.path_centre[j] : 0;
  *scale = r->options.path_scale > 0 ? r->options.path_scale : 1;
  return DILATE_OK;
}
