/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Batch callbacks, which are compiled for wide registers: the same bits at every place of a tile, for every n and ld, and as the point
 * callback's; the mixtures and the regression against plain sums in long double, near and far. */
#include "targets/isotropic.h"
#include "targets/table.h"
#include "targets_cases.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DIM_MAX 100
#define POINTS  67
#define LD      71

/* Typical points, every fourth of them ten times, every ninth a thousand times as far from the origin. */
static void fill_tile(const builtin *b, double *x) {
  gsl_rng *const rng = targets_rng(41);
  double point[DIM_MAX];
  for (size_t i = 0; i < POINTS; i++) {
    targets_typical_point(b, rng, point);
    for (size_t j = 0; j < b->target.dim; j++) x[j * LD + i] = point[j] * (i % 4 == 3 ? 10 : i % 9 == 8 ? 1000 : 1);
  }
  gsl_rng_free(rng);
}

/* Points first .. first + n of the tile, alone and in another shape: their bits, and nothing beside them is written. */
static void check_part(const builtin *b, size_t first, size_t n, const double *x, const double *logp, const double *grad) {
  static double part[DIM_MAX * LD], part_grad[DIM_MAX * LD], part_logp[LD];
  const size_t dim = b->target.dim, ld = n + n % 3;
  for (size_t j = 0; j < dim; j++) memcpy(part + j * ld, x + j * LD + first, n * sizeof *part);
  for (size_t i = 0; i < dim * ld; i++) part_grad[i] = 77;
  part_logp[n] = 77;
  ck_assert_int_eq(b->target.batch(dim, n, ld, part, part_logp, part_grad, b->target.params), 0);
  ck_assert_msg(memcmp(part_logp, logp + first, n * sizeof *logp) == 0, "%s: other bits for %zu points from %zu", b->label, n, first);
  ck_assert(part_logp[n] == 77);
  for (size_t j = 0; j < dim; j++) {
    ck_assert_msg(memcmp(part_grad + j * ld, grad + j * LD + first, n * sizeof *grad) == 0, "%s: other bits for %zu points from %zu",
                  b->label, n, first);
    for (size_t i = n; i < ld; i++) ck_assert(part_grad[j * ld + i] == 77);
  }
}

static void check_point(const builtin *b, size_t i, const double *x, const double *logp, const double *grad) {
  double point[DIM_MAX], slope[DIM_MAX];
  for (size_t j = 0; j < b->target.dim; j++) point[j] = x[j * LD + i];
  ck_assert(targets_logp(b, point, slope) == logp[i]);
  for (size_t j = 0; j < b->target.dim; j++) ck_assert(memcmp(&slope[j], &grad[j * LD + i], sizeof *grad) == 0);
}

START_TEST(bits_do_not_depend_on_the_tile) {
  static double x[DIM_MAX * LD], grad[DIM_MAX * LD], logp[LD], alone[LD];
  builtin b = targets_make(targets_specs[_i], NULL);
  const size_t dim = b.target.dim;
  fill_tile(&b, x);
  ck_assert_int_eq(b.target.batch(dim, POINTS, LD, x, logp, grad, b.target.params), 0);
  ck_assert_int_eq(b.target.batch(dim, POINTS, LD, x, alone, NULL, b.target.params), 0);
  ck_assert_mem_eq(alone, logp, POINTS * sizeof *logp); /* with or without a gradient */
  ck_assert_int_eq(b.target.batch(dim, 0, LD, x, alone, NULL, b.target.params), 0);
  for (size_t n = 1; n <= 65; n++) check_part(&b, n * 11 % (POINTS + 1 - n), n, x, logp, grad);
  for (size_t i = 0; i < POINTS; i += 5) check_point(&b, i, x, logp, grad);
  builtin_destroy(&b);
}
END_TEST

/* ---- Mixtures from their definition ------------------------------------------------------------------------------------- */

/* log sum_k w_k N(x | m_k, s_k^2 T^2 + sigma^2 I), and its gradient. */
static double stated_mixture(const isotropic *t, double sigma, const double *x, double *grad) {
  long double term[ISOTROPIC_COMPONENTS_MAX], top = -HUGE_VALL, sum = 0, drift[DIM_MAX] = {0};
  for (size_t k = 0; k < t->components; k++) {
    term[k] = logl(t->weight[k]);
    for (size_t j = 0; j < t->dim; j++) {
      const long double sd = hypotl((long double)t->sd[k] * t->stretch[j], sigma), z = ((long double)x[j] - t->mean[k * t->dim + j]) / sd;
      term[k] -= z * z / 2 + logl(sd) + 0.918938533204672741780329736406L;
    }
    top = fmaxl(top, term[k]);
  }
  for (size_t k = 0; k < t->components; k++) {
    const long double share = expl(term[k] - top);
    sum += share;
    for (size_t j = 0; j < t->dim; j++) {
      const long double sd = hypotl((long double)t->sd[k] * t->stretch[j], sigma);
      drift[j] += share * ((long double)t->mean[k * t->dim + j] - x[j]) / (sd * sd);
    }
  }
  for (size_t j = 0; j < t->dim; j++) grad[j] = (double)(drift[j] / sum);
  return (double)(top + logl(sum));
}

static const char *const mixtures[] = {
    "gmm40",       "gmm40:dim=50", "gmm40:weights=unequal,shift=1000,scale=0.01", "gmm40:scale2=100,means=fab", "gmm4:dim=5",
    "gmm4:dim=50", "narrow3"};
#define MIXTURES (int)(sizeof mixtures / sizeof *mixtures)

/* Largest error in units of the rounding of the log-density: terms of size |log p| lose it, and the shares with them. */
static double mixture_error(const builtin *b, double sigma, size_t ld, const double *x, const double *logp, const double *grad) {
  double worst = 0, point[DIM_MAX], slope[DIM_MAX];
  for (size_t i = 0; i < POINTS; i++) {
    for (size_t j = 0; j < b->target.dim; j++) point[j] = x[j * ld + i];
    const double stated = stated_mixture(b->data, sigma, point, slope), unit = 1e-14 * (1 + fabs(stated));
    double steepest = 1;
    for (size_t j = 0; j < b->target.dim; j++) steepest = fmax(steepest, fabs(slope[j]));
    worst = fmax(worst, fabs(logp[i] - stated) / unit);
    for (size_t j = 0; j < b->target.dim; j++) worst = fmax(worst, fabs(grad[j * ld + i] - slope[j]) / (unit * steepest));
  }
  return worst;
}

START_TEST(mixtures_are_the_stated_ones) {
  static const double sigmas[] = {0, 0.3, 40};
  static double x[DIM_MAX * LD], grad[DIM_MAX * LD], logp[LD];
  builtin b = targets_make(mixtures[_i], NULL);
  const size_t dim = b.target.dim;
  fill_tile(&b, x);
  ck_assert_int_eq(b.target.batch(dim, POINTS, LD, x, logp, grad, b.target.params), 0);
  ck_assert_msg(mixture_error(&b, 0, LD, x, logp, grad) < 1, "%s: %g", b.label, mixture_error(&b, 0, LD, x, logp, grad));
  for (size_t s = 0; s < 3; s++) {
    ck_assert_int_eq(b.target.convolve(dim, sigmas[s], POINTS, LD, x, logp, grad, b.target.params), 0);
    const double error = mixture_error(&b, sigmas[s], LD, x, logp, grad);
    ck_assert_msg(error < 1, "%s, sigma = %g: %g", b.label, sigmas[s], error);
  }
  /* The broken twin: a density of a slightly other width. */
  ck_assert_double_gt(mixture_error(&b, 40 * (1 + 1e-9), LD, x, logp, grad), 1);
  builtin_destroy(&b);
}
END_TEST

/* ---- The regression from its definition ---------------------------------------------------------------------------------- */

/* Rows of `features` numbers and a label, as standardised by ionosphere's head comment. */
static double stated_regression(const builtin_table *table, const double *w) {
  long double logp = 0, mean[DIM_MAX] = {0}, variance[DIM_MAX] = {0};
  const size_t features = table->columns - 1;
  for (int pass = 0; pass < 2; pass++)
    for (size_t i = 0; i < table->rows; i++)
      for (size_t j = 0; j < features; j++) {
        const long double value = table->value[i * table->columns + j];
        if (pass == 0)
          mean[j] += value / table->rows;
        else
          variance[j] += (value - mean[j]) * (value - mean[j]) / table->rows;
      }
  for (size_t j = 0; j <= features; j++) logp -= (long double)w[j] * w[j] / 2 + 0.918938533204672741780329736406L;
  for (size_t i = 0; i < table->rows; i++) {
    long double e = w[0];
    for (size_t j = 0; j < features; j++)
      if (variance[j] > 0) e += w[j + 1] * (table->value[i * table->columns + j] - mean[j]) / sqrtl(variance[j]);
    if (table->value[(i + 1) * table->columns - 1] > 0) e = -e; /* log of the logistic function of -e, whichever the label */
    logp -= e > 0 ? e + log1pl(expl(-e)) : log1pl(expl(e));
  }
  return (double)logp;
}

START_TEST(ionosphere_is_the_stated_regression) {
  static double x[DIM_MAX * LD], logp[LD];
  builtin b = targets_make("ionosphere", NULL);
  builtin_table table;
  ck_assert_int_eq(builtin_table_read_own("ionosphere.csv", &table, NULL), DILATE_OK);
  ck_assert_uint_eq(table.columns, b.target.dim);
  fill_tile(&b, x);
  ck_assert_int_eq(b.target.batch(b.target.dim, POINTS, LD, x, logp, NULL, b.target.params), 0);
  for (size_t i = 0; i < POINTS; i++) {
    double w[DIM_MAX];
    for (size_t j = 0; j < b.target.dim; j++) w[j] = x[j * LD + i];
    const double stated = stated_regression(&table, w);
    ck_assert_double_eq_tol(logp[i], stated, 1e-13 * (1 + fabs(stated)));
  }
  builtin_table_free(&table);
  builtin_destroy(&b);
}
END_TEST

/* More observations than factors of one product, and more dimensions than the stack has room for. */
START_TEST(a_regression_of_many_rows_and_columns) {
  enum { ROWS = 1700, WIDE = 600 };
  static char text[ROWS * 8];
  static double x[(WIDE + 1) * 8], grad[2][(WIDE + 1) * 8], logp[2][8];
  char path[64];
  size_t used = 0;
  for (int i = 0; i < ROWS; i++) used += (size_t)snprintf(text + used, sizeof text - used, "%d %d\n", i % 17, i % 3 == 0 ? 1 : -1);
  targets_write_file(text, path);
  builtin b = targets_make("ionosphere", path);
  const double zero[2] = {0, 0}, small[2] = {1e-3, 0};
  ck_assert_double_eq_tol(targets_logp(&b, zero, NULL), -ROWS * log(2) - BUILTIN_LOG_2PI, 1e-9);
  ck_assert_double_lt(targets_logp(&b, small, NULL), targets_logp(&b, zero, NULL)); /* most labels are 0 */
  builtin_destroy(&b);
  unlink(path);
  used = 0;
  for (int i = 0; i < 3; i++)
    for (int j = 0; j <= WIDE; j++)
      used += (size_t)snprintf(text + used, sizeof text - used, "%d%c", j < WIDE ? (i * j) % 5 : i == 1, j < WIDE ? ' ' : '\n');
  targets_write_file(text, path);
  b = targets_make("ionosphere", path);
  for (size_t i = 0; i < (WIDE + 1) * 8; i++) x[i] = cos((double)i);
  ck_assert_int_eq(b.target.batch(WIDE + 1, 8, 8, x, logp[0], grad[0], b.target.params), 0);
  ck_assert_int_eq(b.target.batch(WIDE + 1, 3, 8, x, logp[1], grad[1], b.target.params), 0);
  ck_assert_mem_eq(logp[0], logp[1], 3 * sizeof **logp);
  for (size_t j = 0; j <= WIDE; j++) ck_assert_mem_eq(grad[0] + j * 8, grad[1] + j * 8, 3 * sizeof **grad);
  builtin_destroy(&b);
  unlink(path);
}
END_TEST

TCase *targets_batch_case(void) {
  TCase *const c = tcase_create("batch");
  tcase_set_timeout(c, 120);
  tcase_add_loop_test(c, bits_do_not_depend_on_the_tile, 0, TARGETS_SPECS);
  tcase_add_loop_test(c, mixtures_are_the_stated_ones, 0, MIXTURES);
  tcase_add_test(c, ionosphere_is_the_stated_regression);
  tcase_add_test(c, a_regression_of_many_rows_and_columns);
  return c;
}
