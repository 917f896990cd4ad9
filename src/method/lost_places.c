/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Candidates for mass that the draws lack: see lost_places.h. */
#include "method/lost_places.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "method/result_rows.h"
#include "stage/far_looks.h"

#define LOOKS       16384 /* at an effort of 1 */
#define LOOKS_MANY  12288 /* in more than FEW dimensions, where each is worth less */
#define FEW         8
#define LOOKS_MAX   131072
#define ALIKE       64    /* looks with a similar log q */
#define SCORE       2.0   /* median distances above the middle */
#define MOST        1e300 /* of a ratio that others are measured by */
#define CLIMBED     8     /* candidates of the explored particles */
#define LOOKED      12    /* of the looks, by their scores; */
#define GRADIENTS   512   /* of so many with the highest ones, */
#define STEEP       24    /* by the slope there */
#define SCALE_DRAWS 16384 /* that tell the draws' spread, of more than so many */
#define CLOSE       0.05  /* candidates nearer than this share of their distance from the centre are one */

/* ---- What the references explain ---- */

int lost_ratios(const lost_places *v, const particles *p, size_t n, double *ratio, double *logq) {
  const size_t d = p->dim;
  double *z = NEW2(double, d, PARTICLE_TILE), *work = NEW(double, mixture_work(v->q, PARTICLE_TILE));
  for (size_t first = 0; z && work && first < n; first += PARTICLE_TILE) {
    const size_t count = tile_size(n, first / PARTICLE_TILE);
    double logp[PARTICLE_TILE], of_q[PARTICLE_TILE];
    memcpy(logp, p->logp + first, count * sizeof *logp);
    for (size_t j = 0; j < d; j++) memcpy(z + j * PARTICLE_TILE, p->x + j * p->ld + first, count * sizeof *z);
    if (v->coordinates) warp_backward(v->coordinates, count, PARTICLE_TILE, z, NULL, logp);
    mixture_evaluate(v->q, count, PARTICLE_TILE, z, of_q, NULL, NULL, work);
    for (size_t i = 0; i < count; i++) {
      ratio[first + i] = logp[i] == -INFINITY ? -INFINITY : logp[i] - v->log_z - of_q[i];
      if (logq) logq[first + i] = of_q[i];
    }
  }
  const int failed = !z || !work;
  memory_free(z);
  memory_free(work);
  return failed;
}

/* ---- Candidates ---- */

/* Whether point i of p is as good as the place of a candidate; distances in units of the draws' spread along each coordinate. */
static int is_taken(const lost_places *v, const particles *p, size_t i) {
  const size_t d = p->dim;
  for (size_t k = 0; k < v->chosen.n; k++) {
    double apart = 0, out = 0;
    for (size_t j = 0; j < d; j++) {
      const double unit = v->factor[j * d + j], x = p->x[j * p->ld + i];
      apart += pow((x - v->chosen.x[j * v->chosen.ld + k]) / unit, 2);
      out += pow((x - v->centre[j]) / unit, 2);
    }
    if (apart < CLOSE * CLOSE * out) return 1;
  }
  return 0;
}

/* The foremost `most` of n points by their score, above `least`, and apart from one another, are candidates. */
static int choose_foremost(lost_places *v, const particles *p, size_t n, const double *score, double least, size_t most) {
  size_t *order = NEW(size_t, n), taken = 0;
  if (!order) return 1;
  gsl_sort_index(order, score, 1, n);
  for (size_t k = n; k-- > 0 && taken < most;) {
    const size_t i = order[k];
    if (!(score[i] > least && score[i] < INFINITY) || is_taken(v, p, i)) continue;
    particles_copy(&v->chosen, v->chosen.n++, p, i);
    taken++;
  }
  memory_free(order);
  return 0;
}

/* Where the particles of a group climbed to, in the user's coordinates. */
static int gather_climbed(const bridge_group *g, const warp *w, particles *p) {
  const particles *const up = &g->explore.ascended;
  const size_t all = g->explore.batches * EXPLORE_BATCH, n = all < up->n ? all : up->n;
  if (particles_create(up->dim, n, p)) return 1;
  double *log_det = NEW(double, p->ld);
  if (!log_det) return 1;
  for (size_t j = 0; j < p->dim; j++) memcpy(p->x + j * p->ld, up->x + j * up->ld, n * sizeof *p->x);
  if (w) warp_forward(w, n, p->ld, p->x, log_det);
  for (size_t i = 0; i < n; i++) p->logp[i] = up->logp[i] - log_det[i];
  memory_free(log_det);
  return 0;
}

static int choose_climbed(lost_places *v, bridge_group *const *group, size_t groups) {
  int failed = 0;
  for (size_t g = 0; g < groups && !failed; g++) {
    particles p = {0};
    failed = gather_climbed(group[g], g ? v->coordinates : NULL, &p);
    double *ratio = NEW(double, p.n);
    failed =
        failed || !ratio || lost_ratios(v, &p, p.n, ratio, NULL) || choose_foremost(v, &p, p.n, ratio, LOST_BARE, CLIMBED / groups + 1);
    particles_clear(&p);
    memory_free(ratio);
  }
  return failed;
}

/* Median of n values, and their median distance from it; both at the places of `value` and `work` no longer in order. */
static double middle_of(size_t n, double *value, double *work, double *apart) {
  gsl_sort(value, 1, n);
  const double median = value[n / 2];
  for (size_t k = 0; k < n; k++) work[k] = fabs(value[k] - median);
  gsl_sort(work, 1, n);
  *apart = work[n / 2];
  return median;
}

/* Of the looks in the order of log q, ALIKE at a time: by how much more each exceeds q than the middle one, in units of what the others
 * differ by, which is much in far tails. */
static int score_looks(size_t n, const double *ratio, const double *logq, double *score) {
  size_t *order = NEW(size_t, n);
  double alike[ALIKE], work[ALIKE], apart;
  if (!order) return 1;
  gsl_sort_index(order, logq, 1, n);
  for (size_t first = 0; first < n; first += ALIKE) {
    const size_t count = n - first < ALIKE ? n - first : ALIKE;
    for (size_t k = 0; k < count; k++) alike[k] = fmax(-MOST, fmin(MOST, ratio[order[first + k]]));
    const double median = middle_of(count, alike, work, &apart);
    for (size_t k = 0; k < count; k++) score[order[first + k]] = (ratio[order[first + k]] - median) / (1 + apart);
  }
  memory_free(order);
  return 0;
}

/* How much steeper the target is at a place than a Gaussian of the draws' covariance would be: log of |A'g| over |A^-1 (x - c)|.  g is
 * spoilt. */
static void fill_steepness(const lost_places *v, particles *p, double *steepness, double *ci) {
  const size_t d = p->dim;
  lower_inverse(d, v->factor, ci);
  lower_transpose_times(d, v->factor, p->n, p->ld, p->grad);
  for (size_t i = 0; i < p->n; i++) {
    double slope = 0, out = 0;
    for (size_t j = 0; j < d; j++) {
      double u = 0;
      for (size_t k = 0; k <= j; k++) u += ci[j * d + k] * (p->x[k * p->ld + i] - v->centre[k]);
      out += u * u;
      slope += p->grad[j * p->ld + i] * p->grad[j * p->ld + i];
    }
    steepness[i] = out > 0 ? 0.5 * log(slope / out) : -INFINITY;
  }
}

/* Of the looks with the highest scores those at the steepest places: in a narrow basin the target is far steeper than around it. */
static int choose_steepest(lost_places *v, const particles *looks, const double *score) {
  const size_t d = looks->dim, most = looks->n < GRADIENTS ? looks->n : GRADIENTS;
  size_t *order = NEW(size_t, looks->n);
  double *steepness = NEW(double, most), *ci = NEW2(double, d, d);
  particles p = {0};
  int failed = !order || !steepness || !ci || particles_create(d, most, &p);
  if (!failed) {
    gsl_sort_index(order, score, 1, looks->n);
    for (size_t k = 0; k < most; k++) particles_copy(&p, k, looks, order[looks->n - 1 - k]);
    target_probe(v->run->target, p.n, p.ld, p.x, p.logp, p.grad);
    fill_steepness(v, &p, steepness, ci);
    failed = choose_foremost(v, &p, most, steepness, 0, STEEP);
  }
  memory_free(order);
  memory_free(steepness);
  memory_free(ci);
  particles_clear(&p);
  return failed;
}

static int choose_looks(lost_places *v) {
  const size_t d = v->draws->dim;
  const size_t n = (size_t)fmin(LOOKS_MAX, ceil((d > FEW ? LOOKS_MANY : LOOKS) * v->run->options.effort));
  particles p = {0};
  if (d > FAR_DIM_MAX || !run_affords(v->run, n + GRADIENTS * target_gradient_cost(v->run->target), 0)) return 0;
  double *ratio = NEW(double, 3 * n);
  int failed = !ratio || particles_create(d, n, &p);
  if (!failed) {
    far_looks(v->run->target, stream_make(v->run->options.seed, STREAM_PROBE, 2, 0), v->centre, v->factor, &p);
    failed = lost_ratios(v, &p, n, ratio, ratio + n) || score_looks(n, ratio, ratio + n, ratio + 2 * n) ||
             choose_foremost(v, &p, n, ratio + 2 * n, SCORE, LOOKED) || choose_steepest(v, &p, ratio + 2 * n);
  }
  particles_clear(&p);
  memory_free(ratio);
  return failed;
}

/* ---- All of them ---- */

/* Evenly spread draws as points. */
static int pick_draws(const lost_places *v, particles *p) {
  const size_t d = v->draws->dim, rows = v->draws->islands * v->draws->draws, stride = 1 + (rows - 1) / SCALE_DRAWS;
  const size_t n = (rows + stride - 1) / stride;
  double *x = NEW2(double, n, d);
  size_t *row = NEW(size_t, n);
  const int failed = particles_create(d, n, p) || !x || !row;
  for (size_t i = 0; i < n && !failed; i++) row[i] = i * stride;
  if (!failed) result_pick(v->draws, v->run->target, n, row, x);
  for (size_t j = 0; j < d && !failed; j++)
    for (size_t i = 0; i < n; i++) p->x[j * p->ld + i] = x[i * d + j];
  memory_free(x);
  memory_free(row);
  return failed;
}

/* Mean and Cholesky factor of the draws' covariance.  *flat: they have none. */
static int fill_scale(lost_places *v, int *flat) {
  const size_t d = v->draws->dim;
  particles p = {0};
  const int failed = pick_draws(v, &p);
  if (!failed) {
    const size_t n = p.n;
    weighted_mean(d, n, p.ld, p.x, NULL, v->centre);
    weighted_covariance(d, n, p.ld, p.x, NULL, v->centre, v->factor);
    *flat = cholesky(d, v->factor);
  }
  particles_clear(&p);
  return failed;
}

int lost_choose(lost_places *v, bridge_group *const *group, size_t groups) {
  const size_t most = groups * (CLIMBED / groups + 1) + LOOKED + STEEP + LOST_PEAKS;
  int flat = 0;
  if (particles_create(v->draws->dim, most, &v->chosen)) return 1;
  v->chosen.n = 0;
  if (fill_scale(v, &flat)) return 1;
  return flat ? 0 : choose_climbed(v, group, groups) || choose_looks(v);
}
