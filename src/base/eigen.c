/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenvalues and vectors of a symmetric matrix, A = Q T Q' by Householder's reflections and T = Z D Z' by implicit QL steps (Golub & Van
 * Loan 2013, sections 8.3.1 and 8.3.3; Dubrulle, Martin & Wilkinson 1968, Numerische Mathematik 12:377).
 *
 * All that costs d^3 are multiples of rows added to rows, so that no sum's order depends on the vectors' width. */
#include "base/clones.h"
#include "base/linalg.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define NOTHING 1e-280 /* a square, in a matrix whose largest entry is 1 */
#define SWEEPS  60     /* an eigenvalue takes two as a rule */

size_t symmetric_eigen_work(size_t d) {
  return d * d + 3 * d;
}

/* The first i entries of a row become the u whose reflection I - u u' / H leaves of them the last alone, *off.  Returns H; 0: no need. */
static double reflection(size_t i, double *row, double *off) {
  double square = 0;
  for (size_t k = 0; k + 1 < i; k++) square += row[k] * row[k];
  *off = row[i - 1];
  if (square < NOTHING) return 0;
  const double length = sqrt(square + *off * *off), own = fabs(*off);
  *off = *off > 0 ? -length : length;
  row[i - 1] -= *off;
  return length * (length + own);
}

/* A <- (I - u u' / H) A (I - u u' / H) of the leading i rows and columns; p: i doubles. */
WIDE_LOOPS static void reflect_both(size_t i, size_t d, const double *u, double h, double *a, double *p) {
  double overlap = 0;
  memset(p, 0, i * sizeof *p);
  for (size_t r = 0; r < i; r++) {
    const double *const row = a + r * d, part = u[r] / h;
#pragma omp simd
    for (size_t c = 0; c < i; c++) p[c] += part * row[c];
  }
  for (size_t c = 0; c < i; c++) overlap += u[c] * p[c];
  for (size_t c = 0; c < i; c++) p[c] -= overlap / (2 * h) * u[c];
  for (size_t r = 0; r < i; r++) {
    double *const row = a + r * d;
    const double own = u[r], image = p[r];
#pragma omp simd
    for (size_t c = 0; c < i; c++) row[c] -= image * u[c] + own * p[c];
  }
}

/* Q <- (I - u u' / H) Q of the leading i rows and columns; p: i doubles. */
WIDE_LOOPS static void reflect_rows(size_t i, size_t d, const double *u, double h, double *q, double *p) {
  memset(p, 0, i * sizeof *p);
  for (size_t r = 0; r < i; r++) {
    const double *const row = q + r * d, part = u[r] / h;
#pragma omp simd
    for (size_t c = 0; c < i; c++) p[c] += part * row[c];
  }
  for (size_t r = 0; r < i; r++) {
    double *const row = q + r * d;
#pragma omp simd
    for (size_t c = 0; c < i; c++) row[c] -= u[r] * p[c];
  }
}

/* Diagonal of T, what lies beside it (off[i] left of place i), and Q.  a is overwritten; rest: 2 d doubles. */
static void tridiagonalise(size_t d, double *a, double *diagonal, double *off, double *q, double *rest) {
  double *const h = rest, *const p = rest + d;
  off[0] = 0;
  for (size_t i = d; i-- > 1;) {
    h[i] = reflection(i, a + i * d, &off[i]);
    if (h[i] > 0) reflect_both(i, d, a + i * d, h[i], a, p);
  }
  memset(q, 0, d * d * sizeof *q);
  for (size_t i = 0; i < d; i++) {
    diagonal[i] = a[i * d + i];
    q[i * d + i] = 1;
    if (i > 0 && h[i] > 0) reflect_rows(i, d, a + i * d, h[i], q, p);
  }
}

/* Rows one and other: (c one - s other, s one + c other). */
WIDE_LOOPS static void rotate(size_t d, double c, double s, double *one, double *other) {
#pragma omp simd
  for (size_t j = 0; j < d; j++) {
    const double kept = one[j];
    one[j] = c * kept - s * other[j];
    other[j] = s * kept + c * other[j];
  }
}

/* One sweep over the rows first .. last of T, whose neighbours beyond are cut off: beside[i] stands right of place i; z: rows to rotate. */
static void sweep(size_t d, size_t first, size_t last, double *diagonal, double *beside, double *z) {
  const double half = (diagonal[first + 1] - diagonal[first]) / (2 * beside[first]), root = copysign(sqrt(half * half + 1), half);
  double g = diagonal[last] - diagonal[first] + beside[first] / (half + root), s = 1, c = 1, shift = 0;
  for (size_t i = last; i-- > first;) {
    const double f = s * beside[i], b = c * beside[i], length = sqrt(f * f + g * g);
    beside[i + 1] = length;
    if (length == 0) { /* T falls apart here by itself */
      diagonal[i + 1] -= shift;
      beside[last] = 0;
      return;
    }
    s = f / length;
    c = g / length;
    g = diagonal[i + 1] - shift;
    const double r = (diagonal[i] - g) * s + 2 * c * b;
    shift = s * r;
    diagonal[i + 1] = g + shift;
    g = c * r - b;
    rotate(d, c, s, z + i * d, z + (i + 1) * d);
  }
  diagonal[first] -= shift;
  beside[first] = g;
  beside[last] = 0;
}

/* The first place from `first` on whose right neighbour is nothing beside the diagonal. */
static size_t end_of_block(size_t d, size_t first, const double *diagonal, const double *beside) {
  size_t last = first;
  while (last + 1 < d && fabs(beside[last]) > DBL_EPSILON * (fabs(diagonal[last]) + fabs(diagonal[last + 1]))) last++;
  return last;
}

static void diagonalise(size_t d, double *diagonal, double *off, double *z) {
  for (size_t i = 1; i < d; i++) off[i - 1] = off[i];
  off[d - 1] = 0;
  for (size_t first = 0; first < d; first++)
    for (int k = 0; k < SWEEPS; k++) {
      const size_t last = end_of_block(d, first, diagonal, off);
      if (last == first) break;
      sweep(d, first, last, diagonal, off, z);
    }
}

static void swap(double *a, double *b) {
  const double kept = *a;
  *a = *b;
  *b = kept;
}

void transpose(size_t d, double *a) {
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < i; j++) swap(&a[i * d + j], &a[j * d + i]);
}

static void sort_ascending(size_t d, double *values, double *row) {
  for (size_t j = 0; j < d; j++) {
    size_t smallest = j;
    for (size_t k = j + 1; k < d; k++) smallest = values[k] < values[smallest] ? k : smallest;
    if (smallest == j) continue;
    swap(&values[j], &values[smallest]);
    for (size_t i = 0; i < d; i++) swap(&row[j * d + i], &row[smallest * d + i]);
  }
}

/* Of a matrix with nothing in it, or something that is no number. */
static void plain_spectrum(size_t d, double value, double *values, double *v) {
  for (size_t i = 0; i < d * d; i++) v[i] = i % (d + 1) == 0;
  for (size_t i = 0; i < d; i++) values[i] = value;
}

void symmetric_eigen(size_t d, const double *a, double *values, double *v, double *work) {
  if (d == 0) return;
  double largest = 0; /* taken out, so that nothing over- or underflows on the way */
  int finite = 1;
  for (size_t i = 0; i < d * d; i++) {
    finite = finite && isfinite(a[i]);
    largest = fabs(a[i]) > largest ? fabs(a[i]) : largest;
  }
  if (!finite || largest == 0) {
    plain_spectrum(d, finite ? 0 : (double)NAN, values, v);
    return;
  }
  for (size_t i = 0; i < d * d; i++) work[i] = a[i] / largest;
  double *const off = work + d * d;
  tridiagonalise(d, work, values, off, v, off + d);
  transpose(d, v);
  diagonalise(d, values, off, v);
  for (size_t i = 0; i < d; i++) values[i] *= largest;
  sort_ascending(d, values, v);
  transpose(d, v);
}
