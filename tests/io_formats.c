/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws in the formats of others: names that these allow, .npy byte by byte, Stan CSV line by line, data as arrays, and the files of a run
 * in several formats. */
#define _POSIX_C_SOURCE 200809L
#include "io_cases.h"

#include "io/data_arrays.h"
#include "io/draw_formats.h"
#include "io/identifiers.h"
#include "io/npy.h"
#include "io/save.h"
#include "io/stan_csv.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A vector in the wrong order and a name with a comma. */
static char second[] = "v[2]", first[] = "v[1]", comma[] = "b,c";
static char *shaped_names[MADE_WIDTH] = {second, first, comma};

static dilate_result shaped_result(void) {
  dilate_result r = made_result();
  r.name = shaped_names;
  return r;
}

static void assert_identifiers(identifier_rule rule, size_t count, const char *const *name, const char *const *wanted) {
  failure f = {0};
  char **const found = identifiers_make(rule, count, name, &f);
  ck_assert_ptr_nonnull(found);
  for (size_t i = 0; i < count; ++i) ck_assert_str_eq(found[i], wanted[i]);
  identifiers_free(count, found);
}

START_TEST(names_become_a_stan_program_s) {
  static const char *const name[] = {"theta", "a b", "a_b", "a,b", "1st", "", "_x", "x__", "\316\274", "a.1", "A\n", "theta", "lp__"};
  static const char *const wanted[] = {"theta", "a_b_2",  "a_b", "a_b_3", "x1st",    "x",    "x_x",
                                       "x__x",  "x__x_2", "a_1", "A_",    "theta_2", "lp__x"};
  assert_identifiers(IDENTIFIER_STAN, 13, name, wanted);
}
END_TEST

START_TEST(names_become_netcdf_s) {
  static const char *const name[] = {"theta", "\316\274/2", "v[2]", "[", "chain", "draw", "x_dim_0", "end ", "", "\xff(", "a\tb", "_dim_"};
  static const char *const wanted[] = {"theta",    "\316\274_2", "v[2]", "_[",  "chain_", "draw_",
                                       "x_dim_0_", "end_",       "_",    "__(", "a_b",    "_dim_"};
  assert_identifiers(IDENTIFIER_NETCDF, 12, name, wanted);
}
END_TEST

/* Longer than the format's names may be, and cut between characters. */
START_TEST(long_names_are_cut) {
  failure f = {0};
  char name[602] = "";
  for (size_t i = 0; i < 300; ++i) strcat(name, "\316\274");
  name[1] = 'x', name[0] = 'x';
  char **const found = identifiers_make(IDENTIFIER_NETCDF, 2, (const char *const[]){name, name}, &f);
  ck_assert_uint_eq(strlen(found[0]), 200);
  ck_assert(is_utf8(found[0]) && is_utf8(found[1]));
  ck_assert_str_ne(found[0], found[1]);
  identifiers_free(2, found);
}
END_TEST

START_TEST(npy_is_a_header_and_the_bits) {
  const dilate_result r = made_result();
  const outcome o = {.target = "made", .result = &r};
  capture c;
  capture_begin(&c);
  npy_write(c.stream, &o);
  char *const bytes = capture_end(&c);
  static const char header[] = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 50, 3), }";
  const size_t length = (unsigned char)bytes[8] + 256u * (unsigned char)bytes[9];
  ck_assert_int_eq(memcmp(bytes, "\x93NUMPY\x01\x00", 8), 0);
  ck_assert_uint_eq((length + 10) % 64, 0);
  ck_assert_int_eq(memcmp(bytes + 10, header, strlen(header)), 0);
  for (size_t i = 10 + strlen(header); i < length + 9; ++i) ck_assert_int_eq(bytes[i], ' ');
  ck_assert_int_eq(bytes[length + 9], '\n');
  ck_assert_uint_eq(c.size, length + 10 + MADE_ROWS * MADE_WIDTH * sizeof(double));
  ck_assert_int_eq(memcmp(bytes + length + 10, r.value, MADE_ROWS * MADE_WIDTH * sizeof(double)), 0);
  free(bytes);
}
END_TEST

static char *stan_of(const dilate_result *r, const char *label, const char *data, size_t chain) {
  failure f = {0};
  const outcome o = {.target = label, .result = r, .data = data};
  capture c;
  capture_begin(&c);
  ck_assert_int_eq(stan_csv_write(c.stream, &o, chain, &f), 0);
  return capture_end(&c);
}

/* The lines that are draws: all numbers of the wanted rows, the vector in the order of its indices. */
static void assert_rows(char *csv, const dilate_result *r, size_t from, size_t count) {
  char *rest = strstr(csv, "\nlp__,");
  ck_assert_ptr_nonnull(rest);
  ++rest;
  ck_assert_str_eq(strtok_r(rest, "\n", &rest), "lp__,accept_stat__,stepsize__,treedepth__,n_leapfrog__,divergent__,energy__,v.1,v.2,b_c");
  for (size_t row = from; row < from + count; ++row) {
    double lp, energy, v1, v2, b;
    ck_assert_int_eq(sscanf(strtok_r(rest, "\n", &rest), "%lf,1,0,0,0,0,%lf,%lf,%lf,%lf", &lp, &energy, &v1, &v2, &b), 5);
    ck_assert_double_eq(lp, r->logp[row]);
    ck_assert_double_eq(energy, -lp);
    ck_assert_double_eq(v1, r->value[row * MADE_WIDTH + 1]);
    ck_assert_double_eq(v2, r->value[row * MADE_WIDTH]);
    ck_assert_double_eq(b, r->value[row * MADE_WIDTH + 2]);
  }
  ck_assert_str_eq(strtok_r(rest, "\n", &rest), "# ");
}

START_TEST(stan_csv_is_a_file_a_chain) {
  const dilate_result r = shaped_result();
  char *csv = stan_of(&r, "./models/two-normals.so", "set\n1.json", 2);
  assert_holds(csv, "# stan_version_major = 2\n");
  assert_holds(csv, "\n# model = two_normals_model\n");
  assert_holds(csv, "\n# sampler_t = dilate(bridge)\n");
  assert_holds(csv, "\n#     num_samples = 50\n#     num_warmup = 0\n#     save_warmup = 0 (Default)\n#     thin = 1 (Default)\n");
  assert_holds(csv, "\n# id = 2\n# data\n#   file = set?1.json\n# random\n#   seed = 7\n");
  assert_holds(csv, "\n#   file = draws_2.csv\n");
  assert_holds(csv, "\n# log_z = -1.25\n# log_z_se = 0.031\n");
  assert_holds(csv, "\n# parameter b_c = b,c\nlp__,");
  assert_holds(csv, "\n#  Elapsed Time: 0 seconds (Warm-up)\n#                0.25 seconds (Sampling)\n");
  assert_rows(csv, &r, MADE_DRAWS, MADE_DRAWS);
  free(csv);
}
END_TEST

START_TEST(stan_csv_may_be_one_file) {
  dilate_result r = shaped_result();
  r.log_z = NAN;
  char *csv = stan_of(&r, "gmm40:dim=50", NULL, 0);
  assert_holds(csv, "\n# model = gmm40_dim_50_model\n");
  assert_holds(csv, "\n#     num_samples = 100\n");
  assert_holds(csv, "\n#   file = draws_stan.csv\n");
  assert_lacks(csv, "log_z");
  assert_rows(csv, &r, 0, MADE_ROWS);
  free(csv);
}
END_TEST

START_TEST(formats_are_read_as_a_list) {
  failure f = {0};
  unsigned found = 0;
  ck_assert_int_eq(draw_formats_read("csv", &found, &f), 0);
  ck_assert_uint_eq(found, 1);
  ck_assert_int_eq(draw_formats_read("npy,stan,csv,npy", &found, &f), 0);
  ck_assert_uint_eq(found, 1u | 2u | 8u);
  static const char *const wrong[] = {"", "csv,", ",csv", "CSV", "csv npy", "stan-", "csvx", "parquet"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    f = (failure){0};
    ck_assert_int_eq(draw_formats_read(wrong[i], &found, &f), EXIT_USAGE);
    assert_holds(f.message, "; there are csv, stan, stan-one, npy and nc,");
    ck_assert_uint_eq(found, 1u | 2u | 8u);
  }
}
END_TEST

START_TEST(a_json_file_s_arrays_are_data) {
  failure f = {0};
  const dilate_result r = made_result();
  put("d.json",
      "{\"N\": 2, \"y\": [1, \"-inf\", \"NaN\"], \"M\": [[1, 2, 3], [4, 5, 6]], \"ragged\": [[1], [2, 3]], \"none\": [],"
      " \"word\": \"yes\", \"empty\": \"\", \"mixed\": [[1], [\"x\"]], \"null\": null, \"deep\": [[[[[[[[[1]]]]]]]]], \"flag\": true}");
  const outcome o = {.target = "m.so", .result = &r, .data = inside("d.json")};
  data_arrays data;
  ck_assert_int_eq(data_arrays_read(&o, &data, &f), 0);
  ck_assert_uint_eq(data.count, 3);
  for (size_t i = 0; i < data.count; ++i) {
    const builtin_array *const a = &data.array[i];
    ck_assert_int_eq(a->modelled, a->rank > 0);
    if (a->rank == 0) ck_assert_double_eq(a->value[0], 2);
    if (a->rank == 1) ck_assert(a->extent[0] == 3 && a->value[0] == 1 && a->value[1] == -INFINITY && isnan(a->value[2]));
    if (a->rank == 2) ck_assert(a->extent[0] == 2 && a->extent[1] == 3 && a->value[4] == 5);
  }
  data_arrays_clear(&data);
}
END_TEST

START_TEST(other_files_are_no_data) {
  failure f = {0};
  const dilate_result r = made_result();
  put("d.json", "[1, 2");
  put("d.csv", "{\"y\": [1]}");
  static const char *const name[] = {"d.json", "d.csv", "absent.json"};
  for (size_t i = 0; i < 3; ++i) {
    const outcome o = {.target = "m.so", .result = &r, .data = inside(name[i])};
    data_arrays data;
    ck_assert_int_eq(data_arrays_read(&o, &data, &f), 0);
    ck_assert_uint_eq(data.count, 0);
    data_arrays_clear(&data);
  }
}
END_TEST

START_TEST(a_built_in_target_s_data_are_its_own) {
  failure f = {0};
  dilate_error err;
  builtin seeds;
  dilate_error_init(&err);
  ck_assert_int_eq(builtin_create("seeds", NULL, &seeds, &err), DILATE_OK);
  const dilate_result r = made_result();
  const outcome o = {.target = "seeds", .result = &r, .builtin = &seeds};
  data_arrays data;
  ck_assert_int_eq(data_arrays_read(&o, &data, &f), 0);
  ck_assert_uint_eq(data.count, 3);
  ck_assert_str_eq(data.array[0].name, "r");
  ck_assert(data.array[0].modelled && !data.array[1].modelled && data.array[0].value[0] == 10 && data.array[1].value[0] == 39);
  ck_assert(data.array[2].rank == 2 && data.array[2].extent[0] == 21 && data.array[2].value[0] == 1);
  data_arrays_clear(&data);
  builtin_destroy(&seeds);
}
END_TEST

/* The files of the made-up run of two chains, in the formats of the list. */
static void save(const char *list) {
  failure f = {0};
  unsigned formats = 0;
  const dilate_result r = made_result();
  const outcome o = {.target = "made", .result = &r};
  ck_assert_int_eq(draw_formats_read(list, &formats, &f), 0);
  ck_assert_int_eq(save_outcome(scratch, &o, formats, &f), 0);
}

START_TEST(a_folder_is_one_run_s) {
  put("draws_3.csv", "mine");
  put("draws.npy", "mine");
  save("csv,stan");
  ck_assert(exists("draws.csv") && exists("draws_1.csv") && exists("draws_2.csv") && exists("summary.json") && exists("report.html"));
  ck_assert(exists("draws.npy")); /* there was no run */
  save("stan,stan-one");
  ck_assert(!exists("draws.csv") && !exists("draws.npy") && !exists("draws_3.csv"));
  ck_assert(exists("draws_1.csv") && exists("draws_2.csv") && exists("draws_stan.csv"));
  put("notes.csv", "mine");
  save("npy");
  ck_assert(exists("draws.npy") && !exists("draws_1.csv") && !exists("draws_2.csv") && !exists("draws_stan.csv") && exists("notes.csv"));
}
END_TEST

/* The last file of several cannot be: none takes its name. */
START_TEST(a_file_that_cannot_be_written_keeps_all_others) {
  failure f = {0};
  const dilate_result r = made_result();
  const outcome o = {.target = "made", .result = &r};
  save("csv");
  put("draws.csv", "older");
  ck_assert_int_eq(unlink(inside("report.html")), 0);
  ck_assert_int_eq(mkdir(inside("report.html"), 0777), 0);
  ck_assert_int_eq(save_outcome(scratch, &o, 1 | 2 | 8, &f), EXIT_RUN);
  assert_holds(f.message, "/report.html': it is a folder");
  assert_content("draws.csv", "older");
  ck_assert(!exists("draws_1.csv") && !exists("draws.npy"));
}
END_TEST

TCase *io_formats_case(void) {
  TCase *const test = tcase_create("formats");
  add_scratch(test);
  tcase_add_test(test, names_become_a_stan_program_s);
  tcase_add_test(test, names_become_netcdf_s);
  tcase_add_test(test, long_names_are_cut);
  tcase_add_test(test, npy_is_a_header_and_the_bits);
  tcase_add_test(test, stan_csv_is_a_file_a_chain);
  tcase_add_test(test, stan_csv_may_be_one_file);
  tcase_add_test(test, formats_are_read_as_a_list);
  tcase_add_test(test, a_json_file_s_arrays_are_data);
  tcase_add_test(test, other_files_are_no_data);
  tcase_add_test(test, a_built_in_target_s_data_are_its_own);
  tcase_add_test(test, a_folder_is_one_run_s);
  tcase_add_test(test, a_file_that_cannot_be_written_keeps_all_others);
  return test;
}
