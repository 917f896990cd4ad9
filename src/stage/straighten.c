/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Straightening by regressions on one coordinate at a time: see straighten.h. */
#include "stage/straighten.h"

#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "stage/marginals.h"

#define ITERATIONS     4
#define SLOPE_MAX      3.0  /* of a log scale, a standard deviation of t */
#define GAIN_LEAST     0.05 /* nats a coordinate, below which its dependence is left alone */
#define GAIN_LAYER     0.3  /* nats in all that are worth a layer */
#define UNEXPLAINED    1e-3 /* share of the score's variance below which nothing more is to be gained */
#define EXTRAPOLATION  1.0  /* ranges of t beyond the sample within which the dependence is believed */
#define LAYERS_AT_ONCE 3
#define PARENTS_SHARE  8 /* parents are taken in only when there are so many points for each */

enum { TERM_ONE, TERM_T, TERM_SCORE, TERM_SQUARE, TERMS }; /* then the parents */

/* How a coordinate depends on t (and, by the last regression, on the parents), and what it would gain. */
typedef struct dependence {
  double constant, linear, quadratic, log_scale, gain;
} dependence;

/* Regressions of coordinates of p on t; scratch for the largest. */
typedef struct regression {
  const particles *p;
  double *t;                           /* n: coordinate h, standardised */
  double mean, sd;                     /* of coordinate h */
  const size_t *parent;                /* coordinates */
  size_t parents;                      /* 0: not in use */
  double *normal, *right, *row, *rest; /* terms x terms, terms, terms, n */
} regression;

/* In place: a <- the solution of (normal + ridge) a = right. */
static int solve(size_t m, double *normal, double *right) {
  for (size_t k = 0; k < m; k++) normal[k * m + k] += 1e-10 * normal[k * m + k] + 1e-300;
  if (cholesky(m, normal)) return 1;
  for (size_t r = 0; r < m; r++) {
    for (size_t c = 0; c < r; c++) right[r] -= normal[r * m + c] * right[c];
    right[r] /= normal[r * m + r];
  }
  for (size_t r = m; r-- > 0;) {
    for (size_t c = r + 1; c < m; c++) right[r] -= normal[c * m + r] * right[c];
    right[r] /= normal[r * m + r];
  }
  return 0;
}

static void fill_row(const regression *g, size_t j, size_t i, double scale) {
  const particles *p = g->p;
  g->row[TERM_ONE] = 1;
  g->row[TERM_T] = g->t[i];
  g->row[TERM_SCORE] = scale * scale * p->grad[j * p->ld + i];
  g->row[TERM_SQUARE] = g->t[i] * g->t[i];
  for (size_t k = 0; k < g->parents; k++) g->row[TERMS + k] = p->x[g->parent[k] * p->ld + i];
}

/* Weighted least squares of x_j on the first `terms` terms with standard deviation exp(s t): coefficients in g->right, and what is left of
 * x_j when all but the score's term are taken away in g->rest. */
static void regress(regression *g, size_t j, double s, size_t terms) {
  const particles *p = g->p;
  memset(g->normal, 0, terms * terms * sizeof *g->normal);
  memset(g->right, 0, (TERMS + g->parents) * sizeof *g->right);
  for (size_t i = 0; i < p->n; i++) {
    const double scale = exp(s * g->t[i]), weight = 1 / (scale * scale);
    fill_row(g, j, i, scale);
    for (size_t r = 0; r < terms; r++) {
      for (size_t c = 0; c <= r; c++) g->normal[r * terms + c] += weight * g->row[r] * g->row[c];
      g->right[r] += weight * g->row[r] * p->x[j * p->ld + i];
    }
  }
  for (size_t r = 0; r < terms; r++)
    for (size_t c = 0; c < r; c++) g->normal[c * terms + r] = g->normal[r * terms + c];
  if (solve(terms, g->normal, g->right)) memset(g->right, 0, terms * sizeof *g->right);
  for (size_t i = 0; i < p->n; i++) {
    fill_row(g, j, i, 1);
    g->rest[i] = p->x[j * p->ld + i];
    for (size_t r = 0; r < terms; r++) g->rest[i] -= r == TERM_SCORE ? 0 : g->right[r] * g->row[r];
  }
}

/* Slope on t of (log |rest| - log |score|)/2. */
static double scale_slope(const regression *g, size_t j) {
  const double *score = g->p->grad + j * g->p->ld;
  double sum = 0, mean_t = 0, mean_y = 0, square = 0, count = 0;
  for (int pass = 0; pass < 2; pass++)
    for (size_t i = 0; i < g->p->n; i++) {
      const double r = fabs(g->rest[i]), slope = fabs(score[i]);
      if (!(r > 0 && slope > 0)) continue;
      const double y = 0.5 * (log(r) - log(slope));
      if (pass == 0) {
        count += 1;
        mean_t += g->t[i];
        mean_y += y;
      } else {
        sum += (g->t[i] - mean_t / count) * (y - mean_y / count);
        square += (g->t[i] - mean_t / count) * (g->t[i] - mean_t / count);
      }
    }
  return square > 0 ? fmin(fmax(sum / square, -SLOPE_MAX), SLOPE_MAX) : 0;
}

/* Share of the scaled score's variance that the scaled rest does not explain: 0 for a Gaussian. */
static double unexplained(const regression *g, size_t j, double s) {
  const double *score = g->p->grad + j * g->p->ld;
  double rr = 0, gg = 0, rg = 0;
  for (size_t i = 0; i < g->p->n; i++) {
    const double scale = exp(s * g->t[i]), r = g->rest[i] / scale, slope = score[i] * scale;
    rr += r * r;
    gg += slope * slope;
    rg -= r * slope;
  }
  if (!(rr > 0 && gg > 0 && rg > 0)) return 1;
  return fmax(1 - rg * rg / (rr * gg), UNEXPLAINED);
}

static dependence depend(regression *g, size_t j) {
  regress(g, j, 0, TERM_SQUARE);
  const double before = unexplained(g, j, 0);
  dependence d = {0};
  for (int k = 0; k < ITERATIONS; k++) {
    regress(g, j, d.log_scale, TERMS + g->parents);
    d.log_scale = scale_slope(g, j);
  }
  d.constant = g->right[TERM_ONE];
  d.linear = g->right[TERM_T];
  d.quadratic = g->right[TERM_SQUARE];
  d.gain = 0.5 * log(before / unexplained(g, j, d.log_scale));
  return d;
}

/* From now on regressions are on coordinate h. */
static void set_hyper(regression *g, size_t h) {
  const particles *p = g->p;
  const double *x = p->x + h * p->ld;
  double square = 0;
  g->mean = 0;
  for (size_t i = 0; i < p->n; i++) g->mean += x[i] / (double)p->n;
  for (size_t i = 0; i < p->n; i++) square += (x[i] - g->mean) * (x[i] - g->mean) / (double)p->n;
  g->sd = square > 0 ? sqrt(square) : 1;
  for (size_t i = 0; i < p->n; i++) g->t[i] = (x[i] - g->mean) / g->sd;
}

/* The coordinate on which the others depend most, and their gain in all. */
static size_t best_hyper(regression *g, double *gain) {
  size_t best = 0;
  *gain = 0;
  g->parents = 0;
  for (size_t h = 0; h < g->p->dim; h++) {
    double total = 0;
    set_hyper(g, h);
    for (size_t j = 0; j < g->p->dim; j++) {
      const double of_j = j == h ? 0 : depend(g, j).gain;
      if (of_j > GAIN_LEAST) total += of_j;
    }
    if (total <= *gain) continue;
    *gain = total;
    best = h;
  }
  return best;
}

static void set_range(const regression *g, size_t h, warp_conditional *c) {
  double low = 0, high = 0;
  for (size_t i = 0; i < g->p->n; i++) {
    low = fmin(low, g->t[i]);
    high = fmax(high, g->t[i]);
  }
  c->hyper = h;
  c->centre = g->mean;
  c->low = g->sd * (low - EXTRAPOLATION * (high - low));
  c->high = g->sd * (high + EXTRAPOLATION * (high - low));
}

/* The layer with coordinate h as the one that the others depend on: first which of them do, then how, given those that do not. */
static void fill_layer(regression *g, size_t h, warp_conditional *c) {
  const size_t dim = g->p->dim;
  set_hyper(g, h);
  set_range(g, h, c);
  for (size_t j = 0; j < dim; j++) {
    c->depends[j] = j != h && depend(g, j).gain > GAIN_LEAST;
    if (j != h && !c->depends[j]) c->parent[c->parents++] = j;
  }
  if (c->parents * PARENTS_SHARE > g->p->n) c->parents = 0;
  g->parent = c->parent;
  g->parents = c->parents;
  for (size_t j = 0; j < dim; j++) {
    if (!c->depends[j]) continue;
    const dependence d = depend(g, j);
    c->constant[j] = d.constant;
    c->linear[j] = d.linear / g->sd;
    c->quadratic[j] = d.quadratic / (g->sd * g->sd);
    c->log_scale[j] = d.log_scale / g->sd;
    memcpy(c->weight + j * dim, g->right + TERMS, c->parents * sizeof *c->weight);
  }
  g->parents = 0;
}

/* Layer after layer while it pays; `p` is taken along into the new coordinates. */
static int add_conditionals(regression *g, particles *p, warp *w) {
  for (int k = 0; k < LAYERS_AT_ONCE && w->layers < WARP_LAYERS_MAX; k++) {
    double gain;
    const size_t h = best_hyper(g, &gain);
    if (gain < GAIN_LAYER) return 0;
    warp_conditional *c = warp_add_conditional(w);
    if (!c) return 1;
    fill_layer(g, h, c);
    warp_conditional_backward(c, p->dim, p->n, p->ld, p->x, p->grad, NULL);
  }
  return 0;
}

static int add_marginals(target *t, const particles *p, warp *w, dilate_error *err) {
  const warp *now = target_warp(t);
  double gain = 0;
  if (w->layers == WARP_LAYERS_MAX) return DILATE_OK;
  warp *before = warp_copy(w, w->layers);
  warp_marginal *m = warp_add_marginal(w);
  int failed = !before || !m || target_set_warp(t, before), status = DILATE_OK;
  if (!failed) status = marginals_fit(t, p, m, &gain, err);
  if (m && (failed || status || gain < GAIN_LAYER)) warp_drop_last(w);
  failed |= target_set_warp(t, now);
  warp_free(before);
  return failed ? error_memory(err, "straightening") : status;
}

static int regression_create(const particles *p, regression *g) {
  const size_t terms = TERMS + p->dim;
  *g = (regression){.p = p,
                    .t = NEW(double, p->n),
                    .rest = NEW(double, p->n),
                    .normal = NEW2(double, terms, terms),
                    .right = NEW(double, terms),
                    .row = NEW(double, terms)};
  return !g->t || !g->rest || !g->normal || !g->right || !g->row;
}

static void regression_clear(regression *g) {
  memory_free(g->t);
  memory_free(g->rest);
  memory_free(g->normal);
  memory_free(g->right);
  memory_free(g->row);
}

/* The points as they were before the marginal layer that `now` ends in: positions only. */
static void undo_marginal(const warp *now, particles *p) {
  warp_marginal_forward(warp_last_marginal(now), p->dim, p->n, p->ld, p->x, NULL);
}

int straighten(target *t, const particles *points, warp **out, dilate_error *err) {
  const warp *now = target_warp(t);
  const size_t dim = points->dim, again = warp_last_marginal(now) != NULL, kept = now ? now->layers - again : 0;
  particles p;
  regression g;
  warp *w = now ? warp_copy(now, kept) : warp_create(dim);
  int failed = particles_create(dim, points->n, &p) | regression_create(&p, &g), status = DILATE_OK;
  *out = NULL;
  failed = failed || !w;
  if (!failed) {
    memcpy(p.x, points->x, dim * p.ld * sizeof *p.x);
    memcpy(p.grad, points->grad, dim * p.ld * sizeof *p.grad);
    if (again)
      undo_marginal(now, &p);
    else
      failed = add_conditionals(&g, &p, w);
  }
  if (failed) status = error_memory(err, "straightening");
  if (!status && w->layers == kept) status = add_marginals(t, &p, w, err);
  if (!status && w->layers > kept)
    *out = w;
  else
    warp_free(w);
  particles_clear(&p);
  regression_clear(&g);
  return status;
}
