/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A method of sampling: one file and one vtable each, the vtable the last object of the file. */
#ifndef DILATE_METHOD_METHOD_H
#define DILATE_METHOD_METHOD_H

#include "method/result.h"

typedef struct method {
  const char *name;
  const char *summary; /* one line for a user */
  int (*create)(run *r, void **state, dilate_error *err);
  int (*step)(void *state, run *r, dilate_error *err); /* DILATE_CONTINUE, DILATE_OK or a failure */
  /* A result from what there is; never fails for want of progress. */
  int (*result)(void *state, const run *r, dilate_result **out, dilate_error *err);
  const double *(*particles)(const void *state, size_t *n, size_t *ld);
  void (*destroy)(void *state); /* NULL is allowed */
  /* The state between two steps, made first where it is read; *state is to be destroyed after a failure, too. */
  void (*archive)(archive *a, run *r, void **state);
  int can_cut; /* whether a step that fails in its midst leaves the result what it was before it: long steps are then given up on a stop */
} method;

extern const method method_bridge, method_langevin, method_geometric, method_dilation, method_convolution, method_walk,
    method_diffusion_smc;

/* All of them, bridge first; NULL-terminated. */
extern const method *const method_list[];
const method *method_find(const char *name); /* NULL: no such method */

#endif
