/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plug-in for the tests of MPI: a Gaussian in three dimensions that on one rank, after some calls, asks to abort or kills its process.
 * The data file says which: "RANK CALLS abort" or "RANK CALLS kill". */
#define _POSIX_C_SOURCE 200809L
#include "dilate.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int dilate_plugin_abi(void);
int dilate_plugin_open(const char *data_path, dilate_target *target, dilate_error *err);
void dilate_plugin_close(dilate_target *target);

static atomic_long left = -1; /* calls until it happens; negative: it never does */
static int kills;

static int logp(size_t dim, const double *x, double *value, double *grad, void *params) {
  (void)params;
  if (atomic_load(&left) >= 0 && atomic_fetch_sub(&left, 1) == 0) {
    if (kills) raise(SIGKILL);
    return -5;
  }
  *value = 0;
  for (size_t j = 0; j < dim; j++) *value -= 0.5 * x[j] * x[j];
  for (size_t j = 0; grad && j < dim; j++) grad[j] = -x[j];
  return 0;
}

/* As Open MPI, or MPICH and Slurm, tell it; -1: no rank. */
static long own_rank(void) {
  const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (getenv(names[i])) return strtol(getenv(names[i]), NULL, 10);
  return -1;
}

int dilate_plugin_abi(void) {
  return DILATE_PLUGIN_ABI;
}

int dilate_plugin_open(const char *data_path, dilate_target *target, dilate_error *err) {
  long rank, calls;
  char what[8] = "";
  (void)err;
  FILE *data = data_path ? fopen(data_path, "r") : NULL;
  if (data && fscanf(data, "%ld %ld %7s", &rank, &calls, what) == 3 && rank == own_rank()) atomic_store(&left, calls);
  if (data) fclose(data);
  kills = strcmp(what, "kill") == 0;
  target->dim = 3;
  target->logp = logp;
  return DILATE_OK;
}

void dilate_plugin_close(dilate_target *target) {
  (void)target;
}
