/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plug-in for the tests: a Gaussian whose dimension the "data path" names.  Built three times: as it should be, with
 * -DPLUGIN_ABI=999 (an old interface), and with -DPLUGIN_PARTIAL (no dilate_plugin_close). */
#include "dilate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PLUGIN_ABI
#define PLUGIN_ABI DILATE_PLUGIN_ABI
#endif

int dilate_plugin_abi(void);
int dilate_plugin_open(const char *data_path, dilate_target *target, dilate_error *err);
void dilate_plugin_close(dilate_target *target);

static int logp(size_t dim, const double *x, double *value, double *grad, void *params) {
  const double *variance = params;
  *value = 0;
  for (size_t j = 0; j < dim; j++) *value -= 0.5 * x[j] * x[j] / *variance;
  for (size_t j = 0; grad && j < dim; j++) grad[j] = -x[j] / *variance;
  return 0;
}

int dilate_plugin_abi(void) {
  return PLUGIN_ABI;
}

int dilate_plugin_open(const char *data_path, dilate_target *target, dilate_error *err) {
  if (data_path && strcmp(data_path, "silent") == 0) return 5;
  const long dim = data_path ? strtol(data_path, NULL, 10) : 3;
  if (dim < 1) {
    if (err) (void)snprintf(err->message, sizeof err->message, "\"%s\" is not a dimension", data_path);
    return DILATE_EINVAL;
  }
  double *variance = malloc(sizeof *variance);
  if (!variance) return DILATE_ENOMEM;
  *variance = 4;
  target->dim = (size_t)dim;
  target->logp = logp;
  target->params = variance;
  return 0;
}

#ifndef PLUGIN_PARTIAL
void dilate_plugin_close(dilate_target *target) {
  free(target->params);
}
#endif
