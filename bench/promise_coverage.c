/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Do +-2 reported standard errors cover the truth in 95 % of runs?  Six targets, 200 seeds each, default options: log Z, the weights of
 * modes that consist of whole components, the means of all coordinates.  Intervals of one run are not independent; counts are compared with
 * the 99.9 % binomial limits of 95 % all the same, and only from below: wider intervals than need be are no broken promise. */
#include "bench/promise.h"

#include "bench/accuracy_coverage.h"
#include "bench/accuracy_modes.h"
#include "bench/default_run.h"
#include "bench/support.h"
#include <gsl/gsl_math.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS        200
#define MEAN_DRAWS   1000000
#define DIM_MAX      64
#define SCHOOLS      8
#define SCHOOLS_GRID 4000

enum { LOG_Z_ERROR, LOG_Z_SE, WEIGHTS_COVERED, WEIGHTS, MEANS_COVERED, MEANS, WARNED, VALUES };

/* A target, and where its coordinates' true means come from. */
typedef struct covered {
  const char *target;
  void (*means)(const builtin *b, double *mean); /* NULL: they have none, or their draws no variance */
} covered;

static void means_of_draws(const builtin *b, double *mean) {
  double x[DIM_MAX];
  gsl_rng *const rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 1);
  for (size_t i = 0; i < MEAN_DRAWS; i++) {
    b->draw(b, rng, x);
    for (size_t j = 0; j < b->target.dim; j++) mean[j] += x[j] / MEAN_DRAWS;
  }
  gsl_rng_free(rng);
}

static const double y[SCHOOLS] = {28, 8, -3, 7, -1, 1, 18, 12}, se[SCHOOLS] = {15, 10, 16, 11, 9, 11, 10, 18};

/* Given tau: precision and mean of mu, and the logarithm of what is left of the density once mu and theta are integrated out. */
static double schools_given(double tau, double *precision, double *centre) {
  double sum = 0, product = 0, square = 0, logs = 0;
  for (size_t j = 0; j < SCHOOLS; j++) {
    const double w = 1 / (se[j] * se[j] + tau * tau);
    sum += w;
    product += w * y[j];
    square += w * y[j] * y[j];
    logs += log(w);
  }
  *precision = sum + 1.0 / 25;
  *centre = product / *precision;
  return 0.5 * (logs - log(*precision) - square + product * *centre) - log1p(tau * tau / 25);
}

/* eight_schools, as it is reported: mu, tau and theta, by quadrature over l = log tau from -12 to 8. */
static void means_of_schools(const builtin *b, double *mean) {
  double total = 0;
  (void)b;
  for (size_t k = 0; k < SCHOOLS_GRID; k++) {
    const double l = -12 + 20 * ((double)k + 0.5) / SCHOOLS_GRID, tau = exp(l);
    double precision, centre;
    const double weight = exp(schools_given(tau, &precision, &centre) + l);
    total += weight;
    for (size_t j = 0; j < SCHOOLS; j++) mean[2 + j] += weight * (centre + tau * tau * (y[j] - centre) / (se[j] * se[j] + tau * tau));
    mean[0] += weight * centre;
    mean[1] += weight * tau;
  }
  for (size_t j = 0; j < SCHOOLS + 2; j++) mean[j] /= total;
}

static const covered covered_list[] = {{"gmm40", means_of_draws},    {"gmm4:dim=10", means_of_draws},
                                       {"mos:dim=2", NULL},          {"himmelblau", means_of_draws},
                                       {"funnel10", means_of_draws}, {"eight_schools", means_of_schools}};
#define COVERED (sizeof covered_list / sizeof *covered_list)

static void open_builtin(const covered *c, builtin *b) {
  dilate_error err;
  dilate_error_init(&err);
  if (builtin_create(c->target, NULL, b, &err) < 0) give_up("%s: %s", c->target, err.message);
}

/* The true means: found by the first that needs them. */
static void true_means(const covered *c, const builtin *b, double *mean) {
  static double known[COVERED][DIM_MAX];
  static int ready[COVERED];
  const size_t at = (size_t)(c - covered_list);
#pragma omp critical(promise_means)
  {
    if (!ready[at]) c->means(b, known[at]);
    ready[at] = 1;
  }
  memcpy(mean, known[at], b->target.dim * sizeof *mean);
}

static void count_means(const covered *c, const builtin *b, const dilate_result *result, double *value) {
  double mean[DIM_MAX];
  if (c->means == NULL) return;
  true_means(c, b, mean);
  for (size_t j = 0; j < b->target.dim; j++) {
    dilate_parameter parameter = {.struct_size = sizeof parameter};
    dilate_result_parameter(result, j, &parameter);
    value[MEANS]++;
    value[MEANS_COVERED] += fabs(parameter.mean - mean[j]) <= 2 * parameter.mcse;
  }
}

static void count_weights(const builtin *b, const dilate_result *result, double *value) {
  const size_t n = dilate_result_islands(result) * dilate_result_draws(result);
  if (b->components < 2) return;
  size_t *const component = ALLOCATE(size_t, n), *const count = ALLOCATE(size_t, b->components);
  run modes = {0};
  for (size_t i = 0; i < n; i++) count[component[i] = b->component(b, dilate_result_unconstrained(result) + i * b->target.dim)]++;
  modes_compare(b, result, component, count, &modes);
  for (size_t m = 0; m < modes.modes; m++) {
    if (isnan(modes.mode[m].truth)) continue;
    value[WEIGHTS]++;
    value[WEIGHTS_COVERED] += fabs(modes.mode[m].weight - modes.mode[m].truth) <= 2 * modes.mode[m].weight_se;
  }
  free(modes.mode);
  free(component);
  free(count);
}

static void run_coverage(const study *self, uint64_t seed, double *value) {
  const covered *const c = self->of;
  builtin b;
  double seconds, df;
  char *failure;
  open_builtin(c, &b);
  dilate_result *const result = default_run(&b.target, seed, &seconds, &failure);
  if (failure != NULL) give_up("%s, seed %llu: %s", c->target, (unsigned long long)seed, failure);
  for (size_t i = 0; i < VALUES; i++) value[i] = 0;
  dilate_result_log_z(result, &value[LOG_Z_ERROR], &value[LOG_Z_SE], &df);
  value[LOG_Z_ERROR] -= b.log_z;
  count_weights(&b, result, value);
  count_means(c, &b, result, value);
  value[WARNED] = dilate_result_warning_count(result) > 0;
  dilate_result_free(result);
  builtin_destroy(&b);
}

size_t coverage_studies(study *out) {
  for (size_t i = 0; i < COVERED; i++) {
    out[i] = (study){.part = "coverage", .seeds = SEEDS, .count = VALUES, .run = run_coverage, .of = &covered_list[i]};
    snprintf(out[i].name, sizeof out[i].name, "%s", covered_list[i].target);
  }
  return COVERED;
}

/* ---- The table ---- */

/* "191 of 200 (.955; 178 to 200)", or a dash.  Returns 0 below the limits. */
static int print_share(FILE *file, double inside, double all) {
  size_t low, high;
  if (!(all > 0)) {
    fputs(" - |", file);
    return 1;
  }
  coverage_limits((size_t)all, &low, &high);
  const int ok = inside >= (double)low;
  fprintf(file, " %.0f of %.0f (%.1f %%; %zu to %zu)%s |", inside, all, 100 * inside / all, low, high, ok ? "" : " **!**");
  return ok;
}

static double log_z_inside(const answers *a) {
  double inside = 0;
  for (size_t k = 0; k < a->study.seeds; k++) {
    const double *const value = a->value + k * VALUES;
    inside += a->done[k] && fabs(value[LOG_Z_ERROR]) <= 2 * value[LOG_Z_SE];
  }
  return inside;
}

/* Root mean square of the reported errors over the standard deviation of the estimates. */
static double log_z_ratio(const answers *a) {
  double square = 0, *const value = ALLOCATE(double, a->study.seeds);
  size_t n = answers_gather(a, LOG_Z_SE, value);
  for (size_t i = 0; i < n; i++) square += value[i] * value[i] / (double)n;
  n = answers_gather(a, LOG_Z_ERROR, value);
  const double ratio = sqrt(square) / sd_of(n, value);
  free(value);
  return ratio;
}

static int print_target(FILE *file, const answers *a) {
  const size_t n = answers_count(a);
  fprintf(file, "| %s |", a->study.name);
  int ok = print_share(file, log_z_inside(a), (double)n);
  fprintf(file, " %.2f |", log_z_ratio(a));
  ok &= print_share(file, answers_sum(a, WEIGHTS_COVERED), answers_sum(a, WEIGHTS));
  ok &= print_share(file, answers_sum(a, MEANS_COVERED), answers_sum(a, MEANS));
  fprintf(file, " %.0f of %zu | %s |\n", answers_sum(a, WARNED), n, ok ? "pass" : "**FAIL**");
  return ok;
}

int coverage_print(FILE *file, const promise *p) {
  int ok = 1;
  double warned = 0, runs = 0;
  fputs(
      "| intervals of 2 standard errors that cover (99.9 % limits of 95 %) | log Z | se over spread | weights of modes | means | warned | "
      "|\n| --- | --- | --: | --- | --- | --- | --- |\n",
      file);
  for (size_t i = 0; i < p->count; i++) {
    const answers *const a = &p->list[i];
    if (a->study.run != run_coverage || answers_count(a) < 2) continue;
    ok &= print_target(file, a);
    warned += answers_sum(a, WARNED);
    runs += (double)answers_count(a);
  }
  fprintf(file, "\nClean runs that warned: %.0f of %.0f (at most 5 %%).\n\n", warned, runs);
  return ok && warned <= 0.05 * runs;
}
