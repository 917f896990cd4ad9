/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reweighting, widening and defending a reference: see defend.h. */
#include "stage/defend.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"

#define REWEIGHT_ROUNDS 2
#define WEIGHT_FLOOR    0.02 /* share of the weight that is spread evenly */
#define BROAD_WEIGHT    0.05
#define BROAD_VARIANCE  4.0 /* times the sample's covariance */
#define TWIN_WEIGHT     0.15
#define TWIN_COST       0.2 /* cost above which a reference gets twins and the larger inflation */
#define HYPER_WEIGHT    0.15
#define HYPER_SCALE     3.0
#define INFLATION_LARGE 1.1 /* of covariances */
#define INFLATION_SMALL 1.05

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

/* Importance weights exp(ratio) relative to the largest, capped at their top hundredth; where all others vanish beside fewer than that,
 * these count alike.  work: n doubles. */
static void capped_weights(size_t n, double *ratio, double *work) {
  double most = -INFINITY;
  for (size_t i = 0; i < n; i++) most = fmax(most, ratio[i]);
  for (size_t i = 0; i < n; i++) work[i] = ratio[i] = most == -INFINITY ? 1 : exp(ratio[i] - most);
  gsl_sort(work, 1, n);
  double cap = work[n - larger(2, n / 100)];
  for (size_t i = 0; i < n; i++) ratio[i] = cap > 0 ? fmin(ratio[i], cap) : ratio[i] > 0;
}

/* New weights from n evaluated draws of the equal-weight mixture `even`. */
static void weights_from_draws(const mixture *even, const particles *draws, const double *weight, double *logq, double *share, double *work,
                               mixture *core) {
  size_t n = draws->n;
  double total = 0;
  mixture_evaluate(even, n, draws->ld, draws->x, logq, NULL, share, work);
  for (size_t k = 0; k < core->components; k++) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += weight[i] * share[k * draws->ld + i];
    core->log_weight[k] = sum;
    total += sum;
  }
  double floor = WEIGHT_FLOOR / (double)core->components;
  for (size_t k = 0; k < core->components; k++) core->log_weight[k] = log((1 - WEIGHT_FLOOR) * core->log_weight[k] / total + floor);
}

static int reweight_once(const reference_task *task, mixture *core, unsigned number, dilate_error *err) {
  size_t K = core->components, each = larger(256, 8 * K) / K, n = K * larger(4, each);
  mixture *even = mixture_copy(core);
  particles draws = {0};
  double *ratio = NEW(double, n), *logq = NEW(double, n + 8), *work = NULL, *share = NULL;
  int status = even && ratio && logq ? DILATE_OK : error_memory(err, "the reweighting of the reference");
  if (!status) {
    for (size_t k = 0; k < K; k++) even->log_weight[k] = 0;
    if (mixture_prepare(even)) status = error_set(err, DILATE_ENUMERIC, "the reference became singular");
  }
  stream s = stream_make(task->seed, STREAM_FIT, task->round * 64 + number, task->group);
  if (!status) status = choose_log_ratio(task, even, s, n, ratio, &draws, err);
  if (!status) {
    work = NEW(double, larger(mixture_work(even, n), n));
    share = NEW2(double, K, draws.ld);
    if (!work || !share) status = error_memory(err, "the reweighting of the reference");
  }
  if (!status) {
    capped_weights(n, ratio, work);
    weights_from_draws(even, &draws, ratio, logq, share, work, core);
    if (mixture_prepare(core)) status = error_set(err, DILATE_ENUMERIC, "the reference became singular");
  }
  particles_clear(&draws);
  mixture_free(even);
  memory_free(ratio);
  memory_free(logq);
  memory_free(work);
  memory_free(share);
  return status;
}

int defend_reweight(const reference_task *task, mixture *core, dilate_error *err) {
  int status = DILATE_OK;
  for (unsigned round = 0; round < REWEIGHT_ROUNDS && !status; round++) status = reweight_once(task, core, round, err);
  return status;
}

/* The core inflated, each component with a twin of TWIN_WEIGHT at scale 1 + 3/sqrt(d) where `twins`; not prepared. */
static mixture *widen(const mixture *core, double inflation, int twins) {
  size_t K = core->components, d = core->dim;
  twins = twins && !core->heavy; /* heavy tails are wide already */
  mixture *q = mixture_create(d, core->locations, twins ? 2 * K : K, core->factors, core->factor[0].diagonal);
  if (!q) return NULL;
  memcpy(q->mean, core->mean, core->locations * d * sizeof(double));
  memcpy(q->factor_of, core->factor_of, core->locations * sizeof(size_t));
  memcpy(q->freedom, core->freedom, core->locations * sizeof(unsigned));
  for (size_t f = 0; f < core->factors; f++) {
    size_t entries = core->factor[f].diagonal ? d : d * d;
    for (size_t j = 0; j < entries; j++) q->factor[f].c[j] = sqrt(inflation) * core->factor[f].c[j];
  }
  for (size_t k = 0; k < q->components; k++) {
    int twin = k >= K;
    q->log_weight[k] = core->log_weight[k % K] + (twins ? log(twin ? TWIN_WEIGHT : 1 - TWIN_WEIGHT) : 0);
    q->scale[k] = core->scale[k % K] * (twin ? 1 + 3 / sqrt((double)d) : 1);
    q->location[k] = core->location[k % K];
  }
  return q;
}

/* One Gaussian, not prepared: the points' mean, BROAD_VARIANCE times their covariance (half towards its diagonal when points are few; the
 * diagonal alone when that is all the points determine). */
static mixture *broad_component(const fit_points *points) {
  size_t d = points->dim;
  mixture *q = mixture_create(d, 1, 1, 1, 0);
  double *variance = NEW(double, d);
  if (!q || !variance) {
    mixture_free(q);
    memory_free(variance);
    return NULL;
  }
  double *c = q->factor[0].c;
  weighted_mean(d, points->n, points->ld, points->x, NULL, q->mean);
  weighted_covariance(d, points->n, points->ld, points->x, NULL, q->mean, c);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) {
      if (i != j && points->n < 4 * d) c[i * d + j] *= 0.5;
      c[i * d + j] *= i == j ? BROAD_VARIANCE * (1 + 1e-12) : BROAD_VARIANCE;
    }
  for (size_t j = 0; j < d; j++) {
    c[j * d + j] += 1e-300;
    variance[j] = c[j * d + j];
  }
  if (cholesky(d, c)) {
    memset(c, 0, d * d * sizeof *c);
    for (size_t j = 0; j < d; j++) c[j * d + j] = sqrt(variance[j]);
  }
  memory_free(variance);
  return q;
}

/* The core with the marked coordinates' scales HYPER_SCALE times as large, not prepared; NULL when out of memory. */
static mixture *stretch(const mixture *core, const unsigned char *marked) {
  mixture *q = widen(core, INFLATION_LARGE, 0);
  const size_t d = core->dim;
  for (size_t f = 0; q && f < q->factors; f++)
    for (size_t i = 0; i < d; i++)
      for (size_t j = 0; marked[i] && j < (q->factor[f].diagonal ? 1 : i + 1); j++)
        q->factor[f].c[q->factor[f].diagonal ? i : i * d + j] *= HYPER_SCALE;
  return q;
}

/* Where others depend on coordinates that a warp knows of, these have the tails: in the necks of funnels hardly a point of a sample is. The
 * other coordinates are as well fitted there as elsewhere, so that a part of q with those few stretched costs little and covers them. */
static int cover_necks(const warp *w, const mixture *core, mixture **q, dilate_error *err) {
  unsigned char *hyper = NEW(unsigned char, core->dim);
  int status = hyper ? DILATE_OK : error_memory(err, "the reference"), some = 0;
  if (hyper) warp_mark_hypers(w, hyper);
  for (size_t j = 0; hyper && j < core->dim; j++) some |= hyper[j];
  if (some) {
    mixture *far = stretch(core, hyper), *joined = NULL;
    const int usable = far && !mixture_prepare(far);
    if (usable) joined = mixture_merge(*q, far, 1 - HYPER_WEIGHT);
    if (!far || (usable && !joined)) status = error_memory(err, "the reference");
    mixture_free(far);
    if (joined) mixture_free(*q);
    if (joined) *q = joined;
  }
  memory_free(hyper);
  return status;
}

int defend_build(const mixture *core, double cost, const fit_points *points, const warp *w, mixture **out, dilate_error *err) {
  int hard = cost > TWIN_COST;
  mixture *wide = widen(core, hard ? INFLATION_LARGE : INFLATION_SMALL, hard), *broad = broad_component(points);
  int status = wide && broad ? DILATE_OK : error_memory(err, "the reference");
  if (!status && mixture_prepare(wide)) status = error_set(err, DILATE_ENUMERIC, "the reference became singular");
  *out = NULL;
  if (!status) {
    *out = mixture_prepare(broad) ? mixture_copy(wide) : mixture_merge(wide, broad, 1 - BROAD_WEIGHT);
    if (!*out) status = error_memory(err, "the reference");
  }
  mixture_free(wide);
  mixture_free(broad);
  return status || !w ? status : cover_necks(w, core, out, err);
}
