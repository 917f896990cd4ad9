/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The public entry points' arguments: every one that is wrong gives its status and a message that names it; nothing beyond a struct's
 * stated size is read or written; accessors out of range answer safely. */
#include "check_sampler.h"
#include "runner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CANARY 0xAB

/* ---- Options ---- */

/* Creates a sampler that must be refused, with a message that has the text. */
static void assert_refused(const dilate_target *target, const dilate_options *options, const char *text) {
  dilate_error err;
  dilate_error_init(&err);
  dilate_sampler *sampler = (dilate_sampler *)&err;
  ck_assert_int_eq(dilate_sampler_create(target, options, &sampler, &err), DILATE_EINVAL);
  ck_assert_ptr_null(sampler);
  ck_assert_int_eq(err.status, DILATE_EINVAL);
  ck_assert_msg(strstr(err.message, text) != NULL, "\"%s\" does not name %s", err.message, text);
  dilate_result *result = (dilate_result *)&err;
  ck_assert_int_eq(dilate_sample(target, options, &result, NULL), DILATE_EINVAL); /* without an error text too */
  ck_assert_ptr_null(result);
}

START_TEST(defaults) {
  dilate_options o;
  dilate_options_init(&o);
  ck_assert_uint_eq(o.struct_size, sizeof o);
  ck_assert_uint_eq(o.seed, 1);
  ck_assert_uint_eq(o.islands, 4);
  ck_assert_uint_eq(o.groups, 2);
  ck_assert_uint_eq(o.draws, 1000);
  ck_assert_uint_eq(o.threads, 0);
  ck_assert_str_eq(o.method, "bridge");
  ck_assert_uint_eq(o.steps, 250);
  ck_assert(o.progress == NULL && o.progress_data == NULL);
}
END_TEST

/* Members of dilate_options that are numbers, a wrong value, and what the message must contain. */
static const struct {
  size_t offset, value;
  const char *text;
} wrong_numbers[] = {
    {offsetof(dilate_options, islands), 0, "options.islands is 0"},
    {offsetof(dilate_options, islands), 3, "multiple of options.groups, 2"},
    {offsetof(dilate_options, islands), 4096, "options.islands is 4096"},
    {offsetof(dilate_options, islands), SIZE_MAX, "options.islands"},
    {offsetof(dilate_options, groups), 0, "options.groups"},
    {offsetof(dilate_options, groups), 3, "options.groups, 3"},
    {offsetof(dilate_options, groups), 8, "options.groups, 8"},
    {offsetof(dilate_options, draws), 0, "options.draws is 0"},
    {offsetof(dilate_options, draws), 15, "options.draws is 15"},
    {offsetof(dilate_options, draws), SIZE_MAX / 4, "options.draws"},
    {offsetof(dilate_options, draws), (size_t)1 << 30, "at most 536870911 draws"},
    {offsetof(dilate_options, steps), 0, "options.steps is 0"},
    {offsetof(dilate_options, steps), SIZE_MAX, "options.steps"},
    {offsetof(dilate_options, threads), 1025, "options.threads is 1025"},
    {offsetof(dilate_options, threads), SIZE_MAX, "options.threads"},
    {offsetof(dilate_options, struct_size), 0, "dilate_options_init was not called"},
    {offsetof(dilate_options, struct_size), 3, "dilate_options_init was not called"},
    {offsetof(dilate_options, struct_size), SIZE_MAX, "dilate_options_init was not called"},
};

START_TEST(wrong_options) {
  const dilate_target target = pair_target();
  dilate_options options;
  dilate_options_init(&options);
  memcpy((char *)&options + wrong_numbers[_i].offset, &wrong_numbers[_i].value, sizeof(size_t));
  assert_refused(&target, &options, wrong_numbers[_i].text);
}
END_TEST

START_TEST(wrong_methods) {
  const dilate_target target = pair_target();
  const char *const wrong[] = {"", "Bridge", "bridge ", "gibbs", NULL};
  dilate_options options;
  dilate_options_init(&options);
  for (int k = 0; k < 5; k++) {
    options.method = wrong[k];
    assert_refused(&target, &options, "options.method");
    for (size_t i = 0; dilate_method_name(i); i++) assert_refused(&target, &options, dilate_method_name(i));
  }
}
END_TEST

START_TEST(methods_are_listed) {
  static const char *const all[] = {"bridge", "langevin", "geometric", "dilation", "convolution", "walk", "diffusion-smc"};
  size_t count = 0;
  for (; dilate_method_name(count); count++) {
    ck_assert_uint_lt(count, sizeof all / sizeof *all);
    ck_assert_str_eq(dilate_method_name(count), all[count]);
    ck_assert_uint_gt(strlen(dilate_method_summary(all[count])), 20);
  }
  ck_assert_uint_eq(count, sizeof all / sizeof *all);
  ck_assert_ptr_null(dilate_method_name(SIZE_MAX));
  ck_assert_ptr_null(dilate_method_summary("gibbs"));
  ck_assert_ptr_null(dilate_method_summary(NULL));
}
END_TEST

/* ---- Targets ---- */

static int no_values(size_t dim, const double *x, double *out, void *params) {
  (void)dim, (void)x, (void)out, (void)params;
  return 0;
}

START_TEST(wrong_targets) {
  const char *const gap[] = {"a", NULL}, *const same[] = {"a", "a"};
  const dilate_target right = pair_target();
  dilate_target t = right;
  assert_refused(NULL, NULL, "NULL");
  t.dim = 0;
  assert_refused(&t, NULL, "dim");
  t = right, t.logp = NULL;
  assert_refused(&t, NULL, "logp");
  t = right, t.flags = 1u << 20;
  assert_refused(&t, NULL, "flags");
  t = right, t.n_out = 3;
  assert_refused(&t, NULL, "n_out");
  t = right, t.names = gap;
  assert_refused(&t, NULL, "names[1]");
  t = right, t.names = same;
  assert_refused(&t, NULL, "\"a\"");
  t = right, t.n_out = 2, t.constrain = no_values, t.names = same;
  assert_refused(&t, NULL, "\"a\"");
  t = right, t.struct_size = 0;
  assert_refused(&t, NULL, "dilate_target_init");
}
END_TEST

START_TEST(nowhere_to_put_it) {
  const dilate_target target = pair_target();
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_int_eq(dilate_sample(&target, NULL, NULL, &err), DILATE_EINVAL);
  ck_assert_ptr_nonnull(strstr(err.message, "out is NULL"));
  ck_assert_int_eq(dilate_sampler_create(&target, NULL, NULL, NULL), DILATE_EINVAL);
  dilate_options options = small_options("langevin");
  dilate_sampler *sampler;
  ck_assert_int_eq(dilate_sampler_create(&target, &options, &sampler, NULL), DILATE_OK);
  ck_assert_int_eq(dilate_sampler_result(sampler, NULL, NULL), DILATE_EINVAL);
  dilate_sampler_progress(sampler, NULL);
  dilate_sampler_free(sampler);
}
END_TEST

START_TEST(no_sampler) {
  dilate_error err;
  dilate_error_init(&err);
  dilate_result *result = (dilate_result *)&err;
  size_t n = 1, ld = 1;
  dilate_progress progress = {.struct_size = sizeof progress, .group = 7};
  ck_assert_int_eq(dilate_sampler_step(NULL, &err), DILATE_EINVAL);
  ck_assert_ptr_nonnull(strstr(err.message, "sampler"));
  ck_assert_int_eq(dilate_sampler_result(NULL, &result, NULL), DILATE_EINVAL);
  ck_assert_ptr_null(result);
  ck_assert_ptr_null(dilate_sampler_particles(NULL, &n, &ld));
  ck_assert(n == 0 && ld == 0);
  dilate_sampler_progress(NULL, &progress);
  ck_assert_int_eq(progress.group, 7);
  dilate_sampler_free(NULL);
}
END_TEST

/* ---- Struct sizes ---- */

/* Bytes [size, end) of p are still what they were. */
static void assert_untouched(const void *p, size_t size, size_t end) {
  const unsigned char *byte = p;
  for (size_t i = size; i < end; i++) ck_assert_msg(byte[i] == CANARY, "byte %zu beyond a size of %zu was written", i, size);
}

START_TEST(initialisers_keep_to_the_size) {
  unsigned char room[1024] __attribute__((aligned(16)));
  for (size_t size = sizeof(size_t); size <= sizeof(dilate_error); size += sizeof(size_t)) {
    memset(room, CANARY, sizeof room);
    dilate_options_init_sized((void *)room, size);
    assert_untouched(room, size, sizeof room);
    memset(room, CANARY, sizeof room);
    dilate_target_init_sized((void *)room, size);
    assert_untouched(room, size, sizeof room);
    memset(room, CANARY, sizeof room);
    dilate_error_init_sized((void *)room, size);
    assert_untouched(room, size, sizeof room);
    ck_assert_mem_eq(room, &size, sizeof size);
  }
  dilate_options_init_sized(NULL, sizeof(dilate_options));
  dilate_target_init_sized(NULL, sizeof(dilate_target));
  dilate_error_init_sized(NULL, sizeof(dilate_error));
}
END_TEST

/* What lies beyond the size would be refused, or crash, if it were read. */
START_TEST(short_options) {
  const dilate_target target = pair_target();
  dilate_options options;
  memset(&options, CANARY, sizeof options);
  dilate_options_init_sized(&options, offsetof(dilate_options, threads));
  options.islands = options.groups = 1;
  options.draws = 16;
  dilate_sampler *sampler;
  ck_assert_int_eq(dilate_sampler_create(&target, &options, &sampler, NULL), DILATE_OK);
  dilate_sampler_free(sampler);
  assert_untouched(&options, offsetof(dilate_options, threads), sizeof options);
}
END_TEST

START_TEST(longer_options) {
  struct {
    dilate_options ours;
    size_t more[8];
  } options;
  const dilate_target target = pair_target();
  dilate_options_init_sized(&options.ours, sizeof options);
  ck_assert_uint_eq(options.ours.struct_size, sizeof options);
  ck_assert_uint_eq(options.ours.islands, 4);
  dilate_sampler *sampler;
  ck_assert_int_eq(dilate_sampler_create(&target, &options.ours, &sampler, NULL), DILATE_OK);
  dilate_sampler_free(sampler);
}
END_TEST

START_TEST(short_targets) {
  dilate_target target;
  const dilate_options options = small_options("langevin");
  memset(&target, CANARY, sizeof target);
  dilate_target_init_sized(&target, offsetof(dilate_target, n_out));
  target.dim = 2;
  target.logp = pair_logp;
  dilate_result *result = sample(&target, &options);
  ck_assert_uint_eq(dilate_result_n_out(result), 2);
  ck_assert_str_eq(dilate_result_name(result, 1), "x[2]");
  dilate_result_free(result);
  assert_untouched(&target, offsetof(dilate_target, n_out), sizeof target);
}
END_TEST

START_TEST(short_errors) {
  dilate_error err;
  for (size_t size = 0; size < offsetof(dilate_error, message) + 20; size++) {
    memset(&err, CANARY, sizeof err);
    dilate_error_init_sized(&err, size < sizeof(size_t) ? sizeof(size_t) : size);
    ck_assert_int_eq(dilate_sampler_step(NULL, &err), DILATE_EINVAL);
    assert_untouched(&err, size < sizeof(size_t) ? sizeof(size_t) : size, sizeof err);
    if (size > offsetof(dilate_error, message)) ck_assert_ptr_nonnull(memchr(err.message, 0, size - offsetof(dilate_error, message)));
  }
}
END_TEST

/* Calls fill(room) with every stated size: it must write that much of what it writes in full, and no more. */
static void assert_fills(int (*fill)(void *object, void *room), void *object, size_t ours) {
  unsigned char room[512] __attribute__((aligned(16))), full[512] __attribute__((aligned(16)));
  memset(full, CANARY, sizeof full);
  memcpy(full, &ours, sizeof ours);
  ck_assert_int_eq(fill(object, full), DILATE_OK);
  assert_untouched(full, ours, sizeof full);
  for (size_t size = sizeof size; size <= sizeof room; size += sizeof size) {
    memset(room, CANARY, sizeof room);
    memcpy(room, &size, sizeof size);
    ck_assert_int_eq(fill(object, room), DILATE_OK);
    ck_assert_mem_eq(room, &size, sizeof size); /* the size is the caller's */
    ck_assert(size == sizeof size || !memcmp(room + sizeof size, full + sizeof size, (size < ours ? size : ours) - sizeof size));
    assert_untouched(room, size < ours ? size : ours, sizeof room);
  }
  const size_t none = 4;
  memset(room, CANARY, sizeof room);
  memcpy(room, &none, sizeof none);
  fill(object, room);
  assert_untouched(room, sizeof none, sizeof room);
}

static int fill_mode(void *object, void *room) {
  return dilate_result_mode_info(object, 0, room);
}
static int fill_parameter(void *object, void *room) {
  return dilate_result_parameter(object, 1, room);
}
static int fill_trace(void *object, void *room) {
  return dilate_result_trace_info(object, 0, room);
}
static int fill_progress(void *object, void *room) {
  size_t told;
  memcpy(&told, room, sizeof told);
  dilate_sampler_progress(object, room);
  const double never = 0; /* the clock runs on: the same for all */
  if (told >= offsetof(dilate_progress, seconds) + sizeof never)
    memcpy((char *)room + offsetof(dilate_progress, seconds), &never, sizeof never);
  return DILATE_OK;
}

START_TEST(result_structs_keep_to_the_size) {
  const dilate_target target = pair_target();
  const dilate_options options = small_options("langevin");
  dilate_result *result = sample(&target, &options);
  assert_fills(fill_mode, result, sizeof(dilate_mode));
  assert_fills(fill_parameter, result, sizeof(dilate_parameter));
  assert_fills(fill_trace, result, sizeof(dilate_trace));
  dilate_mode mode = {.struct_size = 0};
  ck_assert_int_eq(dilate_result_mode_info(result, 0, &mode), DILATE_EINVAL);
  dilate_result_free(result);
}
END_TEST

START_TEST(progress_keeps_to_the_size) {
  const dilate_target target = pair_target();
  const dilate_options options = small_options("langevin");
  dilate_sampler *sampler;
  ck_assert_int_eq(dilate_sampler_create(&target, &options, &sampler, NULL), DILATE_OK);
  assert_fills(fill_progress, sampler, sizeof(dilate_progress));
  dilate_sampler_free(sampler);
}
END_TEST

/* ---- Accessors ---- */

START_TEST(accessors_out_of_range) {
  const dilate_target target = pair_target();
  const dilate_options options = small_options("langevin");
  dilate_result *r = sample(&target, &options);
  dilate_mode mode = {.struct_size = sizeof mode};
  dilate_parameter parameter = {.struct_size = sizeof parameter};
  dilate_trace trace = {.struct_size = sizeof trace};
  ck_assert_int_eq(dilate_result_mode_info(r, dilate_result_mode_count(r), &mode), DILATE_EINVAL);
  ck_assert_int_eq(dilate_result_mode_info(r, 0, NULL), DILATE_EINVAL);
  ck_assert_int_eq(dilate_result_parameter(r, 2, &parameter), DILATE_EINVAL);
  ck_assert_int_eq(dilate_result_parameter(r, 0, NULL), DILATE_EINVAL);
  ck_assert_int_eq(dilate_result_trace_info(r, dilate_result_trace_count(r), &trace), DILATE_EINVAL);
  ck_assert_int_eq(dilate_result_trace_info(r, 0, NULL), DILATE_EINVAL);
  ck_assert_ptr_null(dilate_result_name(r, 2));
  ck_assert_ptr_null(dilate_result_warning(r, dilate_result_warning_count(r)));
  dilate_result_free(r);
}
END_TEST

/* Who estimates log Z says what its error is made of: a bridge both, diffusion-smc that of its islands; the others nothing. */
START_TEST(errors_of_log_z_are_told) {
  static const char *const methods[] = {"bridge", "diffusion-smc", "langevin"};
  const dilate_target target = pair_target();
  for (int k = 0; k < 3; k++) {
    const dilate_options options = small_options(methods[k]);
    double lineages, islands, log_z, se;
    dilate_result *r = sample(&target, &options);
    dilate_result_log_z(r, &log_z, &se, NULL);
    ck_assert_int_eq(dilate_result_log_z_errors(r, &lineages, &islands), k < 2 ? DILATE_OK : DILATE_EDOMAIN);
    ck_assert(k == 0 ? lineages > 0 && se >= 0.97 * lineages : isnan(lineages)); /* se has the t quantile, over 2, and what is beyond */
    ck_assert(k < 2 ? islands > 0 : isnan(islands));
    ck_assert(k == 0 ? isfinite(dilate_result_pareto_k(r)) : isnan(dilate_result_pareto_k(r)));
    dilate_result_free(r);
  }
}
END_TEST

START_TEST(no_result) {
  double log_z, se, df;
  uint64_t gradients = 1;
  dilate_mode mode = {.struct_size = sizeof mode};
  dilate_parameter parameter = {.struct_size = sizeof parameter};
  dilate_trace trace = {.struct_size = sizeof trace};
  ck_assert(!dilate_result_dim(NULL) && !dilate_result_n_out(NULL) && !dilate_result_islands(NULL) && !dilate_result_draws(NULL));
  ck_assert(!dilate_result_complete(NULL) && !dilate_result_method(NULL) && !dilate_result_seed(NULL) && !dilate_result_groups(NULL));
  ck_assert(!dilate_result_unconstrained(NULL) && !dilate_result_values(NULL) && !dilate_result_log_density(NULL));
  ck_assert(!dilate_result_mode(NULL) && !dilate_result_name(NULL, 0) && !dilate_result_warning(NULL, 0));
  ck_assert_int_eq(dilate_result_log_z(NULL, &log_z, &se, &df), DILATE_EINVAL);
  ck_assert(isnan(log_z) && isnan(se) && isnan(df));
  ck_assert_int_eq(dilate_result_log_z_errors(NULL, &log_z, &se), DILATE_EINVAL);
  ck_assert(isnan(log_z) && isnan(se) && isnan(dilate_result_pareto_k(NULL)));
  ck_assert(!dilate_result_evaluations(NULL, &gradients) && !gradients && dilate_result_seconds(NULL) == 0);
  ck_assert(!dilate_result_mode_count(NULL) && !dilate_result_modes_countable(NULL) && isnan(dilate_result_unseen_mass(NULL)));
  ck_assert(!dilate_result_warning_count(NULL) && !dilate_result_trace_count(NULL));
  ck_assert_int_eq(dilate_result_mode_info(NULL, 0, &mode), DILATE_EINVAL);
  ck_assert_int_eq(dilate_result_parameter(NULL, 0, &parameter), DILATE_EINVAL);
  ck_assert_int_eq(dilate_result_trace_info(NULL, 0, &trace), DILATE_EINVAL);
  dilate_result_free(NULL);
}
END_TEST

Suite *arguments_suite(void) {
  Suite *suite = suite_create("arguments");
  TCase *wrong = tcase_create("wrong arguments"), *sizes = tcase_create("struct sizes"), *access = tcase_create("accessors");
  tcase_add_test(wrong, defaults);
  tcase_add_loop_test(wrong, wrong_options, 0, sizeof wrong_numbers / sizeof *wrong_numbers);
  tcase_add_test(wrong, wrong_methods);
  tcase_add_test(wrong, methods_are_listed);
  tcase_add_test(wrong, wrong_targets);
  tcase_add_test(wrong, nowhere_to_put_it);
  tcase_add_test(wrong, no_sampler);
  suite_add_tcase(suite, wrong);
  tcase_add_test(sizes, initialisers_keep_to_the_size);
  tcase_add_test(sizes, short_options);
  tcase_add_test(sizes, longer_options);
  tcase_add_test(sizes, short_targets);
  tcase_add_test(sizes, short_errors);
  tcase_add_test(sizes, result_structs_keep_to_the_size);
  tcase_add_test(sizes, progress_keeps_to_the_size);
  suite_add_tcase(suite, sizes);
  tcase_add_test(access, accessors_out_of_range);
  tcase_add_test(access, errors_of_log_z_are_told);
  tcase_add_test(access, no_result);
  suite_add_tcase(suite, access);
  return suite;
}

int main(void) {
  SRunner *runner = srunner_create(arguments_suite());
  srunner_add_suite(runner, finish_suite());
  srunner_add_suite(runner, runs_suite());
  srunner_add_suite(runner, stops_suite());
  srunner_add_suite(runner, troubles_suite());
  return run_all(runner);
}
