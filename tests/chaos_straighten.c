/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learning coordinates while memory runs out: see chaos.h. */
#include "chaos.h"

#include <math.h>

#include "base/status.h"
#include "stage/straighten.h"

/* A banana if *params, else wells in both coordinates: the one learns a conditional layer, the other a marginal one. */
static int bent(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const double v = x[1] - x[0] * x[0];
  *logp = 0;
  if (*(const int *)params) {
    *logp = -0.5 * (x[0] * x[0] + 9 * v * v);
    if (grad) grad[0] = -x[0] + 18 * v * x[0];
    if (grad) grad[1] = -9 * v;
    return 0;
  }
  for (size_t j = 0; j < dim; j++) {
    const double low = -(x[j] + 2) * (x[j] + 2), high = -(x[j] - 2) * (x[j] - 2), share = 1 / (1 + exp(high - low));
    *logp += fmax(low, high) + log1p(exp(-fabs(low - high)));
    if (grad) grad[j] = -2 * (x[j] - 2 + 4 * share);
  }
  return 0;
}

static int learn_coordinates(int banana, dilate_error *err) {
  dilate_target user;
  target *t = NULL;
  particles p = {0};
  warp *w = NULL;
  straightening s = {0};
  int found = 1;
  dilate_target_init(&user);
  user.dim = 2;
  user.logp = bent;
  user.params = &banana;
  int status = target_create(&user, 1, &t, err);
  if (!status && particles_create(2, 200, &p)) status = error_memory(err, "the points");
  for (size_t i = 0; i < p.n; i++) {
    p.x[i] = 3 * sin(1.7 * (double)i);
    p.x[p.ld + i] = 3 * sin(2.9 * (double)i);
  }
  if (!status) particles_evaluate(&p, t);
  if (!status) status = straighten_begin(t, &p, &s, err);
  while (!status && found) status = straighten_next(&s, &found, err);
  if (!status) status = straighten_part(t, &p, s.all, s.all->layers, &w, err);
  if (!status && !w) status = error_set(err, DILATE_ENUMERIC, "no coordinates were learnt");
  if (!status && target_set_warp(t, w)) status = error_memory(err, "the scratch of a warp");
  straighten_end(&s);
  warp_free(w);
  particles_clear(&p);
  target_free(t);
  return status;
}

/* Gaussians whose places and scales depend on the first two coordinates: a surface layer. */
static int folded(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const double t = x[0], u = x[1], scale = exp(-0.1 * u), place = 3 * t * t + 0.5 * t * u;
  (void)params;
  *logp = -0.5 * (t * t + u * u);
  if (grad) grad[0] = -t;
  if (grad) grad[1] = -u;
  for (size_t j = 2; j < dim; j++) {
    const double r = (x[j] - place) * scale;
    *logp -= 0.5 * r * r + 0.1 * u;
    if (!grad) continue;
    grad[j] = -r * scale;
    grad[0] += (6 * t + 0.5 * u) * r * scale;
    grad[1] += 0.5 * t * r * scale + 0.1 * r * r - 0.1;
  }
  return 0;
}

static int learn_surfaces(dilate_error *err) {
  enum { DIM = 4, POINTS = 400 };
  dilate_target user;
  target *t = NULL;
  particles p = {0};
  warp *w = NULL;
  dilate_target_init(&user);
  user.dim = DIM;
  user.logp = folded;
  int status = target_create(&user, 1, &t, err);
  if (!status && particles_create(DIM, POINTS, &p)) status = error_memory(err, "the points");
  for (size_t j = 0; j < DIM; j++)
    for (size_t i = 0; i < p.n; i++) p.x[j * p.ld + i] = 2 * sin((1.7 + 1.2 * (double)j) * (double)i);
  if (!status) particles_evaluate(&p, t);
  if (!status) status = straighten_surface(t, &p, &w, err);
  if (!status && !w) status = error_set(err, DILATE_ENUMERIC, "no surfaces were learnt");
  if (!status && target_set_warp(t, w)) status = error_memory(err, "the scratch of a warp");
  warp_free(w);
  particles_clear(&p);
  target_free(t);
  return status;
}

int chaos_straighten(dilate_error *err) {
  int status = learn_coordinates(1, err);
  if (!status) status = learn_coordinates(0, err);
  return status ? status : learn_surfaces(err);
}
