/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What summary.json tells of the run that draws beside it are from. */
#ifndef DILATE_IO_OWN_RUN_H
#define DILATE_IO_OWN_RUN_H

#include "dilate.h"
#include "io/draws.h"

typedef struct own_run {
  char *path;         /* of summary.json; NULL: the draws are from elsewhere, or their summary.json is not there */
  void *json;         /* what it holds, to which the texts below belong */
  const char *method; /* of the run */
  size_t islands, draws, parameters, warnings;
  dilate_parameter *parameter;
  const char **warning;
} own_run;

/* Draws that `dilate sample` wrote are told by their columns chain__ and mode__, or by Stan's sampler_t. */
int own_run_wrote(const draws_table *table);

/* Reads the summary.json beside the table's file, if there is one.  Fails where it is not a run's. */
int own_run_read(const draws_table *table, own_run *out, failure *f);
void own_run_clear(own_run *run);

#endif
