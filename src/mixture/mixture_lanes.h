/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Density, responsibilities and gradient of a mixture at WIDTH points, one a lane; once for every instruction set (base/lanes.h).
 *
 * With u = C_f^-1 (x - origin) and w_l = C_f^-1 (m_l - origin): D_l = |u - w_l|^2, component k has log-density
 * log_norm_k - D_l(k) / (2 s_k^2), and the gradient of log q is -sum_f C_f'^-1 sum_l rho_l (u - w_l), rho_l = sum_k share_k / s_k^2.
 * A product of t's has D = (nu + 1) sum_j log(1 + z_j^2/nu) with z = u - w, and (nu + 1) z_j/(nu + z_j^2) in the gradient for u - w.
 *
 * D only grows from row to row, rounding included, so a location is left as soon as a bound on its components' densities is HOPELESS below
 * what another component has in every lane: they would count for 0 in the sum (base/vmath_columns.h), so that leaving them changes no bit.
 * Up to SHORT rows are cheaper taken at once than left.
 */
#include "mixture/mixture_isa.h"

#include "base/vmath_columns.h"
#include "base/vmath_triangle.h"

#define HOPELESS (NEGLIGIBLE + 1.0) /* the one for rounding */
#define SHORT    12
_Static_assert(SHORT < 2 * ROWS, "no more than one block of rows");

/* The points at work. */
typedef struct points {
  const mixture *q;
  size_t left;             /* points there are, where fewer than lanes */
  double *centred, *u, *v; /* dim x WIDTH: x - origin; whitened by `factor`, `ready` rows of it; pulls */
  double *distance;        /* locations x WIDTH: D of the first rows[l] rows; then rho */
  double *density;         /* components x WIDTH, then terms of shares */
  size_t *rows;            /* locations */
  size_t *concerned;       /* locations: those with a pull */
  size_t factor;           /* NOBODY: none yet */
  size_t begin, ready;     /* rows of u that are there: the first, and behind the last */
  VECTOR best;             /* the largest log-density of the components known so far */
} points;

#define NOBODY SIZE_MAX

static points points_open(const mixture *q, size_t left, double *work) {
  const size_t tile = q->dim * WIDTH;
  double *const at = (double *)(((uintptr_t)work + 63) / 64 * 64);
  points p = {.q = q, .left = left, .centred = at, .u = at + tile, .v = at + 2 * tile, .distance = at + 3 * tile, .factor = NOBODY};
  p.density = p.distance + q->locations * WIDTH;
  p.rows = (size_t *)(void *)(p.density + q->components * WIDTH);
  p.concerned = p.rows + q->locations;
  p.best = FILL(-(double)INFINITY);
  return p;
}

/* ---- Distances ---- */

static void centre(points *p, size_t ld, const double *x) {
  for (size_t j = 0; j < p->q->dim; j++) STORE(p->centred + j * WIDTH, lanes_get(x + j * ld, p->left) - FILL(p->q->origin[j]));
}

static void whiten_more(points *p, size_t f, size_t to) {
  const size_t dim = p->q->dim;
  const double *const ci = p->q->factor[f].ci;
  while (p->ready < to) {
    double *const u = p->u + p->ready * WIDTH;
    if (p->q->factor[f].diagonal) {
      STORE(u, LOAD(p->centred + p->ready * WIDTH) * FILL(ci[p->ready]));
      p->ready++;
    } else if (p->ready + ROWS <= dim) {
      VECTOR y[ROWS];
      triangle_rows(dim, ci, p->ready, WIDTH, WIDTH, p->centred, y);
      UNROLL for (size_t r = 0; r < ROWS; r++) STORE(u + r * WIDTH, y[r]);
      p->ready += ROWS;
    } else {
      STORE(u, triangle_row(dim, ci, p->ready, WIDTH, WIDTH, p->centred));
      p->ready++;
    }
  }
}

/* Rows `from` to `to` of u for factor f: `from` a multiple of ROWS, `to` another or the dimension. */
static inline void whiten(points *p, size_t f, size_t from, size_t to) {
  if (p->factor == f && p->begin <= from && p->ready >= to) return;
  if (p->factor != f || p->begin > from || p->ready < from) p->begin = p->ready = from;
  p->factor = f;
  whiten_more(p, f, to);
}

static inline VECTOR square_of_rows(const VECTOR z[ROWS]) {
  VECTOR sum[4];
  UNROLL for (size_t j = 0; j < 4; j++) sum[j] = MULTIPLY_ADD(z[j + 4], z[j + 4], z[j] * z[j]);
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* z = u - w, ROWS rows. */
static inline void rows_from(const double *u, const double *w, VECTOR z[ROWS]) {
  UNROLL for (size_t j = 0; j < ROWS; j++) z[j] = LOAD(u + j * WIDTH) - FILL(w[j]);
}

/* D of rows `from` to `to`, added to what it was. */
static inline __attribute__((always_inline)) VECTOR add_squares(const double *u, const double *w, size_t from, size_t to, VECTOR distance) {
  size_t j = from;
  for (; j + ROWS <= to; j += ROWS) {
    VECTOR z[ROWS];
    rows_from(u + j * WIDTH, w + j, z);
    distance += square_of_rows(z);
  }
  for (; j < to; j++) {
    const VECTOR z = LOAD(u + j * WIDTH) - FILL(w[j]);
    distance = MULTIPLY_ADD(z, z, distance);
  }
  return distance;
}

/* (nu + 1) sum_j log(1 + z_j^2/nu): a logarithm of products, taken when one is so large that four more factors might overflow. */
static VECTOR product_distance(const double *u, const double *w, size_t dim, double nu) {
  const VECTOR one = FILL(1.0), large = FILL(1e75), per_freedom = FILL(1 / nu);
  VECTOR product = one, sum = FILL(0.0);
  for (size_t j = 0; j < dim; j++) {
    const VECTOR z = LOAD(u + j * WIDTH) - FILL(w[j]);
    product *= MULTIPLY_ADD(z * z, per_freedom, one);
    if (j % 4 != 3 || ALL_LESS(product, large)) continue;
    sum += LOG(IF_LESS(product, large, one, product));
    product = IF_LESS(product, large, product, one);
  }
  return FILL(nu + 1) * (sum + LOG(product));
}

/* ---- Densities ---- */

/* The log-densities of location l's components; what overflowed (inf - inf) is infinitely far. */
static inline void settle(points *p, size_t l, VECTOR distance) {
  const mixture *const q = p->q;
  distance = IF_LESS(distance, FILL((double)INFINITY), distance, FILL((double)INFINITY));
  for (size_t m = q->member_begin[l]; m < q->member_begin[l + 1]; m++) {
    const size_t k = q->member[m];
    const VECTOR value = MULTIPLY_ADD(FILL(-0.5 * q->precision[k]), distance, FILL(q->log_norm[k]));
    STORE(p->density + k * WIDTH, value);
    p->best = lanes_larger(p->best, value);
  }
  p->rows[l] = q->dim;
}

static void leave(points *p, size_t l) {
  for (size_t m = p->q->member_begin[l]; m < p->q->member_begin[l + 1]; m++)
    STORE(p->density + p->q->member[m] * WIDTH, FILL(-(double)INFINITY));
}

/* No component of location l has more, given D of some rows. */
static inline VECTOR bound_of(const points *p, size_t l, VECTOR distance) {
  return MULTIPLY_ADD(FILL(-0.5 * p->q->least_precision[l]), distance, FILL(p->q->most_norm[l]));
}

/* D of rows[l] rows of location l, ROWS of them or all; most and likely: the largest bound so far, and its location. */
static inline void begin_location(points *p, size_t l, VECTOR *most, VECTOR *likely) {
  const mixture *const q = p->q;
  const size_t f = q->factor_of[l], rows = q->freedom[l] > 0 || q->dim <= SHORT ? q->dim : ROWS;
  const double *const w = q->whitened + l * q->dim;
  whiten(p, f, 0, rows);
  if (q->freedom[l] > 0) {
    settle(p, l, product_distance(p->u, w, q->dim, (double)q->freedom[l]));
    return;
  }
  const VECTOR distance = add_squares(p->u, w, 0, rows, FILL(0.0));
  if (rows == q->dim) {
    settle(p, l, distance);
    return;
  }
  const VECTOR bound = bound_of(p, l, distance);
  p->rows[l] = rows;
  STORE(p->distance + l * WIDTH, distance);
  *likely = IF_LESS(*most, bound, FILL((double)l), *likely);
  *most = lanes_larger(*most, bound);
}

/* The other rows of D, ROWS at a time, until there is no hope. */
static void go_on(points *p, size_t l) {
  const mixture *const q = p->q;
  VECTOR distance = LOAD(p->distance + l * WIDTH);
  for (size_t row = p->rows[l]; row < q->dim;) {
    const size_t to = row + ROWS <= q->dim ? row + ROWS : q->dim;
    if (ALL_LESS(bound_of(p, l, distance), p->best - FILL(HOPELESS))) {
      leave(p, l);
      return;
    }
    whiten(p, q->factor_of[l], row, to);
    distance = add_squares(p->u, q->whitened + l * q->dim, row, to, distance);
    row = to;
  }
  settle(p, l, distance);
}

/* ROWS rows of u, the first. */
static inline void first_rows(size_t dim, const mixture_factor *f, const double *centred, VECTOR u[ROWS]) {
  if (!f->diagonal) {
    triangle_rows(dim, f->ci, 0, WIDTH, WIDTH, centred, u);
    return;
  }
  UNROLL for (size_t j = 0; j < ROWS; j++) u[j] = LOAD(centred + j * WIDTH) * FILL(f->ci[j]);
}

/* D of up to SHORT rows, none of them kept.  Where `dim` is known loops are unrolled. */
static inline __attribute__((always_inline)) VECTOR whole_distance(size_t dim, const mixture_factor *f, const double *centred,
                                                                   const double *w) {
  VECTOR distance = FILL(0.0);
  size_t j = 0;
  if (dim >= ROWS) {
    VECTOR z[ROWS];
    first_rows(dim, f, centred, z);
    UNROLL for (; j < ROWS; j++) z[j] -= FILL(w[j]);
    distance += square_of_rows(z);
  }
  UNROLL for (; j < dim; j++) {
    VECTOR z;
    if (f->diagonal)
      z = LOAD(centred + j * WIDTH) * FILL(f->ci[j]);
    else
      z = triangle_row(dim, f->ci, j, WIDTH, WIDTH, centred);
    z -= FILL(w[j]);
    distance = MULTIPLY_ADD(z, z, distance);
  }
  return distance;
}

/* All components' log-densities where locations are Gaussian, have few rows, and a factor each. */
static void densities_of_few_rows(points *p) {
  const mixture *const q = p->q;
  for (size_t l = 0; l < q->locations; l++) {
    const mixture_factor *const f = &q->factor[q->factor_of[l]];
    const double *const w = q->whitened + l * q->dim;
    settle(p, l, q->dim == 2 ? whole_distance(2, f, p->centred, w) : whole_distance(q->dim, f, p->centred, w));
  }
}

/* The likely ones first, so that the others can be left early. */
static void densities(points *p) {
  const mixture *const q = p->q;
  VECTOR most = FILL(-(double)INFINITY), likely = FILL(0.0);
  double first[WIDTH];
  for (size_t l = 0; l < q->locations; l++) begin_location(p, l, &most, &likely);
  STORE(first, likely);
  for (size_t i = 0; i < WIDTH && i < p->left; i++)
    if (p->rows[(size_t)first[i]] < q->dim) go_on(p, (size_t)first[i]);
  for (size_t l = 0; l < q->locations; l++)
    if (p->rows[l] < q->dim) go_on(p, l);
}

static void put_shares(const points *p, VECTOR unit, size_t ld, double *share) {
  for (size_t k = 0; k < p->q->components; k++) lanes_put(share + k * ld, p->left, LOAD(p->density + k * WIDTH) * unit);
}

/* ---- Gradient ---- */

#define NONE 1e-300 /* responsibilities at or below it are as good as none */

/* rho of every location, and the list of those that have any; returns how many. */
static size_t weigh(points *p, VECTOR unit) {
  const mixture *const q = p->q;
  size_t count = 0;
  for (size_t l = 0; l < q->locations; l++) {
    VECTOR rho = FILL(0.0);
    for (size_t m = q->member_begin[l]; m < q->member_begin[l + 1]; m++) {
      const size_t k = q->member[m];
      rho = MULTIPLY_ADD(LOAD(p->density + k * WIDTH) * unit, FILL(q->precision[k]), rho);
    }
    STORE(p->distance + l * WIDTH, rho);
    if (!ALL_LESS(rho, FILL(NONE))) p->concerned[count++] = l;
  }
  return count;
}

/* rho z, or rho (nu + 1) z/(nu + z^2) of t's. */
static inline VECTOR pull(double nu, VECTOR rho, VECTOR z) {
  if (!(nu > 0)) return rho * z;
  return rho * (FILL(nu + 1) * z) / MULTIPLY_ADD(z, z, FILL(nu));
}

/* v = - sum of the pulls of `count` locations of one factor.  Where no location has any responsibility, u may be infinite. */
static void pulls(points *p, const size_t *location, size_t count) {
  const size_t dim = p->q->dim;
  VECTOR all = FILL(0.0);
  for (size_t c = 0; c < count; c++) all += LOAD(p->distance + location[c] * WIDTH);
  for (size_t j = 0; j < dim; j++) {
    const VECTOR u = LOAD(p->u + j * WIDTH);
    VECTOR v = FILL(0.0);
    for (size_t c = 0; c < count; c++) {
      const size_t l = location[c];
      v -= pull((double)p->q->freedom[l], LOAD(p->distance + l * WIDTH), u - FILL(p->q->whitened[l * dim + j]));
    }
    STORE(p->v + j * WIDTH, IF_LESS(FILL(NONE), all, v, FILL(0.0)));
  }
}

/* grad += C_f'^-1 v. */
static void add_gradient(points *p, size_t f, size_t ld, double *grad) {
  const mixture_factor *const factor = &p->q->factor[f];
  if (!factor->diagonal) triangle_transpose_times(p->q->dim, factor->ci, WIDTH, WIDTH, p->v);
  for (size_t j = 0; j < p->q->dim; j++) {
    const VECTOR multiplier = FILL(factor->diagonal ? factor->ci[j] : 1.0);
    lanes_put(grad + j * ld, p->left, MULTIPLY_ADD(multiplier, LOAD(p->v + j * WIDTH), lanes_get(grad + j * ld, p->left)));
  }
}

static void gradient(points *p, VECTOR unit, size_t ld, double *grad) {
  const mixture *const q = p->q;
  const size_t count = weigh(p, unit);
  for (size_t j = 0; j < q->dim; j++) lanes_put(grad + j * ld, p->left, FILL(0.0));
  for (size_t begin = 0, end; begin < count; begin = end) {
    const size_t f = q->factor_of[p->concerned[begin]];
    for (end = begin + 1; end < count && q->factor_of[p->concerned[end]] == f;) end++;
    whiten(p, f, 0, q->dim);
    pulls(p, p->concerned + begin, end - begin);
    add_gradient(p, f, ld, grad);
  }
}

void ISA(mixture_evaluate)(const mixture *q, size_t n, size_t ld, const double *x, double *logq, double *grad, double *share,
                           double *work) {
  const int few_rows = q->dim <= SHORT && !q->heavy && q->factors == q->locations;
  for (size_t i = 0; i < n; i += WIDTH) {
    const size_t left = n - i < WIDTH ? n - i : WIDTH;
    points p = points_open(q, left, work);
    centre(&p, ld, x + i);
    if (few_rows)
      densities_of_few_rows(&p);
    else
      densities(&p);
    VECTOR unit;
    lanes_put(logq + i, left, columns_terms(q->components, WIDTH, WIDTH, p.best, p.density, &unit));
    if (share) put_shares(&p, unit, ld, share + i);
    if (grad) gradient(&p, unit, ld, grad + i);
  }
}
