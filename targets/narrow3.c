/* SPDX-License-Identifier: GPL-3.0-or-later */
/* narrow3: three Gaussians in the plane, standard deviations 1, 0.3 and 0.1, weights .6, .25 and .15, far from the origin.
 *
 * The means are the corners of a triangle of side 10 about (-400, 700): the narrowest component is a hundred of its own standard
 * deviations away from the others, inside the basin of none of them. */
#include "families.h"
#include "isotropic.h"
#include "options.h"

#define COMPONENTS 3
#define SIDE       10.0

static const double centre[2] = {-400, 700};

static int narrow3_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  (void)data_path;
  static const double weight[COMPONENTS] = {0.6, 0.25, 0.15}, sd[COMPONENTS] = {1, 0.3, 0.1};
  const int status = builtin_options_read(&builtin_narrow3, text, NULL, 0, err);
  if (status < 0) return status;
  isotropic *const t = isotropic_new(2, COMPONENTS, builtin_narrow3.name, out, err);
  if (t == NULL) return DILATE_ENOMEM;
  const double radius = SIDE / sqrt(3);
  const double corner[COMPONENTS][2] = {{0, radius}, {-SIDE / 2, -radius / 2}, {SIDE / 2, -radius / 2}};
  for (size_t k = 0; k < COMPONENTS; k++) {
    t->weight[k] = weight[k];
    t->sd[k] = sd[k];
    for (size_t j = 0; j < 2; j++) t->mean[k * 2 + j] = centre[j] + corner[k][j];
  }
  isotropic_prepare(t);
  return DILATE_OK;
}

const builtin_type builtin_narrow3 = {
    .name = "narrow3",
    .summary = "three Gaussians of standard deviations 1, 0.3 and 0.1, ten apart, about (-400, 700)",
    .options = "",
    .truth = "log Z = 0; 3 components of known weight; exact draws",
    .create = narrow3_create,
};
