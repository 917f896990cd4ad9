/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for targets, "gmm40:dim=50,scale=0.1": one is made or refused with a reason, and has a log-density at the origin and at a draw. */
#include "fuzz.h"

#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "targets/targets.h"

enum { LARGEST = 200, SELDOM = 64 };

/* Those that read large files are made now and then only, by what the words add up to. */
static int is_put_off(const char *text, size_t size) {
  unsigned sum = 0;
  for (size_t i = 0; i < size; ++i) sum = 31 * sum + (unsigned char)text[i];
  return sum % SELDOM != 0 && (strncmp(text, "digits", 6) == 0 || strncmp(text, "ionosphere", 10) == 0);
}

static void evaluate(const builtin *b, const double *x) {
  double logp = 0;
  static double grad[LARGEST];
  const int status = b->target.batch ? b->target.batch(b->target.dim, 1, 1, x, &logp, grad, b->target.params)
                                     : b->target.logp(b->target.dim, x, &logp, grad, b->target.params);
  fuzz_expect(status >= 0 && !isnan(logp), "a log-density");
}

static void use(const builtin *b) {
  static const double origin[LARGEST];
  static double x[LARGEST];
  static gsl_rng *rng;
  if (!rng) rng = gsl_rng_alloc(gsl_rng_mt19937);
  fuzz_expect(b->target.dim > 0 && *b->label, "a dimension and a label");
  if (b->target.dim > LARGEST) return;
  evaluate(b, origin);
  if (b->draw) b->draw(b, rng, x);
  if (b->draw) evaluate(b, x);
  if (b->component) (void)b->component(b, x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *const text = fuzz_text(data, size);
  builtin b;
  dilate_error err;
  dilate_error_init(&err);
  if (is_put_off(text, size)) {
    free(text);
    return 0;
  }
  const int status = builtin_create(text, NULL, &b, &err);
  fuzz_expect(status <= 0 && status == err.status && (status == 0 || *err.message), "a status with a message");
  if (status == 0) use(&b);
  builtin_destroy(&b);
  free(text);
  return 0;
}
