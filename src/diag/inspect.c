/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dilate_check(): options, memory, and the parts one after the other. */
#include "diag/inspect.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/sized.h"
#include "target/check.h"

#define POINTS_MAX    100000
#define THREADS_LEAST 4 /* by default: two that take turns on a processor meet each other's half-done work, too */

static const dilate_check_options defaults = {.struct_size = sizeof(dilate_check_options), .seed = 1, .points = 100};

void dilate_check_options_init_sized(dilate_check_options *options, size_t struct_size) {
  sized_init(options, struct_size, &defaults, sizeof defaults);
}

static int read_options(const dilate_check_options *options, dilate_check_options *out, dilate_error *err) {
  const int status = sized_read(options, out, &defaults, sizeof *out, "dilate_check_options_init", err);
  if (status) return status;
  if (out->points < 1 || out->points > POINTS_MAX)
    return error_set(err, DILATE_EINVAL, "options.points is %zu: it must be 1 to %d", out->points, POINTS_MAX);
  if (out->threads > THREADS_MAX)
    return error_set(err, DILATE_EINVAL, "options.threads is %zu: it must be at most %d", out->threads, THREADS_MAX);
  if (out->threads == 0 && (out->threads = threads_or_default(0)) < THREADS_LEAST) out->threads = THREADS_LEAST;
  return DILATE_OK;
}

static void clear(inspection *c) {
  double *const numbers[] = {c->x,       c->grad, c->logp, c->noise,    c->near, c->scale, c->inside,
                             c->outside, c->from, c->rows, c->row_grad, c->tile, c->out};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) memory_free(numbers[i]);
  for (int kind = 0; kind < TROUBLES; kind++) memory_free(c->tally[kind].point);
}

static int allocate(inspection *c, dilate_error *err) {
  const size_t dim = c->dim, n = c->options.points;
  int failed = !(c->x = NEW2(double, n, dim)) || !(c->grad = NEW2(double, n, dim)) || !(c->logp = NEW(double, n));
  failed |= !(c->noise = NEW(double, n)) || !(c->near = NEW(double, n)) || !(c->scale = NEW(double, dim));
  failed |= !(c->inside = NEW2(double, INSPECT_PAIRS, dim)) || !(c->outside = NEW2(double, INSPECT_PAIRS, dim));
  failed |= !(c->from = NEW(double, dim));
  failed |= !(c->rows = NEW2(double, INSPECT_TILE, dim)) || !(c->row_grad = NEW2(double, INSPECT_TILE, dim));
  failed |= !(c->tile = NEW2(double, 2 * INSPECT_TILE, dim)) || !(c->out = NEW2(double, 2, c->user.n_out));
  for (int kind = 0; kind < TROUBLES; kind++) failed |= !(c->tally[kind].point = NEW(double, dim));
  return failed ? error_memory(err, "the check of a target") : DILATE_OK;
}

static int run(inspection *c, dilate_error *err) {
  static int (*const parts[])(inspection *, dilate_error *) = {inspect_find, inspect_gradient, inspect_agree,  inspect_constrain,
                                                               inspect_far,  inspect_edges,    inspect_threads};
  int status = DILATE_OK;
  for (size_t i = 0; i < sizeof parts / sizeof *parts && !status; i++) status = parts[i](c, err);
  c->checked->points = c->n;
  return status;
}

/* What the caller's struct has room for. */
static void hand_over(const dilate_checked *from, dilate_checked *to) {
  if (!to || to->struct_size < sizeof to->struct_size) return;
  const size_t size = to->struct_size;
  memcpy(to, from, size < sizeof *from ? size : sizeof *from);
  to->struct_size = size;
}

int dilate_check(const dilate_target *target, const dilate_check_options *options, dilate_checked *checked, dilate_error *err) {
  dilate_checked full = {.struct_size = sizeof full};
  inspection c = {.checked = &full};
  int status = target_check(target, &c.user, err);
  if (!status) status = read_options(options, &c.options, err);
  if (!status) c.dim = c.user.dim;
  if (!status) status = allocate(&c, err);
  if (!status) status = run(&c, err);
  clear(&c);
  hand_over(&full, checked);
  return status;
}
