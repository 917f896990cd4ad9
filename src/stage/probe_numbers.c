/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What doubles can tell of the target: see probe_numbers.h. */
#include "stage/probe_numbers.h"

#include <float.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/team.h"
#include "stats/summary.h"

#define AGAIN 16   /* points that are evaluated once more */
#define AGREE 0.95 /* of the points, in the sign of their pull */
#define MOST  1e300

/* The root of the mean square, whatever the numbers' size. */
static double root_mean_square(size_t n, const double *x, double centre) {
  double most = 0, sum = 0;
  for (size_t i = 0; i < n; i++) most = fmax(most, fabs(x[i] - centre));
  if (!(most > 0) || !isfinite(most)) return most;
  for (size_t i = 0; i < n; i++) sum += (x[i] - centre) / most * ((x[i] - centre) / most) / (double)n;
  return most * sqrt(sum);
}

static double mean_of(size_t n, const double *x) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += x[i] / (double)n;
  return sum;
}

/* A coordinate's local scale: that of the gradients (1 / median size), or the points' spread where that is less. */
static void measure_width(const particles *p, size_t j, double *sorted, double *place, double *scale) {
  const double *x = p->x + j * p->ld, *grad = p->grad + j * p->ld;
  *place = summary_median_size(p->n, x, sorted);
  const double slope = summary_median_size(p->n, grad, sorted), spread = root_mean_square(p->n, x, mean_of(p->n, x));
  *scale = slope > 0 ? fmin(spread, 1 / slope) : spread;
}

static int measure_widths(const particles *p, size_t threads, number_probe *out) {
  const size_t team = (size_t)team_size(threads), each = memory_whole_lines(2 * p->n);
  double *place = NEW(double, p->dim), *scale = NEW(double, p->dim), *sorted = NEW2(double, team, each);
  const int failed = !place || !scale || !sorted;
  out->doubles = INFINITY;
#pragma omp parallel for schedule(dynamic) num_threads((int)team)
  for (size_t j = 0; j < (failed ? 0 : p->dim); j++)
    measure_width(p, j, sorted + each * (size_t)omp_get_thread_num(), &place[j], &scale[j]);
  for (size_t j = 0; j < p->dim && !failed; j++) {
    const double doubles = scale[j] / (DBL_EPSILON * place[j]);
    if (!(doubles < out->doubles)) continue;
    out->narrowest = j;
    out->place = place[j];
    out->spread = scale[j];
    out->doubles = doubles;
  }
  memory_free(place);
  memory_free(scale);
  memory_free(sorted);
  return failed;
}

/* pull: n numbers of scratch. */
static void measure_pull(const particles *p, double *pull, number_probe *out) {
  size_t inwards = 0, outwards = 0, still = 0;
  memset(pull, 0, p->n * sizeof *pull);
  for (size_t j = 0; j < p->dim; j++) {
    const double *x = p->x + j * p->ld, *g = p->grad + j * p->ld, mean = mean_of(p->n, x);
    for (size_t i = 0; i < p->n; i++) pull[i] = fmax(-MOST, fmin(MOST, pull[i] - (x[i] - mean) / (double)p->dim * g[i]));
  }
  for (size_t i = 0; i < p->n; i++) {
    double slope = 0;
    for (size_t j = 0; j < p->dim; j++) slope = fmax(slope, fabs(p->grad[j * p->ld + i]));
    still += slope == 0;
    inwards += pull[i] > 0;
    outwards += pull[i] < 0;
  }
  gsl_sort(pull, 1, p->n);
  out->still = (double)still / (double)p->n;
  if ((double)inwards >= AGREE * (double)p->n) out->pull = summary_quantile(p->n, pull, 0.5);
  if ((double)outwards >= AGREE * (double)p->n) out->push = -summary_quantile(p->n, pull, 0.5);
}

static int evaluate_again(target *t, const particles *p, number_probe *out) {
  const size_t n = p->n < AGAIN ? p->n : AGAIN;
  double again[AGAIN], most = -1, *x = NEW2(double, p->dim, AGAIN);
  if (!x) return 1;
  for (size_t k = 0; k < n; k++)
    for (size_t j = 0; j < p->dim; j++) x[j * AGAIN + k] = p->x[j * p->ld + k * p->n / n];
  target_probe(t, n, AGAIN, x, again, NULL);
  for (size_t k = 0; k < n; k++) {
    const double first = p->logp[k * p->n / n], off = fabs(first - again[k]);
    if (!isfinite(first) || !(off > most)) continue;
    most = off;
    out->first = first;
    out->again = again[k];
  }
  memory_free(x);
  return 0;
}

int probe_numbers(target *t, const particles *p, number_probe *out, dilate_error *err) {
  memset(out, 0, sizeof *out);
  out->doubles = INFINITY;
  if (p->n == 0) return DILATE_OK;
  double *work = NEW2(double, 2, p->n);
  int failed = !work || evaluate_again(t, p, out);
  if (!failed) {
    out->size = summary_median_size(p->n, p->logp, work);
    out->apart = DBL_EPSILON * out->size;
    failed = measure_widths(p, target_threads(t), out);
    measure_pull(p, work, out);
  }
  memory_free(work);
  return failed ? error_memory(err, "the check of the target's numbers") : target_status(t, err);
}
