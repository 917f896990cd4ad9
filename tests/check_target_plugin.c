/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plug-ins: one that works, and every way in which one does not. */
#define _POSIX_C_SOURCE 200809L /* getcwd, chdir, mkstemp */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check_target.h"
#include "target/target.h"

enum { PATH_SIZE = 4096 };

/* Where the build put the plug-ins of the tests. */
static const char *folder(void) {
  static char path[PATH_SIZE];
  const char *top = getenv("top_builddir");
  (void)snprintf(path, sizeof path, "%s/tests", top ? top : ".");
  return path;
}

static const char *in_folder(const char *name) {
  static char path[2 * PATH_SIZE];
  (void)snprintf(path, sizeof path, "%s/%s", folder(), name);
  return path;
}

static void assert_refused(const char *path, const char *data_path, const char *first, const char *second) {
  dilate_error err;
  dilate_error_init(&err);
  dilate_plugin *plugin = (dilate_plugin *)&err;
  ck_assert_int_eq(dilate_plugin_load(path, data_path, &plugin, &err), DILATE_EPLUGIN);
  ck_assert_ptr_null(plugin);
  ck_assert_int_eq(err.status, DILATE_EPLUGIN);
  ck_assert_msg(strstr(err.message, first) && strstr(err.message, second), "\"%s\" lacks \"%s\" or \"%s\"", err.message, first, second);
  ck_assert_int_eq(dilate_plugin_load(path, data_path, &plugin, NULL), DILATE_EPLUGIN);
}

START_TEST(plugin_hands_over_a_target) {
  dilate_error err;
  dilate_error_init(&err);
  dilate_plugin *plugin = NULL;
  ck_assert_msg(dilate_plugin_load(in_folder("plugin_gauss.so"), NULL, &plugin, &err) == DILATE_OK, "%s", err.message);
  const dilate_target *user = dilate_plugin_target(plugin);
  ck_assert_uint_eq(user->struct_size, sizeof *user);
  ck_assert_uint_eq(user->dim, 3);
  target *t = NULL;
  ck_assert_int_eq(target_create(user, 1, &t, &err), DILATE_OK);
  const double x[] = {2, 0, -4};
  double logp, grad[3];
  target_evaluate(t, 0, 1, 1, x, &logp, grad);
  ck_assert(logp == -2.5 && grad[0] == -0.5 && grad[1] == 0 && grad[2] == 1);
  target_free(t);
  dilate_plugin_free(plugin);
}
END_TEST

START_TEST(plugin_gets_its_data) {
  dilate_plugin *plugin = NULL;
  ck_assert_int_eq(dilate_plugin_load(in_folder("plugin_gauss.so"), "12", &plugin, NULL), DILATE_OK);
  ck_assert_uint_eq(dilate_plugin_target(plugin)->dim, 12);
  dilate_plugin_free(plugin);
}
END_TEST

/* A name without a slash is a file of the current folder, wherever the loader would look. */
START_TEST(bare_names_are_files_here) {
  char here[PATH_SIZE];
  ck_assert_ptr_nonnull(getcwd(here, sizeof here));
  dilate_plugin *plugin = NULL;
  ck_assert_int_eq(chdir(folder()), 0);
  const int status = dilate_plugin_load("plugin_gauss.so", NULL, &plugin, NULL);
  ck_assert_int_eq(chdir(here), 0);
  ck_assert_int_eq(status, DILATE_OK);
  dilate_plugin_free(plugin);
  assert_refused("libm.so.6", NULL, "libm.so.6", "cannot be loaded");
}
END_TEST

START_TEST(two_at_once) {
  dilate_plugin *a = NULL, *b = NULL;
  ck_assert_int_eq(dilate_plugin_load(in_folder("plugin_gauss.so"), "1", &a, NULL), DILATE_OK);
  ck_assert_int_eq(dilate_plugin_load(in_folder("plugin_gauss.so"), "2", &b, NULL), DILATE_OK);
  dilate_plugin_free(a);
  ck_assert_uint_eq(dilate_plugin_target(b)->dim, 2);
  dilate_plugin_free(b);
}
END_TEST

START_TEST(broken_plugins_are_refused) {
  assert_refused("/nowhere/plugin.so", NULL, "plug-in /nowhere/plugin.so", "No such file");
  assert_refused(in_folder("plugin_old.so"), NULL, "interface 999", "rebuild it");
  assert_refused(in_folder("plugin_partial.so"), NULL, "dilate_plugin_close", "must");
  assert_refused(in_folder("plugin_gauss.so"), "zero", "plugin_gauss.so", "\"zero\" is not a dimension");
  assert_refused(in_folder("plugin_gauss.so"), "silent", "failed with 5", "no reason");
}
END_TEST

START_TEST(files_that_are_no_plugins_are_refused) {
  char path[] = "/tmp/check-plugin-XXXXXX";
  const int file = mkstemp(path);
  ck_assert_int_ge(file, 0);
  ck_assert_int_eq((int)write(file, "not an object\n", 14), 14);
  (void)close(file);
  assert_refused(path, NULL, path, "cannot be loaded");
  (void)unlink(path);
}
END_TEST

START_TEST(arguments_are_checked) {
  dilate_error err;
  dilate_plugin *plugin = NULL;
  const char *const paths[] = {NULL, ""};
  for (size_t i = 0; i < 2; i++) {
    dilate_error_init(&err);
    ck_assert_int_eq(dilate_plugin_load(paths[i], NULL, &plugin, &err), DILATE_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "no path"));
  }
  dilate_error_init(&err);
  ck_assert_int_eq(dilate_plugin_load("x.so", NULL, NULL, &err), DILATE_EINVAL);
  ck_assert_ptr_nonnull(strstr(err.message, "out is NULL"));
  ck_assert_ptr_null(dilate_plugin_target(NULL));
  dilate_plugin_free(NULL);
}
END_TEST

TCase *plugin_tests(void) {
  TCase *tests = tcase_create("plug-ins");
  tcase_add_test(tests, plugin_hands_over_a_target);
  tcase_add_test(tests, plugin_gets_its_data);
  tcase_add_test(tests, bare_names_are_files_here);
  tcase_add_test(tests, two_at_once);
  tcase_add_test(tests, broken_plugins_are_refused);
  tcase_add_test(tests, files_that_are_no_plugins_are_refused);
  tcase_add_test(tests, arguments_are_checked);
  return tests;
}
