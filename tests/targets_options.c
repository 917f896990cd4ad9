/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specifications of built-in targets, their data files, and every error message. */
#define _POSIX_C_SOURCE 200809L
#include "targets/table.h"
#include "targets_cases.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char every_name[] = "gauss, gmm40, gmm4, narrow3, mos, digits, funnel10, rings, two_moons, himmelblau, double_well2, edges, "
                                 "banana, rosenbrock, manywell32, "
                                 "phi4, eight_schools, brownian32, seeds, ionosphere, galaxies";

/* Creation must fail, say all of `text`, and leave nothing behind. */
static void refuse(const char *spec, const char *data_path, const char *text) {
  builtin b, empty;
  dilate_error err;
  dilate_error_init(&err);
  memset(&b, 0x5a, sizeof b);
  memset(&empty, 0, sizeof empty);
  const int status = builtin_create(spec, data_path, &b, &err);
  ck_assert_msg(status < 0, "'%s' is accepted", spec);
  ck_assert_int_eq(err.status, status);
  ck_assert_msg(strstr(err.message, text) != NULL, "'%s' says '%s', not '%s'", spec, err.message, text);
  ck_assert_msg(memcmp(&b, &empty, sizeof b) == 0, "'%s' leaves something behind", spec);
  ck_assert_int_eq(builtin_create(spec, data_path, &b, NULL), status);
}

START_TEST(bad_specifications) {
  static const struct {
    const char *spec, *text;
  } bad[] = {
      {"", "unknown target ''"},
      {"gmm", "unknown target 'gmm'"},
      {"gmm400", "unknown target 'gmm400'"},
      {"Gauss", every_name},
      {"gauss dim=3", "unknown target 'gauss dim=3'"},
      {"gauss:sd=3", "gauss: unknown option 'sd': gauss takes dim=10, cond=1e4"},
      {"gauss:3", "gauss: unknown option '3'"},
      {"gauss:dim", "gauss: option 'dim' needs a value: dim=..."},
      {"gauss:dim=", "gauss: dim=: '' is not a number"},
      {"gauss:dim=1x", "gauss: dim=1x: '1x' is not a number"},
      {"gauss:dim=2.5", "gauss: dim=2.5: dim must be a whole number from 1 to 512"},
      {"gauss:dim=0", "dim must be a whole number from 1 to 512"},
      {"gauss:dim=-1", "dim must be a whole number from 1 to 512"},
      {"gauss:dim=1e99", "dim must be a whole number from 1 to 512"},
      {"gauss:cond=0.5", "gauss: cond=0.5: cond must be a number from 1 to 1e+12"},
      {"gauss:cond=nan", "'nan' is not a number"},
      {"gauss:cond=inf", "'inf' is not a number"},
      {"gauss:dim=3,dim=4", "gauss: option 'dim' is given twice"},
      {"gauss:dim=3,,cond=2", "gauss: unknown option ''"},
      {"gauss:dim=00000000000000000000000000000000000000000000000000000000000000000001", "gauss: option too long"},
      {"gmm40:dim=3", "gmm40: dim=3: there are means for dim=2 and dim=50 only"},
      {"gmm40:dim=50,means=jax", "gmm40: means=jax: these means exist for dim=2 only"},
      {"gmm40:means=none", "gmm40: means=none: means must be fab or jax"},
      {"gmm40:weights=1", "gmm40: weights=1: weights must be equal or unequal"},
      {"gmm40:scale=0", "gmm40: scale=0: scale must be a number from 1e-12 to 1e+12"},
      {"gmm40:shift=1e13", "shift must be a number from -1e+12 to 1e+12"},
      {"gmm40:scale2=-1", "scale2 must be a number from 1e-12 to 1e+12"},
      {"gmm40:shift2=1", "gmm40: unknown option 'shift2': gmm40 takes dim=2 (or 50), scale=1, scale2=1, shift=0, shift1=0"},
      {"gmm4:dim=2", "gmm4: dim=2: dim must be a whole number from 3 to 512"},
      {"mos:dim=3", "mos: dim=3: there are means for dim=2, dim=10 and dim=50 only"},
      {"funnel10:dim=3", "funnel10: unknown option 'dim': funnel10 takes no options"},
      {"rings:a=1", "rings takes no options"},
      {"two_moons:a=1", "two_moons takes no options"},
      {"himmelblau:a=1", "himmelblau takes no options"},
      {"double_well2:a=1", "double_well2 takes no options"},
      {"narrow3:a=1", "narrow3 takes no options"},
      {"edges:a=1", "edges takes no options"},
      {"brownian32:a=1", "brownian32 takes no options"},
      {"seeds:a=1", "seeds takes no options"},
      {"banana:a=1", "banana takes no options"},
      {"rosenbrock:a=1", "rosenbrock takes no options"},
      {"manywell32:a=1", "manywell32 takes no options"},
      {"phi4:a=1", "phi4 takes no options"},
      {"ionosphere:a=1", "ionosphere takes no options"},
      {"eight_schools:form=c", "eight_schools: form=c: form must be noncentered or centered"},
      {"galaxies:k=0", "galaxies: k=0: k must be a whole number from 1 to 10"},
      {"galaxies:k=11", "galaxies: k=11: k must be a whole number from 1 to 10"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) refuse(bad[i].spec, NULL, bad[i].text);
}
END_TEST

START_TEST(good_specifications) {
  builtin b = targets_make("gauss:", NULL);
  ck_assert_uint_eq(b.target.dim, 10);
  ck_assert_str_eq(b.label, "gauss");
  builtin_destroy(&b);
  b = targets_make("gauss:cond=1e2,dim=512", NULL);
  ck_assert_uint_eq(b.target.dim, 512);
  ck_assert_str_eq(b.label, "gauss:cond=1e2,dim=512");
  ck_assert_uint_eq(b.target.struct_size, sizeof(dilate_target));
  builtin_destroy(&b);
  builtin_destroy(&b); /* an empty one is allowed */
  for (size_t i = 0; builtin_list[i] != NULL; i++) {
    ck_assert_ptr_nonnull(builtin_list[i]->summary);
    ck_assert_ptr_nonnull(builtin_list[i]->truth);
    if (builtin_list[i]->takes_data == 0) refuse(builtin_list[i]->name, "/dev/null", "takes no data file");
  }
}
END_TEST

/* The first error wins, and nothing is written beyond the size that a shorter error has. */
START_TEST(errors_of_the_caller) {
  dilate_error err;
  builtin b;
  dilate_error_init(&err);
  ck_assert_int_lt(builtin_create("first", NULL, &b, &err), 0);
  ck_assert_int_lt(builtin_create("second", NULL, &b, &err), 0);
  ck_assert_ptr_nonnull(strstr(err.message, "first"));
  memset(&err, 'z', sizeof err);
  err.struct_size = offsetof(dilate_error, message) + 8;
  err.status = DILATE_OK;
  ck_assert_int_lt(builtin_create("first", NULL, &b, &err), 0);
  ck_assert_str_eq(err.message, "unknown");
  ck_assert(err.message[8] == 'z');
}
END_TEST

static void refuse_data(const char *spec, const char *content, const char *text) {
  char path[64];
  targets_write_file(content, path);
  refuse(spec, path, text);
  unlink(path);
}

START_TEST(bad_data) {
  refuse("galaxies", "/nonexistent/velocities.csv", "/nonexistent/velocities.csv: cannot be opened: No such file or directory");
  refuse("galaxies", "/tmp", "/tmp: cannot be read");
  refuse_data("galaxies", "", ": no numbers in it");
  refuse_data("galaxies", "# nothing\n\nvelocity\n", ": no numbers in it");
  refuse_data("galaxies", "velocity\n1\ntwo\n3\n", ", line 3: 'two' is not a finite number");
  refuse_data("galaxies", "velocity\nkm/s\n1\n", ", line 2: 'km/s' is not a finite number");
  refuse_data("galaxies", "1\n2\nnan\n", ", line 3: 'nan' is not a finite number");
  refuse_data("galaxies", "1\n1e999\n", ", line 2: '1e999' is not a finite number");
  refuse_data("galaxies", "1\n2.5x\n", ", line 2: '2.5x' is not a finite number");
  refuse_data("galaxies", "# comment\n1\n2,3\n", ", line 3: 2 columns where the first row has 1");
  refuse_data("galaxies", "1,2\n3,4\n", ": 2 columns where galaxies needs one");
  refuse_data("galaxies", "5\n5\n5\n", ": galaxies needs at least two different numbers");
  refuse_data("galaxies", "5\n", ": galaxies needs at least two different numbers");
  refuse_data("galaxies", "-1e200\n1e200\n", ": galaxies needs at least two different numbers, of a range that can be squared");
  refuse_data("ionosphere", "1\n-1\n", ": one column where ionosphere needs features and a label");
  refuse_data("ionosphere", "0.5,1\n0.7,2\n", ", row 2: label 2 where -1, 0 or 1 is needed");
}
END_TEST

/* Labels 0 and -1 mean the same, and so do rescaled features; a constant feature drops out. */
START_TEST(data_of_ones_own) {
  char first[64], second[64];
  targets_write_file("a;b;label\n1;5.1;0\n2;5.1;1\n4;5.1;1\n", first);
  targets_write_file("10 5.1 -1\n20\t5.1 1\n40, 5.1, 1", second);
  builtin a = targets_make("ionosphere", first), b = targets_make("ionosphere", second);
  const double x[3] = {0.3, -0.7, 1.1}, y[3] = {0.3, -0.7, 0};
  double grad[3];
  ck_assert_uint_eq(a.target.dim, 3);
  ck_assert(isnan(a.log_z));
  ck_assert_double_eq_tol(targets_logp(&a, x, grad), targets_logp(&b, x, NULL), 1e-12);
  ck_assert_double_eq_tol(targets_logp(&a, x, NULL), targets_logp(&a, y, NULL) - 0.5 * 1.1 * 1.1, 1e-12);
  ck_assert_double_eq_tol(grad[2], -1.1, 1e-12);
  builtin_destroy(&a);
  builtin_destroy(&b);
  unlink(first);
  unlink(second);
}
END_TEST

START_TEST(tables_of_every_kind) {
  char path[64];
  builtin_table table;
  targets_write_file("# a comment\r\n  x , y\r\n1,2\r\n\r\n -3.5 ;\t4e2 # five\r\n.5 6,\r\n", path);
  ck_assert_int_eq(builtin_table_read(path, &table, NULL), DILATE_OK);
  ck_assert_uint_eq(table.rows, 3);
  ck_assert_uint_eq(table.columns, 2);
  const double truth[] = {1, 2, -3.5, 400, 0.5, 6};
  for (size_t i = 0; i < 6; i++) ck_assert(table.value[i] == truth[i]);
  builtin_table_free(&table);
  ck_assert_ptr_null(table.value);
  builtin_table_free(&table);
  unlink(path);
}
END_TEST

/* A file longer than the reader's first buffer. */
START_TEST(long_tables) {
  static char text[60000];
  char path[64];
  size_t used = 0;
  builtin_table table;
  for (size_t i = 0; i < 10000; i++) used += (size_t)snprintf(text + used, sizeof text - used, "%zu\n", i);
  targets_write_file(text, path);
  ck_assert_int_eq(builtin_table_read(path, &table, NULL), DILATE_OK);
  ck_assert_uint_eq(table.rows, 10000);
  for (size_t i = 0; i < 10000; i++) ck_assert(table.value[i] == (double)i);
  builtin_table_free(&table);
  unlink(path);
}
END_TEST

/* Ten means, all at (1, 2), in a folder of its own. */
static void make_folder(char *folder, char *file, const char *row) {
  strcpy(folder, "/tmp/dilate_check_XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(folder));
  snprintf(file, 96, "%s/mos_means_2.csv", folder);
  FILE *const out = fopen(file, "w");
  ck_assert_ptr_nonnull(out);
  for (int i = 0; i < 10; i++) fputs(row, out);
  fclose(out);
}

/* DILATE_DATA is looked in first; what it does not hold is found where the project has it. */
START_TEST(data_are_searched_in_order) {
  const char *const before = getenv("DILATE_DATA");
  char *const saved = before != NULL ? strdup(before) : NULL;
  char folder[64], file[96];
  make_folder(folder, file, "1,2\n");
  const double x[2] = {1, 2};
  setenv("DILATE_DATA", folder, 1);
  builtin own = targets_make("mos", NULL), elsewhere = targets_make("gmm40", NULL);
  ck_assert_double_eq_tol(targets_logp(&own, x, NULL), -3 * log(2), 1e-12); /* ten equal components at their mode */
  builtin_destroy(&own);
  builtin_destroy(&elsewhere);
  unsetenv("DILATE_DATA");
  own = targets_make("mos", NULL);
  ck_assert_double_gt(fabs(targets_logp(&own, x, NULL) + 3 * log(2)), 0.1);
  builtin_destroy(&own);
  setenv("DILATE_DATA", "", 1); /* as if it were not set */
  own = targets_make("mos", NULL);
  builtin_destroy(&own);

  setenv("DILATE_DATA", folder, 1);
  unlink(file);
  rmdir(folder);
  make_folder(folder, file, "1,2,3\n");
  setenv("DILATE_DATA", folder, 1);
  refuse("mos", NULL, "mos_means_2.csv: 10 rows of 3 columns where mos needs 10 rows of 2");
  unlink(file);
  rmdir(folder);
  if (saved != NULL)
    setenv("DILATE_DATA", saved, 1);
  else
    unsetenv("DILATE_DATA");
  free(saved);
}
END_TEST

START_TEST(an_absent_file_says_where_it_was_sought) {
  builtin_table table;
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_int_eq(builtin_table_read_own("no_such_table.csv", &table, &err), DILATE_EINVAL);
  ck_assert_ptr_nonnull(strstr(err.message, "no_such_table.csv: found neither in DILATE_DATA ("));
  ck_assert_ptr_nonnull(strstr(err.message, "set DILATE_DATA to its folder"));
  ck_assert_ptr_null(table.value);
}
END_TEST

TCase *targets_options_case(void) {
  TCase *const c = tcase_create("options");
  tcase_add_test(c, bad_specifications);
  tcase_add_test(c, good_specifications);
  tcase_add_test(c, errors_of_the_caller);
  tcase_add_test(c, bad_data);
  tcase_add_test(c, data_of_ones_own);
  tcase_add_test(c, tables_of_every_kind);
  tcase_add_test(c, long_tables);
  tcase_add_test(c, data_are_searched_in_order);
  tcase_add_test(c, an_absent_file_says_where_it_was_sought);
  return c;
}
