/* SPDX-License-Identifier: GPL-3.0-or-later */
/* digits: equal isotropic Gaussians around handwritten digits, log p(x) = log sum_k N(x | m_k, v I) / K, v = sd^2.
 *
 * The m_k are the 1797 images of 8x8 pixels of the UCI set "Optical Recognition of Handwritten Digits" (Alpaydin, Kaynak 1998), as
 * scikit-learn has them, divided by 16 so that a pixel is from 0 to 1.
 *
 * The components are gone over once, a few at a time, with a running maximum to which sums and drift (the gradient times v) are
 * relative.  A component whose term is below the maximum by log K + 38 is left out: all such together are less than e^-38 of the
 * largest, which is less than the rounding of the sum, 2^-54, and far fewer components remain for the gradient. */
#include "families.h"
#include "options.h"
#include "support.h"
#include "table.h"

#include <gsl/gsl_randist.h>
#include <stdlib.h>
#include <string.h>

#define DIM        64
#define LARGEST    16.0 /* of a pixel in the file */
#define BLOCK      8    /* components between two looks at the maximum */
#define LANES      8    /* points whose sums are kept in registers */
#define GROUPS     (BUILTIN_CHUNK / LANES)
#define NEGLIGIBLE 38.0

/* LANES points on their way through the components. */
typedef struct group {
  double x[DIM][LANES], drift[DIM][LANES]; /* drift: sum over k of exp(term - top) (m_k - x) */
  double top[LANES], sum[LANES];           /* the largest term so far, and the sum of exp(term - top) */
} group;

typedef struct digits digits;
typedef void (*density_fn)(const digits *t, double variance, size_t n, size_t ld, const double *x, double *logp, double *grad);

struct digits {
  size_t components, blocks;
  double sd;
  density_fn density;
  double *weight;
  double mean[]; /* blocks x BLOCK rows of DIM; those beyond the components are infinitely far away */
};

/* What the density consists of becomes part of it, once for every instruction set. */
#define PART static inline __attribute__((always_inline))

/* Sum of four squares: the sums of a block are then touched once for four coordinates. */
PART double squares(const double x[][LANES], const double *m, size_t i) {
  const double a = x[0][i] - m[0], b = x[1][i] - m[1], c = x[2][i] - m[2], d = x[3][i] - m[3];
  return (a * a + b * b) + (c * c + d * d);
}

/* The terms -|x - m|^2 / 2v of a block, two at once. */
PART void measure(const double *mean, double scale, const group *g, double term[BLOCK][LANES]) {
  for (size_t k = 0; k < BLOCK; k += 2) {
    const double *const first = mean + k * DIM, *const second = first + DIM;
    double a[LANES] = {0}, b[LANES] = {0};
    for (size_t j = 0; j < DIM; j += 4)
#pragma omp simd
      for (size_t i = 0; i < LANES; i++) {
        a[i] += squares(g->x + j, first + j, i);
        b[i] += squares(g->x + j, second + j, i);
      }
#pragma omp simd
    for (size_t i = 0; i < LANES; i++) term[k][i] = scale * a[i], term[k + 1][i] = scale * b[i];
  }
}

/* Makes the sums relative to a maximum that counts the block. */
PART void raise_top(const double term[BLOCK][LANES], group *g) {
  double high[LANES], factor[LANES];
  memcpy(high, g->top, sizeof high);
  for (size_t k = 0; k < BLOCK; k++)
#pragma omp simd
    for (size_t i = 0; i < LANES; i++) high[i] = term[k][i] > high[i] ? term[k][i] : high[i];
  if (memcmp(high, g->top, sizeof high) == 0) return;
  for (size_t i = 0; i < LANES; i++) factor[i] = high[i] > g->top[i] ? exp(g->top[i] - high[i]) : 1;
  memcpy(g->top, high, sizeof high);
  for (size_t i = 0; i < LANES; i++) g->sum[i] *= factor[i];
  for (size_t j = 0; j < DIM; j++)
#pragma omp simd
    for (size_t i = 0; i < LANES; i++) g->drift[j][i] *= factor[i];
}

/* Adds one component; a term of -inf, or below a top of +-inf, adds nothing. */
PART void add_component(const double *mean, const double *term, double reach, int with_drift, group *g) {
  double share[LANES];
  int matters = 0;
#pragma omp simd reduction(| : matters)
  for (size_t i = 0; i < LANES; i++) matters |= term[i] > g->top[i] - reach;
  if (!matters) return;
  for (size_t i = 0; i < LANES; i++) {
    share[i] = term[i] > g->top[i] - reach ? exp(term[i] - g->top[i]) : 0;
    g->sum[i] += share[i];
  }
  if (!with_drift) return;
  for (size_t j = 0; j < DIM; j++)
#pragma omp simd
    for (size_t i = 0; i < LANES; i++) g->drift[j][i] += share[i] * (mean[j] - g->x[j][i]);
}

/* Points first .. of n; lanes without one stay at 0. */
PART void load(size_t first, size_t n, size_t ld, const double *x, group *g) {
  memset(g, 0, sizeof *g);
  for (size_t i = 0; i < LANES; i++) g->top[i] = -INFINITY;
  for (size_t j = 0; j < DIM; j++)
    for (size_t i = 0; i < LANES && first + i < n; i++) g->x[j][i] = x[j * ld + first + i];
}

PART void store(const group *g, double norm, double variance, size_t first, size_t n, size_t ld, double *logp, double *grad) {
  for (size_t i = 0; i < LANES && first + i < n; i++) {
    const double scale = g->sum[i] > 0 ? 1 / (g->sum[i] * variance) : 0;
    logp[first + i] = g->sum[i] > 0 ? norm + g->top[i] + log(g->sum[i]) : -INFINITY;
    for (size_t j = 0; grad != NULL && j < DIM; j++) grad[j * ld + first + i] = g->drift[j][i] * scale;
  }
}

PART void density(const digits *t, double variance, size_t n, size_t ld, const double *x, double *logp, double *grad) {
  group g[GROUPS];
  double term[BLOCK][LANES];
  const size_t groups = (n + LANES - 1) / LANES;
  const double reach = NEGLIGIBLE + log((double)t->components);
  for (size_t c = 0; c < groups; c++) load(c * LANES, n, ld, x, &g[c]);
  for (size_t b = 0; b < t->blocks; b++) {
    const double *const mean = t->mean + b * BLOCK * DIM;
    for (size_t c = 0; c < groups; c++) {
      measure(mean, -0.5 / variance, &g[c], term);
      raise_top(term, &g[c]);
      for (size_t k = 0; k < BLOCK; k++) add_component(mean + k * DIM, term[k], reach, grad != NULL, &g[c]);
    }
  }
  const double norm = -log((double)t->components) - 0.5 * DIM * (BUILTIN_LOG_2PI + log(variance));
  for (size_t c = 0; c < groups; c++) store(&g[c], norm, variance, c * LANES, n, ld, logp, grad);
}

/* The same in wider registers, where the library found them; lanes do not mix and nothing is fused, so that the bits are the same. */
#define DENSITY(name, set)                                                                                                                 \
  set static void name(const digits *t, double variance, size_t n, size_t ld, const double *x, double *logp, double *grad) {               \
    density(t, variance, n, ld, x, logp, grad);                                                                                            \
  }
DENSITY(density_any, )
#ifdef __x86_64__
DENSITY(density_avx2, __attribute__((target("avx2"))))
DENSITY(density_avx512, __attribute__((target("avx512f"))))
#endif

static density_fn widest_density(void) {
#ifdef __x86_64__
  if (strcmp(dilate_isa(), "avx512") == 0) return density_avx512;
  if (strcmp(dilate_isa(), "avx2") == 0) return density_avx2;
#endif
  return density_any;
}

static void digits_chunk(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, const void *params) {
  const digits *const t = params;
  (void)dim;
  t->density(t, t->sd * t->sd, n, ld, x, logp, grad);
}

BUILTIN_CALLBACKS(digits_chunk)

/* The nearest digit: all have the same weight and spread. */
static size_t digits_component(const builtin *self, const double *x) {
  const digits *const t = self->data;
  size_t best = 0;
  double least = INFINITY;
  for (size_t k = 0; k < t->components; k++) {
    double square = 0;
    for (size_t j = 0; j < DIM; j++) square += (x[j] - t->mean[k * DIM + j]) * (x[j] - t->mean[k * DIM + j]);
    if (square < least) least = square, best = k;
  }
  return best;
}

static void digits_draw(const builtin *self, gsl_rng *rng, double *x) {
  const digits *const t = self->data;
  const size_t k = gsl_rng_uniform_int(rng, t->components);
  for (size_t j = 0; j < DIM; j++) x[j] = t->mean[k * DIM + j] + gsl_ran_gaussian_ziggurat(rng, t->sd);
}

static int check_table(const builtin_table *table, const char *file, dilate_error *err) {
  if (table->columns != DIM + 1)
    return builtin_fail(err, DILATE_EINVAL, "%s: %zu columns where digits needs %d pixels and a label", file, table->columns, DIM);
  for (size_t k = 0; k < table->rows; k++)
    for (size_t j = 0; j < DIM; j++) {
      const double pixel = table->value[k * table->columns + j];
      if (!(pixel >= 0 && pixel <= LARGEST))
        return builtin_fail(err, DILATE_EINVAL, "%s, row %zu: pixel %zu is %g where a number from 0 to %g is needed", file, k + 1, j + 1,
                            pixel, LARGEST);
    }
  return DILATE_OK;
}

static void fill(const builtin_table *table, digits *t) {
  for (size_t k = 0; k < t->components; k++) {
    t->weight[k] = 1 / (double)t->components;
    for (size_t j = 0; j < DIM; j++) t->mean[k * DIM + j] = table->value[k * table->columns + j] / LARGEST;
  }
  for (size_t i = t->components * DIM; i < t->blocks * BLOCK * DIM; i++) t->mean[i] = INFINITY;
}

static int make(const builtin_table *table, double sd, builtin *out, dilate_error *err) {
  const size_t blocks = (table->rows + BLOCK - 1) / BLOCK, means = blocks * BLOCK * DIM;
  digits *const t = calloc(1, sizeof *t + (means + table->rows) * sizeof *t->mean);
  if (t == NULL) return builtin_no_memory(err, builtin_digits.name);
  t->components = table->rows;
  t->blocks = blocks;
  t->sd = sd;
  t->density = widest_density();
  t->weight = t->mean + means;
  fill(table, t);
  out->data = t;
  out->destroy = builtin_free_data;
  out->log_z = 0;
  out->components = t->components;
  out->component_weight = t->weight;
  out->component = digits_component;
  out->draw = digits_draw;
  builtin_set_target(out, DIM, digits_chunk_point, digits_chunk_batch);
  return DILATE_OK;
}

static int digits_create(const char *text, const char *data_path, builtin *out, dilate_error *err) {
  static const char installed[] = "digits.csv.gz";
  static const char *const folders[] = {"/usr/lib/python3/dist-packages/sklearn/datasets/data", NULL};
  double sd = 0.1;
  const builtin_option option = {"sd", OPTION_REAL, &sd, 0.01, 1e6, NULL};
  int status = builtin_options_read(&builtin_digits, text, &option, 1, err);
  if (status < 0) return status;
  builtin_table table = {0};
  status = data_path != NULL ? builtin_table_read(data_path, &table, err)
                             : builtin_table_read_installed(installed, "python3-sklearn", folders, &table, err);
  if (status == DILATE_OK) status = check_table(&table, data_path != NULL ? data_path : installed, err);
  if (status == DILATE_OK) status = make(&table, sd, out, err);
  builtin_table_free(&table);
  return status;
}

const builtin_type builtin_digits = {
    .name = "digits",
    .summary = "equal Gaussians around 1797 handwritten digits of 8x8 pixels, each from 0 to 1; --data: 64 pixels from 0 to 16, a label",
    .options = "sd=0.1",
    .truth = "log Z = 0; 1797 components of equal weight; exact draws",
    .takes_data = 1,
    .create = digits_create,
};
