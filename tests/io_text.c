/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers and names as files and tables show them; draws.csv, summary.json and the table of a made-up result. */
#define _POSIX_C_SOURCE 200809L
#include "io_cases.h"

#include "io/csv.h"
#include "io/format.h"
#include "io/json.h"
#include "io/table.h"
#include <float.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Some doubles of every size, by a linear congruence on the bits. */
static double some_double(uint64_t *state) {
  double out;
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  memcpy(&out, state, sizeof out);
  return isfinite(out) ? out : 0.1;
}

START_TEST(exact_numbers_read_back_as_the_same_bits) {
  uint64_t state = 1;
  text number;
  for (int i = 0; i < 20000; ++i) {
    const double written = some_double(&state);
    const double read = strtod(text_exact(written, number), NULL);
    ck_assert_int_eq(memcmp(&written, &read, sizeof read), 0);
  }
  ck_assert_double_eq(strtod(text_exact(DBL_MAX, number), NULL), DBL_MAX);
  ck_assert_double_eq(strtod(text_exact(4.9406564584124654e-324, number), NULL), 4.9406564584124654e-324);
}
END_TEST

START_TEST(exact_numbers_are_short) {
  text number;
  ck_assert_str_eq(text_exact(0.1, number), "0.1");
  ck_assert_str_eq(text_exact(-2, number), "-2");
  ck_assert_str_eq(text_exact(NAN, number), "nan");
  ck_assert_str_eq(text_exact(-NAN, number), "nan");
  ck_assert_str_eq(text_exact(-INFINITY, number), "-inf");
  ck_assert_str_eq(text_exact(INFINITY, number), "inf");
}
END_TEST

START_TEST(the_error_decides_the_digits) {
  text number;
  ck_assert_str_eq(text_with_error(-226.68312, 0.0234, number), "-226.683");
  ck_assert_str_eq(text_with_error(3.14159, 0.5, number), "3.14");
  ck_assert_str_eq(text_with_error(12345.678, 40, number), "12346");
  ck_assert_str_eq(text_with_error(1, 1e-12, number), "1.000000");
  ck_assert_str_eq(text_with_error(1.5, 0, number), "1.5");
  ck_assert_str_eq(text_with_error(1.5, NAN, number), "1.5");
  ck_assert_str_eq(text_with_error(NAN, 1, number), "-");
  ck_assert_str_eq(text_with_error(1e300, 1, number), "1e+300");
  ck_assert_str_eq(text_with_error(-INFINITY, 1, number), "-inf");
  ck_assert_str_eq(text_with_error(3e-9, 1e-10, number), "3e-09");
}
END_TEST

START_TEST(counts_times_and_shares) {
  text number;
  ck_assert_str_eq(text_count(0, number), "0");
  ck_assert_str_eq(text_count(999, number), "999");
  ck_assert_str_eq(text_count(1000, number), "1 000");
  ck_assert_str_eq(text_count(UINT64_MAX, number), "18 446 744 073 709 551 615");
  ck_assert_str_eq(text_seconds(0.418, number), "0.42 s");
  ck_assert_str_eq(text_seconds(12.34, number), "12.3 s");
  ck_assert_str_eq(text_seconds(250, number), "4 min 10 s");
  ck_assert_str_eq(text_seconds(7500, number), "2 h 5 min");
  ck_assert_str_eq(text_seconds(NAN, number), "-");
  ck_assert_str_eq(text_seconds(-1, number), "-");
  ck_assert_str_eq(text_seconds(INFINITY, number), "-");
  ck_assert_str_eq(text_percent(1.0 / 6, number), "16.7 %");
  ck_assert_str_eq(text_percent(0.0004, number), "0.04 %");
  ck_assert_str_eq(text_percent(0, number), "0.0 %");
  ck_assert_str_eq(text_percent(NAN, number), "-");
  ck_assert_str_eq(text_short(NAN, number), "-");
  ck_assert_str_eq(text_short(1.23456, number), "1.235");
}
END_TEST

START_TEST(html_is_escaped) {
  capture c;
  capture_begin(&c);
  html_escape(c.stream, "<b a=\"1\" c='2'>&amp;</b>");
  char *escaped = capture_end(&c);
  ck_assert_str_eq(escaped, "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;&lt;/b&gt;");
  free(escaped);
}
END_TEST

static char *csv_of(dilate_result *r) {
  const outcome o = {.target = "made", .result = r};
  capture c;
  capture_begin(&c);
  csv_write(c.stream, &o);
  return capture_end(&c);
}

START_TEST(csv_has_a_row_a_draw) {
  dilate_result r = made_result();
  char *csv = csv_of(&r), *rest = csv;
  ck_assert_str_eq(strtok_r(rest, "\n", &rest), "lp__,chain__,mode__,plain,\"b,c\",\"say \"\"<i>\"\" & 'y'\"");
  for (size_t row = 0; row < MADE_ROWS; ++row) {
    double lp, a, b, c;
    int chain, mode, used = 0;
    const char *line = strtok_r(rest, "\n", &rest);
    ck_assert_ptr_nonnull(line);
    ck_assert_int_eq(sscanf(line, "%lf,%d,%d,%lf,%lf,%lf%n", &lp, &chain, &mode, &a, &b, &c, &used), 6);
    ck_assert_uint_eq((unsigned)used, strlen(line));
    ck_assert_double_eq(lp, r.logp[row]);
    ck_assert_int_eq(chain, row < MADE_DRAWS ? 1 : 2);
    ck_assert_int_eq(mode, r.mode[row] + 1);
    ck_assert_double_eq(a, r.value[row * MADE_WIDTH]);
    ck_assert_double_eq(b, r.value[row * MADE_WIDTH + 1]);
  }
  ck_assert_ptr_null(strtok_r(rest, "\n", &rest));
  free(csv);
}
END_TEST

START_TEST(csv_knows_no_time) {
  dilate_result r = made_result();
  char *first = csv_of(&r);
  r.seconds = 99;
  r.evaluations = 1;
  char *second = csv_of(&r);
  ck_assert_str_eq(first, second);
  r.value[4] = nextafter(r.value[4], 10);
  char *third = csv_of(&r);
  ck_assert_str_ne(first, third);
  free(first);
  free(second);
  free(third);
}
END_TEST

static json_t *json_of(dilate_result *r, const truth *t) {
  const outcome o = {.target = "made:up=1", .result = r, .truth = t};
  capture c;
  capture_begin(&c);
  ck_assert_int_eq(json_write(c.stream, &o), 0);
  char *written = capture_end(&c);
  json_error_t error;
  json_t *json = json_loads(written, JSON_REJECT_DUPLICATES, &error);
  ck_assert_msg(json != NULL, "%s: %s", error.text, written);
  free(written);
  return json;
}

static double number_at(json_t *json, const char *key) {
  json_t *found = json_object_get(json, key);
  ck_assert_msg(json_is_number(found), "%s is no number", key);
  return json_number_value(found);
}

START_TEST(json_has_the_run) {
  dilate_result r = made_result();
  json_t *json = json_of(&r, NULL);
  ck_assert_str_eq(json_string_value(json_object_get(json, "target")), "made:up=1");
  ck_assert_str_eq(json_string_value(json_object_get(json, "method")), "bridge");
  ck_assert_str_eq(json_string_value(json_object_get(json, "isa")), dilate_isa());
  ck_assert(json_is_true(json_object_get(json, "complete")));
  ck_assert_double_eq(number_at(json, "dim"), MADE_WIDTH);
  ck_assert_double_eq(number_at(json, "seed"), 7);
  ck_assert_double_eq(number_at(json, "islands"), MADE_ISLANDS);
  ck_assert_double_eq(number_at(json, "groups"), 2);
  ck_assert_double_eq(number_at(json, "draws"), MADE_DRAWS);
  ck_assert_double_eq(number_at(json, "log_z"), -1.25);
  ck_assert_double_eq(number_at(json, "log_z_se"), 0.031);
  ck_assert_double_eq(number_at(json, "log_z_df"), 12);
  ck_assert_double_eq(number_at(json, "unseen_mass"), 0.001);
  ck_assert_double_eq(number_at(json_object_get(json, "evaluations"), "log_density"), 1234567);
  ck_assert_double_eq(number_at(json_object_get(json, "evaluations"), "gradient"), 1000000);
  ck_assert_ptr_null(json_object_get(json, "truth"));
  json_decref(json);
}
END_TEST

START_TEST(json_has_modes_and_parameters) {
  dilate_result r = made_result();
  json_t *json = json_of(&r, NULL), *modes = json_object_get(json, "modes"), *rows = json_object_get(json, "parameters");
  ck_assert_uint_eq(json_array_size(modes), MADE_MODES);
  ck_assert_double_eq(number_at(json_array_get(modes, 1), "weight"), 0.4);
  ck_assert_double_eq(number_at(json_array_get(modes, 1), "weight_se"), 0.02);
  json_t *mean = json_object_get(json_array_get(modes, 1), "mean");
  ck_assert_uint_eq(json_array_size(mean), MADE_WIDTH);
  ck_assert_double_eq(json_number_value(json_array_get(mean, 0)), 2);
  ck_assert_uint_eq(json_array_size(rows), MADE_WIDTH);
  ck_assert_str_eq(json_string_value(json_object_get(json_array_get(rows, 2), "name")), r.name[2]);
  ck_assert_double_eq(number_at(json_array_get(rows, 0), "rhat"), 1.034);
  ck_assert(json_is_null(json_object_get(json_array_get(rows, 2), "rhat")));
  ck_assert_str_eq(json_string_value(json_array_get(json_object_get(json, "warnings"), 0)), r.warning[0]);
  json_decref(json);
}
END_TEST

START_TEST(json_says_null_for_what_is_not_known) {
  dilate_result r = made_result();
  const truth t = {.log_z = NAN, .mode_tv = NAN};
  r.log_z = r.log_z_se = r.log_z_df = r.unseen_mass = NAN;
  r.complete = r.modes_countable = 0;
  json_t *json = json_of(&r, &t);
  ck_assert(json_is_null(json_object_get(json, "log_z")));
  ck_assert(json_is_null(json_object_get(json, "log_z_df")));
  ck_assert(json_is_null(json_object_get(json, "unseen_mass")));
  ck_assert(json_is_false(json_object_get(json, "complete")));
  ck_assert(json_is_false(json_object_get(json, "modes_countable")));
  ck_assert(json_is_null(json_object_get(json_object_get(json, "truth"), "modes_found")));
  json_decref(json);
}
END_TEST

START_TEST(json_survives_text_that_is_not_utf8) {
  dilate_result r = made_result();
  static char broken[] = "\xff\xfe";
  char *names[] = {broken, broken, broken};
  r.name = names;
  r.parameter[0].name = broken;
  json_t *json = json_of(&r, NULL);
  ck_assert_str_eq(json_string_value(json_object_get(json_array_get(json_object_get(json, "parameters"), 0), "name")), "(not valid UTF-8)");
  json_decref(json);
}
END_TEST

static char *table_of(dilate_result *r, const truth *t) {
  const outcome o = {.target = "made", .result = r, .truth = t};
  capture c;
  capture_begin(&c);
  table_write(c.stream, &o);
  return capture_end(&c);
}

START_TEST(table_shows_the_run) {
  dilate_result r = made_result();
  const truth t = {.log_z = -1.2, .modes = 3, .modes_found = 2, .mode_tv = 0.1};
  char *table = table_of(&r, &t);
  assert_holds(table, "target        made, dimension 3\n");
  assert_holds(table, "log evidence  -1.250 +- 0.031\n");
  assert_holds(table, "evaluations   1 234 567, 1 000 000 with gradient\n");
  assert_holds(table, "    1     0.600     0.020 ");
  assert_holds(table, "mean of plain, b,c, say");
  assert_holds(table, "1.034      150      800\n");
  assert_holds(table, "log evidence -1.2; 2 of 3 known modes found, total variation of their weights 0.1\n");
  assert_holds(table, "warning: the groups <1> & <2> disagree\n");
  free(table);
}
END_TEST

START_TEST(table_says_what_is_missing) {
  dilate_result r = made_result();
  r.log_z = NAN;
  r.warnings = 0;
  char *table = table_of(&r, NULL);
  assert_holds(table, "log evidence  not estimated by this method\n");
  assert_holds(table, "no warnings\n");
  assert_lacks(table, "truth");
  free(table);
  r.complete = 0;
  r.modes = 0;
  table = table_of(&r, NULL);
  assert_holds(table, "(stopped before the end: partial)");
  assert_lacks(table, "weight");
  free(table);
}
END_TEST

TCase *io_text_case(void) {
  TCase *const test = tcase_create("text");
  tcase_add_test(test, exact_numbers_read_back_as_the_same_bits);
  tcase_add_test(test, exact_numbers_are_short);
  tcase_add_test(test, the_error_decides_the_digits);
  tcase_add_test(test, counts_times_and_shares);
  tcase_add_test(test, html_is_escaped);
  tcase_add_test(test, csv_has_a_row_a_draw);
  tcase_add_test(test, csv_knows_no_time);
  tcase_add_test(test, json_has_the_run);
  tcase_add_test(test, json_has_modes_and_parameters);
  tcase_add_test(test, json_says_null_for_what_is_not_known);
  tcase_add_test(test, json_survives_text_that_is_not_utf8);
  tcase_add_test(test, table_shows_the_run);
  tcase_add_test(test, table_says_what_is_missing);
  return test;
}
