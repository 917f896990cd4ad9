/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gmm40: forty isotropic Gaussians, the common test of samplers (Midgley et al. 2023, "Flow annealed importance sampling bootstrap").
 *
 * Standard deviation softplus(1), or 1 for the means of Blessing et al. 2024 ("Beyond ELBOs"); means in [-40, 40]^dim from a file.
 * The target is the law of scale * X + shift, normalised; scale2 multiplies the scale of the second coordinate besides, and shift1 is
 * added to the shift of the first. */
#include "families.h"
#include "isotropic.h"
#include "options.h"
#include "table.h"

#define COMPONENTS 40

enum means { MEANS_FAB, MEANS_JAX };
enum weights { WEIGHTS_EQUAL, WEIGHTS_UNEQUAL };

typedef struct choice {
  size_t dim, means, weights;
  double shift, shift1, scale, scale2;
} choice;

static int read_choice(const char *text, choice *c, dilate_error *err) {
  static const char *const means[] = {"fab", "jax", NULL}, *const weights[] = {"equal", "unequal", NULL};
  const builtin_option options[] = {
      {"dim", OPTION_COUNT, &c->dim, 1, BUILTIN_DIM_MAX, NULL}, {"scale", OPTION_REAL, &c->scale, 1e-12, 1e12, NULL},
      {"scale2", OPTION_REAL, &c->scale2, 1e-12, 1e12, NULL},   {"shift", OPTION_REAL, &c->shift, -1e12, 1e12, NULL},
      {"shift1", OPTION_REAL, &c->shift1, -1e12, 1e12, NULL},   {"means", OPTION_WORD, &c->means, 0, 0, means},
      {"weights", OPTION_WORD, &c->weights, 0, 0, weights},
  };
  const int status = builtin_options_read(&builtin_gmm40, text, options, sizeof options / sizeof *options, err);
  if (status < 0) return status;
  if (c->dim != 2 && c->dim != 50)
    return builtin_fail(err, DILATE_EINVAL, "gmm40: dim=%zu: there are means for dim=2 and dim=50 only", c->dim);
  if (c->means == MEANS_JAX && c->dim != 2) return builtin_fail(err, DILATE_EINVAL, "gmm40: means=jax: these means exist for dim=2 only");
  return DILATE_OK;
}

static void fill(const choice *c, const builtin_table *means, isotropic *t) {
  t->stretch[1] = c->scale2;
  for (size_t k = 0; k < COMPONENTS; k++) {
    t->weight[k] = c->weights == WEIGHTS_EQUAL ? 1.0 / COMPONENTS : 2.0 * (double)(k + 1) / (COMPONENTS * (COMPONENTS + 1));
    t->sd[k] = c->scale * (c->means == MEANS_JAX ? 1 : builtin_softplus(1));
    for (size_t j = 0; j < c->dim; j++) t->mean[k * c->dim + j] = c->scale * t->stretch[j] * means->value[k * c->dim + j] + c->shift;
    t->mean[k * c->dim] += c->shift1;
  }
  isotropic_prepare(t);
}

static int gmm40_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  (void)data_path;
  choice c = {.dim = 2, .means = MEANS_FAB, .weights = WEIGHTS_EQUAL, .scale = 1, .scale2 = 1};
  builtin_table means = {0};
  int status = read_choice(text, &c, err);
  if (status < 0) return status;
  const char *const file = c.dim == 50 ? "gmm40_means_50.csv" : c.means == MEANS_JAX ? "gmm40_means_jax.csv" : "gmm40_means_fab.csv";
  status = builtin_table_read_own(file, &means, err);
  if (status < 0) return status;
  if (means.rows != COMPONENTS || means.columns != c.dim) {
    status = builtin_fail(err, DILATE_EINVAL, "%s: %zu rows of %zu columns where gmm40 needs %d rows of %zu", file, means.rows,
                          means.columns, COMPONENTS, c.dim);
  } else {
    isotropic *const t = isotropic_new(c.dim, COMPONENTS, builtin_gmm40.name, out, err);
    if (t != NULL)
      fill(&c, &means, t);
    else
      status = DILATE_ENOMEM;
  }
  builtin_table_free(&means);
  return status;
}

const builtin_type builtin_gmm40 = {
    .name = "gmm40",
    .summary = "forty Gaussians in [-40, 40]^dim, scaled, then shifted",
    .options = "dim=2 (or 50), scale=1, scale2=1, shift=0, shift1=0, means=fab (or jax), weights=equal (or unequal)",
    .truth = "log Z = 0; 40 components of known weight; exact draws",
    .create = gmm40_create,
};
