/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Component-preconditioned HMC on mu_beta (manual, section 7).
 *
 * A component k is drawn from the responsibilities r(x) of the reference; the trajectory runs in u with x = C_k diag(v) u, v the whitened
 * scale, and is accepted with min(1, exp(-dH) r_k(y)/r_k(x)), which leaves mu_beta invariant: (x, k) has the law mu_beta(x) r_k(x). A
 * tile's chains are sorted by their number of leapfrogs, longest first, so that those still moving are always a prefix. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/clones.h"
#include "base/team.h"
#include "kernel/tempered.h"

#define LENGTH        1.6
#define LEAPFROGS_MAX 16
#define DIVERGED      1000.0 /* energy, far beyond what is ever accepted */
#define T             PARTICLE_TILE

enum { SLOT_COMPONENT, SLOT_STEP, SLOT_LENGTH, SLOT_ACCEPT };

/* A tile at work: chain chain[i] of the population in column i, coordinate-major with leading dimension T. */
typedef struct tile {
  size_t n, dim;
  double *x, *grad, *gradq, *momentum, *force, *move; /* dim x T */
  double *share;                                      /* components x T */
  double *logp, *logq, *h, *kinetic, *least, *work;
  size_t *chain, *component, *leapfrogs;
  uint32_t *id;
} tile;

static tile tile_open(const tempered_kernel *k, size_t n) {
  size_t thread = (size_t)omp_get_thread_num(), d = k->q->dim;
  double *s = k->scratch + thread * k->scratch_thread;
  size_t *c = k->choice + thread * 4 * T;
  return (tile){.n = n,
                .dim = d,
                .x = s,
                .grad = s + d * T,
                .gradq = s + 2 * d * T,
                .momentum = s + 3 * d * T,
                .force = s + 4 * d * T,
                .move = s + 5 * d * T,
                .share = s + 6 * d * T,
                .logp = s + (6 * d + k->q->components) * T,
                .logq = s + (6 * d + k->q->components + 1) * T,
                .h = s + (6 * d + k->q->components + 2) * T,
                .kinetic = s + (6 * d + k->q->components + 3) * T,
                .least = s + (6 * d + k->q->components + 4) * T,
                .work = s + (6 * d + k->q->components + 8) * T,
                .chain = c,
                .component = c + T,
                .leapfrogs = c + 2 * T,
                .id = k->id + thread * T};
}

/* Draws component, step size and length of each chain, and sorts the tile by length. */
static void plan(const tempered_kernel *k, uint32_t step, const tempered *chains, size_t first, tile *t) {
  for (size_t i = 0; i < t->n; i++) {
    uint32_t id = (uint32_t)(k->first + first + i);
    size_t component = tempered_component(chains, first + i, stream_uniform(k->stream, id, step, SLOT_COMPONENT));
    double h = k->step[component] * (0.8 + 0.4 * stream_uniform(k->stream, id, step, SLOT_STEP));
    double steps = rint(LENGTH * (0.6 + 0.8 * stream_uniform(k->stream, id, step, SLOT_LENGTH)) / h);
    size_t leapfrogs = (size_t)fmin(fmax(steps, 1), LEAPFROGS_MAX), at = i;
    for (; at > 0 && t->leapfrogs[at - 1] < leapfrogs; at--) {
      t->chain[at] = t->chain[at - 1];
      t->component[at] = t->component[at - 1];
      t->leapfrogs[at] = t->leapfrogs[at - 1];
      t->h[at] = t->h[at - 1];
      t->id[at] = t->id[at - 1];
    }
    t->chain[at] = first + i;
    t->component[at] = component;
    t->leapfrogs[at] = leapfrogs;
    t->h[at] = h;
    t->id[at] = id;
  }
}

static void load(const tempered *chains, tile *t) {
  for (size_t j = 0; j < t->dim; j++)
    for (size_t i = 0; i < t->n; i++) {
      size_t from = j * chains->pi.ld + t->chain[i];
      t->x[j * T + i] = chains->pi.x[from];
      t->grad[j * T + i] = chains->pi.grad[from];
      t->gradq[j * T + i] = chains->gradq[from];
    }
}

WIDE_LOOPS static void kinetic_energy(const tile *t, double *energy) {
  memset(energy, 0, T * sizeof *energy);
  for (size_t j = 0; j < t->dim; j++) {
    const double *p = t->momentum + j * T;
#pragma omp simd
    for (size_t i = 0; i < t->n; i++) energy[i] += 0.5 * p[i] * p[i];
  }
}

/* force = grad log mu_beta of the first n columns. */
WIDE_LOOPS static void slope_between(const tile *t, size_t n, double beta) {
  for (size_t j = 0; j < t->dim; j++) {
    const double *grad = t->grad + j * T, *gradq = t->gradq + j * T;
    double *force = t->force + j * T;
#pragma omp simd
    for (size_t i = 0; i < n; i++) force[i] = beta * grad[i] + (1 - beta) * gradq[i];
  }
}

/* to += factor scale from, row by row. */
WIDE_LOOPS static void add_scaled(const tile *t, size_t n, const double *factor, const double *scale, const double *from, double *to) {
  for (size_t j = 0; j < t->dim; j++) {
    const double *row = from + j * T;
    double *sum = to + j * T;
#pragma omp simd
    for (size_t i = 0; i < n; i++) sum[i] += factor[i] * scale[j] * row[i];
  }
}

/* p += f h diag(v) C_k' grad log mu_beta of the first n columns; f = 1, or 1/2 at both ends of a trajectory. */
static void kick(const tempered_kernel *k, tile *t, size_t n, size_t leapfrog) {
  double factor[T];
  slope_between(t, n, k->beta);
  mixture_transpose_times(k->q, n, T, t->component, t->force, t->work);
  for (size_t i = 0; i < n; i++) factor[i] = (leapfrog == 0 || leapfrog == t->leapfrogs[i] ? 0.5 : 1) * t->h[i];
  add_scaled(t, n, factor, k->whitened_scale, t->force, t->momentum);
}

/* to += from of the first n columns. */
WIDE_LOOPS static void add(const tile *t, size_t n, const double *from, double *to) {
  for (size_t j = 0; j < t->dim; j++)
#pragma omp simd
    for (size_t i = 0; i < n; i++) to[j * T + i] += from[j * T + i];
}

/* x += h C_k diag(v) p of the first n columns. */
static void drift(const tempered_kernel *k, tile *t, size_t n) {
  memset(t->move, 0, t->dim * T * sizeof *t->move);
  add_scaled(t, n, t->h, k->whitened_scale, t->momentum, t->move);
  mixture_times(k->q, n, T, t->component, t->move, t->work);
  add(t, n, t->move, t->x);
}

/* A trajectory whose energy is off by as much as that will not come back: it stays where it is, to be rejected, lest it run off to where
 * densities overflow. */
static void stop_diverged(const tempered_kernel *k, tile *t, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (t->logp[i] > -INFINITY && tempered_density(k->beta, t->logp[i], t->logq[i]) < t->least[i]) t->h[i] = 0;
}

static void trajectory(const tempered_kernel *k, tile *t, size_t first) {
  kick(k, t, t->n, 0);
  for (size_t leapfrog = 1; leapfrog <= t->leapfrogs[0]; leapfrog++) {
    size_t n = 0;
    while (n < t->n && t->leapfrogs[n] >= leapfrog) n++;
    drift(k, t, n);
    target_evaluate(k->target, k->first + first, n, T, t->x, t->logp, t->grad);
    mixture_evaluate(k->q, n, T, t->x, t->logq, t->gradq, t->share, t->work);
    stop_diverged(k, t, n);
    kick(k, t, n, leapfrog);
  }
}

/* Log acceptance ratio of column i, -inf where the proposal is outside the support or not a number. */
static double log_ratio(const tempered_kernel *k, const tempered *chains, const tile *t, size_t i, double energy) {
  size_t c = t->chain[i], component = t->component[i];
  double after = tempered_density(k->beta, t->logp[i], t->logq[i]);
  if (after == -INFINITY) return -INFINITY;
  double before = tempered_density(k->beta, chains->pi.logp[c], chains->logq[c]);
  double ratio = after - before - energy + t->kinetic[i];
  ratio += log(t->share[component * T + i] + 1e-300) - log(chains->share[component * chains->pi.ld + c] + 1e-300);
  return isfinite(ratio) ? ratio : ratio == INFINITY ? 0 : -INFINITY;
}

static void store(tempered *chains, const tile *t, size_t i) {
  size_t c = t->chain[i], ld = chains->pi.ld;
  chains->pi.logp[c] = t->logp[i];
  chains->logq[c] = t->logq[i];
  for (size_t j = 0; j < t->dim; j++) {
    chains->pi.x[j * ld + c] = t->x[j * T + i];
    chains->pi.grad[j * ld + c] = t->grad[j * T + i];
    chains->gradq[j * ld + c] = t->gradq[j * T + i];
  }
  for (size_t m = 0; m < chains->components; m++) chains->share[m * ld + c] = t->share[m * T + i];
}

static void move_tile(const tempered_kernel *k, uint32_t step, tempered *chains, size_t first, size_t n, double *acceptance,
                      size_t *component) {
  double energy[T];
  tile t = tile_open(k, n);
  plan(k, step, chains, first, &t);
  load(chains, &t);
  stream_normals(k->stream, step, t.dim, n, T, t.id, t.momentum);
  kinetic_energy(&t, t.kinetic);
  for (size_t i = 0; i < n; i++)
    t.least[i] = tempered_density(k->beta, chains->pi.logp[t.chain[i]], chains->logq[t.chain[i]]) - t.kinetic[i] - DIVERGED;
  trajectory(k, &t, first);
  kinetic_energy(&t, energy);
  for (size_t i = 0; i < n; i++) {
    double a = exp(fmin(0, log_ratio(k, chains, &t, i, energy[i])));
    acceptance[t.chain[i]] = t.logp[i] == -INFINITY ? TEMPERED_OUTSIDE : a;
    component[t.chain[i]] = t.component[i];
    if (stream_uniform(k->stream, t.id[i], step, SLOT_ACCEPT) < a) store(chains, &t, i);
  }
}

void component_hmc(const tempered_kernel *k, uint32_t step, tempered *chains, double *acceptance, size_t *component) {
  const size_t n = chains->pi.n;
  const shared_loop s = k->within ? *k->within : share_begin(k->target, n, 1);
#pragma omp parallel for schedule(dynamic, 1) num_threads(team_size(target_threads(k->target)))
  for (size_t b = s.first; b < s.end; b++) move_tile(k, step, chains, b * T, tile_size(n, b), acceptance, component);
  if (!k->within) tempered_share(&s, chains, acceptance, component);
}
