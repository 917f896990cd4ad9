/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagnostics of chains against R's package posterior: its example draws, and awkward ones (tests/posterior_values.R made the draws and the
 * values); against sums done the slow way; and where nothing can be said. */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_stats.h"
#include "runner.h"
#include "stats/autocovariance.h"
#include "stats/summary.h"

/* ---- posterior ---- */

#define TOLERANCE 1e-8
#define MEASURES  14
#define ROWS_MAX  400
#define WIDTH_MAX 13

static const char *const measure_name[MEASURES] = {"mean",     "sd",   "q5",      "q50",     "q95",      "rhat",     "ess_bulk",
                                                   "ess_tail", "mcse", "mcse_sd", "mcse_q5", "mcse_q50", "mcse_q95", "pareto_k"};

static void measures_of(const dilate_parameter *p, double out[MEASURES]) {
  const double all[MEASURES] = {p->mean,     p->sd,   p->q5,      p->q50,     p->q95,      p->rhat,     p->ess_bulk,
                                p->ess_tail, p->mcse, p->mcse_sd, p->mcse_q5, p->mcse_q50, p->mcse_q95, p->pareto_k};
  memcpy(out, all, sizeof all);
}

static FILE *open_data(const char *name) {
  char path[512];
  const char *top = getenv("top_srcdir");
  snprintf(path, sizeof path, "%s/tests/data/%s", top ? top : ".", name);
  FILE *stream = fopen(path, "r");
  ck_assert_msg(stream != NULL, "cannot read %s", path);
  return stream;
}

typedef struct sample {
  size_t rows, width; /* the first column is the chain's number */
  double value[ROWS_MAX][WIDTH_MAX];
} sample;

static void read_sample(const char *name, sample *out) {
  char line[4096];
  FILE *stream = open_data(name);
  ck_assert_ptr_nonnull(fgets(line, sizeof line, stream));
  for (out->rows = 0; fgets(line, sizeof line, stream); out->rows++) {
    char *at = line;
    ck_assert_uint_lt(out->rows, ROWS_MAX);
    for (out->width = 0; out->width < WIDTH_MAX && *at && *at != '\n'; out->width++) {
      out->value[out->rows][out->width] = strtod(at, &at);
      if (*at == ',') at++;
    }
  }
  fclose(stream);
}

/* Chain after chain, as the files have them. */
static size_t take_column(const sample *s, size_t column, double *x) {
  size_t chains = 0;
  for (size_t i = 0; i < s->rows; i++) {
    x[i] = s->value[i][column];
    chains += i == 0 || s->value[i][0] != s->value[i - 1][0];
  }
  return chains;
}

static dilate_parameter summarise(size_t chains, size_t n, const double *x) {
  dilate_parameter p = {.struct_size = sizeof p, .name = "theta"};
  ck_assert_int_eq(dilate_summarise(chains, n, x, &p, NULL), DILATE_OK);
  ck_assert_str_eq(p.name, "theta");
  return p;
}

static int agrees(double value, double truth) {
  return isnan(truth) ? isnan(value) : fabs(value - truth) <= TOLERANCE * fabs(truth);
}

/* Reads one line of values; 0 at the end. */
static int read_values(FILE *stream, char *file, char *name, double truth[MEASURES]) {
  char line[1024];
  int used = 0;
  if (!fgets(line, sizeof line, stream)) return 0;
  ck_assert_int_eq(sscanf(line, "%63[^,],%63[^,],%n", file, name, &used), 2);
  const char *at = line + used;
  for (size_t k = 0; k < MEASURES; k++) {
    char *end;
    truth[k] = strncmp(at, "NA", 2) == 0 ? (double)NAN : strtod(at, &end);
    at = strchr(at, ',') ? strchr(at, ',') + 1 : at;
  }
  return 1;
}

START_TEST(everything_is_what_posterior_says) {
  static sample s;
  static double x[ROWS_MAX];
  char header[1024], file[64], name[64], before[64] = "";
  double truth[MEASURES], value[MEASURES];
  size_t column = 0, compared = 0;
  FILE *stream = open_data("posterior_values.csv");
  ck_assert_ptr_nonnull(fgets(header, sizeof header, stream));
  for (; read_values(stream, file, name, truth); compared++) {
    if (strcmp(file, before) != 0) {
      read_sample(file, &s);
      strcpy(before, file);
      column = 0;
    }
    const size_t chains = take_column(&s, ++column, x);
    const dilate_parameter p = summarise(chains, s.rows / chains, x);
    measures_of(&p, value);
    for (size_t k = 0; k < MEASURES; k++)
      ck_assert_msg(agrees(value[k], truth[k]), "%s of %s in %s: %.17g is not %.17g", measure_name[k], name, file, value[k], truth[k]);
  }
  fclose(stream);
  ck_assert_uint_eq(compared, 58);
}
END_TEST

/* ---- The slow way ---- */

START_TEST(autocovariances_are_the_sums) {
  static const size_t lengths[] = {1, 2, 3, 5, 8, 63, 64, 65, 500};
  double x[500], out[500], work[1024];
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
    const size_t n = lengths[k];
    ck_assert_uint_le(autocovariance_work(n), 1024);
    for (size_t i = 0; i < n; i++) x[i] = 7 + gsl_ran_ugaussian(rng) + (i ? 0.8 * (x[i - 1] - 7) : 0);
    autocovariance(n, x, out, work);
    const double mean = summary_mean(n, x);
    for (size_t t = 0; t < n; t++) {
      double sum = 0;
      for (size_t i = 0; i + t < n; i++) sum += (x[i] - mean) * (x[i + t] - mean) / (double)n;
      ck_assert_double_eq_tol(out[t], sum, 1e-13);
    }
  }
  gsl_rng_free(rng);
}
END_TEST

/* ---- Claims about errors ---- */

/* Four chains of an autoregression with coefficient phi. */
static void simulate(gsl_rng *rng, double phi, size_t n, double *x) {
  const double noise = sqrt(1 - phi * phi);
  for (size_t c = 0; c < 4; c++)
    for (size_t i = 0; i < n; i++) {
      const double z = gsl_ran_ugaussian(rng);
      x[c * n + i] = i ? phi * x[c * n + i - 1] + noise * z : z;
    }
}

/* Mean over 100 samples of (estimate - truth)^2 over the reported square error, of mean, sd and 95 % quantile of a normal law; of draws in
 * their order, or shuffled.  It is one up to a standard deviation of sqrt(2/100) = 0.14 and what the errors' own errors add. */
static void error_ratios(double phi, int shuffled, double ratio[3]) {
  enum { N = 500, SAMPLES = 100 };
  static double x[4 * N];
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  memset(ratio, 0, 3 * sizeof *ratio);
  for (int k = 0; k < SAMPLES; k++) {
    simulate(rng, phi, N, x);
    for (size_t c = 0; c < 4 && shuffled; c++) gsl_ran_shuffle(rng, x + c * N, N, sizeof *x);
    const dilate_parameter p = summarise(4, N, x);
    ratio[0] += pow(p.mean / p.mcse, 2) / SAMPLES;
    ratio[1] += pow((p.sd - 1) / p.mcse_sd, 2) / SAMPLES;
    ratio[2] += pow((p.q95 - 1.6448536269514722) / p.mcse_q95, 2) / SAMPLES;
  }
  gsl_rng_free(rng);
}

/* Limits of five standard deviations.  The twin does not see the order: at phi = 0.8 its mean's error is a third of the right one. */
START_TEST(errors_are_those_of_the_order) {
  double ratio[3];
  error_ratios(0.8, 0, ratio);
  for (int k = 0; k < 3; k++) ck_assert_msg(ratio[k] > 0.3 && ratio[k] < 1.8, "%d: %g", k, ratio[k]);
  error_ratios(0, 0, ratio);
  for (int k = 0; k < 3; k++) ck_assert_msg(ratio[k] > 0.3 && ratio[k] < 1.8, "%d: %g", k, ratio[k]);
  error_ratios(0.8, 1, ratio);
  ck_assert_msg(ratio[0] > 3.5, "%g", ratio[0]);
}
END_TEST

/* ---- What cannot be said ---- */

START_TEST(what_cannot_be_said_is_nan) {
  const double x[8] = {1, 5, 2, 4, 3, 7, 6, 0}, broken[4] = {1, 2, NAN, 4}, same[8] = {2, 2, 2, 2, 2, 2, 2, 2};
  dilate_parameter p = summarise(1, 1, x);
  ck_assert(p.mean == 1 && isnan(p.sd) && isnan(p.rhat) && isnan(p.ess_bulk) && isnan(p.mcse));
  p = summarise(2, 4, x); /* split chains of two */
  ck_assert(isfinite(p.rhat) && isnan(p.ess_bulk) && isnan(p.ess_tail) && isnan(p.mcse_sd) && isnan(p.mcse_q5));
  p = summarise(1, 4, broken);
  ck_assert(isnan(p.mean) && isnan(p.q50) && isnan(p.rhat));
  p = summarise(1, 8, same);
  ck_assert(p.mean == 2 && p.sd == 0 && p.q5 == 2 && isnan(p.mcse) && isnan(p.rhat) && isnan(p.pareto_k));
}
END_TEST

/* A power of two as unit, far from 1, changes no bit but that of the unit. */
START_TEST(the_unit_does_not_matter) {
  enum { N = 100 };
  static const double units[] = {0x1p-500, 0x1p500};
  static double x[4 * N], y[4 * N];
  double one[MEASURES], other[MEASURES];
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  simulate(rng, 0.6, N, x);
  gsl_rng_free(rng);
  const dilate_parameter p = summarise(4, N, x);
  measures_of(&p, one);
  for (size_t u = 0; u < 2; u++) {
    for (size_t i = 0; i < 4 * N; i++) y[i] = units[u] * x[i];
    const dilate_parameter q = summarise(4, N, y);
    measures_of(&q, other);
    for (size_t k = 0; k < MEASURES; k++) {
      const double unit = k < 5 || (k > 7 && k < 13) ? units[u] : 1;
      ck_assert_msg(other[k] == unit * one[k] || (k == 13 && fabs(other[k] - one[k]) < 1e-12), "%s: %.17g, %.17g", measure_name[k],
                    other[k], one[k]);
    }
  }
}
END_TEST

START_TEST(wrong_arguments_are_refused) {
  const double x[4] = {1, 2, 3, 4};
  dilate_parameter p = {.struct_size = sizeof p};
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_int_eq(dilate_summarise(0, 4, x, &p, &err), DILATE_EINVAL);
  ck_assert_ptr_nonnull(strstr(err.message, "hold nothing"));
  ck_assert_int_eq(dilate_summarise(1, 0, x, &p, NULL), DILATE_EINVAL);
  ck_assert_int_eq(dilate_summarise(1, 4, NULL, &p, NULL), DILATE_EINVAL);
  ck_assert_int_eq(dilate_summarise(1, 4, x, NULL, NULL), DILATE_EINVAL);
  ck_assert_int_eq(dilate_summarise(SIZE_MAX, 4, x, &p, NULL), DILATE_EINVAL);
  p.struct_size = 0;
  ck_assert_int_eq(dilate_summarise(1, 4, x, &p, NULL), DILATE_EINVAL);
  struct {
    dilate_parameter p;
    double guard;
  } shorter = {.p = {.struct_size = offsetof(dilate_parameter, mcse), .mcse = -5}, .guard = -7};
  ck_assert_int_eq(dilate_summarise(1, 4, x, &shorter.p, NULL), DILATE_OK);
  ck_assert(shorter.p.mean == 2.5 && shorter.p.mcse == -5 && shorter.guard == -7);
}
END_TEST

Suite *chains_suite(void) {
  Suite *suite = suite_create("chains");
  TCase *fast = tcase_create("chains");
  tcase_set_timeout(fast, 60);
  tcase_add_test(fast, everything_is_what_posterior_says);
  tcase_add_test(fast, autocovariances_are_the_sums);
  tcase_add_test(fast, errors_are_those_of_the_order);
  tcase_add_test(fast, what_cannot_be_said_is_nan);
  tcase_add_test(fast, the_unit_does_not_matter);
  tcase_add_test(fast, wrong_arguments_are_refused);
  suite_add_tcase(suite, fast);
  return suite;
}
