/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets with planted faults, and sound ones that resemble them: see planted.h. */
#include "planted.h"

#include <math.h>
#include <string.h>

#define UNUSED (void)params

/* ---- Sound targets ---- */

/* Two normals in the plane, at (-4, 0) and (4, 2), shares 0.7 and 0.3: their log-density and its gradient. */
static double wells(const double *x, double *grad) {
  static const double mean[2][2] = {{-4, 0}, {4, 2}}, share[2] = {0.7, 0.3};
  double term[2], shares[2];
  for (int k = 0; k < 2; k++) term[k] = log(share[k]) - 0.5 * (pow(x[0] - mean[k][0], 2) + pow(x[1] - mean[k][1], 2));
  const double largest = fmax(term[0], term[1]), sum = exp(term[0] - largest) + exp(term[1] - largest);
  for (int k = 0; k < 2; k++) shares[k] = exp(term[k] - largest) / sum;
  for (int j = 0; grad && j < 2; j++) grad[j] = shares[0] * (mean[0][j] - x[j]) + shares[1] * (mean[1][j] - x[j]);
  return largest + log(sum);
}

static int wells_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, UNUSED;
  *logp = wells(x, grad);
  return 0;
}

/* exp(-|x_j|): a kink in every coordinate. */
static int laplace_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  UNUSED;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    *logp -= fabs(x[j]);
    if (grad) grad[j] = x[j] > 0 ? -1 : 1;
  }
  return 0;
}

/* Student's t, two degrees of freedom, in each coordinate. */
static int student_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  UNUSED;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    *logp -= 1.5 * log1p(x[j] * x[j] / 2);
    if (grad) grad[j] = -1.5 * x[j] / (1 + x[j] * x[j] / 2);
  }
  return 0;
}

/* Multivariate Cauchy: as heavy as r^-(dim + 1). */
static int cauchy_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  double square = 0;
  UNUSED;
  for (size_t j = 0; j < dim; j++) square += x[j] * x[j];
  *logp = -0.5 * (double)(dim + 1) * log1p(square);
  for (size_t j = 0; grad && j < dim; j++) grad[j] = -(double)(dim + 1) * x[j] / (1 + square);
  return 0;
}

/* Standard deviations from 1e-3 to 1e3. */
static int stiff_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  UNUSED;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    const double sd = pow(10, 6 * (double)j / (double)(dim - 1) - 3);
    *logp -= 0.5 * x[j] * x[j] / (sd * sd);
    if (grad) grad[j] = -x[j] / (sd * sd);
  }
  return 0;
}

/* A normal cut off outside of the unit box. */
static int edge_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  UNUSED;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    if (x[j] < 0 || x[j] > 1) return 1;
    *logp -= 0.5 * x[j] * x[j];
    if (grad) grad[j] = -x[j];
  }
  return 0;
}

/* A normal whose author never returns less than -1e6. */
static int floor_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  UNUSED;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) *logp -= 0.5 * x[j] * x[j];
  for (size_t j = 0; grad && j < dim; j++) grad[j] = *logp < -1e6 ? 0 : -x[j];
  *logp = fmax(*logp, -1e6);
  return 0;
}

/* The two wells in single precision, gradient by differences of the exact ones. */
static int rounded_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, UNUSED;
  for (int j = 0; grad && j < 2; j++) {
    double ahead[2] = {x[0], x[1]}, behind[2] = {x[0], x[1]};
    ahead[j] += 1e-4, behind[j] -= 1e-4;
    grad[j] = (wells(ahead, NULL) - wells(behind, NULL)) / 2e-4;
  }
  *logp = (double)(float)wells(x, NULL);
  return 0;
}

/* ---- Gradients that contradict the log-density ---- */

static int sign_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  wells_logp(dim, x, logp, grad, params);
  for (size_t j = 0; grad && j < dim; j++) grad[j] = -grad[j];
  return 0;
}

static int factor_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  wells_logp(dim, x, logp, grad, params);
  for (size_t j = 0; grad && j < dim; j++) grad[j] *= 1.2;
  return 0;
}

/* The second derivative was forgotten. */
static int partial_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  wells_logp(dim, x, logp, grad, params);
  if (grad) grad[1] = 0;
  return 0;
}

/* The gradient lacks the prior, a normal of standard deviation 2 about (3, 3). */
static int prior_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  wells_logp(dim, x, logp, grad, params);
  for (size_t j = 0; j < dim; j++) *logp -= 0.125 * (x[j] - 3) * (x[j] - 3);
  return 0;
}

/* ---- Integrals that are infinite ---- */

static int flat_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)x, UNUSED;
  *logp = 0;
  for (size_t j = 0; grad && j < dim; j++) grad[j] = 0;
  return 0;
}

/* -log(1 + |x|^2)/2: 1/r far out, in any dimension. */
static int inverse_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  double square = 0;
  UNUSED;
  for (size_t j = 0; j < dim; j++) square += x[j] * x[j];
  *logp = -0.5 * log1p(square);
  for (size_t j = 0; grad && j < dim; j++) grad[j] = -x[j] / (1 + square);
  return 0;
}

/* r^-dim: every line is proper for dim > 1, the whole is not. */
static int rays_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  inverse_logp(dim, x, logp, grad, params);
  *logp *= (double)dim;
  for (size_t j = 0; grad && j < dim; j++) grad[j] *= (double)dim;
  return 0;
}

/* Standard normals; the second coordinate has no prior. */
static int missing_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  UNUSED;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    if (j != 1) *logp -= 0.5 * x[j] * x[j];
    if (grad) grad[j] = j == 1 ? 0 : -x[j];
  }
  return 0;
}

/* One success of a logistic regression, without a prior: flat to the right. */
static int separated_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, UNUSED;
  *logp = x[0] > 0 ? -log1p(exp(-x[0])) : x[0] - log1p(exp(x[0]));
  if (grad) grad[0] = 1 / (1 + exp(x[0]));
  return 0;
}

/* Only the sum of the first two coordinates is known. */
static int ridge_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  UNUSED;
  const double sum = x[0] + x[1];
  *logp = -0.5 * sum * sum;
  for (size_t j = 0; grad && j < dim; j++) grad[j] = j < 2 ? -sum : -x[j];
  for (size_t j = 2; j < dim; j++) *logp -= 0.5 * x[j] * x[j];
  return 0;
}

/* ---- Mass that is easily lost ---- */

/* Normals: number k at place(k, .), of standard deviation sd(k) and share share(k). */
#define CLUSTER_MAX 512
typedef struct cluster {
  size_t dim, count;
  double (*place)(size_t k, size_t j);
  double (*sd)(size_t k), (*share)(size_t k);
} cluster;

/* log of sum_k share_k N(x; place_k, sd_k^2), up to the constant of dim/2 log(2 pi); the component that has the largest part in it. */
static double cluster_density(const cluster *c, const double *x, double *grad, size_t *best) {
  double term[CLUSTER_MAX] = {0}, sum = 0;
  *best = 0;
  for (size_t k = 0; k < c->count; k++) {
    const double sd = c->sd(k);
    double square = 0;
    for (size_t j = 0; j < c->dim; j++) square += (x[j] - c->place(k, j)) * (x[j] - c->place(k, j));
    term[k] = log(c->share(k)) - 0.5 * square / (sd * sd) - (double)c->dim * log(sd);
    if (term[k] > term[*best]) *best = k;
  }
  const double most = term[*best];
  for (size_t j = 0; grad && j < c->dim; j++) grad[j] = 0;
  for (size_t k = 0; k < c->count; k++) {
    if (term[k] < most - 40) continue;
    const double part = exp(term[k] - most);
    sum += part;
    for (size_t j = 0; grad && j < c->dim; j++) grad[j] -= part * (x[j] - c->place(k, j)) / (c->sd(k) * c->sd(k));
  }
  for (size_t j = 0; grad && j < c->dim; j++) grad[j] /= sum;
  return most + log(sum);
}

/* The mass that draws are short of, over the components with less than half of their share. */
static double cluster_lost(const cluster *c, const dilate_result *result) {
  const size_t rows = dilate_result_islands(result) * dilate_result_draws(result);
  double seen[CLUSTER_MAX] = {0}, lost = 0;
  for (size_t i = 0; i < rows; i++) {
    size_t best;
    cluster_density(c, dilate_result_unconstrained(result) + i * c->dim, NULL, &best);
    seen[best] += 1 / (double)rows;
  }
  for (size_t k = 0; k < c->count; k++) lost += seen[k] < 0.5 * c->share(k) ? c->share(k) - seen[k] : 0;
  return lost;
}

/* A broad normal, and on a circle about it eight needles with 8 % of the mass each. */
#define NEEDLES 8
#ifndef NEEDLE_SD
#define NEEDLE_SD 0.04
#endif
static double needle_place(size_t k, size_t j) {
  const double angle = 0.3 + 0.7853981633974483 * (double)k;
  return k == NEEDLES ? 0 : 7 * (j ? sin(angle) : cos(angle));
}
static double needle_sd(size_t k) {
  return k == NEEDLES ? 4 : NEEDLE_SD;
}
static double needle_share(size_t k) {
  return k == NEEDLES ? 1 - 0.08 * NEEDLES : 0.08;
}
static const cluster needles = {2, NEEDLES + 1, needle_place, needle_sd, needle_share};

static int needles_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  size_t best;
  (void)dim, UNUSED;
  *logp = cluster_density(&needles, x, grad, &best);
  return 0;
}
static double needles_lost(const dilate_result *result) {
  return cluster_lost(&needles, result);
}

/* Three hundred small normals at scattered places of a box. */
#define CROWD 300
static double crowd_place(size_t k, size_t j) {
  const unsigned long scattered = (k + 1) * (2 * j + 3) * (2 * j + 3) * 2654435761ul;
  return 60 * (double)(scattered % 4294967296ul) / 4294967296.0;
}
static double crowd_sd(size_t k) {
  (void)k;
  return 0.5;
}
static double crowd_share(size_t k) {
  (void)k;
  return 1.0 / CROWD;
}
static const cluster crowd = {6, CROWD, crowd_place, crowd_sd, crowd_share};

static int crowd_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  size_t best;
  (void)dim, UNUSED;
  *logp = cluster_density(&crowd, x, grad, &best);
  return 0;
}
static double crowd_lost(const dilate_result *result) {
  return cluster_lost(&crowd, result);
}

/* A narrow normal far from a broad one, with 30 % of the mass. */
static double far_place(size_t k, size_t j) {
  return k ? (j ? 18 : 24) : 0;
}
static double far_sd(size_t k) {
  return k ? 0.1 : 1;
}
static double far_share(size_t k) {
  return k ? 0.3 : 0.7;
}
static const cluster far = {2, 2, far_place, far_sd, far_share};

static int far_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  size_t best;
  (void)dim, UNUSED;
  *logp = cluster_density(&far, x, grad, &best);
  return 0;
}
static double far_lost(const dilate_result *result) {
  return cluster_lost(&far, result);
}

const planted planted_list[] = {
    {"wells", PLANTED_NONE, 2, wells_logp, NULL},
    {"laplace", PLANTED_NONE, 3, laplace_logp, NULL},
    {"laplace1", PLANTED_NONE, 1, laplace_logp, NULL},
    {"student", PLANTED_NONE, 5, student_logp, NULL},
    {"cauchy1", PLANTED_NONE, 1, cauchy_logp, NULL},
    {"cauchy3", PLANTED_NONE, 3, cauchy_logp, NULL},
    {"stiff", PLANTED_NONE, 4, stiff_logp, NULL},
    {"edge", PLANTED_NONE, 2, edge_logp, NULL},
    {"floor", PLANTED_NONE, 2, floor_logp, NULL},
    {"rounded", PLANTED_NONE, 2, rounded_logp, NULL},
    {"sign", PLANTED_GRADIENT, 2, sign_logp, NULL},
    {"factor", PLANTED_GRADIENT, 2, factor_logp, NULL},
    {"partial", PLANTED_GRADIENT, 2, partial_logp, NULL},
    {"prior", PLANTED_GRADIENT, 2, prior_logp, NULL},
    {"flat", PLANTED_IMPROPER, 2, flat_logp, NULL},
    {"flat1", PLANTED_IMPROPER, 1, flat_logp, NULL},
    {"inverse", PLANTED_IMPROPER, 2, inverse_logp, NULL},
    {"inverse1", PLANTED_IMPROPER, 1, inverse_logp, NULL},
    {"rays", PLANTED_IMPROPER, 3, rays_logp, NULL},
    {"missing", PLANTED_IMPROPER, 3, missing_logp, NULL},
    {"separated", PLANTED_IMPROPER, 1, separated_logp, NULL},
    {"ridge", PLANTED_IMPROPER, 3, ridge_logp, NULL},
    {"needles", PLANTED_GROUPS, 2, needles_logp, needles_lost},
    {"far", PLANTED_GROUPS, 2, far_logp, far_lost},
    {"crowd", PLANTED_BUDGET, 6, crowd_logp, crowd_lost},
    {NULL, PLANTED_NONE, 0, NULL, NULL},
};

const planted *planted_find(const char *name) {
  for (const planted *p = planted_list; p->name; p++)
    if (!strcmp(p->name, name)) return p;
  return NULL;
}

dilate_target planted_target(const planted *p) {
  dilate_target target;
  dilate_target_init(&target);
  target.dim = p->dim;
  target.logp = p->logp;
  return target;
}
