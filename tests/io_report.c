/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page: well-formed whatever the result, everything escaped, nothing fetched, and what it says in plain words. */
#define _POSIX_C_SOURCE 200809L
#include "io_cases.h"

#include "io/report.h"
#include "io/report_parts.h"
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *page_of(const char *label, dilate_result *r, const truth *t) {
  const outcome o = {.target = label, .result = r, .truth = t};
  capture c;
  capture_begin(&c);
  ck_assert_int_eq(report_write(c.stream, &o), 0);
  return capture_end(&c);
}

/* Every element that is opened is closed, in order.  Returns the name of the first that is not, "" when all are. */
static const char *first_unbalanced(const char *page) {
  static char open[64][16], name[16];
  size_t depth = 0;
  for (const char *at = strchr(page, '<'); at; at = strchr(at + 1, '<')) {
    const int closing = at[1] == '/';
    const char *start = at + 1 + closing, *end = strchr(at, '>');
    size_t n = 0;
    while (n < sizeof name - 1 && (isalnum((unsigned char)start[n]) || start[n] == '!')) name[n] = start[n], ++n;
    name[n] = '\0';
    if (!end || n == 0) return "a lone <";
    if (end[-1] == '/' || strcmp(name, "meta") == 0 || name[0] == '!') continue;
    if (!closing && depth < 64)
      strcpy(open[depth++], name);
    else if (!closing || depth == 0 || strcmp(open[--depth], name) != 0)
      return name;
  }
  return depth ? open[depth - 1] : "";
}

static void assert_sound(const char *page) {
  ck_assert_str_eq(first_unbalanced(page), "");
  static const char *const unwanted[] = {"<script", "http:", "https:", "<link", "@import", "nan", "NaN", "inf,", ">inf", "(null)", "url("};
  for (size_t i = 0; i < sizeof unwanted / sizeof *unwanted; ++i) assert_lacks(page, unwanted[i]);
}

START_TEST(the_balance_check_sees_what_it_is_for) {
  ck_assert_str_eq(first_unbalanced("<p>a<b>c</b></p>"), "");
  ck_assert_str_eq(first_unbalanced("<p>a<b>c</p></b>"), "p");
  ck_assert_str_eq(first_unbalanced("<p>a"), "p");
  ck_assert_str_eq(first_unbalanced("a < b"), "a lone <");
}
END_TEST

START_TEST(the_page_is_sound) {
  dilate_result r = made_result();
  const truth t = {.log_z = -1.2, .modes = 3, .modes_found = 2, .mode_tv = 0.1};
  char *page = page_of("made", &r, &t);
  assert_sound(page);
  assert_holds(page, "-1.250 &plusmn; 0.031");
  assert_holds(page, "95 % interval -1.312 to -1.188");
  assert_holds(page, "2 of 3 modes");
  assert_holds(page, "Draws, pair by pair");
  assert_holds(page, "From the reference to the target");
  assert_holds(page, "prefers-color-scheme:dark");
  free(page);
}
END_TEST

START_TEST(text_from_outside_is_escaped) {
  dilate_result r = made_result();
  char *page = page_of("<script>alert('x')</script>", &r, NULL);
  assert_sound(page);
  assert_holds(page, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
  assert_holds(page, "say &quot;&lt;i&gt;&quot; &amp; &#39;y&#39;");
  assert_holds(page, "the groups &lt;1&gt; &amp; &lt;2&gt; disagree");
  assert_lacks(page, "<i>");
  free(page);
}
END_TEST

START_TEST(warnings_stand_first_and_their_absence_is_said) {
  dilate_result r = made_result();
  char *page = page_of("made", &r, NULL);
  assert_holds(page, "1 warning: read before use");
  assert_lacks(page, "No warnings");
  free(page);
  r.warnings = 0;
  page = page_of("made", &r, NULL);
  assert_holds(page, "No warnings.");
  assert_lacks(page, "verdict bad\"");
  free(page);
  r.complete = 0;
  page = page_of("made", &r, NULL);
  assert_holds(page, "Partial result.");
  free(page);
}
END_TEST

START_TEST(suspicious_numbers_are_marked) {
  dilate_result r = made_result();
  char *page = page_of("made", &r, NULL);
  assert_holds(page, "R-hat above 1.01: chains disagree; fewer than 200 effective draws");
  ck_assert_uint_eq(occurrences(page, "class=\"flag\""), 2);
  assert_holds(page, "Above 1.01: chains disagree.");
  free(page);
  r.parameter[0].rhat = 1.002;
  r.parameter[0].ess_bulk = 900;
  page = page_of("made", &r, NULL);
  ck_assert_uint_eq(occurrences(page, "class=\"flag\""), 0);
  assert_holds(page, "up to 1.01 they agree");
  free(page);
}
END_TEST

START_TEST(a_method_without_log_z_is_explained) {
  dilate_result r = made_result();
  r.log_z = r.log_z_se = r.log_z_df = r.unseen_mass = NAN;
  r.traces = 0;
  char *page = page_of("made", &r, NULL);
  assert_sound(page);
  assert_holds(page, "<b>not estimated</b>");
  assert_holds(page, "The method bridge estimates both.");
  assert_lacks(page, "From the reference to the target");
  assert_lacks(page, "unseen mass");
  free(page);
}
END_TEST

START_TEST(the_page_survives_poor_results) {
  dilate_result r = made_result();
  r.modes = 0;
  char *page = page_of("made", &r, NULL);
  assert_sound(page);
  assert_holds(page, "No modes are listed");
  free(page);
  r = made_result();
  r.islands = 0;
  page = page_of("made", &r, NULL);
  assert_sound(page);
  free(page);
  r = made_result();
  r.n_out = 1;
  page = page_of("made", &r, NULL);
  assert_sound(page);
  assert_lacks(page, "pair by pair");
  free(page);
  r = made_result();
  for (size_t i = 0; i < MADE_ROWS; ++i) r.value[i * MADE_WIDTH] = i % 2 ? INFINITY : NAN;
  r.parameter[1] = (dilate_parameter){.name = r.name[1], .mean = NAN, .mcse = NAN, .sd = NAN, .q5 = NAN, .q50 = NAN, .q95 = NAN};
  page = page_of("made", &r, NULL);
  assert_sound(page);
  free(page);
}
END_TEST

START_TEST(bridges_are_lines_of_their_own) {
  dilate_result r = made_result();
  char *page = page_of("made", &r, NULL);
  ck_assert_uint_eq(occurrences(page, "class=\"pilot c1\""), 2);
  ck_assert_uint_eq(occurrences(page, "class=\"final c1\""), 2);
  assert_lacks(page, "temperature (logarithmic)");
  free(page);
  r.trace[1].temperature = 1e-5;
  page = page_of("made", &r, NULL);
  assert_holds(page, "temperature (logarithmic)");
  assert_sound(page);
  free(page);
}
END_TEST

START_TEST(a_bridge_of_one_step_is_seen) {
  dilate_result r = made_result();
  r.trace += 5;
  r.traces = 1;
  char *page = page_of("made", &r, NULL);
  assert_holds(page, "class=\"final c1\" d=\"M76.0,36.5L944.0,245.5\"");
  free(page);
}
END_TEST

START_TEST(parameters_that_tell_modes_apart_are_chosen) {
  enum { WIDE = 9 };
  static double mean[MADE_MODES * WIDE];
  static dilate_parameter rows[WIDE];
  size_t chosen[REPORT_PAIRS];
  dilate_result r = made_result();
  for (size_t j = 0; j < WIDE; ++j) {
    rows[j] = (dilate_parameter){.mean = 0, .sd = 1};
    mean[j] = j == 4 || j == 8 ? -1 : 0;
    mean[WIDE + j] = -mean[j];
  }
  r.n_out = WIDE;
  r.parameter = rows;
  r.mode_mean = mean;
  const outcome o = {.target = "wide", .result = &r};
  ck_assert_uint_eq(report_choose(&o, chosen), REPORT_PAIRS);
  static const size_t expected[REPORT_PAIRS] = {0, 1, 2, 3, 4, 8};
  for (size_t i = 0; i < REPORT_PAIRS; ++i) ck_assert_uint_eq(chosen[i], expected[i]);
  r.n_out = 2;
  ck_assert_uint_eq(report_choose(&o, chosen), 2);
}
END_TEST

TCase *io_report_case(void) {
  TCase *const test = tcase_create("report");
  tcase_add_test(test, the_balance_check_sees_what_it_is_for);
  tcase_add_test(test, the_page_is_sound);
  tcase_add_test(test, text_from_outside_is_escaped);
  tcase_add_test(test, warnings_stand_first_and_their_absence_is_said);
  tcase_add_test(test, suspicious_numbers_are_marked);
  tcase_add_test(test, a_method_without_log_z_is_explained);
  tcase_add_test(test, the_page_survives_poor_results);
  tcase_add_test(test, bridges_are_lines_of_their_own);
  tcase_add_test(test, a_bridge_of_one_step_is_seen);
  tcase_add_test(test, parameters_that_tell_modes_apart_are_chosen);
  return test;
}
