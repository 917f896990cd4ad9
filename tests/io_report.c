/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page: well-formed whatever the result, everything escaped, nothing fetched, and what it says in plain words. */
#define _POSIX_C_SOURCE 200809L
#include "io_cases.h"

#include "io/report.h"
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

char *page_of(const char *label, dilate_result *r, const truth *t) {
  const outcome o = {.target = label, .result = r, .truth = t};
  capture c;
  capture_begin(&c);
  ck_assert_int_eq(report_write(c.stream, &o), 0);
  return capture_end(&c);
}

/* Every element that is opened is closed, in order, as XML has it.  Returns the name of the first that is not, "" when all are. */
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
    if (end[-1] == '/' || name[0] == '!') continue;
    if (!closing && depth < 64)
      strcpy(open[depth++], name);
    else if (!closing || depth == 0 || strcmp(open[--depth], name) != 0)
      return name;
  }
  return depth ? open[depth - 1] : "";
}

/* Where an ampersand begins none of the entities that XML knows; NULL when none does. */
static const char *lone_ampersand(const char *page) {
  static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#"};
  for (const char *at = strchr(page, '&'); at; at = strchr(at + 1, '&')) {
    size_t i = 0;
    while (i < sizeof known / sizeof *known && strncmp(at, known[i], strlen(known[i])) != 0) ++i;
    if (i == sizeof known / sizeof *known) return at;
  }
  return NULL;
}

void assert_sound_page(const char *page) {
  ck_assert_str_eq(first_unbalanced(page), "");
  ck_assert_msg(!lone_ampersand(page), "an entity that XML does not know: %.20s", lone_ampersand(page));
  static const char *const unwanted[] = {"<script", "http:", "https:", "<link", "<img",  "@import", " nan", "nan\"",     ">nan",
                                         "NaN",     "inf,",  ">inf",   ">-inf", "\"inf", "(null)",  "url(", "javascript"};
  for (size_t i = 0; i < sizeof unwanted / sizeof *unwanted; ++i) assert_lacks(page, unwanted[i]);
}

START_TEST(the_balance_check_sees_what_it_is_for) {
  ck_assert_str_eq(first_unbalanced("<p>a<b>c</b></p>"), "");
  ck_assert_str_eq(first_unbalanced("<p>a<b>c</p></b>"), "p");
  ck_assert_str_eq(first_unbalanced("<p>a"), "p");
  ck_assert_str_eq(first_unbalanced("a < b"), "a lone <");
  ck_assert_str_eq(first_unbalanced("<p><br></p>"), "p");
  ck_assert_ptr_nonnull(lone_ampersand("a &times; b"));
  ck_assert_ptr_null(lone_ampersand("a &#215; b &amp; c"));
}
END_TEST

START_TEST(the_page_is_sound) {
  dilate_result r = made_result();
  const truth t = {.log_z = -1.2, .modes = 3, .modes_found = 2, .mode_tv = 0.1};
  char *page = page_of("made", &r, &t);
  assert_sound_page(page);
  assert_holds(page, "-1.250 &#177; 0.031");
  assert_holds(page, "95 % interval -1.312 to -1.188");
  assert_holds(page, "2 of 3 modes");
  assert_holds(page, "Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline';");
  assert_holds(page, "(prefers-color-scheme:dark)");
  free(page);
}
END_TEST

START_TEST(text_from_outside_is_escaped) {
  dilate_result r = made_result();
  char *page = page_of("<script>alert('x')</script>", &r, NULL);
  assert_sound_page(page);
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
  assert_holds(page, "1 warning to read before use");
  ck_assert(strstr(page, "to read before use") < strstr(page, "log evidence"));
  assert_lacks(page, "No warnings");
  free(page);
  r.warnings = 0;
  page = page_of("made", &r, NULL);
  assert_holds(page, "No warnings");
  assert_lacks(page, "verdict bad\"");
  free(page);
  r.complete = 0;
  page = page_of("made", &r, NULL);
  assert_holds(page, "Partial result: the run was stopped before its end");
  assert_lacks(page, "No warnings");
  free(page);
}
END_TEST

START_TEST(advice_stands_apart) {
  static char stop[] = "the run was stopped: not the target's; let it run longer", plain[] = "there is one island";
  static char prior[] = "the target is improper: it has no prior.  Is a prior missing?  Compare";
  static char *texts[] = {stop, plain, prior};
  dilate_result r = made_result();
  r.warning = texts;
  r.warnings = 3;
  char *page = page_of("made", &r, NULL);
  assert_sound_page(page);
  assert_holds(page, "<p>the run was stopped: not the target&#39;s</p><p class=\"try\"><b>What to try:</b> let it run longer</p>");
  assert_holds(page, "<li><p>there is one island</p></li>");
  assert_holds(page,
               "<p>the target is improper: it has no prior.</p><p class=\"try\"><b>What to try:</b> Is a prior missing?  Compare</p>");
  free(page);
}
END_TEST

START_TEST(suspicious_numbers_are_marked) {
  dilate_result r = made_result();
  char *page = page_of("made", &r, NULL);
  ck_assert_uint_eq(occurrences(page, "<td class=\"flag\">"), 2);
  ck_assert_uint_eq(occurrences(page, "class=\"point bad-point\""), 2);
  ck_assert_uint_eq(occurrences(page, "aria-label=\"look here\""), 2);
  assert_holds(page,
               "<b>Largest R-hat 1.034</b><span>above 1.01: islands disagree; compare with another seed or more islands (plain)</span>");
  assert_holds(page, "<b>Smallest effective sample size 150</b><span>below 200, 100 an island: its mean and quantiles are rough; take more "
                     "draws (plain)</span>");
  free(page);
  r.warnings = 0;
  page = page_of("made", &r, NULL);
  ck_assert_uint_eq(occurrences(page, "aria-label=\"look here\""), 0);
  ck_assert_uint_eq(occurrences(page, "aria-label=\"note\""), 2);
  free(page);
  r.parameter[0].rhat = 1.002;
  r.parameter[0].ess_bulk = 900;
  page = page_of("made", &r, NULL);
  ck_assert_uint_eq(occurrences(page, "<td class=\"flag\">"), 0);
  ck_assert_uint_eq(occurrences(page, "class=\"point bad-point\""), 0);
  ck_assert_uint_eq(occurrences(page, "aria-label=\"look here\""), 0);
  free(page);
}
END_TEST

START_TEST(a_method_without_log_z_is_explained) {
  dilate_result r = made_result();
  r.log_z = r.log_z_se = r.log_z_df = r.unseen_mass = r.log_z_bound = r.log_z_bound_se = NAN;
  r.traces = 0;
  char *page = page_of("made", &r, NULL);
  assert_sound_page(page);
  assert_holds(page, "<b>not estimated</b><span>log evidence: this method moves particles without weighing them");
  assert_lacks(page, "Unseen mass");
  free(page);
  r.log_z_bound = -3.5;
  r.log_z_bound_se = 0.2;
  page = page_of("made", &r, NULL);
  assert_holds(page, "<b>at least -3.50 &#177; 0.20</b>");
  free(page);
}
END_TEST

START_TEST(the_page_survives_poor_results) {
  dilate_result r = made_result();
  r.modes = 0;
  char *page = page_of("made", &r, NULL);
  assert_sound_page(page);
  assert_holds(page, "No modes are listed");
  free(page);
  r = made_result();
  r.islands = 0;
  page = page_of("made", &r, NULL);
  assert_sound_page(page);
  free(page);
  r = made_result();
  r.n_out = 1;
  page = page_of("made", &r, NULL);
  assert_sound_page(page);
  free(page);
  r = made_result();
  for (size_t i = 0; i < MADE_ROWS; ++i) r.value[i * MADE_WIDTH] = i % 2 ? INFINITY : NAN;
  r.parameter[1] = (dilate_parameter){.name = r.name[1], .mean = NAN, .mcse = NAN, .sd = NAN, .q5 = NAN, .q50 = NAN, .q95 = NAN};
  page = page_of("made", &r, NULL);
  assert_sound_page(page);
  free(page);
}
END_TEST

TCase *io_report_case(void) {
  TCase *const test = tcase_create("report");
  tcase_add_test(test, the_balance_check_sees_what_it_is_for);
  tcase_add_test(test, the_page_is_sound);
  tcase_add_test(test, text_from_outside_is_escaped);
  tcase_add_test(test, warnings_stand_first_and_their_absence_is_said);
  tcase_add_test(test, advice_stands_apart);
  tcase_add_test(test, suspicious_numbers_are_marked);
  tcase_add_test(test, a_method_without_log_z_is_explained);
  tcase_add_test(test, the_page_survives_poor_results);
  return test;
}
