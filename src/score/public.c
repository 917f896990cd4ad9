/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dilate_score_*(): scores of convolutions for a caller who holds nothing but a target. */
#include <math.h>

#include "base/memory.h"
#include "base/sized.h"
#include "score/score.h"

struct dilate_score {
  target *target;
  score *inner;
  double *logp; /* particles */
};

static const dilate_score_options option_defaults = {.struct_size = sizeof(dilate_score_options), .samples = 64, .seed = 1};

void dilate_score_options_init_sized(dilate_score_options *options, size_t struct_size) {
  sized_init(options, struct_size, &option_defaults, sizeof option_defaults);
}

/* The user's options over the defaults, nothing beyond struct_size read. */
static int read_options(const dilate_score_options *user, dilate_score_options *o, dilate_error *err) {
  const int status = sized_read(user, o, &option_defaults, sizeof *o, "dilate_score_options_init", err);
  if (status) return status;
  if (o->threads > THREADS_MAX)
    return error_set(err, DILATE_EINVAL, "options.threads is %zu: at most %d are allowed", o->threads, THREADS_MAX);
  o->threads = threads_or_default(o->threads);
  return DILATE_OK;
}

int dilate_score_create(const dilate_target *user, const dilate_score_options *options, size_t count, dilate_score **out,
                        dilate_error *err) {
  if (!out) return error_set(err, DILATE_EINVAL, "out is NULL; pass the address of a dilate_score pointer");
  *out = NULL;
  dilate_score_options o;
  int status = read_options(options, &o, err);
  if (status) return status;
  dilate_score *s = NEW(dilate_score, 1);
  if (!s) return error_memory(err, "dilate_score_create");
  status = target_create(user, o.threads, &s->target, err);
  if (!status) status = score_create(o.kind, s->target, count, o.samples, o.seed, &s->inner, err);
  if (!status && !(s->logp = NEW(double, count))) status = error_memory(err, "dilate_score_create");
  if (status) {
    dilate_score_free(s);
    return status;
  }
  *out = s;
  return DILATE_OK;
}

static int check_arguments(const dilate_score *s, double sigma, size_t n, size_t ld, const double *x, const double *out,
                           dilate_error *err) {
  if (!s) return error_set(err, DILATE_EINVAL, "the score is NULL; make one by dilate_score_create");
  if (!(sigma >= 0 && isfinite(sigma))) return error_set(err, DILATE_EINVAL, "sigma is %g; it must be finite and not negative", sigma);
  if (n > s->inner->particles)
    return error_set(err, DILATE_EINVAL, "n is %zu; the score was made for at most %zu particles", n, s->inner->particles);
  if (ld < n) return error_set(err, DILATE_EINVAL, "ld is %zu; it must be at least n = %zu", ld, n);
  if (!x || !out) return error_set(err, DILATE_EINVAL, "x and score must not be NULL");
  return DILATE_OK;
}

int dilate_score_evaluate(dilate_score *scorer, double sigma, uint32_t step, size_t n, size_t ld, const double *x, double *out, double *se,
                          double *ess, dilate_error *err) {
  const int status = check_arguments(scorer, sigma, n, ld, x, out, err);
  if (status) return status;
  /* The places are only read, whatever the member's type says. */
  particles at = {.n = n, .dim = target_dim(scorer->target), .ld = ld, .x = (double *)x, .grad = out, .logp = scorer->logp};
  score_evaluate(scorer->inner, sigma, step, &at, se, ess);
  return target_status(scorer->target, err);
}

const char *dilate_score_kind(const dilate_score *scorer) {
  return scorer ? score_kind(scorer->inner) : NULL;
}

void dilate_score_free(dilate_score *scorer) {
  if (!scorer) return;
  memory_free(scorer->logp);
  score_free(scorer->inner);
  target_free(scorer->target);
  memory_free(scorer);
}
