/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws that are read back, and columns in another's order. */
#define _POSIX_C_SOURCE 200809L
#include "io_cases.h"

#include "cli/compare.h"
#include "io/csv.h"
#include "io/draws.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void reads(const char *content, size_t rows, size_t columns, draws_table *out) {
  failure f = {0};
  put("draws.csv", content);
  ck_assert_msg(draws_read(inside("draws.csv"), out, &f) == 0, "%s", f.message);
  ck_assert_uint_eq(out->rows, rows);
  ck_assert_uint_eq(out->columns, columns);
}

static void refuses_bytes(const char *content, size_t length, const char *part) {
  draws_table table;
  failure f = {0};
  put_bytes("draws.csv", content, length);
  ck_assert_int_eq(draws_read(inside("draws.csv"), &table, &f), EXIT_RUN);
  assert_holds(f.message, "draws.csv'");
  assert_holds(f.message, part);
  ck_assert(!table.name && !table.value && !table.path && table.rows == 0);
}

static void refuses(const char *content, const char *part) {
  refuses_bytes(content, strlen(content), part);
}

/* What csv_write() writes comes back bit for bit, from the file and from its folder, awkward names too. */
START_TEST(what_is_written_is_read_back) {
  const dilate_result result = made_result();
  const outcome o = {.target = "made", .result = &result};
  const char *const path = inside("draws.csv");
  FILE *stream = fopen(path, "w");
  csv_write(stream, &o);
  fclose(stream);
  for (int k = 0; k < 2; ++k) {
    draws_table table;
    failure f = {0};
    ck_assert_int_eq(draws_read(k ? scratch : path, &table, &f), 0);
    ck_assert_str_eq(table.path, path);
    ck_assert_uint_eq(table.rows, MADE_ROWS);
    ck_assert_uint_eq(table.columns, MADE_WIDTH);
    for (size_t j = 0; j < MADE_WIDTH; ++j) ck_assert_str_eq(table.name[j], dilate_result_name(&result, j));
    ck_assert_mem_eq(table.value, dilate_result_values(&result), MADE_ROWS * MADE_WIDTH * sizeof(double));
    draws_clear(&table);
  }
}
END_TEST

START_TEST(forms_that_others_write_are_read) {
  draws_table t;
  reads("# Stan\n#\nlp__,x,divergent__\n\n-1,2,0\n# Adaptation\n-inf,-3.5e-2,nan\n", 2, 1, &t);
  ck_assert_double_eq(t.value[1], -3.5e-2);
  draws_clear(&t);
  reads("\xef\xbb\xbfx,y\r\n1, 2\r\n 3 ,4", 2, 2, &t);
  ck_assert_str_eq(t.name[0], "x");
  ck_assert_double_eq(t.value[2], 3);
  draws_clear(&t);
  reads("\"a,b\",\"say \"\"x\"\"\",\"two\nlines\"\n\"1\",2,3\n", 1, 3, &t);
  ck_assert_str_eq(t.name[0], "a,b");
  ck_assert_str_eq(t.name[1], "say \"x\"");
  ck_assert_str_eq(t.name[2], "two\nlines");
  ck_assert_double_eq(t.value[0], 1);
  draws_clear(&t);
  reads("__,x_\n1,2\n", 1, 1, &t);
  draws_clear(&t);
}
END_TEST

START_TEST(what_is_wrong_is_named_with_its_line) {
  refuses("", "is empty");
  refuses("# only\n\n", "is empty");
  refuses("x,y\n", "has names and no draws");
  refuses("lp__,chain__\n1,2\n", "line 1: no column is a parameter's");
  refuses("x,x\n1,2\n", "line 1: the name 'x' stands there twice");
  refuses("# c\nx,,y\n1,2,3\n", "line 2: a column has no name");
  refuses("x,y\n1,2\n\n3\n", "line 4: it has 1 cells, and the header has 2");
  refuses("x,y\n1,2,3\n", "line 2: it has 3 cells");
  refuses("x,y\n1,\n", "line 2: '' of the column 'y' is not a number");
  refuses("lp__,y\n1,2 3\n", "line 2: '2 3' of the column 'y' is not a number");
  refuses("x,y\n1,2\n3,nan\n", "line 3: the column 'y' is nan");
  refuses("x,y\n1,2\n-inf,4\n", "line 3: the column 'x' is -inf");
  refuses("x,y\n1e999,4\n", "line 2: the column 'x' is inf");
  refuses("x,\"y\n1,2\n", "line 1: a quote is opened and never closed");
  refuses("x,\"y\"z\n1,2\n", "line 1: cell 2 has a quote where none can be");
  refuses("x,y\"\"\n1,2\n", "line 1: cell 2 has a quote where none can be");
  refuses("\"two\nlines\",y\n1,2\n3\n", "line 4: it has 1 cells");
  refuses_bytes("x\n1\n2\0\n", 7, "line 3: it holds a zero byte");
}
END_TEST

/* In a time that grows with the file, not with its square: a megabyte behind a quote. */
START_TEST(a_quote_that_stays_open_costs_no_more_than_the_file) {
  enum { LINES = 300000 };
  char *const content = malloc(4 * (size_t)LINES + 8), *to = content;
  ck_assert_ptr_nonnull(content);
  to += sprintf(to, "x,\"y\n");
  for (size_t i = 0; i < LINES; ++i) to += sprintf(to, "1,2\n");
  refuses(content, "line 1: a quote is opened and never closed");
  free(content);
}
END_TEST

START_TEST(what_cannot_be_read_is_said) {
  draws_table table;
  failure f = {0}, g = {0};
  ck_assert_int_eq(draws_read("/no/such", &table, &f), EXIT_RUN);
  assert_holds(f.message, "cannot read the draws '/no/such': No such file");
  ck_assert_int_eq(draws_read(scratch, &table, &g), EXIT_RUN);
  assert_holds(g.message, "draws.csv': No such file");
}
END_TEST

START_TEST(columns_follow_names) {
  draws_table t;
  failure f = {0}, g = {0};
  const char *const order[] = {"c", "a", "b"}, *const other[] = {"c", "a", "d"}, *const fewer[] = {"c", "a"};
  const double wanted[] = {3, 1, 2, 6, 4, 5};
  reads("a,lp__,b,c\n1,0,2,3\n4,0,5,6\n", 2, 3, &t);
  ck_assert_int_eq(draws_arrange(&t, 3, order, "them", &f), 0);
  ck_assert_mem_eq(t.value, wanted, sizeof wanted);
  for (size_t j = 0; j < 3; ++j) ck_assert_str_eq(t.name[j], order[j]);
  ck_assert_int_eq(draws_arrange(&t, 3, other, "them", &f), EXIT_RUN);
  assert_holds(f.message, "the parameter 'd' of them is missing in '");
  ck_assert_int_eq(draws_arrange(&t, 2, fewer, "them", &g), EXIT_RUN);
  assert_holds(g.message, "is missing in them");
  assert_holds(g.message, "the parameter 'b' of '");
  draws_clear(&t);
}
END_TEST

START_TEST(thinning_takes_evenly_spaced_rows) {
  double value[20];
  for (size_t i = 0; i < 20; ++i) value[i] = (double)(i / 2);
  size_t rows = 10;
  double *some = compare_thin(2, &rows, value, 4);
  const double wanted[] = {0, 0, 2, 2, 5, 5, 7, 7};
  ck_assert_uint_eq(rows, 4);
  ck_assert_mem_eq(some, wanted, sizeof wanted);
  free(some);
  rows = 10;
  some = compare_thin(2, &rows, value, 10);
  ck_assert_uint_eq(rows, 10);
  ck_assert_mem_eq(some, value, sizeof value);
  free(some);
}
END_TEST

/* The table's cells, and what is not there. */
START_TEST(a_comparison_is_shown) {
  compared_parameter p = {.name = "x", .difference = -2.5, .sd_ratio = 1.25, .ks = 0.125};
  compared c = {.a = "a.csv",
                .target = "gauss",
                .rows_a = 5000,
                .rows_b = 10,
                .parameters = 1,
                .rows_pairs = 4000,
                .rows_sinkhorn = 1000,
                .replicates = 5,
                .parameter = &p};
  for (size_t k = 0; k < COMPARED_MEASURES; ++k) c.value[k] = (compared_value){.value = NAN, .floor = NAN, .floor_sd = NAN};
  c.value[COMPARED_MMD] = (compared_value){.value = 0.5, .floor = 0.25, .floor_sd = 0.125};
  c.value[COMPARED_ENERGY].value = 2;
  strcpy(c.value[COMPARED_KSD_A].note, "no score");
  capture out;
  capture_begin(&out);
  compared_write(out.stream, &c);
  ck_assert_int_eq(compared_write_json(out.stream, &c), 0);
  char *const text = capture_end(&out);
  assert_holds(text, "A             a.csv: 5 000 draws of 1 parameter\n");
  assert_holds(text, "B             10 exact draws\n");
  assert_holds(text, "MMD                           0.5         0.25 +- 0.125\n");
  assert_holds(text, "energy distance                 2            -\n");
  assert_holds(text, "KSD of A                        -  no score\n");
  assert_holds(text, "of 4000 evenly spaced draws");
  assert_holds(text, "x                     -2.5      1.25     0.125\n");
  assert_holds(text, "\"b\": null");
  assert_holds(text, "\"floor\": 0.25");
  assert_holds(text, "\"note\": \"no score\"");
  assert_holds(text, "\"difference\": -2.5");
  assert_lacks(text, "mode weights");
  free(text);
}
END_TEST

TCase *io_draws_case(void) {
  TCase *const tests = tcase_create("draws");
  add_scratch(tests);
  tcase_add_test(tests, what_is_written_is_read_back);
  tcase_add_test(tests, forms_that_others_write_are_read);
  tcase_add_test(tests, what_is_wrong_is_named_with_its_line);
  tcase_add_test(tests, a_quote_that_stays_open_costs_no_more_than_the_file);
  tcase_add_test(tests, what_cannot_be_read_is_said);
  tcase_add_test(tests, columns_follow_names);
  tcase_add_test(tests, thinning_takes_evenly_spaced_rows);
  tcase_add_test(tests, a_comparison_is_shown);
  return tests;
}
