/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plug-in for the tests, with a fault that the last part of its "data path" names; "none", or no data: it is sound.
 *
 * Twenty parameters: theta_1 ~ N(0, 1), theta_k ~ N(r_k, 1/4) with r_k = theta_(k-1)^2 / 4, which are computed into scratch first. */
#include "dilate.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIM = 20 };

typedef struct model {
  char fault[32];
  double scratch[DIM]; /* of all threads: what makes the race */
  double last;         /* of the last call */
} model;

int dilate_plugin_abi(void);
int dilate_plugin_open(const char *data_path, dilate_target *target, dilate_error *err);
void dilate_plugin_close(dilate_target *target);

static int has(const model *m, const char *fault) {
  return strcmp(m->fault, fault) == 0;
}

static double density(const double *x, double *residual, double *grad) {
  double logp = -0.5 * x[0] * x[0];
  for (size_t k = 1; k < DIM; k++) residual[k] = x[k] - 0.25 * x[k - 1] * x[k - 1];
  grad[0] = -x[0];
  for (size_t k = 1; k < DIM; k++) {
    logp -= 2 * residual[k] * residual[k];
    grad[k] = -4 * residual[k];
    grad[k - 1] += 2 * residual[k] * x[k - 1];
  }
  return logp;
}

static void spoil_gradient(const model *m, const double *x, double *grad) {
  if (has(m, "component")) grad[2] = -grad[2];
  if (has(m, "subtle") && x[3] > 1) grad[6] *= 1.001;
  if (has(m, "slope") && x[4] > 1.5) grad[9] = (double)NAN;
  if (has(m, "forgotten")) grad[5] = 0;
}

static double spoil_density(model *m, const double *x, double logp) {
  if (has(m, "nan") && x[1] > 1.2 && x[5] < 0.2) return (double)NAN;
  if (has(m, "infinite") && fabs(x[0]) < 0.02) return INFINITY;
  if (has(m, "far") && x[0] > 1e60) return (double)NAN;
  if (has(m, "edge") && x[0] > 0 && x[0] < 1e-9) return INFINITY;
  if (!has(m, "memory")) return logp;
  logp += 1e-13 * m->last;
  m->last = x[0];
  return logp;
}

/* What a user may do to the whole program. */
static void spoil_program(const model *m, const double *x) {
  if (x[0] < 1) return;
  if (has(m, "crash")) (void)raise(SIGSEGV);
  if (has(m, "assertion")) abort();
  if (has(m, "exit")) exit(0);
  if (has(m, "quickly")) quick_exit(0);
}

static int logp(size_t dim, const double *x, double *value, double *grad, void *params) {
  model *m = params;
  double mine[DIM], slope[DIM];
  spoil_program(m, x);
  if (has(m, "abort") && x[0] > 1) return -7;
  if ((has(m, "edge") || has(m, "bounded")) && x[0] <= 0) return 1;
  const int is_shared = has(m, "race") || (has(m, "quiet") && !grad);
  *value = spoil_density(m, x, density(x, is_shared ? m->scratch : mine, slope));
  spoil_gradient(m, x, slope);
  if (grad) memcpy(grad, slope, (has(m, "unset") ? dim - 1 : dim) * sizeof *grad);
  return 0;
}

static int batch(size_t dim, size_t n, size_t ld, const double *x, double *value, double *grad, void *params) {
  const model *m = params;
  for (size_t i = 0; i < n; i++) {
    double point[DIM], slope[DIM];
    for (size_t j = 0; j < dim; j++) point[j] = x[j * ld + i];
    (void)logp(dim, point, &value[i], slope, params);
    if (has(m, "batch") && i > 0) value[i] += 1e-3;
    for (size_t j = 0; grad && j < dim; j++) grad[j * ld + i] = slope[j];
  }
  if (has(m, "beyond") && grad && ld > n) grad[n] = 0;
  return 0;
}

static int constrain(size_t dim, const double *x, double *out, void *params) {
  const model *m = params;
  for (size_t j = 0; j < dim; j++) out[j] = exp(x[j]);
  if (has(m, "constrain")) out[11] = log(-1 - fabs(x[11]));
  return 0;
}

static const char *const names[DIM + 1] = {"theta[1]",  "theta[2]",  "theta[3]",  "theta[4]",  "theta[5]",  "theta[6]",  "theta[7]",
                                           "theta[8]",  "theta[9]",  "theta[10]", "theta[11]", "theta[12]", "theta[13]", "theta[14]",
                                           "theta[15]", "theta[16]", "theta[17]", "theta[18]", "theta[19]", "theta[20]", NULL};

static const char *const pair[] = {"mu", "mu"};

static void spoil_shape(const model *m, dilate_target *t) {
  if (has(m, "dim0")) t->dim = 0;
  if (has(m, "dim1e18")) t->dim = 1000000000000000000u;
  if (has(m, "out")) t->n_out = 7;
  if (has(m, "out1e18")) t->n_out = 1000000000000000000u;
  if (has(m, "names")) t->n_out = DIM + 1, t->constrain = constrain;
  if (has(m, "twice")) t->dim = 2, t->names = pair;
  if (has(m, "callbacks")) t->logp = NULL;
  if (has(m, "size")) t->struct_size = 0;
}

int dilate_plugin_abi(void) {
  return DILATE_PLUGIN_ABI;
}

int dilate_plugin_open(const char *data_path, dilate_target *target, dilate_error *err) {
  model *m = calloc(1, sizeof *m);
  const char *fault = data_path && strrchr(data_path, '/') ? strrchr(data_path, '/') + 1 : data_path;
  if (!m) return DILATE_ENOMEM;
  (void)snprintf(m->fault, sizeof m->fault, "%s", fault ? fault : "none");
  if (has(m, "refused")) {
    (void)snprintf(err->message, sizeof err->message, "%s: line 3 has 2 numbers, not 1", data_path);
    free(m);
    return DILATE_EINVAL;
  }
  if (has(m, "opening")) (void)raise(SIGSEGV);
  target->dim = DIM;
  target->logp = logp;
  if (has(m, "batch") || has(m, "beyond") || has(m, "tiles")) target->batch = batch;
  if (has(m, "constrain") || has(m, "scaled")) target->constrain = constrain;
  target->names = names;
  target->params = m;
  spoil_shape(m, target);
  return 0;
}

void dilate_plugin_close(dilate_target *target) {
  if (has(target->params, "closing")) (void)raise(SIGSEGV);
  free(target->params);
}
