/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draws.nc, read back by the library that wrote it; or the reason why this build writes none. */
#define _POSIX_C_SOURCE 200809L
#include "io_cases.h"

#include "io/netcdf.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_NETCDF
#include <netcdf.h>
#include <netcdf_mem.h>

static char *bytes;
static int file;

/* Writes the result and opens what was written. */
static void begin(const dilate_result *r, const builtin *model) {
  failure f = {0};
  const outcome o = {.target = "made:up=1", .result = r, .builtin = model};
  capture c;
  capture_begin(&c);
  ck_assert_int_eq(netcdf_check(&f), 0);
  ck_assert_int_eq(netcdf_write(c.stream, &o, &f), 0);
  bytes = capture_end(&c);
  ck_assert_int_eq(nc_open_mem("made.nc", 0, c.size, bytes, &file), NC_NOERR);
}

static void end(void) {
  ck_assert_int_eq(nc_close(file), NC_NOERR);
  free(bytes);
}

static int group_of(const char *name) {
  int group = -1;
  ck_assert_msg(nc_inq_ncid(file, name, &group) == NC_NOERR, "no group %s", name);
  return group;
}

/* The variable's shape is the given one; its id. */
static int variable_of(int group, const char *name, int rank, const size_t *extent) {
  int id, dimension[NC_MAX_VAR_DIMS], found;
  ck_assert_msg(nc_inq_varid(group, name, &id) == NC_NOERR, "no variable %s", name);
  ck_assert_int_eq(nc_inq_varndims(group, id, &found), NC_NOERR);
  ck_assert_int_eq(found, rank);
  ck_assert_int_eq(nc_inq_vardimid(group, id, dimension), NC_NOERR);
  for (int k = 0; k < rank; ++k) {
    size_t length;
    ck_assert_int_eq(nc_inq_dimlen(group, dimension[k], &length), NC_NOERR);
    ck_assert_uint_eq(length, extent[k]);
  }
  return id;
}

static char *text_attribute(int group, int variable, const char *name) {
  size_t length;
  ck_assert_msg(nc_inq_attlen(group, variable, name, &length) == NC_NOERR, "no attribute %s", name);
  char *const value = calloc(length + 1, 1);
  ck_assert_int_eq(nc_get_att_text(group, variable, name, value), NC_NOERR);
  return value;
}

static void assert_text(int group, int variable, const char *name, const char *wanted) {
  char *const value = text_attribute(group, variable, name);
  ck_assert_str_eq(value, wanted);
  free(value);
}

static double real_attribute(int group, const char *name) {
  double value[8] = {0};
  ck_assert_msg(nc_get_att_double(group, NC_GLOBAL, name, value) == NC_NOERR, "no attribute %s", name);
  return value[0];
}

START_TEST(parameters_have_their_shapes) {
  static char second[] = "v[2]", first[] = "v[1]", slash[] = "a/b";
  static char *names[MADE_WIDTH] = {second, first, slash};
  dilate_result r = made_result();
  r.name = names;
  begin(&r, NULL);
  const int group = group_of("posterior");
  static const size_t shape[] = {MADE_ISLANDS, MADE_DRAWS, 2};
  const int vector = variable_of(group, "v", 3, shape), single = variable_of(group, "a_b", 2, shape);
  static double v[MADE_ROWS][2], a[MADE_ROWS];
  ck_assert_int_eq(nc_get_var_double(group, vector, v[0]), NC_NOERR);
  ck_assert_int_eq(nc_get_var_double(group, single, a), NC_NOERR);
  for (size_t row = 0; row < MADE_ROWS; ++row) {
    ck_assert_double_eq(v[row][0], r.value[row * MADE_WIDTH + 1]);
    ck_assert_double_eq(v[row][1], r.value[row * MADE_WIDTH]);
    ck_assert_double_eq(a[row], r.value[row * MADE_WIDTH + 2]);
  }
  assert_text(group, single, "long_name", "a/b");
  long long at[2];
  ck_assert_int_eq(nc_get_var_longlong(group, variable_of(group, "v_dim_0", 1, shape + 2), at), NC_NOERR);
  ck_assert(at[0] == 0 && at[1] == 1);
  end();
}
END_TEST

START_TEST(draws_have_log_densities_and_modes) {
  const dilate_result r = made_result();
  begin(&r, NULL);
  const int group = group_of("sample_stats");
  static const size_t shape[] = {MADE_ISLANDS, MADE_DRAWS};
  static double lp[MADE_ROWS];
  static int mode[MADE_ROWS];
  ck_assert_int_eq(nc_get_var_double(group, variable_of(group, "lp", 2, shape), lp), NC_NOERR);
  ck_assert_int_eq(nc_get_var_int(group, variable_of(group, "mode", 2, shape), mode), NC_NOERR);
  for (size_t row = 0; row < MADE_ROWS; ++row) {
    ck_assert_double_eq(lp[row], r.logp[row]);
    ck_assert_int_eq(mode[row], r.mode[row] + 1);
  }
  double weight[MADE_MODES];
  ck_assert_int_eq(nc_get_att_double(group, NC_GLOBAL, "mode_weight", weight), NC_NOERR);
  ck_assert_double_eq(weight[1], 0.4);
  end();
}
END_TEST

START_TEST(groups_say_where_they_are_from) {
  dilate_result r = made_result();
  r.log_z_df = NAN;
  begin(&r, NULL);
  const int groups[] = {file, group_of("posterior"), group_of("sample_stats")};
  for (int i = 0; i < 3; ++i) {
    char *const created = text_attribute(groups[i], NC_GLOBAL, "created_at");
    ck_assert_uint_eq(strlen(created), strlen("2026-01-01T00:00:00+00:00"));
    free(created);
    assert_text(groups[i], NC_GLOBAL, "inference_library", "libdilate");
    assert_text(groups[i], NC_GLOBAL, "inference_library_version", dilate_version());
  }
  for (int i = 0; i < 2; ++i) {
    assert_text(groups[i], NC_GLOBAL, "target", "made:up=1");
    assert_text(groups[i], NC_GLOBAL, "method", "bridge");
    assert_text(groups[i], NC_GLOBAL, "warnings", r.warning[0]);
    ck_assert_double_eq(real_attribute(groups[i], "log_z"), -1.25);
    ck_assert_double_eq(real_attribute(groups[i], "seed"), 7);
    ck_assert_double_eq(real_attribute(groups[i], "sampling_time"), 0.5);
    ck_assert_int_eq(nc_inq_attid(groups[i], NC_GLOBAL, "log_z_df", &(int){0}), NC_ENOTATT);
  }
  ck_assert_int_eq(nc_inq_ncid(file, "observed_data", &(int){0}), NC_ENOGRP);
  end();
}
END_TEST

START_TEST(data_stand_in_groups_of_their_own) {
  builtin seeds;
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_int_eq(builtin_create("seeds", NULL, &seeds, &err), DILATE_OK);
  const dilate_result r = made_result();
  begin(&r, &seeds);
  static const size_t shape[] = {21, 4};
  double value[84];
  const int observed = group_of("observed_data"), constant = group_of("constant_data");
  ck_assert_int_eq(nc_get_var_double(observed, variable_of(observed, "r", 1, shape), value), NC_NOERR);
  ck_assert_double_eq(value[0], 10);
  ck_assert_int_eq(nc_get_var_double(constant, variable_of(constant, "X", 2, shape), value), NC_NOERR);
  ck_assert_int_eq(memcmp(value, seeds.array[2].value, sizeof value), 0);
  assert_text(constant, NC_GLOBAL, "inference_library", "libdilate");
  end();
  builtin_destroy(&seeds);
}
END_TEST

START_TEST(text_that_is_not_utf8_stops_nothing) {
  static char broken[] = "\xff\xfe";
  char *names[] = {broken, broken, broken};
  dilate_result r = made_result();
  r.name = names;
  begin(&r, NULL);
  static const size_t shape[] = {MADE_ISLANDS, MADE_DRAWS};
  const int group = group_of("posterior");
  variable_of(group, "___", 2, shape);
  assert_text(group, variable_of(group, "____3", 2, shape), "long_name", "(not valid UTF-8)");
  end();
}
END_TEST

#else

START_TEST(what_is_missing_is_named) {
  failure f = {0};
  ck_assert_int_eq(netcdf_check(&f), EXIT_RUN);
  assert_holds(f.message, "libnetcdf-dev");
}
END_TEST

#endif

TCase *io_netcdf_case(void) {
  TCase *const test = tcase_create("netcdf");
#ifdef HAVE_NETCDF
  tcase_add_test(test, parameters_have_their_shapes);
  tcase_add_test(test, draws_have_log_densities_and_modes);
  tcase_add_test(test, groups_say_where_they_are_from);
  tcase_add_test(test, data_stand_in_groups_of_their_own);
  tcase_add_test(test, text_that_is_not_utf8_stops_nothing);
#else
  tcase_add_test(test, what_is_missing_is_named);
#endif
  return test;
}
