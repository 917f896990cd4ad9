/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kinds of scores share: creation, the loop over tiles, sigma = 0, and answers that need no sampling. */
#include "score/score.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/memory.h"
#include "base/team.h"
#include "target/share.h"

#define NEGLIGIBLE 0x1p-40 /* a sigma below this share of the largest coordinate is as good as 0 */

static const score_type *const kinds[] = {&score_closed, &score_importance, &score_langevin, NULL};

static int choose(const char *kind, const target *t, const score_type **type, dilate_error *err) {
  if (!kind) kind = target_can_convolve(t) ? "closed" : "importance";
  *type = NULL;
  for (size_t i = 0; kinds[i]; i++)
    if (!strcmp(kind, kinds[i]->name)) *type = kinds[i];
  if (!*type) return error_set(err, DILATE_EINVAL, "score: there is no kind \"%s\"; take closed, importance or langevin", kind);
  if (*type == &score_closed && !target_can_convolve(t))
    return error_set(err, DILATE_EDOMAIN,
                     "score: \"closed\" needs a target that knows its own convolution with a Gaussian, and this one has no convolve "
                     "callback; take importance or langevin");
  return DILATE_OK;
}

static int check_sizes(size_t count, size_t samples, dilate_error *err) {
  if (samples < 2 || samples > SCORE_SAMPLES_MAX)
    return error_set(err, DILATE_EINVAL, "score: samples is %zu; it must be from 2 to %d", samples, SCORE_SAMPLES_MAX);
  if (count < 1 || count > UINT32_MAX / samples)
    return error_set(err, DILATE_EINVAL, "score: there are %zu particles; it must be from 1 to %zu where samples is %zu", count,
                     (size_t)UINT32_MAX / samples, samples);
  return DILATE_OK;
}

int score_create(const char *kind, target *t, size_t count, size_t samples, uint64_t seed, score **out, dilate_error *err) {
  *out = NULL;
  const score_type *type = NULL;
  int status = choose(kind, t, &type, err);
  if (!status) status = check_sizes(count, samples, err);
  if (status) return status;
  score *s = NEW(score, 1);
  if (!s) return error_memory(err, "the score");
  *s = (score){.type = type, .target = t, .particles = count, .samples = samples, .seed = seed};
  s->work_size = type->work(target_dim(t), samples);
  s->memory_size = type->memory(target_dim(t), samples);
  s->work = NEW2(double, target_threads(t), s->work_size);
  s->memory = NEW2(double, count, s->memory_size);
  if (!s->work || !s->memory) {
    score_free(s);
    return error_memory(err, "the score's scratch");
  }
  *out = s;
  return DILATE_OK;
}

void score_free(score *s) {
  if (!s) return;
  memory_free(s->work);
  memory_free(s->memory);
  memory_free(s);
}

void score_archive(archive *a, score *s) {
  archive_doubles(a, s->particles * s->memory_size, s->memory);
}

void score_expect(archive *a, const char *kind, const target *t, size_t count, size_t samples) {
  const score_type *type;
  if (choose(kind, t, &type, NULL) || check_sizes(count, samples, NULL))
    archive_fail(a, DILATE_ECHECKPOINT, "its options ask for a score that this target has not");
  else
    archive_expect(a, count, type->memory(target_dim(t), samples), sizeof(double));
}

const char *score_kind(const score *s) {
  return s->type->name;
}

int score_has_density(const score *s) {
  return s->type->has_density;
}

double *score_memory(const score_tile *t, size_t i) {
  return t->s->memory + i * t->s->memory_size;
}

double *score_work(const score_tile *t) {
  return t->s->work + (size_t)omp_get_thread_num() * t->s->work_size;
}

void score_errors(const score_tile *t, size_t i, double se, double ess) {
  for (size_t j = 0; t->se && j < t->at->dim; j++) t->se[j * t->at->ld + i] = se;
  if (t->ess) t->ess[i] = ess;
}

void score_nothing(const score_tile *t, size_t i) {
  for (size_t j = 0; j < t->at->dim; j++) t->at->grad[j * t->at->ld + i] = 0;
  t->at->logp[i] = t->s->type->has_density ? (double)-INFINITY : (double)NAN;
  score_errors(t, i, INFINITY, 0);
}

/* The target itself at particles begin .. begin + n - 1. */
static void evaluate_target(const score_tile *t, size_t begin, size_t n) {
  particles *at = t->at;
  target_evaluate(t->s->target, begin, n, at->ld, at->x + begin, at->logp + begin, at->grad + begin);
  for (size_t i = begin; i < begin + n; i++)
    score_errors(t, i, at->logp[i] == -INFINITY ? INFINITY : 0, at->logp[i] == -INFINITY ? 0 : INFINITY);
}

int score_without_sampling(const score_tile *t, size_t i) {
  double largest = 0, zero = 0;
  for (size_t j = 0; j < t->at->dim; j++) {
    const double x = t->at->x[j * t->at->ld + i];
    largest = fmax(largest, fabs(x));
    zero += 0 * x;
  }
  if (zero != 0) {
    score_nothing(t, i);
    return 1;
  }
  if (t->sigma > NEGLIGIBLE * largest) return 0;
  evaluate_target(t, i, 1);
  return 1;
}

void score_evaluate(score *s, double sigma, uint32_t step, particles *at, double *se, double *ess) {
  const shared_loop loop = share_begin(s->target, at->n, 1);
#pragma omp parallel for schedule(dynamic) num_threads(team_size(target_threads(s->target)))
  for (size_t tile = loop.first; tile < loop.end; tile++) {
    const score_tile t = {s, sigma, step, tile * PARTICLE_TILE, tile_size(at->n, tile), at, se, ess};
    if (sigma == 0)
      evaluate_target(&t, t.begin, t.n);
    else
      s->type->evaluate(&t);
  }
  SHARE_END(&loop, SHARE_VALUES(at), SHARE_ROWS(se, at->dim, at->ld), SHARE_ROW(ess),
            {s->memory, s->memory_size > 0, 0, s->memory_size * sizeof *s->memory, 1, 0});
}
