/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shares of components.  Every draw counts for its most likely one, wherever it is, so that shares sum to 1; but a component is found only
 * by a draw that is not astray.  They are compared with the shares
 * of many exact draws: where components overlap those are not the weights.  The 1797 images are found one by one, and their shares are
 * those of the ten digits. */
#include "bench/paths_shares.h"

#include "bench/support.h"
#include "targets/digits.h"
#include <math.h>
#include <stdlib.h>

#define DIGITS        10
#define WEIGHTS_DRAWS 100000 /* exact ones */
#define WEIGHTS_SEED  4

static const double *labels(const paths_target *row, const builtin *target) {
  return row->figures & PATHS_IMAGES ? ((const digits *)target->data)->label : NULL;
}

static size_t share_of(const double *label, size_t component) {
  return label == NULL ? component : (size_t)fmin(fmax(label[component], 0), DIGITS - 1);
}

/* A component is also given what its neighbours have where it is the most likely one, and loses likewise. */
static void count_exact(const builtin *target, double *weight) {
  double *const x = paths_exact(target, WEIGHTS_SEED, WEIGHTS_DRAWS);
  for (size_t i = 0; i < WEIGHTS_DRAWS; i++) weight[target->component(target, x + i * target->target.dim)] += 1.0 / WEIGHTS_DRAWS;
  free(x);
}

size_t paths_weights(const paths_target *row, const builtin *target, double weight[PATHS_SHARES_MAX]) {
  const double *const label = labels(row, target);
  const size_t shares = label != NULL ? DIGITS : target->components <= PATHS_SHARES_MAX ? target->components : 0;
  for (size_t k = 0; k < shares; k++) weight[k] = 0;
  if (label == NULL && shares > 0) count_exact(target, weight);
  for (size_t k = 0; label != NULL && k < target->components; k++) weight[share_of(label, k)] += target->component_weight[k];
  return shares;
}

static int is_astray(const paths_yardstick *y, const double *x) {
  double logp;
  const dilate_target *const target = &y->target->target;
  return target->logp(target->dim, x, &logp, NULL, target->params) != 0 || !(logp >= y->lowest);
}

static void count_components(const paths_yardstick *y, const double *x, unsigned char *found, paths_run *out) {
  const double *const label = labels(y->row, y->target), one = 1 / (double)y->n;
  const size_t dim = y->target->target.dim;
  out->value[PATHS_ASTRAY] = 0;
  for (size_t i = 0; i < y->n; i++) {
    const int astray = is_astray(y, x + i * dim);
    out->value[PATHS_ASTRAY] += astray ? 100 * one : 0;
    if (y->target->components == 0) continue;
    const size_t k = y->target->component(y->target, x + i * dim);
    if (!astray) found[k] = 1;
    if (y->shares > 0) out->share[share_of(label, k)] += one;
  }
}

void paths_count(const paths_yardstick *y, const double *x, paths_run *out) {
  unsigned char *const found = ALLOCATE(unsigned char, y->target->components);
  out->shares = y->shares;
  count_components(y, x, found, out);
  double difference = 0, count = 0;
  for (size_t k = 0; k < y->target->components; k++) count += found[k];
  for (size_t k = 0; k < y->shares; k++) difference += fabs(out->share[k] - y->weight[k]);
  if (y->target->components > 0) out->value[PATHS_FOUND] = count;
  if (y->shares > 0) out->value[PATHS_TV] = difference / 2;
  free(found);
}
