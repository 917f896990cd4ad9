/* SPDX-License-Identifier: GPL-3.0-or-later */
/* brownian32: a Brownian motion of thirty steps, seen with noise and not at all in its middle; both scales are unknown (Sountsov, Radul
 * et al. 2020, "Inference Gym").
 *
 *   x_1 ~ N(0, s), x_t ~ N(x_(t-1), s), y_t ~ N(x_t, o) for the steps t observed; log s, log o ~ N(0, 2) (standard deviations all).
 * Unconstrained: u_s, u_o with s = log(1 + exp u_s) and o likewise, their Jacobians included, then x_1 .. x_30.  Every constant is kept.
 * u below -300, where s is nothing that the prior knows, is outside the support. */
#include "families.h"
#include "options.h"
#include "support.h"
#include "table.h"

#include <stdio.h>
#include <stdlib.h>

#define STEPS    30
#define DIM      (STEPS + 2)
#define PRIOR_SD 2.0
#define LOWEST   -300.0

typedef struct motion {
  double observed[STEPS], value[STEPS]; /* observed: 1 or 0; value: NaN where nothing was observed */
  char **names;
  builtin_array array; /* value */
} motion;

/* One of the two scales, with 1/s, log s and d log s / du. */
typedef struct scale {
  double inverse[BUILTIN_CHUNK], log[BUILTIN_CHUNK], slope[BUILTIN_CHUNK];
} scale;

/* log(1 + exp u), which is exact in its own units: log(1 + e) = log(w) e / (w - 1), w the rounded 1 + e; and softplus(-u) and S(u), S the
 * logistic function. */
static inline void logistics(const double *u, double *softplus, double *other, double *rate) {
  double decay[BUILTIN_CHUNK], log_w[BUILTIN_CHUNK];
  builtin_decay_rows(1, u, decay);
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) log_w[i] = 1 + decay[i];
  dilate_vector_log(BUILTIN_CHUNK, log_w, log_w);
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const double w = 1 + decay[i], ratio = decay[i] / (w > 1 ? w - 1 : 1);
    const double log_1p = w > 1 ? log_w[i] * ratio : decay[i];
    softplus[i] = (u[i] > 0 ? u[i] : 0) + log_1p;
    other[i] = (u[i] > 0 ? 0 : -u[i]) + log_1p;
    rate[i] = builtin_logistic_of(u[i], decay[i]);
  }
}

/* Prior and Jacobian: log N(log s | 0, 2) - log s + log S(u); ds/du = S(u). */
static inline void add_prior(const double *u, scale *s, double *logp, double *grad) {
  double bounded[BUILTIN_CHUNK], value[BUILTIN_CHUNK], other[BUILTIN_CHUNK], rate[BUILTIN_CHUNK];
  const double constant = log(PRIOR_SD) + 0.5 * BUILTIN_LOG_2PI;
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) bounded[i] = u[i] > LOWEST ? u[i] : LOWEST;
  logistics(bounded, value, other, rate);
  dilate_vector_log(BUILTIN_CHUNK, value, s->log);
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    s->inverse[i] = 1 / value[i];
    s->slope[i] = rate[i] / value[i];
    const double z = s->log[i] / PRIOR_SD, sum = logp[i] - (0.5 * z * z + constant + s->log[i] + other[i]);
    logp[i] = u[i] < LOWEST ? -INFINITY : sum;
    if (grad != NULL) grad[i] = 1 - rate[i] - (z / PRIOR_SD + 1) * s->slope[i];
  }
}

/* Adds log N(a | b, s) and, unless grad_a is NULL, its derivatives to those of a, b and u. */
static inline void add_normal(const double *a, const double *b, const scale *s, double *logp, double *grad_a, double *grad_b,
                              double *grad_u) {
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const double z = (a[i] - b[i]) * s->inverse[i];
    logp[i] -= 0.5 * (z * z + BUILTIN_LOG_2PI) + s->log[i];
  }
  if (grad_a == NULL) return;
#pragma omp simd
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) {
    const double z = (a[i] - b[i]) * s->inverse[i];
    grad_a[i] -= z * s->inverse[i];
    grad_b[i] += z * s->inverse[i];
    grad_u[i] += (z * z - 1) * s->slope[i];
  }
}

static inline void motion_chunk(size_t dim, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  const motion *const m = params;
  scale innovation, observation;
  double start[BUILTIN_CHUNK] = {0}, unused[BUILTIN_CHUNK] = {0}; /* the motion starts at 0; what is known needs no derivative */
  for (size_t i = 0; i < BUILTIN_CHUNK; i++) logp[i] = 0;
  for (size_t j = 2; grad != NULL && j < dim; j++)
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) grad[j * ld + i] = 0;
  add_prior(x, &innovation, logp, grad);
  add_prior(x + ld, &observation, logp, grad != NULL ? grad + ld : NULL);
  for (size_t t = 0; t < STEPS; t++) {
    const double *const here = x + (t + 2) * ld;
    double *const slope = grad != NULL ? grad + (t + 2) * ld : NULL, *const slope_before = t > 0 && grad != NULL ? slope - ld : unused;
    add_normal(here, t > 0 ? here - ld : start, &innovation, logp, slope, slope_before, grad);
    if (m->observed[t] == 0) continue;
    double value[BUILTIN_CHUNK];
    for (size_t i = 0; i < BUILTIN_CHUNK; i++) value[i] = m->value[t];
    add_normal(here, value, &observation, logp, slope, unused, grad != NULL ? grad + ld : NULL);
  }
}

BUILTIN_CALLBACKS(motion_chunk)

static int motion_constrain(size_t dim, const double *x, double *out, void *params) {
  (void)params;
  for (size_t j = 0; j < dim; j++) out[j] = j < 2 ? builtin_softplus(x[j]) : x[j];
  return 0;
}

static void motion_destroy(builtin *self) {
  motion *const m = self->data;
  free(m->names);
  free(m);
}

/* The file's rows are a step, from 1, and what was observed there. */
static int read_observations(motion *m, dilate_error *err) {
  static const char file[] = "brownian32.csv";
  builtin_table table;
  int status = builtin_table_read_own(file, &table, err);
  if (status == DILATE_OK && table.columns != 2)
    status = builtin_fail(err, DILATE_EINVAL, "%s: %zu columns where brownian32 needs a step and an observation", file, table.columns);
  for (size_t t = 0; t < STEPS; t++) m->value[t] = NAN;
  for (size_t i = 0; status == DILATE_OK && i < table.rows; i++) {
    const double step = table.value[2 * i];
    if (step != floor(step) || step < 1 || step > STEPS)
      status =
          builtin_fail(err, DILATE_EINVAL, "%s, row %zu: step %g where a whole number from 1 to %d is needed", file, i + 1, step, STEPS);
    else
      m->observed[(size_t)step - 1] = 1, m->value[(size_t)step - 1] = table.value[2 * i + 1];
  }
  builtin_table_free(&table);
  return status;
}

static int motion_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  (void)data_path;
  const int status = builtin_options_read(&builtin_brownian32, text, NULL, 0, err);
  if (status < 0) return status;
  motion *const m = calloc(1, sizeof *m);
  if (m == NULL) return builtin_no_memory(err, builtin_brownian32.name);
  out->data = m;
  out->destroy = motion_destroy;
  m->names = builtin_names_new(DIM);
  if (m->names == NULL) return builtin_no_memory(err, builtin_brownian32.name);
  snprintf(m->names[0], BUILTIN_NAME_SIZE, "innovation_scale");
  snprintf(m->names[1], BUILTIN_NAME_SIZE, "observation_scale");
  for (size_t t = 0; t < STEPS; t++) snprintf(m->names[t + 2], BUILTIN_NAME_SIZE, "x[%zu]", t + 1);
  m->array = (builtin_array){"y", 1, 1, {STEPS}, m->value};
  out->arrays = 1;
  out->array = &m->array;
  out->log_z = 1.1877491032; /* the steps integrate out in closed form, the scales by quadrature */
  builtin_set_target(out, DIM, motion_chunk_callbacks);
  out->target.n_out = DIM;
  out->target.names = (const char *const *)m->names;
  out->target.constrain = motion_constrain;
  return read_observations(m, err);
}

const builtin_type builtin_brownian32 = {
    .name = "brownian32",
    .summary = "Brownian motion with unknown scales, observed at both ends only",
    .options = "",
    .truth = "log Z = 1.1877491; moments by quadrature",
    .create = motion_create,
};
