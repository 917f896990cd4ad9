/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built-in targets for samplers of others: a shared object that emcee opens by ctypes and Stan's program by dlopen, so that they call
 * the very code that the library calls. */
#include "targets/targets.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct peer_target {
  builtin target;
} peer_target;

peer_target *peer_open(const char *spec);
size_t peer_dim(const peer_target *peer);
int peer_evaluate(const peer_target *peer, size_t n, const double *x, double *logp, double *grad);

/* NULL, and a word on stderr, where there is no such target.  It lives until the program ends. */
peer_target *peer_open(const char *spec) {
  dilate_error err;
  dilate_error_init(&err);
  peer_target *const peer = calloc(1, sizeof *peer);
  if (peer == NULL || builtin_create(spec, NULL, &peer->target, &err) < 0) {
    fprintf(stderr, "%s: %s\n", spec, err.message);
    free(peer);
    return NULL;
  }
  return peer;
}

size_t peer_dim(const peer_target *peer) {
  return peer->target.target.dim;
}

/* [in] x: coordinate j of point i at [j*n + i]; [out] grad: likewise, or NULL.  One point goes to the point callback, which is the
 * cheaper way to it. */
int peer_evaluate(const peer_target *peer, size_t n, const double *x, double *logp, double *grad) {
  const dilate_target *const t = &peer->target.target;
  return n == 1 ? t->logp(t->dim, x, logp, grad, t->params) : t->batch(t->dim, n, n, x, logp, grad, t->params);
}
