/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two samples of a distance: refusals, and a coordinate-major copy for loops that run over draws. */
#include "diag/draw_set.h"

#include <math.h>

#include "base/memory.h"

int check_finite(const char *name, size_t dim, size_t n, const double *row, dilate_error *err) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < dim; j++)
      if (!isfinite(row[i * dim + j]))
        return error_set(err, DILATE_EINVAL, "%s: coordinate %zu of row %zu (both from 0) is %g: every entry must be finite", name, j, i,
                         row[i * dim + j]);
  return 0;
}

int draw_set_make(const char *name, size_t dim, size_t n, const double *row, draw_set *out, dilate_error *err) {
  *out = (draw_set){.dim = dim, .n = n, .row = row};
  if (dim == 0) return error_set(err, DILATE_EINVAL, "dim is 0: draws have at least one coordinate");
  if (n == 0) return error_set(err, DILATE_EINVAL, "%s has no rows: at least one draw is needed", name);
  if (!row) return error_set(err, DILATE_EINVAL, "%s is NULL: it must point to %zu x %zu numbers", name, n, dim);
  if (check_finite(name, dim, n, row, err)) return DILATE_EINVAL;
  out->x = NEW2(double, dim, n);
  if (!out->x) return error_memory(err, "a distance between samples");
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < dim; j++) out->x[j * n + i] = row[i * dim + j];
  return 0;
}

void draw_set_clear(draw_set *s) {
  memory_free(s->x);
  s->x = NULL;
}

int comparison_make(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options, double *value,
                    comparison *out, dilate_error *err) {
  *out = (comparison){.set = {0}};
  if (!value) return error_set(err, DILATE_EINVAL, "out is NULL: there is nowhere to put the distance");
  *value = NAN;
  int status = settings_make(options, &out->set, err);
  if (!status) status = draw_set_make("x", dim, n, x, &out->x, err);
  if (!status) status = draw_set_make("y", dim, m, y, &out->y, err);
  return status;
}

void comparison_clear(comparison *c) {
  draw_set_clear(&c->x);
  draw_set_clear(&c->y);
}

int distance_finish(const char *name, double square, double *value, dilate_error *err) {
  if (!isfinite(square))
    return error_set(err, DILATE_ENUMERIC, "%s: the numbers are so large that it overflows: divide all draws by one scale", name);
  *value = sqrt(fmax(0, square));
  return 0;
}
