/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seeds: the random-effects logistic regression of Crowder's germination data (1978, Applied Statistics 27; an example of the BUGS book).
 *
 *   r_i ~ Binomial(n_i, S(a_0 + a_1 x_1i + a_2 x_2i + a_12 x_1i x_2i + b_i)), b_i ~ N(0, variance 1/tau), i = 1 .. 21;
 *   a ~ N(0, sd 10), tau ~ Gamma(0.01, rate 0.01).  S is the logistic function.
 * Unconstrained: a_0, a_1, a_12, a_2, b_1 .. b_21, l = log tau with its Jacobian.  Every constant is kept.  l > 300, where exp overflows
 * and nothing of the posterior lies, is outside the support. */
#include "families.h"
#include "options.h"
#include "support.h"
#include "table.h"

#include <gsl/gsl_sf_gamma.h>
#include <stdio.h>
#include <stdlib.h>

#define PLATES      21
#define FIXED       4
#define LOG_TAU     (FIXED + PLATES)
#define DIM         (FIXED + PLATES + 1)
#define FIXED_SD    10.0
#define GAMMA       0.01 /* shape and rate */
#define LOG_TAU_MAX 300.0

typedef struct seeds {
  double germinated[PLATES], sown[PLATES];
  double design[PLATES][FIXED]; /* 1, x_1, x_1 x_2, x_2: the order of the coefficients */
  double constant;              /* of the log-density: the priors' and the binomial coefficients */
  char **names;
  builtin_array array[3]; /* germinated, sown, design */
} seeds;

/* Priors of the coefficients and of tau, with the Jacobian. */
static inline void add_priors(size_t ld, const double *x, const double *tau, double *logp, double *grad) {
  const double *const l = x + LOG_TAU * ld;
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const double sum = logp[i] + (GAMMA + 0.5 * PLATES) * l[i] - GAMMA * tau[i];
    logp[i] = l[i] > LOG_TAU_MAX ? -INFINITY : sum;
    if (grad != NULL) grad[LOG_TAU * ld + i] = GAMMA + 0.5 * PLATES - GAMMA * tau[i];
  }
  for (size_t j = 0; j < FIXED; j++)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
      const double z = x[j * ld + i] / FIXED_SD;
      logp[i] -= 0.5 * z * z;
      if (grad != NULL) grad[j * ld + i] = -z / FIXED_SD;
    }
}

/* The predictors of all plates, with exp(-|e|) and log(1 + exp(e)). */
typedef struct predictors {
  double e[PLATES][BUILTIN_CHUNK], decay[PLATES][BUILTIN_CHUNK], softplus[PLATES][BUILTIN_CHUNK];
} predictors;

static inline void predict(const seeds *s, size_t ld, const double *x, predictors *w) {
  for (size_t p = 0; p < PLATES; p++) {
    const double *const b = x + (FIXED + p) * ld, *const weight = s->design[p];
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++)
      w->e[p][i] = b[i] + weight[0] * x[i] + weight[1] * x[ld + i] + weight[2] * x[2 * ld + i] + weight[3] * x[3 * ld + i];
  }
  builtin_softplus_rows(PLATES, w->e[0], w->decay[0], w->softplus[0]);
}

/* Plate p: its effect b given tau, and its binomial; pull: derivative of the binomial with respect to the predictor. */
static inline void add_plate(const seeds *s, size_t p, const double *b, const double *tau, const predictors *w, double *logp, double *slope,
                             double *pull) {
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const double square = tau[i] * b[i] * b[i];
    logp[i] += s->germinated[p] * w->e[p][i] - s->sown[p] * w->softplus[p][i] - 0.5 * square;
    pull[i] = s->germinated[p] - s->sown[p] * builtin_logistic_of(w->e[p][i], w->decay[p][i]);
    slope[i] -= 0.5 * square;
  }
}

static inline void add_gradient(const seeds *s, size_t p, size_t ld, const double *x, const double *tau, const double *pull, double *grad) {
  const double *const b = x + (FIXED + p) * ld;
  for (size_t j = 0; j < FIXED; j++)
#pragma omp simd
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) grad[j * ld + i] += s->design[p][j] * pull[i];
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) grad[(FIXED + p) * ld + i] = pull[i] - tau[i] * b[i];
}

static inline void seeds_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  (void)dim;
  const seeds *const s = params;
  double tau[BUILTIN_CHUNK], slope[BUILTIN_CHUNK] = {0}, pull[BUILTIN_CHUNK];
  predictors w;
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    tau[i] = x[LOG_TAU * ld + i] < LOG_TAU_MAX ? x[LOG_TAU * ld + i] : LOG_TAU_MAX;
    logp[i] = s->constant;
  }
  dilate_vector_exp(BUILTIN_CHUNK, tau, tau);
  add_priors(ld, x, tau, logp, grad);
  predict(s, ld, x, &w);
  for (size_t p = 0; p < PLATES; p++) {
    add_plate(s, p, x + (FIXED + p) * ld, tau, &w, logp, slope, pull);
    if (grad != NULL) add_gradient(s, p, ld, x, tau, pull, grad);
  }
  for (size_t i = 0; grad != NULL && i < BUILTIN_CHUNK; i++) grad[LOG_TAU * ld + i] += slope[i];
}

BUILTIN_CALLBACKS(seeds_chunk)

static void seeds_destroy(builtin *self) {
  seeds *const s = self->data;
  free(s->names);
  free(s);
}

static void set_plate(const double row[4], size_t p, seeds *s) {
  const double seed = row[2], extract = row[3];
  s->germinated[p] = row[0];
  s->sown[p] = row[1];
  s->design[p][0] = 1;
  s->design[p][1] = seed;
  s->design[p][2] = seed * extract;
  s->design[p][3] = extract;
  s->constant += gsl_sf_lnchoose((unsigned)row[1], (unsigned)row[0]);
}

static int read_plates(seeds *s, dilate_error *err) {
  static const char file[] = "seeds.csv";
  builtin_table table;
  int status = builtin_table_read_own(file, &table, err);
  if (status == DILATE_OK && (table.rows != PLATES || table.columns != 4))
    status = builtin_fail(err, DILATE_EINVAL, "%s: %zu rows of %zu columns where seeds needs %d rows of 4", file, table.rows, table.columns,
                          PLATES);
  s->constant = GAMMA * log(GAMMA) - gsl_sf_lngamma(GAMMA) - 0.5 * (FIXED + PLATES) * BUILTIN_LOG_2PI - FIXED * log(FIXED_SD);
  for (size_t p = 0; status == DILATE_OK && p < PLATES; p++) {
    const double *const row = table.value + 4 * p;
    if (row[0] < 0 || row[0] > row[1] || row[1] > 1e6)
      status = builtin_fail(err, DILATE_EINVAL, "%s, row %zu: %g germinated of %g sown", file, p + 1, row[0], row[1]);
    else
      set_plate(row, p, s);
  }
  builtin_table_free(&table);
  return status;
}

static void set_arrays(seeds *s, builtin *out) {
  s->array[0] = (builtin_array){"r", 1, 1, {PLATES}, s->germinated};
  s->array[1] = (builtin_array){"n", 0, 1, {PLATES}, s->sown};
  s->array[2] = (builtin_array){"X", 0, 2, {PLATES, FIXED}, s->design[0]};
  out->arrays = 3;
  out->array = s->array;
}

static int seeds_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  (void)data_path;
  static const char *const fixed[FIXED] = {"a_0", "a_1", "a_12", "a_2"};
  const int status = builtin_options_read(&builtin_seeds, text, NULL, 0, err);
  if (status < 0) return status;
  seeds *const s = calloc(1, sizeof *s);
  if (s == NULL) return builtin_no_memory(err, builtin_seeds.name);
  out->data = s;
  out->destroy = seeds_destroy;
  s->names = builtin_names_new(DIM);
  if (s->names == NULL) return builtin_no_memory(err, builtin_seeds.name);
  for (size_t j = 0; j < FIXED; j++) snprintf(s->names[j], BUILTIN_NAME_SIZE, "%s", fixed[j]);
  for (size_t p = 0; p < PLATES; p++) snprintf(s->names[FIXED + p], BUILTIN_NAME_SIZE, "b[%zu]", p + 1);
  snprintf(s->names[LOG_TAU], BUILTIN_NAME_SIZE, "log_tau");
  out->log_z = -73.4050; /* +- 0.0006: Gauss-Hermite over b, importance sampling over a, the trapezoid rule over log tau */
  set_arrays(s, out);
  builtin_set_target(out, DIM, seeds_chunk_callbacks);
  out->target.names = (const char *const *)s->names;
  return read_plates(s, err);
}

const builtin_type builtin_seeds = {
    .name = "seeds",
    .summary = "random-effects logistic regression of germination on 21 plates",
    .options = "",
    .truth = "log Z = -73.4050 +- 0.0006; moments of the coefficients and of log tau",
    .create = seeds_create,
};
