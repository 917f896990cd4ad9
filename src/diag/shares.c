/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Total variation between the shares of modes among draws and their known weights: 1/2 sum_k |n_k/n - w_k|; draws of no mode (label -1)
 * are one more mode, of weight 0. */
#include <math.h>

#include "base/memory.h"
#include "base/status.h"

#define SUM_TOLERANCE 1e-6

static int check_weights(size_t modes, const double *weight, dilate_error *err) {
  double sum = 0;
  for (size_t k = 0; k < modes; k++) {
    if (!(weight[k] >= 0 && isfinite(weight[k])))
      return error_set(err, DILATE_EINVAL, "weight[%zu] is %g: weights must be finite and not negative", k, weight[k]);
    sum += weight[k];
  }
  return fabs(sum - 1) <= SUM_TOLERANCE ? 0 : error_set(err, DILATE_EINVAL, "the weights sum to %.9g: they must sum to 1", sum);
}

static int check_labels(size_t n, const int *label, size_t modes, dilate_error *err) {
  for (size_t i = 0; i < n; i++)
    if (label[i] < -1 || (label[i] >= 0 && (size_t)label[i] >= modes))
      return error_set(err, DILATE_EINVAL, "label[%zu] is %d: it must be a mode from 0 to %zu, or -1 for none", i, label[i], modes - 1);
  return 0;
}

static int check(size_t n, const int *label, size_t modes, const double *weight, dilate_error *err) {
  if (n == 0 || !label) return error_set(err, DILATE_EINVAL, "there are no labels: one for each of the n >= 1 draws is needed");
  if (modes == 0 || !weight) return error_set(err, DILATE_EINVAL, "there are no weights: one for each of the modes >= 1 is needed");
  const int status = check_weights(modes, weight, err);
  return status ? status : check_labels(n, label, modes, err);
}

int dilate_distance_mode_tv(size_t n, const int *label, size_t modes, const double *weight, double *out, dilate_error *err) {
  if (!out) return error_set(err, DILATE_EINVAL, "out is NULL: there is nowhere to put the distance");
  *out = NAN;
  const int status = check(n, label, modes, weight, err);
  if (status) return status;
  size_t *count = NEW(size_t, modes + 1);
  if (!count) return error_memory(err, "dilate_distance_mode_tv");
  for (size_t i = 0; i < n; i++) count[label[i] < 0 ? modes : (size_t)label[i]]++;
  double sum = (double)count[modes] / (double)n;
  for (size_t k = 0; k < modes; k++) sum += fabs((double)count[k] / (double)n - weight[k]);
  memory_free(count);
  *out = sum / 2;
  return 0;
}
