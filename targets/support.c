/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the built-in targets share; see support.h. */
#include "support.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* x[j*BUILTIN_CHUNK + i] = point i, or the first where there is none. */
static void spread(size_t dim, size_t n, size_t ld, const double *x, double *out) {
  for (size_t j = 0; j < dim; j++)
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) out[j * BUILTIN_CHUNK + i] = x[j * ld + (i < n ? i : 0)];
}

int builtin_fill_up(dilate_batch_fn batch, size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  double own[2 * BUILTIN_DIM_MAX * BUILTIN_CHUNK], value[BUILTIN_CHUNK], *room = NULL;
  if (n == 0 || dim == 0) return 0;
  if (dim > BUILTIN_DIM_MAX && (room = malloc(2 * dim * BUILTIN_CHUNK * sizeof *room)) == NULL) return -1;
  double *const points = room != NULL ? room : own, *const slopes = points + dim * BUILTIN_CHUNK;
  spread(dim, n, ld, x, points);
  const int status = batch(dim, BUILTIN_CHUNK, BUILTIN_CHUNK, points, value, grad != NULL ? slopes : NULL, params);
  memcpy(logp, value, n * sizeof *logp);
  for (size_t j = 0; grad != NULL && j < dim; j++) memcpy(grad + j * ld, slopes + j * BUILTIN_CHUNK, n * sizeof *grad);
  free(room);
  return status;
}

void builtin_set_target(builtin *out, size_t dim, const builtin_callbacks *callbacks) {
  const char *const isa = dilate_isa();
  const size_t choice = strcmp(isa, "avx512") == 0 ? 2 : strcmp(isa, "avx2") == 0 ? 1 : 0;
  out->target.dim = dim;
  out->target.logp = callbacks[choice].point;
  out->target.batch = callbacks[choice].batch;
  out->target.params = out->data;
}

void builtin_free_data(builtin *self) {
  free(self->data);
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
