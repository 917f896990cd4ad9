/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conditioned targets: what all kinds share.  Prior and names are copied, callbacks cut what they get into blocks, so that scratch has a
 * fixed size, and reported values are the prior's. */
#include "target/condition.h"

#include <math.h>

#include "target/check.h"

/* ---- Callbacks ---- */

static void fill(size_t n, double value, double *x) {
  for (size_t i = 0; i < n; i++) x[i] = value;
}

int condition_prior(const dilate_condition *c, int batch, size_t n, size_t ld, const double *x, double *logp, double *grad) {
  const dilate_target *p = &c->prior;
  fill(n, (double)NAN, logp);
  for (size_t j = 0; grad && j < p->dim; j++) fill(n, (double)NAN, grad + j * ld);
  const int code = batch ? p->batch(p->dim, n, ld, x, logp, grad, p->params) : p->logp(p->dim, x, logp, grad, p->params);
  if (code > 0) fill(n, -INFINITY, logp);
  return code < 0 ? code : DILATE_OK;
}

/* A target without gradient is never asked for one by the library; by others in vain. */
static int evaluate_blocks(const dilate_condition *c, int batch, size_t n, size_t ld, const double *x, double *logp, double *grad,
                           double *scratch) {
  double *slope = c->target.flags & DILATE_TARGET_NO_GRADIENT ? NULL : grad;
  int status = DILATE_OK;
  for (size_t begin = 0; begin < n && status == DILATE_OK; begin += CONDITION_BLOCK) {
    const size_t count = n - begin < CONDITION_BLOCK ? n - begin : CONDITION_BLOCK;
    status = c->evaluate(c, batch, count, ld, x + begin, logp + begin, slope ? slope + begin : NULL, scratch);
  }
  return status;
}

static int evaluate_batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  const dilate_condition *c = params;
  size_t place = 0;
  (void)dim;
  double *scratch = c->places ? places_take(c->places, &place) : NULL;
  const int status = evaluate_blocks(c, 1, n, ld, x, logp, grad, scratch);
  if (scratch) places_give_back(c->places, place);
  return status;
}

static int evaluate_point(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const dilate_condition *c = params;
  size_t place = 0;
  (void)dim;
  double *scratch = c->places ? places_take(c->places, &place) : NULL;
  const int status = evaluate_blocks(c, 0, 1, 1, x, logp, grad, scratch);
  if (scratch) places_give_back(c->places, place);
  return status;
}

static int constrain(size_t dim, const double *x, double *out, void *params) {
  const dilate_condition *c = params;
  return c->prior.constrain(dim, x, out, c->prior.params);
}

/* ---- Life ---- */

static int copy_names(dilate_condition *c) {
  const char *const *names = c->prior.names;
  c->prior.names = c->target.names = NULL;
  if (!names) return DILATE_OK;
  if (!(c->names = NEW(char *, c->target.n_out))) return DILATE_ENOMEM;
  for (size_t i = 0; i < c->target.n_out; i++)
    if (!(c->names[i] = memory_copy_text(names[i]))) return DILATE_ENOMEM;
  c->target.names = (const char *const *)c->names;
  return DILATE_OK;
}

int condition_create(const dilate_target *prior, condition_evaluate_fn evaluate, dilate_condition **out, dilate_error *err) {
  if (!out) return error_set(err, DILATE_EINVAL, "condition: out is NULL: there is nowhere to put the condition");
  *out = NULL;
  dilate_target full;
  const int status = target_check(prior, &full, err);
  if (status != DILATE_OK) return status;
  dilate_condition *c = NEW(dilate_condition, 1);
  if (!c) return error_memory(err, "the condition");
  c->prior = c->target = full;
  c->evaluate = evaluate;
  c->target.params = c;
  c->target.logp = full.logp ? evaluate_point : NULL;
  c->target.batch = full.batch ? evaluate_batch : NULL;
  c->target.constrain = full.constrain ? constrain : NULL;
  c->target.convolve = NULL; /* the law of the prior plus noise is not that of the posterior */
  if (copy_names(c) != DILATE_OK) {
    dilate_condition_free(c);
    return error_memory(err, "the condition's names");
  }
  *out = c;
  return DILATE_OK;
}

int condition_finish(int status, dilate_condition **out) {
  if (status == DILATE_OK || !out) return status;
  dilate_condition_free(*out);
  *out = NULL;
  return status;
}

int condition_check_finite(const char *name, size_t n, const double *x, dilate_error *err) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(x[i])) return error_set(err, DILATE_EINVAL, "condition: %s[%zu] is %g; it must be finite", name, i, x[i]);
  return DILATE_OK;
}

const dilate_target *dilate_condition_target(const dilate_condition *c) {
  return c ? &c->target : NULL;
}

void dilate_condition_free(dilate_condition *c) {
  if (!c) return;
  for (size_t i = 0; c->names && i < c->target.n_out; i++) memory_free(c->names[i]);
  memory_free(c->names);
  places_free(c->places);
  memory_free(c->linear.a);
  memory_free(c->linear.y);
  memory_free(c->linear.noise);
  memory_free(c->fixed.coordinate);
  memory_free(c->fixed.point);
  memory_free(c);
}
