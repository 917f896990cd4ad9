/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points of the support: particles fall onto the target as in a run, on one thread; then points about them, at several distances. */
#include "diag/inspect.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "stage/explore.h"
#include "stats/summary.h"

#define BATCHES   6    /* of exploration, at most */
#define SCAN      20   /* times the points: looks at the log-density and its gradient */
#define HALVINGS  8    /* of a distance that leads out of the support */
#define NARROWEST 1e-3 /* of the particles' spread: the least scale that the gradients may tell */

static const double distances[] = {0, 0.1, 0.5, 2, 8}; /* in scales */
#define DISTANCES (sizeof distances / sizeof *distances)

/* ---- Exploring ---- */

/* What exploration calls: the target by way of inspect_evaluate(), so that what is bad is noted, and outside of the support for it. */
static int noted(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  inspection *c = params;
  for (size_t first = 0; first < n; first += INSPECT_TILE) {
    const size_t size = n - first < INSPECT_TILE ? n - first : INSPECT_TILE;
    for (size_t i = 0; i < size; i++)
      for (size_t j = 0; j < dim; j++) c->rows[i * dim + j] = x[j * ld + first + i];
    inspect_evaluate(c, size, c->rows, logp + first, grad ? c->row_grad : NULL);
    for (size_t i = 0; grad && i < size; i++)
      for (size_t j = 0; j < dim; j++) grad[j * ld + first + i] = c->row_grad[i * dim + j];
  }
  return 0;
}

/* The interquartile range as a standard deviation, or the whole range where half of the particles agree. */
static double spread(size_t n, double *value) {
  gsl_sort(value, 1, n);
  const double middle = (summary_quantile(n, value, 0.75) - summary_quantile(n, value, 0.25)) / 1.349;
  return middle > 0 ? middle : value[n - 1] - value[0];
}

/* In a target of many modes the gradients tell how wide one is, the particles how wide all of them; gradients may be wrong. */
static void find_scales(inspection *c, const explore *e, size_t n, const size_t *at, double *value) {
  for (size_t j = 0; j < c->dim; j++) {
    for (size_t i = 0; i < n; i++) value[i] = e->settled.x[j * e->settled.ld + at[i]];
    const double wide = spread(n, value), learnt = sqrt(e->metric.s[j * c->dim + j]);
    if (!(wide > 0))
      c->scale[j] = 1e-3 * fmax(1, fabs(value[0]));
    else
      c->scale[j] = learnt >= NARROWEST * wide && learnt <= wide ? learnt : learnt < wide ? NARROWEST * wide : wide;
  }
}

/* ---- Points ---- */

static void move(inspection *c, stream s, size_t number, double distance, const double *from, double *to) {
  const uint32_t particle = (uint32_t)number;
  stream_normals(s, 0, c->dim, 1, 1, &particle, to);
  for (size_t j = 0; j < c->dim; j++) to[j] = from[j] + distance * c->scale[j] * to[j];
}

static void keep_pair(inspection *c, const double *inside, const double *outside) {
  if (c->pairs == INSPECT_PAIRS) return;
  memcpy(c->inside + c->pairs * c->dim, inside, c->dim * sizeof *inside);
  memcpy(c->outside + c->pairs * c->dim, outside, c->dim * sizeof *outside);
  c->pairs++;
}

static const double *take(const explore *e, size_t at, double *x) {
  for (size_t j = 0; j < e->dim; j++) x[j] = e->settled.x[j * e->settled.ld + at];
  return x;
}

/* The next of the points, near particle `at`, unless it is bad even there. */
static void place(inspection *c, const explore *e, stream s, size_t i, size_t at) {
  double distance = distances[i % DISTANCES], *x = c->x + c->n * c->dim, *from = c->from;
  double *grad = c->user.flags & DILATE_TARGET_NO_GRADIENT ? NULL : c->grad + c->n * c->dim;
  take(e, at, from);
  for (int k = 0; k <= HALVINGS; k++, distance *= k < HALVINGS ? 0.5 : 0) {
    move(c, s, i, distance, from, x);
    inspect_evaluate(c, 1, x, &c->logp[c->n], grad);
    if (isfinite(c->logp[c->n])) break;
    keep_pair(c, from, x);
  }
  c->near[c->n] = distance;
  if (isfinite(c->logp[c->n])) c->n++;
}

/* Many looks, for what is wrong in a small part of the support only. */
static void scan(inspection *c, const explore *e, stream s, size_t n, const size_t *at) {
  double logp[INSPECT_TILE], *const grad = c->user.flags & DILATE_TARGET_NO_GRADIENT ? NULL : c->row_grad;
  for (size_t k = 0; k < SCAN * c->options.points; k += INSPECT_TILE) {
    for (size_t i = 0; i < INSPECT_TILE; i++)
      move(c, s, k + i, distances[1 + (k + i) % (DISTANCES - 1)], take(e, at[(k + i) % n], c->from), c->rows + i * c->dim);
    inspect_evaluate(c, INSPECT_TILE, c->rows, logp, grad);
  }
}

static int choose(inspection *c, const explore *e, dilate_error *err) {
  const size_t all = e->settled.n;
  size_t n = 0, *at = NEW(size_t, all + 1);
  double *value = NEW(double, all + 1);
  const int failed = !at || !value;
  for (size_t i = 0; !failed && i < all; i++)
    if (e->kept[i] && isfinite(e->settled.logp[i])) at[n++] = i;
  if (n) {
    find_scales(c, e, n, at, value);
    for (size_t i = 0; i < c->options.points; i++)
      place(c, e, stream_make(c->options.seed, STREAM_PROBE, 1, 0), i, at[i * n / c->options.points % n]);
    scan(c, e, stream_make(c->options.seed, STREAM_PROBE, 2, 0), n, at);
  }
  memory_free(at);
  memory_free(value);
  if (failed) return error_memory(err, "the check of a target");
  inspect_flush(c, "inside the support or near it,");
  if (c->n) return DILATE_OK;
  return error_set(err, DILATE_ESUPPORT, "no point was found where the target has a finite log-density and a finite gradient");
}

/* What is no number where particles fell past is rejected, and nothing comes of it: it matters near the support, which is looked at next.
 */
static void forget_passed(inspection *c) {
  c->tally[TROUBLE_NAN].count = 0;
  c->tally[TROUBLE_SLOPE].count = 0;
}

int inspect_find(inspection *c, dilate_error *err) {
  dilate_target seen = {.struct_size = sizeof seen, .dim = c->dim, .batch = noted, .params = c};
  seen.flags = c->user.flags & DILATE_TARGET_NO_GRADIENT;
  target *t = NULL;
  explore e;
  int status = target_create(&seen, 1, &t, err);
  if (status) return status;
  status = explore_create(t, c->options.seed, 0, 1, &e, err);
  if (!status) status = DILATE_CONTINUE;
  c->is_falling = 1;
  for (size_t k = 0; k < BATCHES && status == DILATE_CONTINUE; k++) status = explore_step(&e, err);
  c->is_falling = 0;
  if (status >= 0) forget_passed(c);
  inspect_flush(c, "where particles fell,");
  if (status >= 0) status = choose(c, &e, err);
  explore_clear(&e);
  target_free(t);
  return status;
}
