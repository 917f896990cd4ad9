/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the built-in targets share; see support.h. */
#include "support.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int builtin_fail(dilate_error *err, int status, const char *format, ...) {
  const size_t text = offsetof(dilate_error, message);
  if (err == NULL || err->struct_size <= text || err->status != DILATE_OK) return status;
  const size_t room = err->struct_size - text;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(err->message, room < sizeof err->message ? room : sizeof err->message, format, arguments);
  va_end(arguments);
  err->status = status;
  return status;
}

int builtin_no_memory(dilate_error *err, const char *target) {
  return builtin_fail(err, DILATE_ENOMEM, "%s: out of memory", target);
}

int builtin_in_chunks(builtin_chunk_fn chunk, size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad,
                      const void *params) {
  for (size_t start = 0; start < n; start += BUILTIN_CHUNK) {
    const size_t points = n - start < BUILTIN_CHUNK ? n - start : BUILTIN_CHUNK;
    chunk(dim, points, ld, x + start, logp + start, grad != NULL ? grad + start : NULL, params);
  }
  return 0;
}

int builtin_at_point(builtin_chunk_fn chunk, size_t dim, const double *x, double *logp, double *grad, const void *params) {
  chunk(dim, 1, 1, x, logp, grad, params);
  return *logp == -INFINITY ? 1 : 0;
}

void builtin_set_target(builtin *out, size_t dim, dilate_logp_fn point, dilate_batch_fn batch) {
  out->target.dim = dim;
  out->target.logp = point;
  out->target.batch = batch;
  out->target.params = out->data;
}

void builtin_free_data(builtin *self) {
  free(self->data);
}

void builtin_shares(size_t components, size_t n, double *c, double *logp) {
  double top[BUILTIN_CHUNK], sum[BUILTIN_CHUNK];
  for (size_t i = 0; i < n; i++) top[i] = c[i], sum[i] = 0;
  for (size_t k = 1; k < components; k++) {
    const double *ck = c + k * BUILTIN_CHUNK;
#pragma omp simd
    for (size_t i = 0; i < n; i++) top[i] = ck[i] > top[i] ? ck[i] : top[i];
  }
  for (size_t k = 0; k < components; k++) {
    double *ck = c + k * BUILTIN_CHUNK;
    for (size_t i = 0; i < n; i++) {
      ck[i] = top[i] > -INFINITY ? exp(ck[i] - top[i]) : 0;
      sum[i] += ck[i];
    }
  }
  for (size_t i = 0; i < n; i++) {
    logp[i] = top[i] > -INFINITY ? top[i] + log(sum[i]) : -INFINITY;
    sum[i] = sum[i] > 0 ? 1 / sum[i] : 0;
  }
  for (size_t k = 0; k < components; k++) {
    double *ck = c + k * BUILTIN_CHUNK;
#pragma omp simd
    for (size_t i = 0; i < n; i++) ck[i] *= sum[i];
  }
}

size_t builtin_draw_index(gsl_rng *rng, size_t n, const double *weight) {
  double left = gsl_rng_uniform(rng);
  size_t k = 0;
  while (k + 1 < n && left >= weight[k]) left -= weight[k++];
  return k;
}

char **builtin_names_new(size_t n) {
  char **const names = malloc(n * (sizeof *names + BUILTIN_NAME_SIZE));
  if (names == NULL) return NULL;
  char *const text = (char *)(names + n);
  for (size_t i = 0; i < n; i++) {
    names[i] = text + i * BUILTIN_NAME_SIZE;
    names[i][0] = '\0';
  }
  return names;
}
