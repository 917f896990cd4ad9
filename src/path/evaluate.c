/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths for a caller who holds nothing but a target: dilate_path, and dilate_dilation_evaluate(). */
#include "base/memory.h"
#include "base/sized.h"
#include "path/path.h"

#include <math.h>

struct dilate_path {
  path path; /* its target and reference are owned */
  double *centre;
};

static const dilate_path_options option_defaults = {.struct_size = sizeof(dilate_path_options), .path = "dilation", .scale = 1};

void dilate_path_options_init_sized(dilate_path_options *options, size_t struct_size) {
  sized_init(options, struct_size, &option_defaults, sizeof option_defaults);
}

static int take_options(const dilate_path_options *user, dilate_path_options *o, dilate_error *err) {
  const int status = sized_read(user, o, &option_defaults, sizeof *o, "dilate_path_options_init", err);
  if (status) return status;
  if (path_find(o->path)) return DILATE_OK;
  return error_set(err, DILATE_EINVAL, "options.path: there is no \"%.64s\"; known are none, geometric, dilation, convolution",
                   o->path ? o->path : "NULL");
}

static int copy_centre(dilate_path *p, const double *centre, dilate_error *err) {
  if (!centre) return DILATE_OK;
  const size_t dim = target_dim(p->path.target);
  if (!(p->centre = NEW(double, dim))) return error_memory(err, "dilate_path_create");
  for (size_t j = 0; j < dim; j++) {
    if (!isfinite(centre[j])) return error_set(err, DILATE_EINVAL, "options.centre[%zu] is %g: it must be finite", j, centre[j]);
    p->centre[j] = centre[j];
  }
  p->path.centre = p->centre;
  return DILATE_OK;
}

static int build(dilate_path *p, const dilate_target *user, const dilate_path_options *o, dilate_error *err) {
  p->path = (path){.type = path_find(o->path), .scale = o->scale};
  int status = target_create(user, 1, &p->path.target, err);
  if (!status && o->reference) status = target_create(o->reference, 1, &p->path.reference, err);
  if (!status) status = copy_centre(p, o->centre, err);
  if (!status) status = path_check(&p->path, err);
  if (status) return status;
  p->path.work = NEW(double, path_work(p->path.type, p->path.target));
  return p->path.work ? DILATE_OK : error_memory(err, "dilate_path_create");
}

int dilate_path_create(const dilate_target *user, const dilate_path_options *options, dilate_path **out, dilate_error *err) {
  if (!out) return error_set(err, DILATE_EINVAL, "dilate_path_create: out is NULL: there is nowhere to put the path");
  *out = NULL;
  dilate_path_options o;
  int status = take_options(options, &o, err);
  if (status) return status;
  dilate_path *p = NEW(dilate_path, 1);
  if (!p) return error_memory(err, "dilate_path_create");
  status = build(p, user, &o, err);
  if (status)
    dilate_path_free(p);
  else
    *out = p;
  return status;
}

void dilate_path_free(dilate_path *p) {
  if (!p) return;
  target_free(p->path.target);
  target_free(p->path.reference);
  memory_free(p->path.work);
  memory_free(p->centre);
  memory_free(p);
}

int dilate_path_evaluate(dilate_path *owner, double lambda, size_t n, size_t ld, const double *x, double *logp, double *score,
                         dilate_error *err) {
  if (!owner || !x || !logp) return error_set(err, DILATE_EINVAL, "path, x and logp must not be NULL");
  if (ld < n) return error_set(err, DILATE_EINVAL, "ld is %zu; it must be at least n = %zu", ld, n);
  const path *p = &owner->path;
  int status = path_check_lambda(p, lambda, err);
  if (status) return status;
  for (size_t begin = 0; begin < n; begin += PARTICLE_TILE) {
    const size_t count = n - begin < PARTICLE_TILE ? n - begin : PARTICLE_TILE;
    p->type->evaluate(p, lambda, begin, count, ld, x + begin, logp + begin, score ? score + begin : NULL);
  }
  status = target_status(p->target, err);
  return status || !p->reference ? status : target_status(p->reference, err);
}

int dilate_dilation_evaluate(const dilate_target *user, const double *centre, double lambda, size_t n, size_t ld, const double *x,
                             double *logp, double *score, dilate_error *err) {
  dilate_path_options o = option_defaults;
  o.centre = centre;
  dilate_path *p = NULL;
  int status = dilate_path_create(user, &o, &p, err);
  if (!status) status = dilate_path_evaluate(p, lambda, n, ld, x, logp, score, err);
  dilate_path_free(p);
  return status;
}
