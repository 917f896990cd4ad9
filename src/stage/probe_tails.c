/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slopes of the log-density far out: see probe_tails.h. */
#include "stage/probe_tails.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "base/team.h"

#define SMALL           65536 /* products: too few to wake other threads for */
#define COORDINATES_MAX 100   /* lines go along so many, to both sides */
#define RAYS            8
#define RAYS_IMPROPER   2
#define CONFIRMATIONS   2     /* more points from which a line must be improper too */
#define RIDGE_DIM_MAX   200   /* eigenvectors cost dim^3 */
#define RIDGE_MAX       1e-14 /* smallest of the gradients' second moments over the largest: rounding, */
#define RIDGE_MAX_DIFF  1e-8  /* or that of finite differences */
#define TOLERANCE       0.01  /* of a slope */
#define FARTHER         1e6   /* from stretch to stretch beyond them */
#define LOG_LARGEST     709.0 /* log of the largest double: what is lower by more cannot be made up for by any length */

static const double far_out[3] = {1e12, 1e9, 1e6}, along_ridge[3] = {1e5, 1e3, 1e1};

typedef struct prober {
  target *target;
  const particles *p;
  double *mean, *scale; /* of the points, a coordinate */
  double *origin, *direction, *x;
} prober;

static double value_at(prober *b, double r) {
  double logp;
  for (size_t j = 0; j < b->p->dim; j++) b->x[j] = b->origin[j] + r * b->direction[j];
  target_probe(b->target, 1, 1, b->x, &logp, NULL);
  return logp;
}

/* Whether L + power log r does not fall along origin + r direction, over both stretches of `at`.  One evaluation where L falls fast. */
static int improper_along(prober *b, double here, double power, const double at[3]) {
  const double high = value_at(b, at[0]);
  if (!(high > here - power * LOG_LARGEST)) return 0;
  const double middle = value_at(b, at[1]);
  if (!((high - middle) / log(at[0] / at[1]) + power > -TOLERANCE)) return 0;
  const double low = value_at(b, at[2]);
  return isfinite(low) && (middle - low) / log(at[1] / at[2]) + power > -TOLERANCE;
}

static void start_at(prober *b, size_t i) {
  for (size_t j = 0; j < b->p->dim; j++) b->origin[j] = b->p->x[j * b->p->ld + i];
}

/* The number of point k of those that lines start from: spread over all, and finite. */
static size_t starting_point(const particles *p, size_t k) {
  size_t i = (k * 7919 + p->n / 2) % p->n;
  for (size_t tried = 0; tried < p->n && !isfinite(p->logp[i]); tried++) i = (i + 1) % p->n;
  return i;
}

static int improper_line(prober *b, size_t coordinate, double sign, size_t k) {
  const size_t i = starting_point(b->p, k);
  start_at(b, i);
  memset(b->direction, 0, b->p->dim * sizeof *b->direction);
  b->direction[coordinate] = sign * b->scale[coordinate];
  return improper_along(b, b->p->logp[i], 1, far_out);
}

/* Whether it does fall along the last line, but beyond all stretches: a target of far larger scale than the points tell.  What is not
 * finite there tells nothing: squares overflow. */
static int falls_farther_out(prober *b, size_t coordinate) {
  const double longest = 1e300 / b->scale[coordinate];
  double before = value_at(b, far_out[0]);
  for (double r = far_out[0] * FARTHER; r < longest; r *= FARTHER) {
    const double now = value_at(b, r);
    if (!isfinite(now)) return 0;
    if ((now - before) / log(FARTHER) + 1 < -TOLERANCE) return 1;
    before = now;
  }
  return 0;
}

static void probe_lines(prober *b, tail_probe *out) {
  const size_t d = b->p->dim, lines = d < COORDINATES_MAX ? d : COORDINATES_MAX;
  for (size_t l = 0; l < 2 * lines && out->verdict == TAILS_PROPER; l++) {
    const size_t j = (l / 2) * d / lines;
    const double sign = l % 2 ? -1 : 1;
    int improper = 1;
    for (size_t k = 0; k <= CONFIRMATIONS && improper; k++) improper = improper_line(b, j, sign, l + k);
    if (!improper) continue;
    *out = (tail_probe){.verdict = TAILS_LINE, .coordinate = j, .sign = sign, .reach = far_out[0] * b->scale[j]};
    if (falls_farther_out(b, j)) out->verdict = TAILS_FAR;
  }
}

static void probe_rays(prober *b, stream s, tail_probe *out) {
  const size_t d = b->p->dim, i = starting_point(b->p, 0);
  size_t improper = 0;
  double longest = 0;
  memcpy(b->origin, b->mean, d * sizeof *b->mean);
  for (uint32_t k = 0; k < RAYS && out->verdict == TAILS_PROPER; k++) {
    stream_normals(s, 1, d, 1, 1, &k, b->direction);
    for (size_t j = 0; j < d; j++) {
      b->direction[j] *= b->scale[j];
      longest = fmax(longest, b->scale[j]);
    }
    improper += (size_t)improper_along(b, b->p->logp[i], (double)d, far_out);
    if (improper >= RAYS_IMPROPER) *out = (tail_probe){.verdict = TAILS_RAYS, .reach = far_out[0] * longest};
  }
}

/* Makes b->direction as long as the points spread along it. */
static void stretch_to_spread(prober *b) {
  const size_t d = b->p->dim, n = b->p->n;
  double length = 0, square = 0;
  for (size_t j = 0; j < d; j++) length += b->direction[j] * b->direction[j];
  for (size_t i = 0; i < n; i++) {
    double along = 0;
    for (size_t j = 0; j < d; j++) along += b->direction[j] * (b->p->x[j * b->p->ld + i] - b->mean[j]);
    square += along / length * (along / length) / (double)n;
  }
  for (size_t j = 0; j < d && square > 0; j++) b->direction[j] *= sqrt(square);
}

/* The direction without gradient into b->direction; 0 where there is none.  Gradients are taken relative to each coordinate's own, since
 * the points may spread along the ridge any number of scales.  work: dim (2 dim + 1) and what symmetric_eigen needs. */
static int flat_direction(prober *b, double *work) {
  const size_t d = b->p->dim, n = b->p->n;
  double *moment = work, *vector = moment + d * d, *value = vector + d * d, *size = b->direction;
  memset(moment, 0, d * d * sizeof *moment);
#pragma omp parallel for schedule(static) num_threads(team_size(n *d *d < SMALL ? 1 : target_threads(b->target)))
  for (size_t j = 0; j < d; j++)
    for (size_t i = 0; i < n; i++)
      for (size_t k = 0; k < d; k++) moment[j * d + k] += b->p->grad[j * b->p->ld + i] * b->p->grad[k * b->p->ld + i];
  for (size_t j = 0; j < d; j++) size[j] = sqrt(moment[j * d + j]);
  for (size_t j = 0; j < d; j++)
    for (size_t k = 0; k < d; k++) moment[j * d + k] /= size[j] * size[k];
  for (size_t j = 0; j < d * d; j++)
    if (!isfinite(moment[j])) return 0;
  symmetric_eigen(d, moment, value, vector, value + d);
  const double most = target_has_gradient(b->target) ? RIDGE_MAX : RIDGE_MAX_DIFF;
  if (!(value[0] <= most * value[d - 1])) return 0;
  for (size_t j = 0; j < d; j++) b->direction[j] = vector[j * d] / size[j];
  stretch_to_spread(b);
  return 1;
}

static int probe_ridge(prober *b, tail_probe *out) {
  const size_t d = b->p->dim;
  if (d < 2 || d > RIDGE_DIM_MAX) return 0;
  double *work = NEW(double, 2 * d * d + d + symmetric_eigen_work(d));
  if (!work) return 1;
  int improper = flat_direction(b, work);
  for (size_t k = 0; k <= CONFIRMATIONS && improper; k++) {
    const size_t i = starting_point(b->p, k);
    start_at(b, i);
    improper = improper_along(b, b->p->logp[i], 1, along_ridge);
  }
  if (improper) out->verdict = TAILS_RIDGE;
  memory_free(work);
  return 0;
}

/* Means and standard deviations; a coordinate that does not vary, or overflows, has the scale of its size. */
static void measure_scales(prober *b) {
  const size_t n = b->p->n;
  for (size_t j = 0; j < b->p->dim; j++) {
    const double *x = b->p->x + j * b->p->ld;
    double sum = 0, square = 0;
    for (size_t i = 0; i < n; i++) sum += x[i] / (double)n;
    for (size_t i = 0; i < n; i++) square += (x[i] - sum) * (x[i] - sum) / (double)n;
    b->mean[j] = sum;
    b->scale[j] = isfinite(square) && square > 0 ? sqrt(square) : fmax(1, fabs(sum));
  }
}

int probe_tails(target *t, const particles *p, stream s, tail_probe *out, dilate_error *err) {
  const size_t d = p->dim;
  double *storage = NEW2(double, d, 5);
  int failed = !storage;
  memset(out, 0, sizeof *out);
  if (!failed && p->n > 0) {
    prober b = {.target = t, .p = p};
    b.mean = storage, b.scale = b.mean + d, b.origin = b.scale + d, b.direction = b.origin + d, b.x = b.direction + d;
    measure_scales(&b);
    probe_lines(&b, out);
    if (out->verdict == TAILS_PROPER) probe_rays(&b, s, out);
    if (out->verdict == TAILS_PROPER) failed = probe_ridge(&b, out);
  }
  memory_free(storage);
  return failed ? error_memory(err, "the check of the tails") : target_status(t, err);
}
