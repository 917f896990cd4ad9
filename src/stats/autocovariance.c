/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Autocovariances by the Wiener-Khinchin theorem: the inverse Fourier transform of the squared modulus of the transform, of the series
 * padded with at least as many zeros as it has values, so that nothing comes round. */
#include "stats/autocovariance.h"

#include <gsl/gsl_fft_halfcomplex.h>
#include <gsl/gsl_fft_real.h>
#include <string.h>

#include "stats/summary.h"

size_t autocovariance_work(size_t n) {
  size_t room = 2;
  while (room < 2 * n) room *= 2;
  return room;
}

/* |transform|^2 in place, in GSL's order: the real part of frequency k at k, its imaginary part at room - k. */
static void squared_modulus(size_t room, double *transform) {
  transform[0] *= transform[0];
  transform[room / 2] *= transform[room / 2];
  for (size_t k = 1; k < room / 2; k++) {
    const double real = transform[k], imaginary = transform[room - k];
    transform[k] = real * real + imaginary * imaginary;
    transform[room - k] = 0;
  }
}

void autocovariance(size_t n, const double *x, double *out, double *work) {
  const size_t room = autocovariance_work(n);
  const double mean = summary_mean(n, x);
  memset(work, 0, room * sizeof *work);
  for (size_t i = 0; i < n; i++) work[i] = x[i] - mean;
  gsl_fft_real_radix2_transform(work, 1, room);
  squared_modulus(room, work);
  gsl_fft_halfcomplex_radix2_inverse(work, 1, room);
  for (size_t t = 0; t < n; t++) out[t] = work[t] / (double)n;
}
