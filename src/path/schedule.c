/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schedules.  On the Gaussian convolution path c + sqrt(lambda) (X - c) + sqrt(1 - lambda) s E, lambda is abar of the
 * variance-preserving process and 1 / (1 + sigma^2 / s^2) of the variance-exploding one, so the noise schedules of both are schedules like
 * any other:
 *   linear      t
 *   quadratic   t^2: sqrt(lambda) is linear, a constant speed of the dilation path's particles towards the centre
 *   geometric   1e-4^(1 - t)
 *   cosine      sin(pi t / 2)^2                                          (Nichol & Dhariwal 2021, without their offset)
 *   vp          exp(-(0.1 u + 9.95 u^2)), u = 1 - t: beta from 0.1 to 20 (Song et al. 2021, the variance-preserving process)
 *   ve          (1 + 1e-4) / (1 + sigma^2), sigma = 100 (1e-4)^t from 100 to 0.01, its last noise taken as none
 * The first two and the cosine begin at 0, the others near it; all end at 1. */
#include <math.h>
#include <string.h>

#include "path/schedule.h"

#define PI 3.14159265358979323846

static double cosine(double t) {
  const double s = sin(PI * t / 2);
  return s * s;
}

static double variance_preserving(double t) {
  const double u = 1 - t;
  return exp(-(0.1 * u + 9.95 * u * u));
}

static double variance_exploding(double t) {
  const double sigma = 100 * pow(1e-4, t);
  return (1 + 1e-4) / (1 + sigma * sigma);
}

static const char *const names[] = {[DILATE_SCHEDULE_LINEAR] = "linear",
                                    [DILATE_SCHEDULE_QUADRATIC] = "quadratic",
                                    [DILATE_SCHEDULE_GEOMETRIC] = "geometric",
                                    [DILATE_SCHEDULE_COSINE] = "cosine",
                                    [DILATE_SCHEDULE_VP] = "vp",
                                    [DILATE_SCHEDULE_VE] = "ve"};

const char *dilate_schedule_name(size_t i) {
  return i < sizeof names / sizeof *names ? names[i] : NULL;
}

double dilate_schedule_lambda(dilate_schedule kind, double t) {
  const double s = t > 0 ? fmin(t, 1) : 0;
  switch (kind) {
  case DILATE_SCHEDULE_QUADRATIC:
    return s * s;
  case DILATE_SCHEDULE_GEOMETRIC:
    return pow(1e-4, 1 - s);
  case DILATE_SCHEDULE_COSINE:
    return s < 1 ? cosine(s) : 1;
  case DILATE_SCHEDULE_VP:
    return variance_preserving(s);
  case DILATE_SCHEDULE_VE:
    return s < 1 ? variance_exploding(s) : 1;
  case DILATE_SCHEDULE_LINEAR:
  default:
    return s;
  }
}

int schedule_find(const char *name, dilate_schedule *kind) {
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (!strcmp(name, names[i])) {
      if (kind) *kind = (dilate_schedule)i;
      return 1;
    }
  return 0;
}

/* Straight lines between the values. */
static double interpolate(size_t count, const double *lambda, double t) {
  const double place = (t > 0 ? fmin(t, 1) : 0) * (double)(count - 1);
  const size_t k = place < (double)(count - 1) ? (size_t)place : count - 2;
  const double part = place - (double)k;
  return part == 1 ? lambda[k + 1] : lambda[k] + part * (lambda[k + 1] - lambda[k]);
}

double schedule_lambda(const schedule *s, double t) {
  return s->lambda ? interpolate(s->count, s->lambda, t) : dilate_schedule_lambda(s->kind, t);
}
