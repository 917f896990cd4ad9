/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws by metric, and each metric S = C C' corrected by its draws' gradients.
 *
 * Where the draws of a metric lie in several modes S is too wide, but the mean of (C'g)(C'g)' is still the inverse of what C^-1 makes of
 * the modes' own covariance (Fisher's information, for modes of one Gaussian shape).  So S becomes C F^-1 C', with F that mean, shrunk like
 * a covariance from few points; draws with gradients far beyond the median count for less, and no direction is widened by more than a
 * factor of 20.  Where metrics are diagonal so is F. */
#include "stats/grouped.h"

#include "base/linalg.h"
#include "base/memory.h"
#include "base/team.h"
#include "stats/summary.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#define WIDEST    20.0 /* variances grow by no more */
#define GRADIENTS 8192 /* that correct a metric, evenly spread over its draws where there are more */

/* A counting sort. */
static void sort_by_metric(grouped *g, const size_t *metric) {
  for (size_t i = 0; i < g->draws->n; i++)
    if (isfinite(g->draws->logp[i])) g->first[(metric ? metric[i] : 0) + 1]++;
  for (size_t m = 0; m < g->metrics; m++) g->first[m + 1] += g->first[m];
  for (size_t i = 0; i < g->draws->n; i++)
    if (isfinite(g->draws->logp[i])) g->member[g->first[metric ? metric[i] : 0]++] = (uint32_t)i;
  for (size_t m = g->metrics; m > 0; m--) g->first[m] = g->first[m - 1];
  g->first[0] = 0;
}

void grouped_whitened_gradients(const grouped *g, const uint32_t *member, size_t n, const double *c, size_t ld, double *out) {
  const particles *p = g->draws->here;
  const size_t dim = p->dim;
  for (size_t j = 0; j < dim; j++)
    for (size_t i = 0; i < n; i++) out[j * ld + i] = p->grad[j * p->ld + parted_place(g->draws, member[i])];
  factor_transpose_times(dim, g->form, c, n, ld, out);
}

/* Memory to correct a metric of n draws. */
typedef struct correction {
  double *whitened;                              /* dim x n: C'g */
  double *slope, *sorted, *weight;               /* n */
  double *fisher, *inverse, *transposed, *mixed; /* dim x dim; of a diagonal metric fisher alone, dim */
  size_t *draw;                                  /* n */
  particles chosen;                              /* n: these draws, where they may be with other ranks */
} correction;

static void correction_clear(correction *k) {
  memory_free(k->whitened);
  memory_free(k->slope);
  memory_free(k->fisher);
  memory_free(k->draw);
  particles_clear(&k->chosen);
}

static int correction_create(size_t dim, size_t n, factor_form form, int apart, correction *k) {
  k->whitened = NEW2(double, dim, n);
  k->slope = NEW2(double, 3, n);
  k->fisher = form == FACTOR_DIAGONAL ? NEW(double, dim) : NEW2(double, 4 * dim, dim);
  k->draw = NEW(size_t, n);
  if (particles_create(dim, apart ? n : 0, &k->chosen) || !k->whitened || !k->slope || !k->fisher || !k->draw) {
    correction_clear(k);
    return DILATE_ENOMEM;
  }
  k->sorted = k->slope + n;
  k->weight = k->sorted + n;
  if (form == FACTOR_DIAGONAL) return 0;
  k->inverse = k->fisher + dim * dim;
  k->transposed = k->inverse + dim * dim;
  k->mixed = k->transposed + dim * dim;
  return 0;
}

/* The median of g' S g, and weights that bound every draw's part by twice that. */
static double weigh_draws(size_t dim, size_t n, correction *k) {
  for (size_t j = 0; j < dim; j++)
    for (size_t i = 0; i < n; i++) k->slope[i] += k->whitened[j * n + i] * k->whitened[j * n + i];
  memcpy(k->sorted, k->slope, n * sizeof *k->slope);
  gsl_sort(k->sorted, 1, n);
  const double median = summary_quantile(n, k->sorted, 0.5);
  for (size_t i = 0; i < n; i++) k->weight[i] = k->slope[i] > 2 * median && median > 0 ? 2 * median / k->slope[i] : 1;
  return median;
}

/* fisher: F, shrunk with the strength of dim + 2 draws towards its mean diagonal. */
static void estimate_fisher(size_t dim, size_t n, factor_form form, correction *k) {
  const size_t size = factor_size(dim, form), step = form == FACTOR_DIAGONAL ? 1 : dim + 1;
  const double median = weigh_draws(dim, n, k), prior = (double)dim + 2, all = (double)n + prior;
  if (form == FACTOR_DIAGONAL)
    weighted_squares(dim, n, n, k->whitened, k->weight, k->fisher);
  else
    weighted_covariance(dim, n, n, k->whitened, k->weight, NULL, k->fisher);
  for (size_t j = 0; j < size; j++) k->fisher[j] *= (double)n / all;
  for (size_t j = 0; j < size; j += step) k->fisher[j] += prior / all * median / (double)dim + 1 / WIDEST;
}

/* c = Cholesky factor of C F^-1 C'; C itself where rounding leaves no such thing. */
static void correct(size_t dim, const double *factor, correction *k, double *c) {
  memcpy(c, factor, dim * dim * sizeof *c);
  if (cholesky(dim, k->fisher)) return;
  lower_inverse(dim, k->fisher, k->inverse);
  for (size_t i = 0; i < dim; i++)
    for (size_t j = 0; j < dim; j++) k->transposed[i * dim + j] = k->inverse[j * dim + i];
  matrix_times(dim, factor, dim, dim, k->transposed, k->mixed);
  weighted_covariance(dim, dim, dim, k->mixed, NULL, NULL, k->inverse); /* mixed mixed' / dim */
  if (cholesky(dim, k->inverse)) return;
  for (size_t j = 0; j < dim * dim; j++) c[j] = sqrt((double)dim) * k->inverse[j];
}

/* Of the chosen draws. */
static void copy_gradients(const parted *draws, size_t n, correction *k) {
  if (draws->apart) parted_pick(draws, n, k->draw, &k->chosen);
  const particles *p = draws->apart ? &k->chosen : draws->here;
  for (size_t j = 0; j < p->dim; j++)
    for (size_t i = 0; i < n; i++) k->whitened[j * n + i] = p->grad[j * p->ld + (draws->apart ? i : k->draw[i])];
}

static int correct_metric(grouped *g, size_t m, const double *factor) {
  const size_t dim = g->draws->here->dim, size = grouped_count(g, m), n = size < GRADIENTS ? size : GRADIENTS;
  correction k = {0};
  g->c[m] = NEW(double, factor_size(dim, g->form));
  if (!g->c[m] || correction_create(dim, n, g->form, g->draws->apart, &k)) return DILATE_ENOMEM;
  for (size_t i = 0; i < n; i++) k.draw[i] = g->member[g->first[m] + i * size / n];
  copy_gradients(g->draws, n, &k);
  factor_transpose_times(dim, g->form, factor, n, n, k.whitened);
  estimate_fisher(dim, n, g->form, &k);
  if (g->form == FACTOR_DIAGONAL)
    for (size_t j = 0; j < dim; j++) g->c[m][j] = factor[j] / sqrt(k.fisher[j]);
  else
    correct(dim, factor, &k, g->c[m]);
  correction_clear(&k);
  return 0;
}

static int pick_origins(grouped *g) {
  size_t *first = NEW(size_t, g->metrics);
  if (!first || particles_create(g->draws->here->dim, g->metrics, &g->origin)) {
    memory_free(first);
    return DILATE_ENOMEM;
  }
  for (size_t m = 0; m < g->metrics; m++) first[m] = grouped_count(g, m) ? g->member[g->first[m]] : 0;
  if (g->draws->n) parted_pick(g->draws, g->metrics, first, &g->origin);
  memory_free(first);
  return 0;
}

int grouped_create(const parted *draws, const size_t *metric, size_t metrics, factor_form form, const double *const *metric_c,
                   size_t threads, grouped *out) {
  *out = (grouped){.draws = draws, .metrics = metrics, .form = form};
  out->c = NEW(double *, metrics);
  out->member = NEW(uint32_t, draws->n);
  out->first = NEW(size_t, metrics + 1);
  if (!out->c || !out->member || !out->first) return DILATE_ENOMEM;
  sort_by_metric(out, metric);
  int failed = 0;
  const int side_by_side = metrics > 1 && !draws->apart; /* where draws are apart, ranks meet for each metric's */
#pragma omp parallel for schedule(dynamic, 1) num_threads(team_size(side_by_side ? threads : 1)) reduction(| : failed)
  for (size_t m = 0; m < metrics; m++)
    if (grouped_count(out, m) && !failed) failed = correct_metric(out, m, metric_c[m]) != 0;
  return failed ? DILATE_ENOMEM : pick_origins(out);
}

void grouped_clear(grouped *g) {
  for (size_t m = 0; g->c && m < g->metrics; m++) memory_free(g->c[m]);
  memory_free(g->c);
  memory_free(g->member);
  memory_free(g->first);
  particles_clear(&g->origin);
}
