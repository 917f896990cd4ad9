/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pi~(x) l(y given x)^w, the likelihood by any callback: log-densities and gradients are summed.
 *
 * The likelihood is called point by point where the prior is finite: elsewhere it may have no meaning.  w = 0 is the prior (l^0 = 1, also
 * where l = 0). */
#include <math.h>

#include "target/condition.h"

#define KNOWN_FLAGS (DILATE_TARGET_SERIAL | DILATE_TARGET_NO_GRADIENT)

/* Adds w log l and its gradient at one point; `point` holds dim coordinates and dim derivatives. */
static int add_at(const dilate_condition *c, size_t ld, const double *x, double *logp, double *grad, double *point) {
  const condition_likelihood *l = &c->likelihood;
  const size_t dim = c->prior.dim;
  double value = (double)NAN, *slope = point + dim;
  for (size_t j = 0; j < dim; j++) {
    point[j] = x[j * ld];
    slope[j] = (double)NAN;
  }
  const int code = l->logp(dim, point, &value, grad ? slope : NULL, l->params);
  if (code < 0) return code;
  *logp += code > 0 ? -INFINITY : l->weight * value;
  for (size_t j = 0; grad && j < dim; j++) grad[j * ld] += l->weight * slope[j];
  return DILATE_OK;
}

static int evaluate(const dilate_condition *c, int batch, size_t n, size_t ld, const double *x, double *logp, double *grad,
                    double *scratch) {
  int status = condition_prior(c, batch, n, ld, x, logp, grad);
  if (c->likelihood.weight == 0) return status;
  for (size_t i = 0; i < n && status == DILATE_OK; i++)
    if (isfinite(logp[i])) status = add_at(c, ld, x + i, logp + i, grad ? grad + i : NULL, scratch);
  return status;
}

static int check(dilate_logp_fn log_likelihood, double weight, unsigned flags, dilate_error *err) {
  if (!log_likelihood) return error_set(err, DILATE_EINVAL, "condition: log_likelihood is NULL; give its callback");
  if (!(weight >= 0 && isfinite(weight)))
    return error_set(err, DILATE_EINVAL, "condition: weight is %g; it must be finite and not below 0", weight);
  if (flags & ~KNOWN_FLAGS)
    return error_set(err, DILATE_EINVAL,
                     "condition: flags are 0x%x; only DILATE_TARGET_SERIAL (0x%x) and DILATE_TARGET_NO_GRADIENT (0x%x) exist", flags,
                     DILATE_TARGET_SERIAL, DILATE_TARGET_NO_GRADIENT);
  return DILATE_OK;
}

static int observe(dilate_condition *c, dilate_logp_fn log_likelihood, void *params, double weight, unsigned flags, dilate_error *err) {
  const int status = check(log_likelihood, weight, flags, err);
  if (status != DILATE_OK) return status;
  c->likelihood = (condition_likelihood){.logp = log_likelihood, .params = params, .weight = weight};
  if (weight > 0) c->target.flags |= flags;
  c->places = places_create(2 * c->prior.dim);
  return c->places ? DILATE_OK : error_memory(err, "the condition's scratch");
}

int dilate_condition_likelihood(const dilate_target *prior, dilate_logp_fn log_likelihood, void *params, double weight, unsigned flags,
                                dilate_condition **out, dilate_error *err) {
  int status = condition_create(prior, evaluate, out, err);
  if (status == DILATE_OK) status = observe(*out, log_likelihood, params, weight, flags, err);
  return condition_finish(status, out);
}
