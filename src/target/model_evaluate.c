/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A model's density in its unconstrained coordinates: f(x(u)) + log |dx/du|, its gradient by the chain rule.
 *
 * A batch is cut into blocks of MODEL_BLOCK points.  Those whose natural values are inside come to the front of a tile, which the user's
 * callback evaluates; the others are outside the support.  So is what is not finite far out, where numbers overflow before they reach the
 * edge of a constraint. */
#include <math.h>

#include "target/model.h"

/* ---- Scratch ---- */

typedef struct model_work {
  double *u, *grad_u;          /* dim */
  double *x, *slope;           /* natural.dim */
  double *block, *block_slope; /* largest: one of an array of blocks */
  double *scratch;
  double *tile, *tile_slope; /* natural.dim x MODEL_BLOCK, where there is a batch callback */
} model_work;

static size_t tile_doubles(const dilate_model *m) {
  return m->natural.batch ? m->natural.dim * MODEL_BLOCK : 0;
}

size_t model_work_doubles(const dilate_model *m) {
  return 2 * (m->target.dim + m->natural.dim + m->largest + tile_doubles(m)) + m->scratch;
}

static model_work work_in(const dilate_model *m, double *doubles) {
  model_work w;
  w.u = doubles;
  w.grad_u = w.u + m->target.dim;
  w.x = w.grad_u + m->target.dim;
  w.slope = w.x + m->natural.dim;
  w.block = w.slope + m->natural.dim;
  w.block_slope = w.block + m->largest;
  w.scratch = w.block_slope + m->largest;
  w.tile = w.scratch + m->scratch;
  w.tile_slope = w.tile + tile_doubles(m);
  return w;
}

/* y[i*to] = x[i*from] */
static void copy_strided(size_t n, const double *x, size_t from, double *y, size_t to) {
  for (size_t i = 0; i < n; i++) y[i * to] = x[i * from];
}

/* ---- One point ---- */

/* All natural values and the log Jacobian; whether the values are inside the constraints. */
static int constrain_all(const dilate_model *m, const double *u, double *x, double *block, double *log_jacobian) {
  int inside = 1;
  *log_jacobian = 0;
  for (const model_part *p = m->part; p < m->part + m->count; p++)
    for (size_t c = 0; c < p->copies; c++) {
      double *const values = p->copies == 1 ? x + p->natural : block;
      const double *own = u + p->place + c * p->dim;
      *log_jacobian += p->transform->constrain(&p->block, own, values);
      inside =
          inside && p->transform->inside(&p->block, values) && (!p->transform->resolved || p->transform->resolved(&p->block, own, values));
      if (p->copies > 1) copy_strided(p->block.size, block, 1, x + p->natural + c, p->copies);
    }
  return inside && isfinite(*log_jacobian);
}

static void pull_back_all(const dilate_model *m, const double *u, const double *x, const double *slope, double *grad, model_work *w) {
  for (const model_part *p = m->part; p < m->part + m->count; p++)
    for (size_t c = 0; c < p->copies; c++) {
      const double *values = x + p->natural + c, *slopes = slope + p->natural + c;
      const size_t place = p->place + c * p->dim;
      if (p->copies > 1) {
        copy_strided(p->block.size, values, p->copies, w->block, 1);
        copy_strided(p->block.size, slopes, p->copies, w->block_slope, 1);
        values = w->block;
        slopes = w->block_slope;
      }
      p->transform->pull_back(&p->block, u + place, values, slopes, grad + place, w->scratch);
    }
}

static void fill(size_t n, double value, double *x) {
  for (size_t i = 0; i < n; i++) x[i] = value;
}

/* Whether what is not finite comes of numbers that overflow on the way to an edge, as 1/sigma^3 does: no fault of the user's. */
static int overflowed(const dilate_model *m, double logp, const double *u, const double *grad) {
  if (isfinite(logp) && (!grad || transform_all_finite(m->target.dim, grad))) return 0;
  for (const model_part *p = m->part; p < m->part + m->count; p++)
    for (size_t i = 0; p->transform != &transform_free && i < p->copies * p->dim; i++)
      if (fabs(u[p->place + i]) > MODEL_EXTREME) return 1;
  return 0;
}

static int evaluate_point(const dilate_model *m, const double *u, double *logp, double *grad, model_work *w) {
  double log_jacobian, value = (double)NAN;
  if (!constrain_all(m, u, w->x, w->block, &log_jacobian)) return 1;
  if (grad) fill(m->natural.dim, (double)NAN, w->slope);
  const int code = m->natural.logp(m->natural.dim, w->x, &value, grad ? w->slope : NULL, m->natural.params);
  if (code != 0) return code;
  *logp = value + log_jacobian;
  if (grad) pull_back_all(m, u, w->x, w->slope, grad, w);
  return overflowed(m, *logp, u, grad);
}

/* A target without gradient is never asked for one by the library; by others in vain. */
int model_point(size_t dim, const double *u, double *logp, double *grad, void *params) {
  const dilate_model *m = params;
  size_t place;
  (void)dim;
  model_work w = work_in(m, places_take(m->places, &place));
  const int code = evaluate_point(m, u, logp, m->target.flags & DILATE_TARGET_NO_GRADIENT ? NULL : grad, &w);
  places_give_back(m->places, place);
  return code;
}

/* ---- A batch ---- */

/* Puts the points that are inside into the tile; returns how many.  index[k]: the point in column k. */
static size_t fill_tile(const dilate_model *m, size_t n, size_t ld, const double *u, size_t *index, double *log_jacobian, model_work *w) {
  size_t count = 0;
  for (size_t i = 0; i < n; i++) {
    copy_strided(m->target.dim, u + i, ld, w->u, 1);
    if (!constrain_all(m, w->u, w->x, w->block, &log_jacobian[count])) continue;
    copy_strided(m->natural.dim, w->x, 1, w->tile + count, MODEL_BLOCK);
    index[count++] = i;
  }
  return count;
}

/* What column k of the tile has become, for the point at u.  Where the density is 0 or overflowed its gradient stays 0. */
static void take_column(const dilate_model *m, size_t k, size_t ld, const double *u, double value, double *logp, double *grad,
                        model_work *w) {
  copy_strided(m->target.dim, u, ld, w->u, 1);
  if (grad && value != -INFINITY) {
    copy_strided(m->natural.dim, w->tile + k, MODEL_BLOCK, w->x, 1);
    copy_strided(m->natural.dim, w->tile_slope + k, MODEL_BLOCK, w->slope, 1);
    pull_back_all(m, w->u, w->x, w->slope, w->grad_u, w);
  }
  if (value == -INFINITY || overflowed(m, value, w->u, grad ? w->grad_u : NULL)) return;
  *logp = value;
  if (grad) copy_strided(m->target.dim, w->grad_u, 1, grad, ld);
}

static int evaluate_block(const dilate_model *m, size_t n, size_t ld, const double *u, double *logp, double *grad, model_work *w) {
  size_t index[MODEL_BLOCK];
  double log_jacobian[MODEL_BLOCK], value[MODEL_BLOCK];
  const size_t count = fill_tile(m, n, ld, u, index, log_jacobian, w);
  fill(n, -INFINITY, logp);
  for (size_t j = 0; grad && j < m->target.dim; j++) fill(n, 0, grad + j * ld);
  if (count == 0) return 0;
  fill(count, (double)NAN, value);
  if (grad) fill(tile_doubles(m), (double)NAN, w->tile_slope);
  const int code = m->natural.batch(m->natural.dim, count, MODEL_BLOCK, w->tile, value, grad ? w->tile_slope : NULL, m->natural.params);
  for (size_t k = 0; k < count && code == 0; k++) {
    const size_t i = index[k];
    take_column(m, k, ld, u + i, value[k] + log_jacobian[k], logp + i, grad ? grad + i : NULL, w);
  }
  return code;
}

int model_batch(size_t dim, size_t n, size_t ld, const double *u, double *logp, double *grad, void *params) {
  const dilate_model *m = params;
  double *slope = m->target.flags & DILATE_TARGET_NO_GRADIENT ? NULL : grad;
  size_t place;
  int code = 0;
  (void)dim;
  model_work w = work_in(m, places_take(m->places, &place));
  for (size_t begin = 0; begin < n && code == 0; begin += MODEL_BLOCK) {
    const size_t count = n - begin < MODEL_BLOCK ? n - begin : MODEL_BLOCK;
    code = evaluate_block(m, count, ld, u + begin, logp + begin, slope ? slope + begin : NULL, &w);
  }
  places_give_back(m->places, place);
  return code;
}

/* ---- Reported values, and back ---- */

/* Derived values are asked for where the density is, and are NaN elsewhere. */
int model_constrain(size_t dim, const double *u, double *out, void *params) {
  const dilate_model *m = params;
  const dilate_target *natural = &m->natural;
  double log_jacobian;
  size_t place;
  (void)dim;
  model_work w = work_in(m, places_take(m->places, &place));
  const int inside = constrain_all(m, u, out, w.block, &log_jacobian);
  places_give_back(m->places, place);
  if (natural->constrain && inside) return natural->constrain(natural->dim, out, out + natural->dim, natural->params);
  fill(natural->n_out, (double)NAN, out + natural->dim);
  return 0;
}

static int unconstrain_all(const dilate_model *m, const double *x, double *u, double *block, dilate_error *err) {
  for (const model_part *p = m->part; p < m->part + m->count; p++)
    for (size_t c = 0; c < p->copies; c++) {
      copy_strided(p->block.size, x + p->natural + c, p->copies, block, 1);
      if (p->transform->inside(&p->block, block) && p->transform->unconstrain(&p->block, block, u + p->place + c * p->dim)) continue;
      return error_set(err, DILATE_EDOMAIN, "model: the values of parameter \"%s\" (block %zu of %zu) are not inside its constraint, %s",
                       p->name, c + 1, p->copies, p->transform->name);
    }
  return DILATE_OK;
}

int dilate_model_unconstrain(const dilate_model *m, const double *x, double *u, dilate_error *err) {
  if (!m || !x || !u)
    return error_set(err, DILATE_EINVAL, "model: %s is NULL; give the model, its natural values and room for its coordinates",
                     !m   ? "the model"
                     : !x ? "x"
                          : "u");
  size_t place;
  const model_work w = work_in(m, places_take(m->places, &place));
  const int status = unconstrain_all(m, x, u, w.block, err);
  places_give_back(m->places, place);
  return status;
}
