/* SPDX-License-Identifier: GPL-3.0-or-later */
/* galaxies: a k-component normal mixture for the velocities of 82 galaxies (Roeder 1990, JASA 85), in the form of Richardson & Green
 * (1997, JRSS B 59), with m the midrange and R the range of the data:
 *
 *   y_i ~ sum_j w_j N(mu_j, sigma_j), mu_j ~ N(m, R), sigma_j^-2 ~ Gamma(2, rate b), b ~ Gamma(0.2, rate 10/R^2), w ~ Dirichlet(1, .., 1).
 * Nothing orders the components, so that each of the k! orderings of mu has probability 1/k! exactly.  Densities are normalised: log Z is
 * the log evidence.  The project's data are divided by 1000; a file of one's own is taken as it is. */
#include "galaxies.h"
#include "families.h"
#include "options.h"
#include "support.h"
#include "table.h"

#include <stdio.h>
#include <stdlib.h>

#define UNIT 1000.0 /* the project's data are in km/s; the model's unit is 1000 km/s */

static int galaxies_constrain(size_t dim, const double *x, double *out, void *params) {
  (void)dim;
  const galaxies *const g = params;
  const size_t k = g->components;
  const dilate_block positive = {DILATE_POSITIVE, 1, 0, 0}, simplex = {DILATE_SIMPLEX, k, 0, 0};
  for (size_t j = 0; j < k; j++) {
    out[j] = x[j];
    dilate_constrain(&positive, &x[k + j], &out[k + j], NULL);
  }
  if (k > 1) dilate_constrain(&simplex, &x[2 * k], &out[2 * k], NULL);
  dilate_constrain(&positive, &x[3 * k - 1], &out[k > 1 ? 3 * k : 2], NULL);
  return 0;
}

/* The rank, in the order of the dictionary, of the permutation that sorts mu. */
static size_t ordering(const builtin *self, const double *mu) {
  const galaxies *const g = self->data;
  size_t rank = 0;
  for (size_t j = 0; j < g->components; j++) {
    size_t smaller = 0;
    for (size_t i = j + 1; i < g->components; i++) smaller += mu[i] < mu[j];
    rank = rank * (g->components - j) + smaller;
  }
  return rank;
}

static int set_names(galaxies *g, builtin *out, dilate_error *err) {
  static const char *const group[] = {"mu", "sigma", "weight"};
  const size_t k = g->components, groups = k > 1 ? 3 : 2; /* the one weight of k = 1 is no parameter */
  g->names = builtin_names_new(groups * k + 1);
  if (g->names == NULL) return builtin_no_memory(err, builtin_galaxies.name);
  for (size_t i = 0; i < groups; i++)
    for (size_t j = 0; j < k; j++) snprintf(g->names[i * k + j], BUILTIN_NAME_SIZE, "%s[%zu]", group[i], j + 1);
  snprintf(g->names[groups * k], BUILTIN_NAME_SIZE, "b");
  out->target.n_out = groups * k + 1;
  out->target.names = (const char *const *)g->names;
  out->target.constrain = galaxies_constrain;
  return DILATE_OK;
}

static void set_orderings(galaxies *g, builtin *out) {
  size_t orderings = 1;
  for (size_t j = 2; j <= g->components; j++) orderings *= j;
  for (size_t i = 0; i < orderings; i++) g->ordering_weight[i] = 1 / (double)orderings;
  out->components = orderings;
  out->component_weight = g->ordering_weight;
  out->component = ordering;
}

static void galaxies_destroy(builtin *self) {
  galaxies *const g = self->data;
  free(g->names);
  free(g);
}

static int make(const builtin_table *table, size_t k, double unit, const char *file, builtin *out, dilate_error *err) {
  if (table->columns != 1) return builtin_fail(err, DILATE_EINVAL, "%s: %zu columns where galaxies needs one", file, table->columns);
  galaxies *const g = calloc(1, sizeof *g + table->rows * sizeof *g->y);
  if (g == NULL) return builtin_no_memory(err, builtin_galaxies.name);
  out->data = g;
  out->destroy = galaxies_destroy;
  g->components = k;
  g->observations = table->rows;
  for (size_t i = 0; i < table->rows; i++) g->y[i] = table->value[i] / unit;
  g->array = (builtin_array){"y", 1, 1, {g->observations}, g->y};
  out->arrays = 1;
  out->array = &g->array;
  galaxies_prepare(g);
  if (!(g->range > 0 && isfinite(g->rate) && g->rate > 0))
    return builtin_fail(err, DILATE_EINVAL, "%s: galaxies needs at least two different numbers, of a range that can be squared", file);
  if (k >= 2 && k <= 4) set_orderings(g, out);
  galaxies_set_target(out, 3 * k);
  return set_names(g, out, err);
}

static int galaxies_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  static const char own[] = "galaxies.csv";
  size_t k = 3;
  const builtin_option option = {"k", OPTION_COUNT, &k, 1, GALAXIES_COMPONENTS_MAX, NULL};
  int status = builtin_options_read(&builtin_galaxies, text, &option, 1, err);
  if (status < 0) return status;
  builtin_table table = {0};
  status = data_path != NULL ? builtin_table_read(data_path, &table, err) : builtin_table_read_own(own, &table, err);
  if (status < 0) return status;
  status = make(&table, k, data_path != NULL ? 1 : UNIT, data_path != NULL ? data_path : own, out, err);
  builtin_table_free(&table);
  return status;
}

const builtin_type builtin_galaxies = {
    .name = "galaxies",
    .summary = "normal mixture for 82 galaxy velocities; --data: one column of numbers, taken as they are",
    .options = "k=3",
    .truth = "each of the k! orderings of mu has probability 1/k! exactly",
    .takes_data = 1,
    .create = galaxies_create,
};
