/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The groups of draws.nc: draws with the shapes that their names tell, what is known of each draw, and the data. */
#include "io/netcdf_parts.h"

#include "io/data_arrays.h"
#include "io/layout.h"
#include <stdlib.h>
#include <string.h>

enum { CHAIN, DRAW, SAMPLE_RANK };

/* The dimensions that draws have in every group. */
static void add_sample_dimensions(netcdf_file *file, int group, int *dimension) {
  dimension[CHAIN] = netcdf_dimension(file, group, "chain", dilate_result_islands(file->o->result));
  dimension[DRAW] = netcdf_dimension(file, group, "draw", dilate_result_draws(file->o->result));
}

/* One variable: chain x draw x its own dimensions.  value: room for all of it. */
static void add_parameter(netcdf_file *file, int group, const variable *v, const char *name, const int *sample, double *value, failure *f) {
  const dilate_result *const result = file->o->result;
  const size_t rows = outcome_rows(file->o);
  row_columns from;
  int dimension[SAMPLE_RANK + VARIABLE_RANK] = {sample[CHAIN], sample[DRAW]};
  if (columns_begin(result, file->o->spread, v->size, v->column, &from)) fail_with(f, EXIT_RUN, "out of memory");
  for (size_t row = 0; !f->exit_status && row < rows; ++row)
    for (size_t at = 0; at < v->size; ++at) value[row * v->size + at] = from.value[row * from.stride + from.at[at]];
  columns_end(&from);
  netcdf_dimensions(file, group, name, v->rank, v->extent, dimension + SAMPLE_RANK);
  const int id = netcdf_variable(file, group, name, SAMPLE_RANK + v->rank, dimension, value);
  if (strcmp(name, v->name) != 0) netcdf_text(file, group, id, "long_name", v->name);
}

static size_t largest(const variable_list *list) {
  size_t out = 1;
  for (size_t i = 0; i < list->count; ++i)
    if (list->item[i].size > out) out = list->item[i].size;
  return out;
}

void netcdf_posterior(netcdf_file *file, failure *f) {
  layout l;
  if (layout_make(file->o, IDENTIFIER_NETCDF, &l, f)) return;
  const int group = netcdf_group(file, "posterior");
  int sample[SAMPLE_RANK];
  double *const value = calloc(outcome_rows(file->o) * largest(&l.variables), sizeof *value);
  if (value) {
    netcdf_run(file, group);
    add_sample_dimensions(file, group, sample);
    for (size_t i = 0; i < l.variables.count; ++i) add_parameter(file, group, &l.variables.item[i], l.identifier[i], sample, value, f);
  } else
    fail_with(f, EXIT_RUN, "out of memory");
  free(value);
  layout_clear(&l);
}

static void add_modes(netcdf_file *file, int group, const int *sample, int *number) {
  const int *const mode = dilate_result_mode(file->o->result);
  int id = -1;
  for (size_t row = 0; row < outcome_rows(file->o); ++row) number[row] = mode[row] + 1;
  if (file->status == NC_NOERR) file->status = nc_def_var(group, "mode", NC_INT, SAMPLE_RANK, sample, &id);
  if (file->status == NC_NOERR) file->status = nc_put_var_int(group, id, number);
  netcdf_text(file, group, id, "long_name", "mode of the draw, from 1 in the order of the weights; 0 where none is listed");
}

static void add_weights(netcdf_file *file, int group, size_t count, double *weight) {
  static const char *const name[] = {"mode_weight", "mode_weight_se"};
  for (int se = 0; se < 2; ++se) {
    for (size_t i = 0; i < count; ++i) {
      const dilate_mode mode = outcome_mode(file->o, i);
      weight[i] = se ? mode.weight_se : mode.weight;
    }
    if (file->status == NC_NOERR) file->status = nc_put_att_double(group, NC_GLOBAL, name[se], NC_DOUBLE, count, weight);
  }
}

void netcdf_sample_stats(netcdf_file *file, failure *f) {
  const dilate_result *const result = file->o->result;
  const size_t modes = dilate_result_mode_count(result);
  const int group = netcdf_group(file, "sample_stats");
  int sample[SAMPLE_RANK], *const number = calloc(outcome_rows(file->o), sizeof *number);
  double *const weight = calloc(modes + 1, sizeof *weight);
  if (number && weight) {
    add_sample_dimensions(file, group, sample);
    netcdf_variable(file, group, "lp", SAMPLE_RANK, sample, dilate_result_log_density(result));
    add_modes(file, group, sample, number);
    if (modes > 0) add_weights(file, group, modes, weight);
  } else
    fail_with(f, EXIT_RUN, "out of memory");
  free(number);
  free(weight);
}

/* The arrays that are modelled, or those that are not; no group where there are none. */
static void add_data(netcdf_file *file, const data_arrays *data, char *const *name, int modelled, const char *group_name) {
  int group = -1, dimension[BUILTIN_ARRAY_RANK];
  for (size_t i = 0; i < data->count; ++i) {
    const builtin_array *const array = &data->array[i];
    if (array->modelled != modelled) continue;
    if (group < 0) group = netcdf_group(file, group_name);
    netcdf_dimensions(file, group, name[i], array->rank, array->extent, dimension);
    netcdf_variable(file, group, name[i], array->rank, dimension, array->value);
  }
}

void netcdf_data(netcdf_file *file, failure *f) {
  data_arrays data;
  if (data_arrays_read(file->o, &data, f)) return;
  const char **const own = calloc(data.count + 1, sizeof *own);
  for (size_t i = 0; own && i < data.count; ++i) own[i] = data.array[i].name;
  char **const name = own ? identifiers_make(IDENTIFIER_NETCDF, data.count, own, f) : NULL;
  if (!own) fail_with(f, EXIT_RUN, "out of memory");
  if (name) {
    add_data(file, &data, name, 1, "observed_data");
    add_data(file, &data, name, 0, "constant_data");
  }
  identifiers_free(data.count, name);
  free(own);
  data_arrays_clear(&data);
}
