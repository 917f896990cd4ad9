/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gmm4: four Gaussians of unit covariance and weights .1, .2, .3, .4, in three dimensions or more.
 *
 * Means: every coordinate 5; every coordinate -5; -5 where j is odd, else 5; -5 where floor(j/2) is odd, else 5 (j from 0).  In two
 * dimensions the first and the last coincide, so that three is the least. */
#include "families.h"
#include "isotropic.h"
#include "options.h"

static int gmm4_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  (void)data_path;
  size_t dim = 10;
  const builtin_option option = {"dim", OPTION_COUNT, &dim, 3, BUILTIN_DIM_MAX, NULL};
  const int status = builtin_options_read(&builtin_gmm4, text, &option, 1, err);
  if (status < 0) return status;
  isotropic *const t = isotropic_new(dim, 4, builtin_gmm4.name, out, err);
  if (t == NULL) return DILATE_ENOMEM;
  for (size_t k = 0; k < 4; k++) {
    t->weight[k] = 0.1 * (double)(k + 1);
    t->sd[k] = 1;
  }
  for (size_t j = 0; j < dim; j++) {
    t->mean[j] = 5;
    t->mean[dim + j] = -5;
    t->mean[2 * dim + j] = j % 2 == 1 ? -5 : 5;
    t->mean[3 * dim + j] = j / 2 % 2 == 1 ? -5 : 5;
  }
  isotropic_prepare(t);
  return DILATE_OK;
}

const builtin_type builtin_gmm4 = {
    .name = "gmm4",
    .summary = "four Gaussians of weights .1, .2, .3, .4",
    .options = "dim=10",
    .truth = "log Z = 0; 4 components of known weight; exact draws",
    .create = gmm4_create,
};
