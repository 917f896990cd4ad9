/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of an EM fit: its memory, E step, pruning, and the iteration of both steps. */
#include "mixture/em_state.h"

#include "base/linalg.h"
#include "base/memory.h"
#include "base/team.h"

#include <math.h>
#include <string.h>

/* Gain in log-likelihood a point below which EM has converged. */
static const double tolerance = 1e-4;

#define TILE    64      /* points a tile of an E step: it stays in the first-level cache */
#define SMALL   16384   /* points times components times dimensions: too little to wake other threads for */
#define SCRATCH 2097152 /* doubles that threads may have for loops over components: 16 MB */

static size_t threads_of(const fit_points *points) {
  return points->team.threads > 1 ? points->team.threads : 1;
}

static void scratch_clear(em_scratch *t) {
  memory_free(t->member);
  memory_free(t->kept);
  memory_free(t->root);
  memory_free(t->gathered);
  memory_free(t->column);
}

void em_state_destroy(em_state *s) {
  memory_free(s->centre);
  memory_free(s->variance);
  memory_free(s->y);
  mixture_free(s->q);
  memory_free(s->share);
  memory_free(s->total);
  memory_free(s->coverage);
  memory_free(s->log_density);
  memory_free(s->mean_gradient);
  memory_free(s->scatter);
  memory_free(s->scatter_gradient);
  memory_free(s->metric);
  memory_free(s->geometric);
  memory_free(s->tile);
  for (size_t t = 0; s->scratch && t < s->team.threads; t++) scratch_clear(&s->scratch[t]);
  memory_free(s->scratch);
}

/* What the families with covariances need: squares of the dimension only where they are not diagonal. */
static int allocate_moments(em_state *s, size_t K) {
  const size_t dim = s->dim, rows = s->family == MIXTURE_DIAGONAL ? 1 : dim;
  s->scatter = NEW2(double, rows, dim);
  if (!s->scatter) return DILATE_ENOMEM;
  if (!s->gradient) return DILATE_OK;
  s->mean_gradient = NEW2(double, K, dim);
  s->scatter_gradient = NEW2(double, rows, dim);
  if (!s->mean_gradient || !s->scatter_gradient) return DILATE_ENOMEM;
  if (s->family == MIXTURE_DIAGONAL) return DILATE_OK;
  s->metric = NEW2(double, dim, dim);
  s->geometric = NEW(double, geometric_mean_work(dim));
  return s->metric && s->geometric ? DILATE_OK : DILATE_ENOMEM;
}

/* Rows of n that a thread's scratch gathers. */
static size_t rows_gathered(const em_state *s) {
  return s->family == MIXTURE_FULL ? s->dim : s->family == MIXTURE_PRODUCT ? 4 : 1;
}

static int scratch_create(const em_state *s, em_scratch *t) {
  const size_t n = s->n;
  t->member = NEW(uint32_t, n);
  if (s->family == MIXTURE_PRODUCT) {
    t->column = NEW2(double, rows_gathered(s), n);
    return !t->member || !t->column;
  }
  t->kept = NEW(double, n);
  t->root = NEW(double, n);
  t->gathered = NEW2(double, rows_gathered(s), n);
  return !t->member || !t->kept || !t->root || !t->gathered;
}

/* What every thread has for itself. */
static int allocate_scratch(em_state *s) {
  const size_t threads = threads_of(s->points), rows = rows_gathered(s) + 3;
  s->team = threads * rows > SCRATCH / s->n ? (thread_team){1, 0} : (thread_team){threads, s->points->team.within};
  s->scratch = NEW(em_scratch, s->team.threads);
  s->tile_thread = memory_whole_lines(mixture_work(s->q, TILE));
  s->tile = NEW2(double, threads, s->tile_thread);
  for (size_t t = 0; s->scratch && t < s->team.threads; t++)
    if (scratch_create(s, &s->scratch[t])) return DILATE_ENOMEM;
  return s->scratch && s->tile ? DILATE_OK : DILATE_ENOMEM;
}

static int allocate(em_state *s, size_t K) {
  const size_t dim = s->dim, n = s->n;
  s->centre = NEW(double, dim);
  s->variance = NEW(double, dim);
  s->y = NEW2(double, dim, n);
  s->q = mixture_create(dim, K, K, s->family == MIXTURE_SHARED ? 1 : K, s->family == MIXTURE_DIAGONAL || s->family == MIXTURE_PRODUCT);
  s->share = NEW2(double, K, n);
  s->total = NEW(double, K);
  s->coverage = NEW(double, n);
  s->log_density = NEW(double, n);
  if (!s->centre || !s->variance || !s->y || !s->q || !s->share || !s->total || !s->coverage || !s->log_density) return DILATE_ENOMEM;
  if (allocate_scratch(s)) return DILATE_ENOMEM;
  return s->family == MIXTURE_PRODUCT ? DILATE_OK : allocate_moments(s, K);
}

/* Centre, variances and the points about it.  The floor of a variance is what rounding leaves of it. */
static void read_points(em_state *s) {
  const fit_points *const p = s->points;
  weighted_mean(s->dim, s->n, p->ld, p->x, NULL, s->centre);
  for (size_t j = 0; j < s->dim; j++) {
    const double *const x = p->x + j * p->ld, centre = s->centre[j];
    double *const y = s->y + j * s->n;
    double sum = 0, size = 0;
    for (size_t i = 0; i < s->n; i++) {
      y[i] = x[i] - centre;
      sum += y[i] * y[i];
      size += x[i] * x[i];
    }
    s->variance[j] = fmax(sum, 1e-16 * size) / (double)s->n + 1e-200;
  }
}

int em_state_create(em_state *s, const fit_points *points, mixture_family family, int gradient, size_t capacity, dilate_error *err) {
  memset(s, 0, sizeof *s);
  if (points->n == 0 || capacity == 0) return error_set(err, DILATE_EINVAL, "mixture fit: no points, or no components");
  if (gradient && !points->grad) return error_set(err, DILATE_EINVAL, "mixture fit: a fit by gradients needs gradients");
  s->points = points;
  s->n = points->n;
  s->dim = points->dim;
  s->family = family;
  s->gradient = gradient;
  s->freedom = EM_FREEDOM;
  if (allocate(s, capacity)) {
    em_state_destroy(s);
    return error_memory(err, "mixture fit");
  }
  read_points(s);
  return DILATE_OK;
}

void em_state_set_labels(em_state *s, size_t K, const size_t *label) {
  memset(s->share, 0, K * s->n * sizeof(double));
  for (size_t i = 0; i < s->n; i++) s->share[label[i] * s->n + i] = 1;
  for (size_t i = 0; i < s->n; i++) s->coverage[i] = 1;
  s->q->components = K;
  s->warm = 0;
}

mixture *em_state_mixture(const em_state *s) {
  mixture *const q = mixture_copy(s->q);
  if (!q) return NULL;
  for (size_t l = 0; l < q->locations; l++)
    for (size_t j = 0; j < q->dim; j++) q->mean[l * q->dim + j] += s->centre[j];
  if (!mixture_prepare(q)) return q;
  mixture_free(q);
  return NULL;
}

/* One thread where there is too little to wake others for. */
static thread_team if_worth_it(const em_state *s, size_t components, thread_team team) {
  return s->n * components * s->dim < SMALL ? (thread_team){0} : team;
}

void em_each(em_state *s, size_t count, void (*body)(void *state, size_t k, size_t thread)) {
  team_loop(if_worth_it(s, s->q->components, s->team), count, body, s);
}

typedef struct expectation {
  em_state *s;
  const mixture *q;
} expectation;

static void expect_tile(void *state, size_t tile, size_t thread) {
  const expectation *const e = state;
  const em_state *const s = e->s;
  const size_t begin = tile * TILE, n = s->n - begin < TILE ? s->n - begin : TILE;
  mixture_evaluate(e->q, n, s->n, s->y + begin, s->log_density + begin, NULL, s->share + begin, s->tile + thread * s->tile_thread);
}

double em_expect(em_state *s, const mixture *q) {
  expectation e = {s, q};
  s->q->components = q->components;
  team_loop(if_worth_it(s, q->components, s->points->team), (s->n + TILE - 1) / TILE, expect_tile, &e);
  double sum = 0;
  for (size_t i = 0; i < s->n; i++) {
    sum += s->log_density[i];
    s->coverage[i] = s->log_density[i] > -INFINITY ? 1 : 0;
  }
  return sum;
}

/* A product of t's starts from the means and scales of another, made by a fit: component, location and factor k belong together. */
static void start_warm(em_state *s, const mixture *from) {
  memcpy(s->q->mean, from->mean, from->components * s->dim * sizeof(double));
  for (size_t k = 0; k < from->components; k++) memcpy(s->q->factor[k].c, from->factor[k].c, s->dim * sizeof(double));
  s->freedom = from->freedom[0];
  s->warm = 1;
}

int em_state_resume(em_state *s, const mixture *q) {
  mixture *const moved = mixture_copy(q);
  if (!moved) return DILATE_ENOMEM;
  for (size_t l = 0; l < q->locations; l++)
    for (size_t j = 0; j < q->dim; j++) moved->mean[l * q->dim + j] -= s->centre[j];
  const int status = mixture_prepare(moved) ? DILATE_ENUMERIC : DILATE_OK;
  if (status == DILATE_OK) (void)em_expect(s, moved);
  if (status == DILATE_OK && s->family == MIXTURE_PRODUCT && moved->freedom[0] > 0) start_warm(s, moved);
  mixture_free(moved);
  return status;
}

static double row_total(size_t n, const double *share) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) sum += share[i];
  return sum;
}

/* The same of four rows, side by side: each sum waits for its own last term, not for the other three. */
static void four_totals(size_t n, const double *share, double total[4]) {
  const double *const b = share + n, *const c = b + n, *const d = c + n;
  double sum_a = 0, sum_b = 0, sum_c = 0, sum_d = 0;
#pragma omp simd reduction(+ : sum_a, sum_b, sum_c, sum_d)
  for (size_t i = 0; i < n; i++) {
    sum_a += share[i];
    sum_b += b[i];
    sum_c += c[i];
    sum_d += d[i];
  }
  total[0] = sum_a;
  total[1] = sum_b;
  total[2] = sum_c;
  total[3] = sum_d;
}

/* Sums of the shares of K components. */
static void row_totals(size_t K, size_t n, const double *share, double *total) {
  size_t k = 0;
  for (; k + 4 <= K; k += 4) four_totals(n, share + k * n, total + k);
  for (; k < K; k++) total[k] = row_total(n, share + k * n);
}

/* Makes the shares of each point sum to one again, where any are left. */
static void normalise_shares(em_state *s) {
  const size_t n = s->n, K = s->q->components;
  double *const sum = s->coverage;
  memset(sum, 0, n * sizeof(double));
  for (size_t k = 0; k < K; k++)
    for (size_t i = 0; i < n; i++) sum[i] += s->share[k * n + i];
  for (size_t i = 0; i < n; i++) sum[i] = fmax(sum[i], 1e-300);
  for (size_t k = 0; k < K; k++)
    for (size_t i = 0; i < n; i++) s->share[k * n + i] /= sum[i];
  for (size_t i = 0; i < n; i++) s->coverage[i] = sum[i] > 1e-300 ? 1 : 0;
}

void em_prune(em_state *s, double least) {
  const size_t n = s->n, K = s->q->components;
  size_t kept = 0, largest = 0;
  row_totals(K, n, s->share, s->total);
  for (size_t k = 0; k < K; k++)
    if (s->total[k] > s->total[largest]) largest = k;
  for (size_t k = 0; k < K; k++) {
    if (k != largest && !(s->total[k] > least)) continue;
    if (kept < k) memcpy(s->share + kept * n, s->share + k * n, n * sizeof(double));
    if (kept < k && s->warm) {
      memcpy(s->q->mean + kept * s->dim, s->q->mean + k * s->dim, s->dim * sizeof(double));
      memcpy(s->q->factor[kept].c, s->q->factor[k].c, s->dim * sizeof(double));
    }
    s->total[kept++] = s->total[k];
  }
  s->q->components = kept;
  if (kept < K) normalise_shares(s);
  s->covered = 0;
  for (size_t k = 0; k < kept; k++) {
    if (kept < K) s->total[k] = row_total(n, s->share + k * n);
    s->total[k] += 1e-10; /* no division by zero when no point is covered */
    s->covered += s->total[k];
  }
}

/* Gains shrink from one iteration to the next, hardly ever by less than a tenth: what is left is ten times the last. */
static const double patience = 10;

int em_iterate(em_state *s, int iterations, double wanted, double *loglik) {
  const double least = s->family == MIXTURE_FULL ? 2.0 : 1.5;
  double before = -INFINITY;
  for (int i = 0; i < iterations || i == 0; i++) {
    em_prune(s, least);
    if (em_maximise(s)) return DILATE_ENUMERIC;
    *loglik = em_expect(s, s->q);
    const double gain = *loglik - before;
    if (!(gain >= tolerance * (double)s->n) || *loglik + patience * gain < wanted) break;
    before = *loglik;
  }
  return DILATE_OK;
}
