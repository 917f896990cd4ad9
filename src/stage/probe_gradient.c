/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gradients against differences: see probe_gradient.h. */
#include "stage/probe_gradient.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "stats/summary.h"

#define POINTS      24    /* four evaluations each */
#define STEP        0.005 /* of the local scale */
#define TOLERANCE   0.02  /* of the derivative, or of its typical size over the points */
#define ERROR_TIMES 10.0  /* what the differences' own error estimate is multiplied by */
#define TRUST       0.1   /* a point counts when its error estimate is below this part of the derivative or of its typical size */
#define POINTS_MIN  8
#define WRONG_MIN   3
#define WRONG_SHARE 0.2

static const double steps[2] = {STEP, 1e-3 * STEP}; /* the second where the first contradicts: it may have strode over what is narrower */
static const double offset[4] = {-1, -0.5, 0.5, 1};

typedef struct differences {
  size_t n, at[POINTS];
  double told[POINTS], measured[POINTS], error[POINTS]; /* error: estimate of that of `measured`; infinite at an edge */
} differences;

static double spread_of(size_t n, const double *x) {
  double mean = 0, square = 0;
  for (size_t i = 0; i < n; i++) mean += x[i] / (double)n;
  for (size_t i = 0; i < n; i++) square += (x[i] - mean) * (x[i] - mean) / (double)n;
  return sqrt(square);
}

/* What row j of the factor is to be multiplied by: a scale that was learnt from gradients is no longer than the points are spread. */
static double row_factor(const particles *p, factor_form form, const double *c, size_t j) {
  double square = form == FACTOR_DIAGONAL ? c[j] * c[j] : 0;
  for (size_t k = 0; form == FACTOR_LOWER && k <= j; k++) square += c[j * p->dim + k] * c[j * p->dim + k];
  const double spread = spread_of(p->n, p->x + j * p->ld);
  return spread > 0 && spread < sqrt(square) ? spread / sqrt(square) : 1;
}

/* Directions C z/|z| into u (dim x POINTS), and what the gradients say along them. */
static void choose_directions(const particles *p, factor_form form, const double *c, stream s, differences *d, double *u) {
  uint32_t id[POINTS];
  double norm[POINTS] = {0};
  d->n = p->n < POINTS ? p->n : POINTS;
  for (size_t i = 0; i < d->n; i++) {
    id[i] = (uint32_t)i;
    d->at[i] = i * p->n / d->n;
    d->told[i] = 0;
  }
  stream_normals(s, 0, p->dim, d->n, POINTS, id, u);
  for (size_t j = 0; j < p->dim; j++)
    for (size_t i = 0; i < d->n; i++) norm[i] += u[j * POINTS + i] * u[j * POINTS + i];
  factor_times(p->dim, form, c, d->n, POINTS, u);
  for (size_t j = 0; j < p->dim; j++) {
    const double row = row_factor(p, form, c, j);
    for (size_t i = 0; i < d->n; i++) {
      u[j * POINTS + i] *= row / sqrt(norm[i]);
      d->told[i] += u[j * POINTS + i] * p->grad[j * p->ld + d->at[i]];
    }
  }
}

/* Derivatives by Richardson's extrapolation of steps h and h/2, with what they differ from the better one as their error, and rounding. */
static void extrapolate(const particles *p, const double value[4][POINTS], double step, differences *d) {
  for (size_t i = 0; i < d->n; i++) {
    const double wide = (value[3][i] - value[0][i]) / (2 * step), narrow = (value[2][i] - value[1][i]) / step;
    d->measured[i] = (4 * narrow - wide) / 3;
    d->error[i] = fabs(d->measured[i] - narrow) + 4 * DBL_EPSILON * fabs(p->logp[d->at[i]]) / step;
    if (!isfinite(d->measured[i]) || !isfinite(p->logp[d->at[i]])) d->error[i] = INFINITY;
  }
}

static gradient_probe judge(const differences *d) {
  gradient_probe out = {0};
  differences sound = {0};
  for (size_t i = 0; i < d->n; i++) {
    if (!isfinite(d->error[i])) continue;
    sound.at[sound.n] = d->at[i];
    sound.told[sound.n] = d->told[i];
    sound.measured[sound.n] = d->measured[i];
    sound.error[sound.n++] = d->error[i];
  }
  if (sound.n < POINTS_MIN) return out;
  double sorted[2 * POINTS], clearest = 0;
  const double typical = summary_median_size(sound.n, sound.measured, sorted), noise = summary_median_size(sound.n, sound.error, sorted);
  for (size_t i = 0; i < sound.n; i++) {
    const double size = fmax(fabs(sound.measured[i]), typical), error = sound.error[i] + noise;
    if (error > TRUST * size) continue;
    out.points++;
    const double off = fabs(sound.told[i] - sound.measured[i]), allowed = TOLERANCE * size + ERROR_TIMES * error;
    if (!(off > allowed)) continue;
    out.wrong++;
    if (off / allowed <= clearest) continue;
    clearest = off / allowed;
    out.at = sound.at[i];
    out.told = sound.told[i];
    out.measured = sound.measured[i];
  }
  return out;
}

int probe_gradient(target *t, const particles *p, factor_form form, const double *c, stream s, gradient_probe *out, dilate_error *err) {
  differences d = {0};
  double value[4][POINTS], *u = NEW2(double, p->dim, POINTS), *x = NEW2(double, p->dim, POINTS);
  const int failed = !u || !x;
  memset(out, 0, sizeof *out);
  if (!failed) choose_directions(p, form, c, s, &d, u);
  for (int stage = 0; !failed && (stage == 0 || (stage == 1 && probe_gradient_contradicts(out))); stage++) {
    for (int k = 0; k < 4; k++) {
      for (size_t j = 0; j < p->dim; j++)
        for (size_t i = 0; i < d.n; i++) x[j * POINTS + i] = p->x[j * p->ld + d.at[i]] + offset[k] * steps[stage] * u[j * POINTS + i];
      target_probe(t, d.n, POINTS, x, value[k], NULL);
    }
    extrapolate(p, (const double(*)[POINTS])value, steps[stage], &d);
    *out = judge(&d);
  }
  memory_free(u);
  memory_free(x);
  return failed ? error_memory(err, "the check of the gradient") : target_status(t, err);
}

int probe_gradient_contradicts(const gradient_probe *probe) {
  return probe->points >= POINTS_MIN && probe->wrong >= WRONG_MIN && (double)probe->wrong >= WRONG_SHARE * (double)probe->points;
}
