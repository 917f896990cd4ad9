/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels of columns.h for one instruction set, which the including file sets, with few_products() and combine(), if it has any;
 * KERNELS is the table's name. */
#include <float.h>
#include <math.h>

#ifndef WIDTH
static void few_products(size_t n, size_t m, const double *const *column, const double *weight, double *product) {
  for (size_t r = 0; r < m; r++)
    for (size_t c = 0; c <= r; c++) {
      const double *row = column[r], *other = column[c];
      double sum = 0;
#pragma omp simd reduction(+ : sum)
      for (size_t i = 0; i < n; i++) sum += weight[i] * row[i] * other[i];
      product[r * m + c] = product[c * m + r] = sum;
    }
}

static void combine(size_t n, size_t m, const double *const *column, const double *by, double *out) {
  for (size_t i = 0; i < n; i++) out[i] = 0;
  size_t k = 0;
  for (; k + 1 < m; k += 2) {
    const double *one = column[k], *other = column[k + 1], by_one = by[k], by_other = by[k + 1];
#pragma omp simd
    for (size_t i = 0; i < n; i++) out[i] += by_one * one[i] + by_other * other[i];
  }
  if (k == m) return;
  const double *one = column[k], by_one = by[k];
#pragma omp simd
  for (size_t i = 0; i < n; i++) out[i] += by_one * one[i];
}
#endif

/* out: of rows a and columns b, two each. */
static void block(size_t n, const double *a0, const double *a1, const double *b0, const double *b1, double out[4]) {
  double s00 = 0, s01 = 0, s10 = 0, s11 = 0;
#pragma omp simd reduction(+ : s00, s01, s10, s11)
  for (size_t i = 0; i < n; i++) {
    s00 += a0[i] * b0[i];
    s01 += a0[i] * b1[i];
    s10 += a1[i] * b0[i];
    s11 += a1[i] * b1[i];
  }
  out[0] = s00;
  out[1] = s01;
  out[2] = s10;
  out[3] = s11;
}

static void products(size_t n, size_t m, const double *const *column, const double *weight, double *scaled, double *product) {
  for (size_t r = 0; r < m; r++) {
    const double *from = column[r];
    double *to = scaled + r * n;
#pragma omp simd
    for (size_t i = 0; i < n; i++) to[i] = weight[i] * from[i];
  }
  for (size_t r = 0; r < m; r += 2)
    for (size_t c = 0; c <= r; c += 2) {
      const size_t rows = r + 1 < m ? 2 : 1, columns = c + 1 < m ? 2 : 1;
      double out[4];
      block(n, scaled + r * n, scaled + (r + rows - 1) * n, column[c], column[c + columns - 1], out);
      for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < columns; k++) product[(r + i) * m + c + k] = product[(c + k) * m + r + i] = out[2 * i + k];
    }
}

static void rectangle(size_t n, size_t rows, const double *row, size_t columns, const double *column, double *product, size_t ld) {
  for (size_t r = 0; r < rows; r += 2)
    for (size_t c = 0; c < columns; c += 2) {
      const size_t high = r + 1 < rows ? 2 : 1, wide = c + 1 < columns ? 2 : 1;
      double out[4];
      block(n, row + r * n, row + (r + high - 1) * n, column + c * n, column + (c + wide - 1) * n, out);
      for (size_t i = 0; i < high; i++)
        for (size_t k = 0; k < wide; k++) product[(r + i) * ld + c + k] = out[2 * i + k];
    }
}

static void natural(size_t n, size_t end, const double *x, const double *precision, const double *product, double *variance, double *rest) {
#pragma omp simd
  for (size_t i = 0; i < end; i++) {
    variance[i] = 1 / precision[i];
    rest[i] = x[i] - product[i] * variance[i];
  }
  for (size_t i = end; i < n; i++) variance[i] = rest[i] = 0;
}

static void squares(size_t n, const double *rest, const double *score, const double *variance, const double *weight, double sum[3]) {
  double rr = 0, gg = 0, rg = 0;
#pragma omp simd reduction(+ : rr, gg, rg)
  for (size_t i = 0; i < n; i++) {
    rr += rest[i] * rest[i] * weight[i];
    gg += score[i] * score[i] * variance[i];
    rg += rest[i] * score[i];
  }
  sum[0] = rr;
  sum[1] = gg;
  sum[2] = rg;
}

static int factorise(size_t m, size_t more, double *a) {
  for (size_t i = 0; i < m + more; i++) {
    double *row = a + i * m, square = 0;
    for (size_t j = 0; j < i && j < m; j++) {
      const double *before = a + j * m;
      double dot = 0;
#pragma omp simd reduction(+ : dot)
      for (size_t k = 0; k < j; k++) dot += row[k] * before[k];
      row[j] = (row[j] - dot) / before[j];
      square += row[j] * row[j];
    }
    if (i >= m) continue;
    const double pivot = row[i] - square;
    if (!(pivot > 0 && pivot < DBL_MAX)) return 1;
    row[i] = sqrt(pivot);
  }
  return 0;
}

const column_kernels KERNELS = {products, few_products, rectangle, combine, natural, squares, factorise};
