/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The target layer: what is refused at creation, and particles; evaluation, transforms and plug-ins in files of their own. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/team.h"
#include "check_target.h"
#include "runner.h"
#include "target/particles.h"

static int half_square(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = 0;
  for (size_t j = 0; j < dim; j++) *logp -= 0.5 * x[j] * x[j];
  for (size_t j = 0; grad && j < dim; j++) grad[j] = -x[j];
  return 0;
}

static int no_values(size_t dim, const double *x, double *out, void *params) {
  (void)dim, (void)x, (void)out, (void)params;
  return 0;
}

static dilate_target valid_target(void) {
  dilate_target t;
  dilate_target_init(&t);
  t.dim = 2;
  t.logp = half_square;
  return t;
}

/* ---- Creation ---- */

/* Creation must fail with DILATE_EINVAL, no object, and a message that has every one of the words. */
static void assert_refused(const dilate_target *t, size_t threads, const char *first, const char *second) {
  dilate_error err;
  dilate_error_init(&err);
  target *out = (target *)&err;
  ck_assert_int_eq(target_create(t, threads, &out, &err), DILATE_EINVAL);
  ck_assert_ptr_null(out);
  ck_assert_int_eq(err.status, DILATE_EINVAL);
  ck_assert_msg(strstr(err.message, first) && strstr(err.message, second), "\"%s\" lacks \"%s\" or \"%s\"", err.message, first, second);
  ck_assert_int_eq(target_create(t, threads, &out, NULL), DILATE_EINVAL);
}

START_TEST(init_zeroes_what_it_was_told) {
  dilate_target t;
  for (size_t size = sizeof t.struct_size; size <= sizeof t; size++) {
    memset(&t, 0x5a, sizeof t);
    dilate_target_init_sized(&t, size);
    const unsigned char *bytes = (const unsigned char *)&t;
    ck_assert_uint_eq(t.struct_size, size);
    for (size_t i = sizeof t.struct_size; i < sizeof t; i++) ck_assert_uint_eq(bytes[i], i < size ? 0 : 0x5a);
  }
  dilate_target_init_sized(NULL, sizeof t);
}
END_TEST

START_TEST(every_invalid_target_is_refused) {
  dilate_target t;
  char largest[64];
  assert_refused(NULL, 1, "NULL", "dilate_target");
  memset(&t, 0, sizeof t);
  assert_refused(&t, 1, "struct_size is 0", "dilate_target_init");
  t = valid_target();
  t.dim = 0;
  assert_refused(&t, 1, "dim is 0", "from 1");
  t.dim = SIZE_MAX;
  (void)snprintf(largest, sizeof largest, "dim is %zu", SIZE_MAX);
  assert_refused(&t, 1, largest, "1048576");
  t = valid_target();
  t.logp = NULL;
  assert_refused(&t, 1, "neither logp nor batch", "callback");
  t = valid_target();
  t.flags = 0x84;
  assert_refused(&t, 1, "0x84", "DILATE_TARGET_SERIAL");
  t = valid_target();
  t.n_out = 3;
  assert_refused(&t, 1, "n_out is 3 but dim is 2", "constrain");
  t = valid_target();
  assert_refused(&t, 0, "0 threads", "at least 1");
}
END_TEST

START_TEST(every_invalid_name_is_refused) {
  dilate_target t = valid_target();
  const char *const twice[] = {"alpha", "alpha"}, *const absent[] = {"alpha", NULL}, *const empty[] = {"", "beta"};
  const char *const column[] = {"alpha", "chain__"};
  t.names = twice;
  assert_refused(&t, 1, "\"alpha\"", "unique");
  t.names = absent;
  assert_refused(&t, 1, "names[1] is NULL", "all 2 names");
  t.names = empty;
  assert_refused(&t, 1, "names[0] is empty", "leave names NULL");
  t.names = column;
  assert_refused(&t, 1, "names[1] is \"chain__\"", "a column of draws.csv");
  const char *const three[] = {"a", "b", "a"};
  t.n_out = 3;
  t.constrain = no_values;
  t.names = three;
  assert_refused(&t, 1, "\"a\"", "unique");
}
END_TEST

static void assert_accepted(const dilate_target *user, size_t n_out) {
  dilate_error err;
  dilate_error_init(&err);
  target *t = NULL;
  ck_assert_msg(target_create(user, 3, &t, &err) == DILATE_OK, "%s", err.message);
  ck_assert_uint_eq(target_user(t)->n_out, n_out);
  ck_assert_uint_eq(target_user(t)->struct_size, sizeof(dilate_target));
  ck_assert_uint_eq(target_dim(t), user->dim);
  ck_assert_uint_eq(target_threads(t), 3);
  ck_assert_int_eq(target_status(t, &err), DILATE_OK);
  ck_assert_ptr_null(target_first_bad(t));
  target_free(t);
}

START_TEST(every_valid_target_is_accepted) {
  dilate_target t = valid_target();
  assert_accepted(&t, 2);
  t.n_out = 2;
  assert_accepted(&t, 2);
  t.flags = DILATE_TARGET_SERIAL | DILATE_TARGET_NO_GRADIENT;
  assert_accepted(&t, 2);
  t.constrain = no_values;
  t.n_out = 0;
  assert_accepted(&t, 2);
  t.n_out = 5;
  assert_accepted(&t, 5);
  target_free(NULL);
}
END_TEST

/* A shorter struct of an older header ends before what lies behind it; a longer one has members that we do not know. */
START_TEST(struct_size_is_respected) {
  dilate_target t = valid_target();
  t.flags = 0xffff;
  t.n_out = 77;
  t.struct_size = offsetof(dilate_target, flags);
  assert_accepted(&t, 2);
  struct {
    dilate_target known;
    size_t newer;
  } longer = {.known = valid_target(), .newer = 1};
  longer.known.struct_size = sizeof longer;
  assert_accepted(&longer.known, 2);
  t.struct_size = offsetof(dilate_target, params) - 1;
  assert_refused(&t, 1, "struct_size", "dilate_target_init");
}
END_TEST

START_TEST(names_are_copied) {
  dilate_target user = valid_target();
  char alpha[] = "alpha", beta[] = "beta";
  const char *names[] = {alpha, beta};
  user.names = names;
  target *t = NULL;
  ck_assert_int_eq(target_create(&user, 1, &t, NULL), DILATE_OK);
  memset(alpha, 'x', sizeof alpha - 1);
  names[1] = NULL;
  ck_assert_str_eq(target_user(t)->names[0], "alpha");
  ck_assert_str_eq(target_user(t)->names[1], "beta");
  target_free(t);
}
END_TEST

/* ---- Particles ---- */

START_TEST(particles_are_laid_out_for_vectors) {
  for (size_t n = 0; n < 40; n++) {
    particles p;
    ck_assert_int_eq(particles_create(3, n, &p), 0);
    ck_assert_uint_eq(p.n, n);
    ck_assert_uint_eq(p.ld % 8, 0);
    ck_assert(p.ld >= n && p.ld < n + 8);
    for (size_t i = 0; i < 3 * p.ld; i++) ck_assert(p.x[i] == 0 && p.grad[i] == 0);
    particles_clear(&p);
    ck_assert_ptr_null(p.x);
    particles_clear(&p);
  }
  particles p;
  ck_assert_int_ne(particles_create(SIZE_MAX / 4, SIZE_MAX / 4, &p), 0);
  ck_assert_int_ne(particles_create(1, SIZE_MAX, &p), 0);
  ck_assert_ptr_null(p.x);
  particles_clear(&p);
}
END_TEST

START_TEST(particles_are_copied_whole) {
  particles a, b;
  ck_assert_int_eq(particles_create(2, 5, &a), 0);
  ck_assert_int_eq(particles_create(2, 20, &b), 0);
  for (size_t i = 0; i < 2 * a.ld; i++) a.x[i] = (double)i, a.grad[i] = -(double)i;
  a.logp[3] = 7;
  particles_copy(&b, 17, &a, 3);
  for (size_t j = 0; j < 2; j++) {
    ck_assert(b.x[j * b.ld + 17] == a.x[j * a.ld + 3] && b.grad[j * b.ld + 17] == a.grad[j * a.ld + 3]);
    ck_assert(b.x[j * b.ld + 16] == 0 && b.x[j * b.ld + 18] == 0);
  }
  ck_assert(b.logp[17] == 7);
  particles_clear(&a);
  particles_clear(&b);
}
END_TEST

START_TEST(tiles_cover_the_particles) {
  for (size_t n = 0; n < 200; n++) {
    size_t covered = 0;
    for (size_t tile = 0; tile < tile_count(n); tile++) {
      ck_assert(tile_size(n, tile) >= 1 && tile_size(n, tile) <= PARTICLE_TILE);
      covered += tile_size(n, tile);
    }
    ck_assert_uint_eq(covered, n);
  }
}
END_TEST

/* Threads that run already are not multiplied, whatever OpenMP would allow, and all that they evaluate is counted. */
START_TEST(nested_loops_take_one_thread) {
  enum { LOOPS = 8, POINTS = 150 };
  const dilate_target user = valid_target();
  const int levels = omp_get_max_active_levels();
  int size[LOOPS] = {0};
  target *t;
  ck_assert_int_eq(target_create(&user, 2, &t, NULL), DILATE_OK);
  ck_assert_int_eq(team_size(2), 2);
  ck_assert_int_eq(team_size(0), 1);
  omp_set_max_active_levels(2);
#pragma omp parallel for num_threads(2) schedule(static, 1)
  for (int k = 0; k < LOOPS; k++) {
    particles p;
    size[k] = omp_get_num_threads() > 1 ? team_size(2) : 1;
    if (particles_create(2, POINTS, &p)) continue;
    particles_evaluate(&p, t);
    particles_clear(&p);
  }
  omp_set_max_active_levels(levels);
  for (int k = 0; k < LOOPS; k++) ck_assert_int_eq(size[k], 1);
  ck_assert_uint_eq(target_count(t).evaluations, LOOPS * POINTS);
  ck_assert_uint_eq(target_count(t).gradients, LOOPS * POINTS);
  target_free(t);
}
END_TEST

static Suite *target_suite(void) {
  Suite *suite = suite_create("target");
  TCase *creation = tcase_create("creation");
  tcase_add_test(creation, init_zeroes_what_it_was_told);
  tcase_add_test(creation, every_invalid_target_is_refused);
  tcase_add_test(creation, every_invalid_name_is_refused);
  tcase_add_test(creation, every_valid_target_is_accepted);
  tcase_add_test(creation, struct_size_is_respected);
  tcase_add_test(creation, names_are_copied);
  TCase *layout = tcase_create("particles");
  tcase_add_test(layout, particles_are_laid_out_for_vectors);
  tcase_add_test(layout, particles_are_copied_whole);
  tcase_add_test(layout, tiles_cover_the_particles);
  tcase_add_test(layout, nested_loops_take_one_thread);
  suite_add_tcase(suite, creation);
  suite_add_tcase(suite, layout);
  suite_add_tcase(suite, evaluate_tests());
  suite_add_tcase(suite, transform_tests());
  suite_add_tcase(suite, transform_edges_tests());
  suite_add_tcase(suite, transform_stan_tests());
  suite_add_tcase(suite, plugin_tests());
  suite_add_tcase(suite, stan_tests());
  suite_add_tcase(suite, warp_tests());
  suite_add_tcase(suite, warped_tests());
  return suite;
}

int main(void) {
  return run_all(srunner_create(target_suite()));
}
