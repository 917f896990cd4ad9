/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guidance of walks: see guidance.h. */
#include "score/guidance.h"

#include <math.h>
#include <omp.h>

#include "base/memory.h"
#include "base/team.h"

int guidance_create(const dilate_options *o, const target *t, guidance *g, dilate_error *err) {
  if (!o->guidance) return DILATE_OK;
  g->log_likelihood = o->guidance;
  g->params = o->guidance_params;
  g->scale = o->guidance_scale;
  g->threads = target_user(t)->flags & DILATE_TARGET_SERIAL ? 1 : target_threads(t);
  g->work = NEW2(double, 2 * g->threads, target_dim(t));
  return g->work ? DILATE_OK : error_memory(err, "guidance");
}

void guidance_clear(guidance *g) {
  memory_free(g->work);
  g->work = NULL;
}

static void add_gradient(const guidance *g, double longest, size_t i, const double *slope, particles *at) {
  double length = 0, square = 0;
  for (size_t j = 0; j < at->dim; j++) length = isfinite(slope[j]) ? fmax(length, fabs(slope[j])) : INFINITY;
  if (length == 0 || isinf(length)) return;
  for (size_t j = 0; j < at->dim; j++) square += pow(slope[j] / length, 2);
  length *= sqrt(square) * fabs(g->scale);
  const double share = length > longest ? longest / length : 1;
  for (size_t j = 0; j < at->dim; j++) at->grad[j * at->ld + i] += share * g->scale * slope[j];
}

static void guide(guidance *g, double longest, size_t i, particles *at) {
  double *x = g->work + 2 * at->dim * (size_t)omp_get_thread_num(), *slope = x + at->dim, log_likelihood = NAN;
  if (atomic_load_explicit(&g->failure, memory_order_relaxed)) return;
  for (size_t j = 0; j < at->dim; j++) {
    x[j] = at->x[j * at->ld + i];
    slope[j] = NAN;
  }
  const int code = g->log_likelihood(at->dim, x, &log_likelihood, slope, g->params);
  int none = 0;
  if (code < 0) atomic_compare_exchange_strong(&g->failure, &none, code);
  if (code == 0 && isfinite(log_likelihood)) add_gradient(g, longest, i, slope, at);
}

void guidance_add(guidance *g, double longest, particles *at) {
  if (!g->log_likelihood) return;
#pragma omp parallel for schedule(static) num_threads(team_size(g->threads))
  for (size_t i = 0; i < at->n; i++) guide(g, longest, i, at);
}

int guidance_status(const guidance *g, dilate_error *err) {
  const int failure = atomic_load(&g->failure);
  return failure ? error_set(err, DILATE_ETARGET, "the guidance callback asked to abort (it returned %d)", failure) : DILATE_OK;
}
