/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diffusion sampling as a random walk (Park et al. 2024, arXiv 2411.18702), x <- x + tau_k s_(sigma_k)(x) + sqrt(2 tau_k T_k) n, in rows;
 * K steps, s the target's spread, the last step without noise (T = 0):
 *   ve    sigma geometric from 10 s to 1e-3 s, tau_k = sigma_k^2 - sigma_(k+1)^2 (sigma_K = 0), T = 1/2       (Song et al. 2021)
 *   vp    DDPM (Ho et al. 2020) in u = x / sqrt(abar): sigma^2 = s^2 (1 - abar)/abar, tau = s^2 beta/abar, T = (1 - beta)/2;
 *         beta linear from 1e-4 to 0.02 for K = 1000, and in proportion to 1000/K otherwise
 *   ncsn  annealed Langevin sampling (Song & Ermon 2019): sigma geometric from 10 s to 1e-2 s, five steps a level, T = 1,
 *         tau = e sigma_k^2 / sigma_K^2 with e = 0.2 sigma_K^2
 *   free  sigma, tau and T of the user's */
#include <math.h>
#include <string.h>

#include "method/doubts_target.h"
#include "method/walk_run.h"

#define NOISIEST   10.0 /* sigma of the first step, in spreads: beyond it the target is one point */
#define VE_LAST    1e-3
#define NCSN_LAST  1e-2
#define NCSN_STEPS 5 /* a level */
#define NCSN_STEP  0.2
#define BETA_MAX   0.999

static double geometric(double from, double to, size_t k, size_t count) {
  return count > 1 ? from * pow(to / from, (double)k / (double)(count - 1)) : from;
}

static void fill_ve(walk_run *w) {
  const size_t K = w->levels;
  for (size_t k = 0; k < K; k++) {
    const double sigma = w->scale * geometric(NOISIEST, VE_LAST, k, K);
    const double next = k + 1 < K ? w->scale * geometric(NOISIEST, VE_LAST, k + 1, K) : 0;
    w->level[k] = (walk_level){.sigma = sigma, .tau = sigma * sigma - next * next, .temperature = 0.5, .carry = 1};
  }
}

static double beta_at(size_t t, size_t K) {
  const double share = K > 1 ? (double)t / (double)(K - 1) : 1;
  return fmin(BETA_MAX, (1e-4 + (0.02 - 1e-4) * share) * 1000 / (double)K);
}

static void fill_vp(walk_run *w) {
  const size_t K = w->levels;
  const double square = w->scale * w->scale;
  double log_abar = 0;
  for (size_t t = 0; t < K; t++) {
    const double beta = beta_at(t, K);
    log_abar += log1p(-beta);
    const double abar = exp(log_abar);
    w->level[K - 1 - t] =
        (walk_level){.sigma = w->scale * sqrt((1 - abar) / abar), .tau = square * beta / abar, .temperature = (1 - beta) / 2, .carry = 1};
  }
}

static void fill_ncsn(walk_run *w) {
  const size_t count = (w->levels + NCSN_STEPS - 1) / NCSN_STEPS;
  for (size_t k = 0; k < w->levels; k++) {
    const double sigma = w->scale * geometric(NOISIEST, NCSN_LAST, k / NCSN_STEPS, count);
    w->level[k] = (walk_level){.sigma = sigma, .tau = NCSN_STEP * sigma * sigma, .temperature = 1, .carry = 1};
  }
}

static void fill_free(walk_run *w, const dilate_options *o) {
  for (size_t k = 0; k < w->levels; k++)
    w->level[k] = (walk_level){.sigma = o->walk_sigma[k], .tau = o->walk_tau[k], .temperature = o->walk_temperature[k], .carry = 1};
}

static int is(const dilate_options *o, const char *walk) {
  return !strcmp(o->walk ? o->walk : "ve", walk);
}

static int fill_levels(walk_run *w, run *r, dilate_error *err) {
  const dilate_options *o = &r->options;
  const int status = walk_run_place(w, r, err);
  if (status) return status;
  if (is(o, "free")) {
    fill_free(w, o);
    return DILATE_OK;
  }
  if (is(o, "ve")) fill_ve(w);
  if (is(o, "vp")) fill_vp(w);
  if (is(o, "ncsn")) fill_ncsn(w);
  w->level[w->levels - 1].temperature = 0;
  return DILATE_OK;
}

static size_t levels(const dilate_options *o) {
  return is(o, "free") ? o->walk_count : o->steps;
}

static int walk_create(run *r, void **state, dilate_error *err) {
  walk_run *w = NULL;
  const int status = walk_run_create(r, "walk", levels(&r->options), &w, err);
  *state = w;
  return status;
}

static int walk_step(void *state, run *r, dilate_error *err) {
  walk_run *w = state;
  int status = w->taken == 0 ? fill_levels(w, r, err) : DILATE_OK;
  if (!status) status = walk_run_advance(w, r, err);
  if (!status) {
    const double noise = w->level[w->taken - 1].sigma / w->scale;
    status = walk_run_record(w, r, 1 / (1 + noise * noise), w->taken, w->levels, err);
  }
  if (status) return status;
  return w->taken < w->levels ? DILATE_CONTINUE : doubt_particles(r, w->p.n, w->p.ld, w->p.x, err);
}

static void walk_archive(archive *a, run *r, void **state) {
  if (archive_reads(a)) walk_run_expect(a, r, levels(&r->options));
  if (archive_reads(a) && !archive_failed(a) && walk_create(r, state, NULL)) archive_fail(a, DILATE_ENOMEM, "out of memory");
  if (!archive_failed(a)) walk_run_archive(a, *state);
}

const method method_walk = {.name = "walk",
                            .summary = "diffusion sampling as a random walk down noise levels: rows ve, vp (DDPM), ncsn or your own",
                            .create = walk_create,
                            .step = walk_step,
                            .result = walk_run_result,
                            .particles = walk_run_particles,
                            .destroy = walk_run_destroy,
                            .archive = walk_archive,
                            .can_cut = 1 /* scores are all that a step evaluates, before it moves anything */};
