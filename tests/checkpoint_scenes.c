/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs that are saved and resumed, and their states. */
#include <math.h>
#include <string.h>
#include <zlib.h>

#include "check_checkpoint.h"

/* Of the first coordinate the others' scale is the exponential: the default sampler learns coordinates for it. */
static int funnel_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  const double precision = exp(-x[0]);
  double square = 0;
  for (size_t j = 1; j < dim; j++) square += x[j] * x[j];
  *logp = -x[0] * x[0] / 18 - 0.5 * precision * square - 0.5 * (double)(dim - 1) * x[0];
  if (!grad) return 0;
  grad[0] = -x[0] / 9 + 0.5 * precision * square - 0.5 * (double)(dim - 1);
  for (size_t j = 1; j < dim; j++) grad[j] = -precision * x[j];
  return 0;
}

/* Forty narrow modes on a spiral, of which a short exploration misses some: the groups disagree, and are merged. */
static int spiral_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)params;
  enum { MODES = 40 };
  double most = -INFINITY, sum = 0, term[MODES], from[MODES][2];
  for (int k = 0; k < MODES; k++) {
    const double radius = 5 * sqrt(k + 1);
    from[k][0] = (x[0] - radius * cos(2.4 * k)) / 0.2;
    from[k][1] = (x[1] - radius * sin(2.4 * k)) / 0.2;
    term[k] = -0.5 * (from[k][0] * from[k][0] + from[k][1] * from[k][1]);
    most = fmax(most, term[k]);
  }
  for (int k = 0; k < MODES; k++) sum += exp(term[k] - most);
  *logp = most + log(sum);
  for (size_t j = 0; grad && j < 2; j++) grad[j] = 0;
  for (int k = 0; grad && k < MODES; k++)
    for (size_t j = 0; j < 2; j++) grad[j] -= exp(term[k] - most) / sum * from[k][j] / 0.2;
  return 0;
}

/* The law of the pair with a Gaussian added, for the methods that ask for it. */
static int pair_convolve(size_t dim, double sigma, size_t n, size_t ld, const double *x, double *logp, double *score, void *params) {
  (void)dim, (void)params;
  const double share[] = {0.7, 0.3}, mean[2][2] = {{-4, 0}, {4, 2}}, variance = 1 + sigma * sigma;
  for (size_t i = 0; i < n; i++) {
    double term[2];
    for (int k = 0; k < 2; k++)
      term[k] = log(share[k] / (2 * acos(-1) * variance)) - 0.5 * (pow(x[i] - mean[k][0], 2) + pow(x[ld + i] - mean[k][1], 2)) / variance;
    const double largest = fmax(term[0], term[1]), sum = exp(term[0] - largest) + exp(term[1] - largest);
    logp[i] = PAIR_LOG_Z + largest + log(sum);
    for (size_t j = 0; score && j < 2; j++)
      score[j * ld + i] =
          (exp(term[0] - largest) * (mean[0][j] - x[j * ld + i]) + exp(term[1] - largest) * (mean[1][j] - x[j * ld + i])) / sum / variance;
  }
  return 0;
}

static int push(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) {
    *logp -= 0.1 * x[j] * x[j];
    if (grad) grad[j] = -0.2 * x[j];
  }
  return 0;
}

static const char *const names[] = {"height", "width"};
static const double points[] = {-4, 0, 4, 2, 0, 0}, centre[] = {0.5, 0.5}, scale[] = {3, 2}, low[] = {-9, -9}, high[] = {9, 9};
static const double lambdas[] = {0.1, 0.5, 1}, sigma[] = {3, 1, 0.3}, tau[] = {2, 0.5, 0.1}, temperature[] = {0.5, 0.5, 0};

static void as_it_is(scene *s) {
  (void)s;
}
static void with_names(scene *s) {
  s->target.names = names;
  s->options.note = "a note";
}
static void with_hints(scene *s) {
  s->options.hint_points = points, s->options.hint_points_count = 3;
  s->options.hint_centre = centre, s->options.hint_scale = scale;
  s->options.hint_lower = low, s->options.hint_upper = high;
}
static void repeated(scene *s) {
  s->options.target_se = 0.001;
}
static void funnel(scene *s) {
  s->target.logp = funnel_logp;
  s->target.dim = 3;
}
static void apart(scene *s) {
  s->target.logp = spiral_logp;
  s->options.effort = 0.1;
}
static void one_island(scene *s) {
  s->options.islands = s->options.groups = 1;
}
static void without_gradient(scene *s) {
  s->target.flags = DILATE_TARGET_NO_GRADIENT;
}
static void unadjusted(scene *s) {
  s->options.unadjusted = 1;
  s->options.step_rule = "bounded";
  s->options.path_centre = centre;
  s->options.path_scale = 4;
}
static void array(scene *s) {
  s->options.schedule = "array";
  s->options.schedule_lambda = lambdas, s->options.schedule_count = 3;
}
static void closed(scene *s) {
  s->target.convolve = pair_convolve;
}
static void by_chains(scene *s) {
  s->options.score = "langevin";
  s->options.score_samples = 16;
}
static void free_walk(scene *s) {
  s->options.walk = "free";
  s->options.walk_count = 3;
  s->options.walk_sigma = sigma, s->options.walk_tau = tau, s->options.walk_temperature = temperature;
}
static void guided(scene *s) {
  s->options.guidance = push;
}

static const struct {
  const char *name, *method;
  void (*change)(scene *s);
} scenes[] = {{"bridge", "bridge", with_names},
              {"bridge with hints", "bridge", with_hints},
              {"bridge with repeats", "bridge", repeated},
              {"bridge of a funnel", "bridge", funnel},
              {"bridge of groups that disagree", "bridge", apart},
              {"bridge of one island", "bridge", one_island},
              {"bridge without a gradient", "bridge", without_gradient},
              {"langevin", "langevin", as_it_is},
              {"langevin, unadjusted", "langevin", unadjusted},
              {"geometric", "geometric", with_names},
              {"dilation", "dilation", as_it_is},
              {"dilation by an array", "dilation", array},
              {"dilation, unadjusted", "dilation", unadjusted},
              {"convolution", "convolution", as_it_is},
              {"convolution, closed", "convolution", closed},
              {"convolution by chains", "convolution", by_chains},
              {"walk", "walk", as_it_is},
              {"walk, closed", "walk", closed},
              {"walk of one's own", "walk", free_walk},
              {"walk, guided", "walk", guided},
              {"diffusion-smc", "diffusion-smc", as_it_is}};

size_t scene_count(void) {
  return sizeof scenes / sizeof *scenes;
}

scene scene_at(size_t i) {
  scene s = {.name = scenes[i].name, .target = pair_target(), .options = small_options(scenes[i].method)};
  s.options.steps = 12;
  scenes[i].change(&s);
  return s;
}

dilate_sampler *begin(const scene *s) {
  dilate_sampler *sampler;
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_msg(dilate_sampler_create(&s->target, &s->options, &sampler, &err) == DILATE_OK, "%s: %s", s->name, err.message);
  return sampler;
}

saved save(dilate_sampler *sampler) {
  saved out;
  void *bytes;
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_msg(dilate_sampler_save(sampler, &bytes, &out.size, &err) == DILATE_OK, "%s", err.message);
  out.bytes = bytes;
  return out;
}

dilate_sampler *load(const scene *s, const saved *from, size_t threads) {
  dilate_sampler *sampler;
  dilate_options now = s->options;
  now.threads = threads;
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_msg(dilate_sampler_load(&s->target, from->bytes, from->size, &now, &sampler, &err) == DILATE_OK, "%s: %s", s->name,
                err.message);
  return sampler;
}

dilate_result *finish(dilate_sampler *sampler) {
  int status = DILATE_CONTINUE;
  dilate_result *result;
  while (status == DILATE_CONTINUE) status = dilate_sampler_step(sampler, NULL);
  ck_assert_int_eq(status, DILATE_OK);
  ck_assert_int_eq(dilate_sampler_result(sampler, &result, NULL), DILATE_OK);
  dilate_sampler_free(sampler);
  return result;
}

saved save_after(const scene *s, size_t steps) {
  dilate_sampler *sampler = begin(s);
  for (size_t k = 0; k < steps; k++) ck_assert_int_eq(dilate_sampler_step(sampler, NULL), DILATE_CONTINUE);
  const saved out = save(sampler);
  dilate_sampler_free(sampler);
  return out;
}

void mend(saved *of) {
  memset(of->bytes + AT_SUM, 0, 4);
  const uint32_t sum = (uint32_t)crc32_z(0, of->bytes, of->size);
  memcpy(of->bytes + AT_SUM, &sum, sizeof sum);
}
