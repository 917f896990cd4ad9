/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products of columns, and the regression of all scores, against plain sums; a column too few is caught by the same check. */
#include "check_stage.h"

#include <math.h>

#include "base/linalg.h"
#include "densities.h"
#include "stage/columns_isa.h"
#include "stage/scores.h"

enum { N = 48, USED = 43, COLUMNS = 7, MORE = 3, DIM = 4, POINTS = 203 };

/* Numbers without a pattern, 0 from USED on. */
static void fill_columns(double *x, size_t count) {
  for (size_t k = 0; k < count; k++)
    for (size_t i = 0; i < N; i++) x[k * N + i] = i < USED ? sin(1.7 * (double)((i * i + 1) * (k + 1))) : 0;
}

static double plain_sum(const double *a, const double *b, const double *weight) {
  double sum = 0;
  for (size_t i = 0; i < USED; i++) sum += weight[i] * a[i] * b[i];
  return sum;
}

static void check_kernels(const column_kernels *k) {
  double x[COLUMNS * N], scaled[COLUMNS * N], weight[N] = {0}, product[COLUMNS * COLUMNS], beside[MORE * 9], out[N];
  const double *column[COLUMNS], by[COLUMNS] = {1, -2, 0.5, 3, 0, 1.5, -1};
  fill_columns(x, COLUMNS);
  for (size_t i = 0; i < USED; i++) weight[i] = 0.5 + 0.01 * (double)i;
  for (size_t c = 0; c < COLUMNS; c++) column[c] = x + c * N;
  k->products(N, COLUMNS, column, weight, scaled, product);
  k->rectangle(N, MORE, x, COLUMNS, scaled, beside, 9);
  for (size_t a = 0; a < COLUMNS; a++)
    for (size_t b = 0; b < COLUMNS; b++) {
      const double truth = plain_sum(column[a], column[b], weight);
      ck_assert_double_eq_tol(product[a * COLUMNS + b], truth, 1e-12);
      if (a < MORE) ck_assert_double_eq_tol(beside[a * 9 + b], truth, 1e-12);
    }
  for (size_t m = 1; m <= FEW_COLUMNS; m++) {
    double few[FEW_COLUMNS * FEW_COLUMNS];
    k->few_products(N, m, column, weight, few);
    for (size_t a = 0; a < m; a++)
      for (size_t b = 0; b < m; b++) ck_assert_double_eq(few[a * m + b], product[a * COLUMNS + b]);
  }
  k->combine(N, COLUMNS, column, by, out);
  for (size_t i = 0; i < N; i++) {
    double sum = 0;
    for (size_t c = 0; c < COLUMNS; c++) sum += by[c] * column[c][i];
    ck_assert_double_eq_tol(out[i], sum, 1e-13);
  }
}

/* L L' gives back what was factorised, and L times the rows below it what they were. */
static void check_factor(const column_kernels *k) {
  double x[COLUMNS * N], a[(COLUMNS + 1) * COLUMNS], before[(COLUMNS + 1) * COLUMNS];
  fill_columns(x, COLUMNS);
  for (size_t r = 0; r <= COLUMNS; r++)
    for (size_t c = 0; c < COLUMNS; c++) {
      double one[N];
      for (size_t i = 0; i < N; i++) one[i] = 1;
      a[r * COLUMNS + c] = before[r * COLUMNS + c] = r < COLUMNS ? plain_sum(x + r * N, x + c * N, one) : (double)c - 2;
    }
  ck_assert_int_eq(k->factorise(COLUMNS, 1, a), 0);
  for (size_t r = 0; r <= COLUMNS; r++)
    for (size_t c = 0; c < COLUMNS && c <= r; c++) {
      double sum = 0;
      for (size_t i = 0; i <= c; i++) sum += a[r * COLUMNS + i] * a[c * COLUMNS + i];
      ck_assert_double_eq_tol(sum, before[r * COLUMNS + c], 1e-10);
    }
  for (size_t i = 0; i < COLUMNS * COLUMNS; i++) a[i] = -1;
  ck_assert_int_ne(k->factorise(COLUMNS, 0, a), 0);
}

/* Those of each instruction set that the processor has. */
START_TEST(every_instruction_set_sums) {
  const char *const sets[] = {"generic", "sse2", "avx2", "avx512"};
  for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
    const column_kernels *const k = columns_of(vmath_find(sets[i]));
    check_kernels(k);
    check_factor(k);
  }
}
END_TEST

/* Scores Q - P x, P = C_0 + f C_1 and Q = Q_0 + f Q_1, and `noise` times what is not linear.  f: a column. */
static void fill_scores(particles *p, double *f, double noise) {
  ck_assert_int_eq(particles_create(DIM, POINTS, p), 0);
  for (size_t i = 0; i < POINTS; i++) {
    f[i] = exp(sin(0.7 * (double)i));
    for (size_t j = 0; j < DIM; j++) p->x[j * p->ld + i] = sin((double)((i + 1) * (j + 2)) + (double)(i * i));
    for (size_t j = 0; j < DIM; j++) {
      double score = 0.3 * (double)j + f[i] * (1 - 0.2 * (double)j) + noise * cos(5 * (double)(i * (j + 1)));
      for (size_t k = 0; k < DIM; k++)
        score -= ((j == k) + 0.1 * (double)(j + k) + f[i] * (j == k) * (double)(1 + j)) * p->x[k * p->ld + i];
      p->grad[j * p->ld + i] = score;
    }
  }
  p->logp[5] = -INFINITY;
  p->grad[5] = NAN;
}

/* What a plain regression of score c leaves: the log of its share. */
static double plain_unexplained(const particles *p, const double *f, size_t c) {
  enum { M = 2 * (DIM + 1) };
  double normal[M * M] = {0}, right[M] = {0}, row[M], left = 0, whole = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < POINTS; i++) {
      const double w = 1 / ((1 + f[i]) * (1 + f[i])), score = p->grad[c * p->ld + i];
      if (p->logp[i] == -INFINITY) continue;
      for (size_t k = 0; k < 2; k++)
        for (size_t j = 0; j <= DIM; j++) row[k * (DIM + 1) + j] = (k ? f[i] : 1) * (j < DIM ? p->x[j * p->ld + i] : 1);
      double rest = score;
      for (size_t a = 0; a < M; a++) rest -= pass * right[a] * row[a];
      left += pass * w * rest * rest;
      whole += pass * w * score * score;
      for (size_t a = 0; a < M && !pass; a++) {
        for (size_t b = 0; b < M; b++) normal[a * M + b] += w * row[a] * row[b];
        right[a] += w * row[a] * score;
      }
    }
    if (pass) break;
    ck_assert_int_eq(cholesky(M, normal), 0);
    cholesky_solve(M, normal, right);
  }
  return log(left / whole);
}

START_TEST(scores_are_regressed) {
  const double noise = _i ? 1e-3 : 0.5; /* either way to what is left */
  const size_t coordinate[DIM] = {0, 1, 2, 3};
  double f[(POINTS + COLUMN_STEP) / COLUMN_STEP * COLUMN_STEP] = {0}, truth = 0;
  const double *terms[] = {f};
  particles p;
  scores s;
  fill_scores(&p, f, noise);
  ck_assert_int_eq(scores_create(DIM, POINTS, &s), 0);
  scores_take(&s, &p, DIM, coordinate);
  const double found = scores_unexplained(&s, 1, terms);
  for (size_t c = 0; c < DIM; c++) truth += plain_unexplained(&p, f, c) / DIM;
  ck_assert_double_eq_tol(found, truth, 1e-5);
  ck_assert_double_eq_tol(scores_solve(&s, 1, 2)[2], 1.4, 6 * noise); /* an entry of C_0 */
  ck_assert_double_eq_tol(scores_solve(&s, 1, 1)[2 * DIM + 1], 0.8, 6 * noise);
  scores_take(&s, &p, DIM - 1, coordinate);
  ck_assert_double_gt(fabs(scores_unexplained(&s, 1, terms) - truth), 0.05); /* a coordinate too few */
  scores_clear(&s);
  particles_clear(&p);
}
END_TEST

Suite *columns_suite(void) {
  Suite *suite = suite_create("columns");
  TCase *tests = tcase_create("sums of products");
  tcase_add_test(tests, every_instruction_set_sums);
  tcase_add_loop_test(tests, scores_are_regressed, 0, 2);
  suite_add_tcase(suite, tests);
  return suite;
}
