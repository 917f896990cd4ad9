/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixtures as lists of components, locations and shared covariance factors: memory, preparation, merging.
 * All matrices of the factors lie in one block (storage), so that the counts of a mixture may shrink while it is being fitted. */
#include "mixture/mixture.h"

#include "base/constants.h"
#include "base/factor.h"
#include "base/linalg.h"
#include "base/logsumexp.h"
#include "base/memory.h"

#include <gsl/gsl_sf_gamma.h>
#include <limits.h>
#include <math.h>
#include <string.h>

static factor_form form_of(const mixture_factor *factor) {
  return factor->diagonal ? FACTOR_DIAGONAL : FACTOR_LOWER;
}

void mixture_free(mixture *q) {
  if (!q) return;
  memory_free(q->log_weight);
  memory_free(q->scale);
  memory_free(q->location);
  memory_free(q->mean);
  memory_free(q->factor_of);
  memory_free(q->freedom);
  memory_free(q->factor);
  memory_free(q->origin);
  memory_free(q->whitened);
  memory_free(q->log_norm);
  memory_free(q->precision);
  memory_free(q->most_norm);
  memory_free(q->least_precision);
  memory_free(q->member);
  memory_free(q->member_begin);
  memory_free(q->storage);
  memory_free(q);
}

/* A mixture whose factors have no matrices yet. */
static mixture *create_lists(size_t dim, size_t locations, size_t components, size_t factors) {
  mixture *const q = NEW(mixture, 1);
  if (!q) return NULL;
  q->dim = dim;
  q->locations = locations;
  q->components = components;
  q->factors = factors;
  q->log_weight = NEW(double, components);
  q->scale = NEW(double, components);
  q->location = NEW(size_t, components);
  q->mean = NEW2(double, locations, dim);
  q->factor_of = NEW(size_t, locations);
  q->freedom = NEW(unsigned, locations);
  q->factor = NEW(mixture_factor, factors);
  q->origin = NEW(double, dim);
  q->whitened = NEW2(double, locations, dim);
  q->log_norm = NEW(double, components);
  q->precision = NEW(double, components);
  q->most_norm = NEW(double, locations);
  q->least_precision = NEW(double, locations);
  q->member = NEW(size_t, components);
  q->member_begin = NEW(size_t, locations + 1);
  if (q->log_weight && q->scale && q->location && q->mean && q->factor_of && q->freedom && q->factor && q->origin && q->whitened &&
      q->log_norm && q->precision && q->most_norm && q->least_precision && q->member && q->member_begin)
    return q;
  mixture_free(q);
  return NULL;
}

/* Memory for the matrices, once every factor's kind is known.  Frees q when there is none. */
static mixture *create_matrices(mixture *q) {
  size_t total = 0;
  for (size_t f = 0; f < q->factors; f++) total += factor_size(q->dim, form_of(&q->factor[f]));
  q->storage = NEW2(double, total, 2);
  if (!q->storage) {
    mixture_free(q);
    return NULL;
  }
  double *next = q->storage;
  for (size_t f = 0; f < q->factors; f++) {
    const size_t size = factor_size(q->dim, form_of(&q->factor[f]));
    q->factor[f].c = next;
    q->factor[f].ci = next + size;
    next += 2 * size;
  }
  return q;
}

mixture *mixture_create(size_t dim, size_t locations, size_t components, size_t factors, int diagonal) {
  mixture *const q = create_lists(dim, locations, components, factors);
  if (!q) return NULL;
  for (size_t k = 0; k < components; k++) q->scale[k] = 1;
  for (size_t f = 0; f < factors; f++) q->factor[f].diagonal = diagonal != 0;
  return create_matrices(q);
}

/* Appends the lists of `from` to q, whose first `component`, `location` and `factor` entries are taken. */
static void append(mixture *q, size_t component, size_t location, size_t factor, const mixture *from, double log_share) {
  for (size_t k = 0; k < from->components; k++) {
    q->log_weight[component + k] = log_share + from->log_weight[k];
    q->scale[component + k] = from->scale[k];
    q->location[component + k] = location + from->location[k];
  }
  memcpy(q->mean + location * q->dim, from->mean, from->locations * q->dim * sizeof(double));
  for (size_t l = 0; l < from->locations; l++) {
    q->factor_of[location + l] = factor + from->factor_of[l];
    q->freedom[location + l] = from->freedom[l];
  }
  for (size_t f = 0; f < from->factors; f++) {
    const size_t bytes = factor_size(q->dim, form_of(&from->factor[f])) * sizeof(double);
    memcpy(q->factor[factor + f].c, from->factor[f].c, bytes);
    memcpy(q->factor[factor + f].ci, from->factor[f].ci, bytes);
    q->factor[factor + f].log_det = from->factor[f].log_det;
  }
}

mixture *mixture_copy(const mixture *q) {
  mixture *copy = create_lists(q->dim, q->locations, q->components, q->factors);
  if (!copy) return NULL;
  for (size_t f = 0; f < q->factors; f++) copy->factor[f].diagonal = q->factor[f].diagonal;
  copy = create_matrices(copy);
  if (!copy) return NULL;
  append(copy, 0, 0, 0, q, 0.0);
  memcpy(copy->origin, q->origin, q->dim * sizeof(double));
  memcpy(copy->whitened, q->whitened, q->locations * q->dim * sizeof(double));
  memcpy(copy->log_norm, q->log_norm, q->components * sizeof(double));
  memcpy(copy->precision, q->precision, q->components * sizeof(double));
  memcpy(copy->most_norm, q->most_norm, q->locations * sizeof(double));
  memcpy(copy->least_precision, q->least_precision, q->locations * sizeof(double));
  memcpy(copy->member, q->member, q->components * sizeof(size_t));
  memcpy(copy->member_begin, q->member_begin, (q->locations + 1) * sizeof(size_t));
  copy->heavy = q->heavy;
  return copy;
}

mixture *mixture_merge(const mixture *a, const mixture *b, double weight_a) {
  mixture *q = create_lists(a->dim, a->locations + b->locations, a->components + b->components, a->factors + b->factors);
  if (!q) return NULL;
  for (size_t f = 0; f < a->factors; f++) q->factor[f].diagonal = a->factor[f].diagonal;
  for (size_t f = 0; f < b->factors; f++) q->factor[a->factors + f].diagonal = b->factor[f].diagonal;
  q = create_matrices(q);
  if (!q) return NULL;
  append(q, 0, 0, 0, a, log(weight_a));
  append(q, a->components, a->locations, a->factors, b, log1p(-weight_a));
  if (!mixture_prepare(q)) return q;
  mixture_free(q);
  return NULL;
}

/* Inverse and determinant; non-zero when c is not a factor of a positive definite matrix, or its inverse overflows. */
static int prepare_factor(size_t dim, mixture_factor *factor) {
  const factor_form form = form_of(factor);
  const size_t size = factor_size(dim, form), stride = factor->diagonal ? 1 : dim + 1;
  if (!all_finite(size, factor->c)) return 1;
  double log_det = 0;
  for (size_t j = 0; j < dim; j++) {
    const double entry = factor->c[j * stride];
    if (!(entry > 0)) return 1;
    log_det += log(entry);
  }
  factor_inverse(dim, form, factor->c, factor->ci);
  factor->log_det = log_det;
  return !all_finite(size, factor->ci);
}

static int normalise_weights(mixture *q) {
  const double total = log_sum_exp(q->components, q->log_weight);
  if (!isfinite(total)) return 1;
  for (size_t k = 0; k < q->components; k++) q->log_weight[k] -= total;
  return 0;
}

static void prepare_origin(mixture *q) {
  memset(q->origin, 0, q->dim * sizeof(double));
  for (size_t k = 0; k < q->components; k++) {
    const double weight = exp(q->log_weight[k]);
    for (size_t j = 0; j < q->dim; j++) q->origin[j] += weight * q->mean[q->location[k] * q->dim + j];
  }
}

static void prepare_location(mixture *q, size_t l) {
  const mixture_factor *const factor = &q->factor[q->factor_of[l]];
  const double *const mean = q->mean + l * q->dim;
  double *const whitened = q->whitened + l * q->dim;
  for (size_t j = 0; j < q->dim; j++) whitened[j] = mean[j] - q->origin[j];
  factor_times(q->dim, form_of(factor), factor->ci, 1, 1, whitened);
}

/* Logarithm of the constant of component k without weight and determinant; NaN for t's of another scale than 1. */
static double log_constant(const mixture *q, size_t k) {
  const double half_log_two_pi = 0.5 * LOG_2PI, dim = (double)q->dim, log_scale = log(q->scale[k]);
  const double nu = (double)q->freedom[q->location[k]];
  if (nu == 0) return -dim * (half_log_two_pi + log_scale);
  if (log_scale != 0) return NAN;
  return dim * (gsl_sf_lngamma(0.5 * (nu + 1)) - gsl_sf_lngamma(0.5 * nu) - half_log_two_pi - 0.5 * log(0.5 * nu));
}

/* Lists each location's components, by counting. */
static void prepare_members(mixture *q) {
  size_t *const begin = q->member_begin;
  memset(begin, 0, (q->locations + 1) * sizeof *begin);
  for (size_t k = 0; k < q->components; k++) begin[q->location[k] + 1]++;
  for (size_t l = 0; l < q->locations; l++) begin[l + 1] += begin[l];
  for (size_t k = 0; k < q->components; k++) q->member[begin[q->location[k]]++] = k;
  for (size_t l = q->locations; l > 0; l--) begin[l] = begin[l - 1];
  begin[0] = 0;
}

/* What no component of location l exceeds. */
static void prepare_bounds(mixture *q, size_t l) {
  q->most_norm[l] = -INFINITY;
  q->least_precision[l] = INFINITY;
  for (size_t m = q->member_begin[l]; m < q->member_begin[l + 1]; m++) {
    const size_t k = q->member[m];
    q->most_norm[l] = fmax(q->most_norm[l], q->log_norm[k]);
    q->least_precision[l] = fmin(q->least_precision[l], q->precision[k]);
  }
}

int mixture_prepare(mixture *q) {
  for (size_t f = 0; f < q->factors; f++)
    if (prepare_factor(q->dim, &q->factor[f])) return 1;
  if (!all_finite(q->locations * q->dim, q->mean) || normalise_weights(q)) return 1;
  prepare_origin(q);
  q->heavy = 0;
  for (size_t l = 0; l < q->locations; l++) {
    prepare_location(q, l);
    q->heavy |= q->freedom[l] > 0;
  }
  if (!all_finite(q->locations * q->dim, q->whitened)) return 1;
  for (size_t k = 0; k < q->components; k++) {
    if (!(q->scale[k] > 0) || !isfinite(q->scale[k])) return 1;
    const double constant = log_constant(q, k);
    if (isnan(constant)) return 1;
    q->precision[k] = 1 / (q->scale[k] * q->scale[k]);
    q->log_norm[k] = q->log_weight[k] - q->factor[q->factor_of[q->location[k]]].log_det + constant;
  }
  prepare_members(q);
  for (size_t l = 0; l < q->locations; l++) prepare_bounds(q, l);
  return 0;
}

/* ---- Archives ---- */

/* The mixture that is read: of these sizes, its factors of these kinds; NULL after a failure. */
static mixture *make_read(archive *a, size_t dim, size_t locations, size_t components, size_t factors) {
  if (!locations || !components || !factors) archive_fail(a, DILATE_ECHECKPOINT, "a mixture is empty");
  archive_expect(a, locations, dim, sizeof(double));
  archive_expect(a, 1, components, sizeof(double));
  archive_expect(a, 1, factors, sizeof(double));
  if (archive_failed(a)) return NULL;
  mixture *q = create_lists(dim, locations, components, factors);
  for (size_t f = 0; q && f < factors; f++) archive_flag(a, &q->factor[f].diagonal);
  for (size_t f = 0; q && f < factors; f++) archive_expect(a, factors - f, factor_size(dim, form_of(&q->factor[f])), sizeof(double));
  if (q && archive_failed(a)) {
    mixture_free(q);
    return NULL;
  }
  if (q) q = create_matrices(q);
  if (!q) archive_fail(a, DILATE_ENOMEM, "out of memory");
  return q;
}

static void factors_archive(archive *a, mixture *q) {
  for (size_t f = 0; f < q->factors; f++) {
    const size_t size = factor_size(q->dim, form_of(&q->factor[f]));
    archive_doubles(a, size, q->factor[f].c);
    archive_doubles(a, size, q->factor[f].ci);
    archive_double(a, &q->factor[f].log_det);
  }
}

/* All but what follows from `location` without arithmetic. */
static void lists_archive(archive *a, mixture *q) {
  archive_doubles(a, q->components, q->log_weight);
  archive_doubles(a, q->components, q->scale);
  archive_sizes(a, q->components, q->location, q->locations);
  archive_doubles(a, q->locations * q->dim, q->mean);
  archive_sizes(a, q->locations, q->factor_of, q->factors);
  for (size_t l = 0; l < q->locations; l++) archive_unsigned(a, &q->freedom[l], UINT_MAX);
  archive_doubles(a, q->dim, q->origin);
  archive_doubles(a, q->locations * q->dim, q->whitened);
  archive_doubles(a, q->components, q->log_norm);
  archive_doubles(a, q->components, q->precision);
  archive_doubles(a, q->locations, q->most_norm);
  archive_doubles(a, q->locations, q->least_precision);
  archive_flag(a, &q->heavy);
}

void mixture_archive(archive *a, size_t dim, mixture **q) {
  if (!archive_present(a, *q)) return;
  const int reads = archive_reads(a);
  size_t locations = reads ? 0 : (*q)->locations, components = reads ? 0 : (*q)->components, factors = reads ? 0 : (*q)->factors;
  archive_size(a, &locations, SIZE_MAX);
  archive_size(a, &components, SIZE_MAX);
  archive_size(a, &factors, SIZE_MAX);
  if (reads)
    *q = make_read(a, dim, locations, components, factors);
  else
    for (size_t f = 0; f < factors; f++) archive_flag(a, &(*q)->factor[f].diagonal);
  if (!*q) return;
  lists_archive(a, *q);
  factors_archive(a, *q);
  if (reads && !archive_failed(a)) prepare_members(*q);
}
