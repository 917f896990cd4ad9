/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dilate_dilation_evaluate(): the dilation path for a caller who holds nothing but a target. */
#include "base/memory.h"
#include "path/path.h"

static int check_arguments(double lambda, size_t n, size_t ld, const double *x, const double *logp, dilate_error *err) {
  if (!x || !logp) return error_set(err, DILATE_EINVAL, "x and logp must not be NULL");
  if (ld < n) return error_set(err, DILATE_EINVAL, "ld is %zu; it must be at least n = %zu", ld, n);
  return path_check_lambda(&(path){.type = &path_dilation}, lambda, err);
}

int dilate_dilation_evaluate(const dilate_target *user, const double *centre, double lambda, size_t n, size_t ld, const double *x,
                             double *logp, double *score, dilate_error *err) {
  int status = check_arguments(lambda, n, ld, x, logp, err);
  if (status) return status;
  target *t = NULL;
  status = target_create(user, 1, &t, err);
  if (status) return status;
  path p = {.type = &path_dilation, .target = t, .centre = centre, .work = NEW(double, path_work(&path_dilation, t))};
  if (!p.work) {
    status = error_memory(err, "dilate_dilation_evaluate");
    goto done;
  }
  for (size_t begin = 0; begin < n; begin += PARTICLE_TILE) {
    const size_t count = n - begin < PARTICLE_TILE ? n - begin : PARTICLE_TILE;
    p.type->evaluate(&p, lambda, begin, count, ld, x + begin, logp + begin, score ? score + begin : NULL);
  }
  status = target_status(t, err);
done:
  memory_free(p.work);
  target_free(t);
  return status;
}
