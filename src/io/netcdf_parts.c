/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups, dimensions, variables and attributes of draws.nc. */
#include "io/netcdf_parts.h"

#include "io/identifiers.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failed(netcdf_file *file, int status) {
  if (file->status == NC_NOERR) file->status = status;
  return file->status != NC_NOERR;
}

void netcdf_text(netcdf_file *file, int group, int variable, const char *name, const char *value) {
  const char *const written = is_utf8(value) ? value : "(not valid UTF-8)";
  if (file->status == NC_NOERR && *value) failed(file, nc_put_att_text(group, variable, name, strlen(written), written));
}

/* Left out where it is NaN. */
static void put_real(netcdf_file *file, int group, const char *name, double value) {
  if (file->status == NC_NOERR && !isnan(value)) failed(file, nc_put_att_double(group, NC_GLOBAL, name, NC_DOUBLE, 1, &value));
}

static void put_count(netcdf_file *file, int group, const char *name, uint64_t value) {
  const long long number = (long long)value;
  if (file->status == NC_NOERR) failed(file, nc_put_att_longlong(group, NC_GLOBAL, name, NC_INT64, 1, &number));
}

static void put_origin(netcdf_file *file, int group) {
  netcdf_text(file, group, NC_GLOBAL, "created_at", file->created);
  netcdf_text(file, group, NC_GLOBAL, "inference_library", "libdilate");
  netcdf_text(file, group, NC_GLOBAL, "inference_library_version", dilate_version());
}

int netcdf_group(netcdf_file *file, const char *name) {
  int group = -1;
  if (file->status == NC_NOERR) failed(file, nc_def_grp(file->id, name, &group));
  put_origin(file, group);
  return group;
}

int netcdf_dimension(netcdf_file *file, int group, const char *name, size_t extent) {
  int dimension = -1, coordinate = -1;
  if (file->status != NC_NOERR || failed(file, nc_def_dim(group, name, extent, &dimension)) ||
      failed(file, nc_def_var(group, name, NC_INT64, 1, &dimension, &coordinate)))
    return dimension;
  long long *const at = calloc(extent, sizeof *at);
  for (size_t i = 0; at && i < extent; ++i) at[i] = (long long)i;
  failed(file, at ? nc_put_var_longlong(group, coordinate, at) : NC_ENOMEM);
  free(at);
  return dimension;
}

void netcdf_dimensions(netcdf_file *file, int group, const char *name, size_t rank, const size_t *extent, int *dimension) {
  char own[NC_MAX_NAME + 1];
  for (size_t k = 0; k < rank; ++k) {
    snprintf(own, sizeof own, "%s_dim_%zu", name, k);
    dimension[k] = netcdf_dimension(file, group, own, extent[k]);
  }
}

int netcdf_variable(netcdf_file *file, int group, const char *name, size_t rank, const int *dimension, const double *value) {
  int variable = -1;
  if (file->status == NC_NOERR && !failed(file, nc_def_var(group, name, NC_DOUBLE, (int)rank, dimension, &variable)))
    failed(file, nc_put_var_double(group, variable, value));
  return variable;
}

/* All warnings, one a line. */
static void put_warnings(netcdf_file *file, int group) {
  const dilate_result *const result = file->o->result;
  size_t length = 1;
  for (size_t i = 0; i < dilate_result_warning_count(result); ++i) length += strlen(dilate_result_warning(result, i)) + 1;
  char *const all = calloc(length, 1);
  for (size_t i = 0; all && i < dilate_result_warning_count(result); ++i) {
    if (i > 0) strcat(all, "\n");
    strcat(all, dilate_result_warning(result, i));
  }
  if (all)
    netcdf_text(file, group, NC_GLOBAL, "warnings", all);
  else
    failed(file, NC_ENOMEM);
  free(all);
}

void netcdf_run(netcdf_file *file, int group) {
  const dilate_result *const result = file->o->result;
  double log_z = NAN, se = NAN, df = NAN;
  uint64_t gradients = 0;
  dilate_result_log_z(result, &log_z, &se, &df);
  if (group == file->id) put_origin(file, group);
  netcdf_text(file, group, NC_GLOBAL, "target", file->o->target);
  netcdf_text(file, group, NC_GLOBAL, "method", dilate_result_method(result));
  netcdf_text(file, group, NC_GLOBAL, "isa", dilate_isa());
  put_count(file, group, "seed", dilate_result_seed(result));
  put_count(file, group, "groups", dilate_result_groups(result));
  put_count(file, group, "complete", (uint64_t)dilate_result_complete(result));
  put_count(file, group, "evaluations", dilate_result_evaluations(result, &gradients));
  put_count(file, group, "gradients", gradients);
  put_real(file, group, "sampling_time", dilate_result_seconds(result));
  put_real(file, group, "log_z", log_z);
  put_real(file, group, "log_z_se", se);
  put_real(file, group, "log_z_df", df);
  put_real(file, group, "unseen_mass", dilate_result_unseen_mass(result));
  put_warnings(file, group);
}
