/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Races, and the unit. */
#include "bench/speed_clock.h"

#include "bench/support.h"
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <stdlib.h>

#define MILLION 1000000

static double time_of(const rival *r, size_t times) {
  const double start = processor_seconds();
  for (size_t i = 0; i < times; i++) r->work(r->state);
  return processor_seconds() - start;
}

/* How often it must work to take long enough; it is warm afterwards. */
static size_t times_needed(const rival *r, double least) {
  size_t times = 1;
  for (double taken = time_of(r, times); taken < least; taken = time_of(r, times)) {
    const double more = taken > 0 ? 1.2 * least / taken : 16;
    times = (size_t)((double)times * (more > 16 ? 16 : more)) + 1;
  }
  return times;
}

void race(const pace *p, size_t n, rival *rivals, figures *out) {
  size_t *const times = ALLOCATE(size_t, n);
  for (size_t i = 0; i < n; i++) times[i] = times_needed(&rivals[i], p->least);
  for (size_t turn = 0; turn < p->repeats; turn++)
    for (size_t i = 0; i < n; i++) {
      const double seconds = time_of(&rivals[i], times[i]);
      figures_add(out, FIGURE_REPEATS, "ns", 1e9 * seconds / ((double)times[i] * rivals[i].amount), "%s", rivals[i].name);
    }
  free(times);
}

double unit_seconds(size_t repeats) {
  gsl_rng *const rng = gsl_rng_alloc(gsl_rng_mt19937);
  double *const seconds = ALLOCATE(double, repeats);
  static volatile double kept;
  for (size_t r = 0; r < repeats; r++) {
    double sum = 0;
    const double start = processor_seconds();
    for (size_t i = 0; i < MILLION; i++) sum += gsl_ran_gaussian_ziggurat(rng, 1);
    seconds[r] = processor_seconds() - start;
    kept = sum;
  }
  (void)kept;
  const double median = median_of(repeats, seconds);
  free(seconds);
  gsl_rng_free(rng);
  return median;
}
