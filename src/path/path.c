/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all paths share: the list, the range of lambda, scratch, the Gaussian that some begin at, and a whole cloud at once. */
#include "path/path.h"
#include "base/constants.h"
#include "base/team.h"
#include "target/share.h"

#include <math.h>
#include <omp.h>
#include <string.h>

const path_type *const path_list[] = {&path_none, &path_geometric, &path_dilation, &path_convolution, NULL};

const path_type *path_find(const char *name) {
  for (size_t i = 0; name && path_list[i]; i++)
    if (!strcmp(path_list[i]->name, name)) return path_list[i];
  return NULL;
}

size_t path_work(const path_type *type, const target *t) {
  return type->work * target_threads(t) * target_dim(t) * PARTICLE_TILE;
}

double *path_scratch(const path *p) {
  return p->work + p->type->work * target_dim(p->target) * PARTICLE_TILE * ((size_t)omp_get_thread_num() % target_threads(p->target));
}

int path_check(const path *p, dilate_error *err) {
  return p->type->check ? p->type->check(p, err) : DILATE_OK;
}

int path_check_lambda(const path *p, double lambda, dilate_error *err) {
  if (!(lambda >= 0 && lambda <= 1))
    return error_set(err, DILATE_EINVAL, "lambda is %g; it must be 0 %s lambda <= 1", lambda, p->type->has_density_at_zero ? "<=" : "<");
  if (lambda == 0 && !p->type->has_density_at_zero)
    return error_set(err, DILATE_EDOMAIN, "at lambda = 0 the path \"%s\" is a point mass: it has no density and no score; take lambda > 0",
                     p->type->name);
  return DILATE_OK;
}

void path_scale_tile(const path *p, double scale, size_t n, size_t ld, const double *x, size_t to_ld, double *y) {
  const size_t dim = target_dim(p->target);
  for (size_t j = 0; j < dim; j++) {
    const double c = p->centre ? p->centre[j] : 0;
    const double *from = x + j * ld;
    double *to = y + j * to_ld;
#pragma omp simd
    for (size_t i = 0; i < n; i++) to[i] = c + scale * (from[i] - c);
  }
}

void path_scale_back(const path *p, double lambda, size_t n, size_t ld, const double *slope, double *logp, double *score) {
  const size_t dim = target_dim(p->target);
  const double root = 1 / sqrt(lambda), log_det = 0.5 * (double)dim * log(lambda);
  for (size_t i = 0; i < n; i++) logp[i] -= log_det;
  for (size_t j = 0; score && j < dim; j++)
    for (size_t i = 0; i < n; i++) score[j * ld + i] = root * slope[j * PARTICLE_TILE + i];
}

void path_gaussian(const path *p, size_t n, size_t ld, const double *x, double *logq, double *score) {
  const size_t dim = target_dim(p->target);
  for (size_t i = 0; i < n; i++) logq[i] = -0.5 * (double)dim * LOG_2PI - (double)dim * log(p->scale);
  for (size_t j = 0; j < dim; j++) {
    const double c = p->centre ? p->centre[j] : 0;
    for (size_t i = 0; i < n; i++) {
      const double away = (x[j * ld + i] - c) / p->scale;
      logq[i] -= 0.5 * away * away;
      if (score) score[j * ld + i] = -away / p->scale;
    }
  }
}

void path_evaluate(const path *p, double lambda, particles *at) {
  const shared_loop s = share_begin(p->target, at->n, 1);
#pragma omp parallel for schedule(dynamic) num_threads(team_size(target_threads(p->target)))
  for (size_t tile = s.first; tile < s.end; tile++) {
    const size_t begin = tile * PARTICLE_TILE;
    p->type->evaluate(p, lambda, begin, tile_size(at->n, tile), at->ld, at->x + begin, at->logp + begin, at->grad + begin);
  }
  SHARE_END(&s, SHARE_VALUES(at));
}
