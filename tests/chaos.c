/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The failing allocator, the sweep over its failures, and what is run under it: see chaos.h. */
#define _POSIX_C_SOURCE 200809L
#include "chaos.h"

#include <check.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- The allocator ---- */

void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_memory_free(void *block);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_memory_free(void *block);

static atomic_size_t count, failures, live;
static size_t fail_at = CHAOS_NEVER;
static int fail_forever;

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  const size_t number = atomic_fetch_add(&count, 1);
  if (number == fail_at || (fail_forever && number > fail_at)) {
    atomic_fetch_add(&failures, 1);
    return NULL;
  }
  void *block = __real_aligned_alloc(alignment, size);
  if (block) atomic_fetch_add(&live, 1);
  return block;
}

void __wrap_memory_free(void *block) {
  if (block) atomic_fetch_sub(&live, 1);
  __real_memory_free(block);
}

void chaos_begin(size_t k, int forever) {
  atomic_store(&count, 0);
  atomic_store(&failures, 0);
  atomic_store(&live, 0);
  fail_at = k;
  fail_forever = forever;
}

size_t chaos_end(size_t *failed) {
  fail_at = CHAOS_NEVER;
  fail_forever = 0;
  if (failed) *failed = atomic_load(&failures);
  return atomic_load(&count);
}

size_t chaos_live(void) {
  return atomic_load(&live);
}

/* ---- The sweep ---- */

size_t chaos_total(const chaos_case *what) {
  dilate_error err;
  dilate_error_init(&err);
  chaos_begin(CHAOS_NEVER, 0);
  const int status = what->run(&err);
  const size_t total = chaos_end(NULL);
  ck_assert_msg(status == DILATE_OK, "%s: %s", what->name, err.message);
  ck_assert_msg(total > 0 && chaos_live() == 0, "%s: %zu allocations, %zu blocks leak", what->name, total, chaos_live());
  return total;
}

static size_t injected;

size_t chaos_injected(void) {
  return injected;
}

const char *chaos_fault(const chaos_case *what, size_t k, int forever) {
  static char text[1024];
  dilate_error err;
  size_t failed;
  dilate_error_init(&err);
  chaos_begin(k, forever);
  const int status = what->run(&err);
  chaos_end(&failed);
  injected += failed > 0;
  const char *wrong = NULL;
  if (!failed)
    wrong = "there is no such allocation";
  else if (status != DILATE_ENOMEM)
    wrong = "that is not the status";
  else if (err.status != DILATE_ENOMEM || strncmp(err.message, "out of memory", 13) != 0)
    wrong = "the error text does not say so";
  else if (chaos_live())
    wrong = "it leaks";
  if (!wrong) return NULL;
  (void)snprintf(text, sizeof text, "%s, without allocation %zu%s: %s: status %d, error %d \"%s\", %zu blocks left", what->name, k,
                 forever ? " and later ones" : "", wrong, status, err.status, err.message, chaos_live());
  return text;
}

void chaos_sweep(const chaos_case *what, size_t dense, size_t stride) {
  const size_t total = chaos_total(what);
  size_t tried = 0;
  for (size_t k = 0; k < total; k += k + 1 < dense ? 1 : stride, tried++) {
    for (int forever = 0; forever <= (tried % 4 == 0); forever++) {
      const char *fault = chaos_fault(what, k, forever);
      ck_assert_msg(fault == NULL, "%s", fault);
    }
  }
}

int chaos_go_to_plugins(void) {
  const char *top = getenv("top_builddir");
  char folder[4096];
  (void)snprintf(folder, sizeof folder, "%s/tests", top ? top : ".");
  return chdir(folder);
}

/* ---- What is run ---- */

/* Two unit normals in the plane with equal shares, at (-3, 0) and (3, 0), times exp(9/2) 2 pi. */
#define PAIR_LOG_Z (4.5 + 1.8378770664093453)

static int pair(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)params;
  const double pull = tanh(3 * x[0]);
  *logp = log(cosh(3 * x[0])) - 0.5 * (x[0] * x[0] + x[1] * x[1]);
  if (grad) {
    grad[0] = 3 * pull - x[0];
    grad[1] = -x[1];
  }
  return 0;
}

static const char *const names[] = {"left", "up"};

dilate_target chaos_target(void) {
  dilate_target target;
  dilate_target_init(&target);
  target.dim = 2;
  target.logp = pair;
  target.names = names;
  return target;
}

dilate_options chaos_options(const char *method) {
  dilate_options options;
  dilate_options_init(&options);
  options.islands = 2;
  options.draws = 16;
  options.threads = 1; /* the k-th allocation is the same one in every run */
  options.steps = 8;
  options.method = method;
  return options;
}

static int has_warning(const dilate_result *result, const char *text) {
  for (size_t i = 0; i < dilate_result_warning_count(result); i++)
    if (strstr(dilate_result_warning(result, i), text)) return 1;
  return 0;
}

static int run_path_method(const char *method, dilate_error *err) {
  const dilate_target target = chaos_target();
  const dilate_options options = chaos_options(method);
  dilate_result *result = (dilate_result *)err; /* not NULL: it must become so */
  const int status = dilate_sample(&target, &options, &result, err);
  ck_assert_int_eq(result != NULL, status == DILATE_OK);
  ck_assert(status != DILATE_OK || has_warning(result, "no log evidence"));
  dilate_result_free(result);
  return status;
}

static int run_dilation(dilate_error *err) {
  return run_path_method("dilation", err);
}
static int run_langevin(dilate_error *err) {
  return run_path_method("langevin", err);
}
static int run_geometric(dilate_error *err) {
  return run_path_method("geometric", err);
}
static int run_convolution(dilate_error *err) {
  return run_path_method("convolution", err);
}
static int run_walk(dilate_error *err) {
  return run_path_method("walk", err);
}

/* The convolution and the walk again, where the target has its own convolution, and the walk is guided. */
static int convolve_pair(size_t dim, double sigma, size_t n, size_t ld, const double *x, double *logp, double *score, void *params) {
  double point[2], slope[2]; /* of another law for sigma > 0: memory does not care */
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < 2; j++) point[j] = x[j * ld + i] / (1 + sigma);
    (void)pair(dim, point, &logp[i], slope, params);
    for (size_t j = 0; score && j < 2; j++) score[j * ld + i] = slope[j] / (1 + sigma);
  }
  return 0;
}

static int run_closed(dilate_error *err) {
  dilate_target target = chaos_target();
  target.convolve = convolve_pair;
  dilate_options options = chaos_options("convolution");
  options.step_rule = "bounded";
  options.unadjusted = 1;
  dilate_result *result = NULL;
  int status = dilate_sample(&target, &options, &result, err);
  dilate_result_free(result);
  options.step_rule = NULL;
  options.unadjusted = 0;
  options.guidance = pair;
  if (!status) status = dilate_sample(&target, &options, &result, err);
  if (!status) dilate_result_free(result);
  return status;
}

static int evaluate_paths(dilate_error *err) {
  const dilate_target target = chaos_target();
  const double centre[] = {1, 2}, x[] = {1, 2, 3, 4};
  double logp[2], score[4];
  dilate_path_options o;
  dilate_path_options_init(&o);
  o.path = "geometric";
  o.centre = centre;
  o.reference = &target;
  dilate_path *path = (dilate_path *)err;
  int status = dilate_path_create(&target, &o, &path, err);
  ck_assert_int_eq(path != NULL, status == DILATE_OK);
  if (!status) status = dilate_path_evaluate(path, 0.5, 2, 2, x, logp, score, err);
  dilate_path_free(path);
  return status;
}

/* Two islands with their place to be found. */
static int run_diffusion(dilate_error *err) {
  const dilate_target target = chaos_target();
  const dilate_options options = chaos_options("diffusion-smc");
  dilate_result *result = (dilate_result *)err;
  double log_z;
  const int status = dilate_sample(&target, &options, &result, err);
  ck_assert_int_eq(result != NULL, status == DILATE_OK);
  ck_assert(status != DILATE_OK || (dilate_result_log_z(result, &log_z, NULL, NULL) == DILATE_OK && isfinite(log_z)));
  dilate_result_free(result);
  return status;
}

/* What a user may still ask of a sampler that has failed. */
static void ask_on(dilate_sampler *sampler) {
  size_t n, ld;
  dilate_progress progress = {.struct_size = sizeof progress};
  dilate_sampler_progress(sampler, &progress);
  ck_assert(progress.fraction >= 0 && progress.fraction <= 1);
  const double *x = dilate_sampler_particles(sampler, &n, &ld);
  ck_assert(x ? n > 0 && n <= ld : n == 0);
  for (size_t i = 0; i < n; i++) ck_assert(!isnan(x[i]) && !isnan(x[ld + i]));
  ck_assert_int_eq(dilate_sampler_step(sampler, NULL), DILATE_EINVAL);
}

/* params: what is added to the log-density. */
static int shifted_pair(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const int status = pair(dim, x, logp, grad, NULL);
  *logp += *(const double *)params;
  return status;
}

#define SHIFT 5.0

/* Steps to the end.  The density grows when the first group is done, so that the groups disagree on the evidence: their references are
 * joined and bridged again. */
static int step_to_the_end(dilate_sampler *sampler, double *shift, dilate_error *err) {
  dilate_progress progress = {.struct_size = sizeof progress};
  int status;
  do {
    status = dilate_sampler_step(sampler, err);
    dilate_sampler_progress(sampler, &progress);
    *shift = progress.group > 0 ? SHIFT : 0;
  } while (status == DILATE_CONTINUE);
  if (status < 0) ask_on(sampler);
  return status;
}

/* What there is of a run, complete or not, is valid. */
static void assert_valid(const dilate_result *result, int complete) {
  double log_z;
  ck_assert_int_eq(dilate_result_complete(result), complete);
  ck_assert(!complete || has_warning(result, "references were joined"));
  for (size_t i = 0; i < dilate_result_islands(result) * dilate_result_draws(result); i++)
    ck_assert(isfinite(dilate_result_log_density(result)[i]));
  if (dilate_result_log_z(result, &log_z, NULL, NULL) == DILATE_OK) ck_assert(log_z > PAIR_LOG_Z - 0.5 && log_z < PAIR_LOG_Z + SHIFT + 0.5);
}

/* The default sampler step by step, and after a failure a partial result from the memory that is there again. */
static int run_bridge(dilate_error *err) {
  double shift = 0;
  dilate_target target = chaos_target();
  const dilate_options options = chaos_options("bridge");
  target.logp = shifted_pair;
  target.params = &shift;
  dilate_sampler *sampler = (dilate_sampler *)err;
  const int created = dilate_sampler_create(&target, &options, &sampler, err);
  ck_assert_int_eq(sampler != NULL, created == DILATE_OK);
  if (created) return created;
  const int status = step_to_the_end(sampler, &shift, err);
  dilate_result *result = NULL;
  const int taken = dilate_sampler_result(sampler, &result, status < 0 ? NULL : err);
  ck_assert_int_eq(result != NULL, taken == DILATE_OK);
  if (result) assert_valid(result, status == DILATE_OK);
  dilate_result_free(result);
  dilate_sampler_free(sampler);
  return status < 0 ? status : taken;
}

static int create_sampler(dilate_error *err) {
  const dilate_target target = chaos_target();
  const dilate_options options = chaos_options("bridge");
  dilate_sampler *sampler = (dilate_sampler *)err;
  const int status = dilate_sampler_create(&target, &options, &sampler, err);
  ck_assert_int_eq(sampler != NULL, status == DILATE_OK);
  dilate_sampler_free(sampler);
  return status;
}

static int evaluate_dilation(dilate_error *err) {
  const dilate_target target = chaos_target();
  const double x[] = {1, 2, 3, 4};
  double logp[2], score[4];
  return dilate_dilation_evaluate(&target, NULL, 0.5, 2, 2, x, logp, score, err);
}

static int evaluate_score(dilate_error *err) {
  const dilate_target target = chaos_target();
  const double x[] = {1, 2, 3, 4};
  double slope[4];
  dilate_score *score = (dilate_score *)err;
  int status = dilate_score_create(&target, NULL, 2, &score, err);
  ck_assert_int_eq(score != NULL, status == DILATE_OK);
  if (!status) status = dilate_score_evaluate(score, 1, 0, 2, 2, x, slope, NULL, NULL, err);
  dilate_score_free(score);
  return status;
}

/* Serial: half a second of threads a sweep's step is too long. */
static int check_target(dilate_error *err) {
  dilate_check_options options;
  dilate_target target = chaos_target();
  dilate_check_options_init(&options);
  target.flags = DILATE_TARGET_SERIAL;
  options.points = 5;
  return dilate_check(&target, &options, NULL, err);
}

static int load_named(const char *name, const char *data, dilate_error *err) {
  dilate_plugin *plugin = (dilate_plugin *)err;
  const int status = dilate_plugin_load(name, data, &plugin, err);
  ck_assert_int_eq(plugin != NULL, status == DILATE_OK);
  dilate_plugin_free(plugin);
  return status;
}

/* By their bare names, from the folder where they are: the name is copied then.  The first has a symbol too few, which the loader would
 * still have to say when the second fails. */
static int load_plugins(dilate_error *err) {
  dilate_error refused;
  dilate_error_init(&refused);
  const int status = load_named("plugin_partial.so", NULL, &refused);
  if (status == DILATE_EPLUGIN) return load_named("plugin_gauss.so", NULL, err);
  *err = refused;
  return status;
}

/* Its data: any text. */
static int load_stan(dilate_error *err) {
  return load_named("stan_fake.so", "../Makefile", err);
}

static int measure_distances(dilate_error *err) {
  const double x[6] = {0, 1, 2, 0.5, 3, 1}, y[4] = {1, 1, 0, 4}, weight[2] = {0.5, 0.5};
  const int label[2] = {0, 1};
  dilate_distance_options o;
  double value;
  dilate_distance_options_init(&o);
  o.threads = 1;
  int status = dilate_distance_median(2, 3, x, 2, y, &o, &value, err);
  if (!status) status = dilate_distance_sliced_w2(2, 3, x, 2, y, &o, &value, err);
  if (!status) status = dilate_distance_sliced_ks(2, 3, x, 2, y, &o, &value, err);
  if (!status) status = dilate_distance_mmd(2, 3, x, 2, y, &o, &value, NULL, err);
  if (!status) status = dilate_distance_energy(2, 3, x, 2, y, &o, &value, err);
  if (!status) status = dilate_distance_sinkhorn(2, 3, x, 2, y, &o, &value, err);
  if (!status) status = dilate_distance_ksd(2, 3, x, x, &o, &value, NULL, err);
  if (!status) status = dilate_distance_mode_tv(2, label, 2, weight, &value, err);
  return status;
}

static int summarise_chains(dilate_error *err) {
  const double x[8] = {1, 5, 2, 4, 3, 7, 6, 0};
  dilate_parameter p = {.struct_size = sizeof p, .mean = -7};
  const int status = dilate_summarise(1, 8, x, &p, err);
  ck_assert(status == DILATE_OK ? p.mean == 3.5 : p.mean == -7);
  return status;
}

const chaos_case chaos_parts[] = {{"dilate_sampler_create", create_sampler},
                                  {"dilate_dilation_evaluate", evaluate_dilation},
                                  {"dilate_score_evaluate", evaluate_score},
                                  {"dilate_check", check_target},
                                  {"dilate_plugin_load", load_plugins},
                                  {"dilate_plugin_load, Stan", load_stan},
                                  {"dilate_condition_*", chaos_condition},
                                  {"dilate_model_create", chaos_model},
                                  {"straighten", chaos_straighten},
                                  {"distances", measure_distances},
                                  {"dilate_summarise", summarise_chains},
                                  {"dilate_path_create", evaluate_paths},
                                  {"langevin", run_langevin},
                                  {"geometric", run_geometric},
                                  {"dilation", run_dilation},
                                  {"convolution", run_convolution},
                                  {"convolution in closed form, and guided", run_closed},
                                  {"walk", run_walk},
                                  {"diffusion-smc", run_diffusion},
                                  {"methods that are saved and loaded before every step", chaos_relays}};
const chaos_case chaos_runs[] = {{"bridge", run_bridge}, {"bridge that is saved and loaded before every step", chaos_relay}};
const size_t chaos_part_count = sizeof chaos_parts / sizeof *chaos_parts, chaos_run_count = sizeof chaos_runs / sizeof *chaos_runs;
