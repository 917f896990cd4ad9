/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the groups of draws.nc are written with.  The first failure of the library wins, and what follows it does nothing. */
#ifndef DILATE_IO_NETCDF_PARTS_H
#define DILATE_IO_NETCDF_PARTS_H

#include "io/failure.h"
#include "io/outcome.h"
#include <netcdf.h>

typedef struct netcdf_file {
  const outcome *o;
  int id, status;   /* of the file; of the library, NC_NOERR until something failed */
  char created[32]; /* when, as ISO 8601 has it */
} netcdf_file;

/* A group with the attributes that every group has. */
int netcdf_group(netcdf_file *file, const char *name);
void netcdf_text(netcdf_file *file, int group, int variable, const char *name, const char *value);
/* A dimension with its coordinate, 0, 1, 2 ... */
int netcdf_dimension(netcdf_file *file, int group, const char *name, size_t extent);
/* The dimensions "name_dim_0" ... of a variable. */
void netcdf_dimensions(netcdf_file *file, int group, const char *name, size_t rank, const size_t *extent, int *dimension);
/* A variable and its values, doubles. */
int netcdf_variable(netcdf_file *file, int group, const char *name, size_t rank, const int *dimension, const double *value);
/* What is known of the run, as attributes. */
void netcdf_run(netcdf_file *file, int group);

/* The groups. */
void netcdf_posterior(netcdf_file *file, failure *f);
void netcdf_sample_stats(netcdf_file *file, failure *f);
void netcdf_data(netcdf_file *file, failure *f);

#endif
