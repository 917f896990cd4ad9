/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tweedie's formula (Robbins 1956; Efron 2011; Park et al. 2024, arXiv 2411.18702; Luo 2022, arXiv 2208.11970): four ways to state one
 * thing.
 *
 * For u = x - c = a (X - c) + b E, E ~ N(0, I), write d = E[X given x] - c and e = E[E given x].  Then u = a d + b e, and
 *   score s = -e/b,   velocity v = a e - b d, hence   d = (a u - b v)/h^2,   e = (b u + a v)/h^2,   h^2 = a^2 + b^2.
 * Differences are taken such that the denoiser is x itself, bit for bit, where a = 1 and b = 0. */
#include "base/sized.h"

#include <math.h>

#define FORMS (DILATE_TWEEDIE_VELOCITY + 1)

/* ---- The three paths ---- */

void dilate_tweedie_init_sized(dilate_tweedie *tweedie, size_t struct_size) {
  const dilate_tweedie whole = {.struct_size = sizeof whole, .a = 1};
  sized_init(tweedie, struct_size, &whole, sizeof whole);
}

static int set(double a, double b, const double *centre, dilate_tweedie *out, dilate_error *err) {
  if (!out) return error_set(err, DILATE_EINVAL, "tweedie: out is NULL: there is nowhere to put the path");
  if (out->struct_size < sizeof *out)
    return error_set(err, DILATE_EINVAL, "tweedie: struct_size is %zu; call dilate_tweedie_init(&tweedie) first", out->struct_size);
  out->a = a;
  out->b = b;
  out->centre = centre;
  return DILATE_OK;
}

int dilate_tweedie_ve(double sigma, dilate_tweedie *out, dilate_error *err) {
  if (!(sigma >= 0 && isfinite(sigma)))
    return error_set(err, DILATE_EINVAL, "tweedie: sigma is %g; it must be finite and not below 0", sigma);
  return set(1, sigma, NULL, out, err);
}

int dilate_tweedie_vp(double abar, dilate_tweedie *out, dilate_error *err) {
  if (!(abar >= 0 && abar <= 1)) return error_set(err, DILATE_EINVAL, "tweedie: abar is %g; it must be from 0 to 1", abar);
  return set(sqrt(abar), sqrt(1 - abar), NULL, out, err);
}

int dilate_tweedie_convolution(double lambda, double scale, const double *centre, dilate_tweedie *out, dilate_error *err) {
  if (!(lambda >= 0 && lambda <= 1)) return error_set(err, DILATE_EINVAL, "tweedie: lambda is %g; it must be from 0 to 1", lambda);
  if (!(scale > 0 && isfinite(scale))) return error_set(err, DILATE_EINVAL, "tweedie: scale is %g; it must be finite and above 0", scale);
  return set(sqrt(lambda), sqrt(1 - lambda) * scale, centre, out, err);
}

/* ---- What can be told from what ---- */

static const char *const form_name[FORMS] = {"score", "denoiser", "noise", "velocity"};

/* At b = 0 there is no noise: x says nothing of it, nor its multiple in the denoiser. */
static const unsigned char needs_noise[FORMS][FORMS] = {
    [DILATE_TWEEDIE_DENOISER] = {[DILATE_TWEEDIE_SCORE] = 1, [DILATE_TWEEDIE_NOISE] = 1, [DILATE_TWEEDIE_VELOCITY] = 1},
    [DILATE_TWEEDIE_NOISE] = {[DILATE_TWEEDIE_SCORE] = 1},
    [DILATE_TWEEDIE_VELOCITY] = {[DILATE_TWEEDIE_SCORE] = 1},
};

/* At a = 0 all is noise: neither x nor the noise says anything of X. */
static const unsigned char needs_signal[FORMS][FORMS] = {
    [DILATE_TWEEDIE_SCORE] = {[DILATE_TWEEDIE_DENOISER] = 1, [DILATE_TWEEDIE_VELOCITY] = 1},
    [DILATE_TWEEDIE_NOISE] = {[DILATE_TWEEDIE_DENOISER] = 1, [DILATE_TWEEDIE_VELOCITY] = 1},
};

static int check_path(const dilate_tweedie *t, dilate_error *err) {
  if (!t) return error_set(err, DILATE_EINVAL, "tweedie: NULL; pass a dilate_tweedie");
  if (t->struct_size < sizeof *t)
    return error_set(err, DILATE_EINVAL, "tweedie: struct_size is %zu; call dilate_tweedie_init(&tweedie) first", t->struct_size);
  if (!(t->a >= 0 && t->b >= 0 && isfinite(t->a) && isfinite(t->b) && t->a + t->b > 0))
    return error_set(err, DILATE_EINVAL, "tweedie: a is %g and b is %g; both must be finite and not below 0, and one above it", t->a, t->b);
  return DILATE_OK;
}

static int check_forms(const dilate_tweedie *t, dilate_tweedie_form from, dilate_tweedie_form to, dilate_error *err) {
  if ((unsigned)from >= FORMS || (unsigned)to >= FORMS)
    return error_set(err, DILATE_EINVAL, "tweedie: from form %d to form %d; they are from 0 to %d (dilate_tweedie_form)", (int)from,
                     (int)to, FORMS - 1);
  if (t->b == 0 && needs_noise[from][to])
    return error_set(err, DILATE_EDOMAIN, "tweedie: at b = 0 there is no noise: the %s does not determine the %s; take b > 0",
                     form_name[from], form_name[to]);
  if (t->a == 0 && needs_signal[from][to])
    return error_set(err, DILATE_EDOMAIN, "tweedie: at a = 0 x is noise alone: the %s does not determine the %s; take a > 0",
                     form_name[from], form_name[to]);
  return DILATE_OK;
}

static int check_arrays(size_t dim, size_t n, size_t ld, const double *x, const double *in, const double *out, dilate_error *err) {
  if (!x || !in || !out) return error_set(err, DILATE_EINVAL, "tweedie: x, in and out must not be NULL");
  if (dim == 0) return error_set(err, DILATE_EINVAL, "tweedie: dim is 0; it must be at least 1");
  if (ld < n) return error_set(err, DILATE_EINVAL, "tweedie: ld is %zu; it must be at least n = %zu", ld, n);
  return DILATE_OK;
}

/* ---- One number ---- */

/* Denoiser, less c, and noise; one of them is not a number where the form does not tell it. */
typedef struct parts {
  double denoiser, signal, noise; /* D, D - c and e */
} parts;

static parts from_noise(const dilate_tweedie *t, double c, double x, double e) {
  const double u = x - c;
  return (parts){.denoiser = x + ((1 - t->a) * u - t->b * e) / t->a, .signal = (u - t->b * e) / t->a, .noise = e};
}

static parts from_denoiser(const dilate_tweedie *t, double c, double x, double denoiser) {
  const double d = denoiser - c;
  return (parts){.denoiser = denoiser, .signal = d, .noise = ((x - denoiser) + (1 - t->a) * d) / t->b};
}

/* Divided by h once each, so that no square overflows. */
static parts from_velocity(const dilate_tweedie *t, double c, double x, double v) {
  const double u = x - c, h = hypot(t->a, t->b), a = t->a / h, b = t->b / h;
  return (parts){.denoiser = x + ((a - h) * u - b * v) / h, .signal = (a * u - b * v) / h, .noise = (b * u + a * v) / h};
}

static double convert(const dilate_tweedie *t, dilate_tweedie_form from, dilate_tweedie_form to, double c, double x, double in) {
  const parts p = from == DILATE_TWEEDIE_SCORE      ? from_noise(t, c, x, -t->b * in)
                  : from == DILATE_TWEEDIE_DENOISER ? from_denoiser(t, c, x, in)
                  : from == DILATE_TWEEDIE_NOISE    ? from_noise(t, c, x, in)
                                                    : from_velocity(t, c, x, in);
  return to == DILATE_TWEEDIE_SCORE      ? -p.noise / t->b
         : to == DILATE_TWEEDIE_DENOISER ? p.denoiser
         : to == DILATE_TWEEDIE_NOISE    ? p.noise
                                         : t->a * p.noise - t->b * p.signal;
}

int dilate_tweedie_convert(const dilate_tweedie *t, dilate_tweedie_form from, dilate_tweedie_form to, size_t dim, size_t n, size_t ld,
                           const double *x, const double *in, double *out, dilate_error *err) {
  int status = check_path(t, err);
  if (!status) status = check_forms(t, from, to, err);
  if (!status) status = check_arrays(dim, n, ld, x, in, out, err);
  if (status) return status;
  for (size_t j = 0; j < dim; j++) {
    const double c = t->centre ? t->centre[j] : 0;
    for (size_t k = j * ld; k < j * ld + n; k++) out[k] = from == to ? in[k] : convert(t, from, to, c, x[k], in[k]);
  }
  return DILATE_OK;
}
