/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diffusion sequential Monte Carlo, a level at a time: see diffusion.h. */
#include "stage/diffusion.h"

#include <math.h>

#include "base/logsumexp.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/team.h"
#include "base/vmath.h"
#include "stage/denoise.h"
#include "stage/resample.h"
#include "target/share.h"

#define ESS_LEAST 0.5 /* effective share below which an island is resampled */

/* ---- Memory ---- */

static int allocate(diffusion *d) {
  const size_t islands = d->set.islands, n = islands * d->set.draws, dim = target_dim(d->set.target);
  if (particles_create(dim, n, &d->now) || particles_create(dim, n, &d->old)) return DILATE_ENOMEM;
  d->cloud = NEW2(double, dim, d->now.ld);
  d->log_g = NEW(double, n);
  d->old_log_g = NEW(double, n);
  d->log_weight = NEW(double, n);
  d->old_log_weight = NEW(double, n);
  d->weight = NEW(double, n);
  d->parent = NEW(size_t, n);
  d->eve = NEW(size_t, n);
  d->old_eve = NEW(size_t, n);
  d->log_z = NEW(double, islands);
  d->estimate = NEW(double, islands);
  d->ess = NEW(double, islands);
  d->work = NEW2(double, dim *PARTICLE_TILE, target_threads(d->set.target));
  const int clouds = d->cloud && d->log_g && d->old_log_g && d->log_weight && d->old_log_weight && d->weight;
  return clouds && d->parent && d->eve && d->old_eve && d->log_z && d->estimate && d->ess && d->work ? DILATE_OK : DILATE_ENOMEM;
}

int diffusion_create(const diffusion_settings *set, diffusion **out, dilate_error *err) {
  *out = NULL;
  diffusion *d = NEW(diffusion, 1);
  if (!d) return error_memory(err, "diffusion_create");
  d->set = *set;
  d->level = set->levels + 1;
  if (allocate(d)) {
    diffusion_free(d);
    return error_memory(err, "diffusion_create");
  }
  *out = d;
  return DILATE_OK;
}

void diffusion_free(diffusion *d) {
  if (!d) return;
  particles_clear(&d->now);
  particles_clear(&d->old);
  memory_free(d->cloud);
  memory_free(d->log_g);
  memory_free(d->old_log_g);
  memory_free(d->log_weight);
  memory_free(d->old_log_weight);
  memory_free(d->weight);
  memory_free(d->parent);
  memory_free(d->eve);
  memory_free(d->old_eve);
  memory_free(d->log_z);
  memory_free(d->estimate);
  memory_free(d->ess);
  memory_free(d->work);
  memory_free(d);
}

/* ---- A level ---- */

static void swap_doubles(double **a, double **b) {
  double *const c = *a;
  *a = *b;
  *b = c;
}

/* What was now is old. */
static void turn(diffusion *d) {
  const particles now = d->now;
  size_t *const eve = d->eve;
  d->now = d->old;
  d->old = now;
  d->eve = d->old_eve;
  d->old_eve = eve;
  swap_doubles(&d->log_g, &d->old_log_g);
  swap_doubles(&d->log_weight, &d->old_log_weight);
  d->old_abar = d->abar;
}

/* The parents of an island's particles: themselves, or a systematic sample by weight, which starts the weights afresh. */
static void choose_parents(diffusion *d, size_t island) {
  const size_t n = d->set.draws, first = island * n;
  const int resampled = d->ess[island] > 0 && d->ess[island] < ESS_LEAST;
  if (resampled) {
    const stream s = stream_make(d->set.seed, STREAM_DIFFUSION, 0, (unsigned)island);
    resample_systematic(n, d->weight + first, NULL, stream_uniform(s, 0, (uint32_t)d->level, 0), n, d->parent + first);
    d->log_z[island] = d->estimate[island];
  }
  for (size_t i = first; i < first + n; i++) {
    d->parent[i] = resampled ? first + d->parent[i] : i;
    if (resampled) d->old_log_weight[i] = 0;
  }
}

/* Particles outside the support get 1 - abar times the smallest ghat of those inside (1 where there are none). */
static void give_outside(diffusion *d, size_t first, size_t n) {
  double least = INFINITY;
  for (size_t i = first; i < first + n; i++)
    if (isfinite(d->log_g[i])) least = fmin(least, d->log_g[i]);
  const double given = log1p(-d->abar) + (isfinite(least) ? least : 0);
  for (size_t i = first; i < first + n; i++)
    if (!isfinite(d->log_g[i])) d->log_g[i] = given;
}

/* The weights of an island's particles, its effective share and its Zhat so far. */
static void weigh(diffusion *d, size_t island) {
  const size_t n = d->set.draws, first = island * n;
  double *weight = d->weight + first, most = -INFINITY, sum = 0, square = 0;
  give_outside(d, first, n);
  for (size_t i = 0; i < n; i++) {
    d->log_weight[first + i] += d->log_g[first + i];
    most = fmax(most, d->log_weight[first + i]);
  }
  const int dead = most == -INFINITY;
  for (size_t i = 0; i < n; i++) weight[i] = dead ? -INFINITY : d->log_weight[first + i] - most;
  vmath_exp(n, weight, weight);
  for (size_t i = 0; i < n; i++) {
    sum += weight[i];
    square += weight[i] * weight[i];
  }
  d->estimate[island] = dead ? -INFINITY : d->log_z[island] + most + log(sum / (double)n);
  d->ess[island] = dead ? 0 : sum * sum / ((double)n * square);
}

static shared_loop begin_level(const diffusion *d) {
  return share_begin(d->set.target, d->set.islands * d->set.draws, d->set.islands);
}

static void end_level(const diffusion *d, const shared_loop *s) {
  const particles *p = &d->now;
  SHARE_END(s, SHARE_POINTS(p), SHARE_VALUES(p), SHARE_ROWS(d->cloud, p->dim, p->ld), SHARE_ROW(d->log_g), SHARE_ROW(d->log_weight),
            SHARE_ROW(d->eve));
}

static void first_level(diffusion *d) {
  d->abar = schedule_lambda(d->set.schedule, 0);
  const shared_loop s = begin_level(d);
#pragma omp parallel for schedule(dynamic) num_threads(team_size(target_threads(d->set.target)))
  for (size_t tile = s.first; tile < s.end; tile++) {
    denoise_start(d, tile);
    denoise_evaluate(d, tile);
  }
  end_level(d, &s);
}

static void next_level(diffusion *d) {
  turn(d);
  d->abar = schedule_lambda(d->set.schedule, 1 - (double)d->level / (double)d->set.levels);
#pragma omp parallel for schedule(dynamic) num_threads(team_size(target_threads(d->set.target)))
  for (size_t island = 0; island < d->set.islands; island++) choose_parents(d, island);
  const shared_loop s = begin_level(d);
#pragma omp parallel for schedule(dynamic) num_threads(team_size(target_threads(d->set.target)))
  for (size_t tile = s.first; tile < s.end; tile++) {
    denoise_move(d, tile);
    denoise_evaluate(d, tile);
  }
  end_level(d, &s);
}

int diffusion_step(diffusion *d, dilate_error *err) {
  d->level--;
  if (d->level == d->set.levels)
    first_level(d);
  else
    next_level(d);
#pragma omp parallel for schedule(dynamic) num_threads(team_size(target_threads(d->set.target)))
  for (size_t island = 0; island < d->set.islands; island++) weigh(d, island);
  const int status = target_status(d->set.target, err);
  if (status) return status;
  return d->level > 0 ? DILATE_CONTINUE : DILATE_OK;
}

double diffusion_log_z(const diffusion *d) {
  return log_mean_exp(d->set.islands, d->estimate);
}

double diffusion_least_ess(const diffusion *d) {
  double least = 1;
  for (size_t i = 0; i < d->set.islands; i++) least = fmin(least, d->ess[i]);
  return least;
}

/* What the next level reads; the level before this one is only room for it. */
void diffusion_archive(archive *a, diffusion *d) {
  const size_t n = d->now.n, islands = d->set.islands;
  archive_size(a, &d->level, d->set.levels + 1);
  archive_double(a, &d->set.scale);
  archive_double(a, &d->abar);
  particles_archive(a, &d->now);
  archive_doubles(a, d->now.dim * d->now.ld, d->cloud);
  archive_doubles(a, n, d->log_g);
  archive_doubles(a, n, d->log_weight);
  archive_doubles(a, n, d->weight);
  archive_sizes(a, n, d->eve, n);
  archive_doubles(a, islands, d->log_z);
  archive_doubles(a, islands, d->estimate);
  archive_doubles(a, islands, d->ess);
}
