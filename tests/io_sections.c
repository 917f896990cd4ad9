/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections of the report: which there are, what they say of modes, bridges and parameters, and that no run makes the page large. */
#define _POSIX_C_SOURCE 200809L
#include "io_cases.h"

#include "io/report_bridges.h"
#include "io/report_parts.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const section_ids[] = {"modes", "marginals", "pairs", "ranks", "convergence", "evidence", "parameters", "run"};
enum { SECTIONS = sizeof section_ids / sizeof *section_ids };

/* Each section but those of `missing` is there once, with its title and its place in the contents. */
static void assert_sections(dilate_result r, const char *missing) {
  char *page = page_of("made", &r, NULL);
  assert_sound_page(page);
  for (size_t i = 0; i < SECTIONS; ++i) {
    char section[64], contents[64];
    const size_t wanted = strstr(missing, section_ids[i]) == NULL;
    snprintf(section, sizeof section, "<section id=\"%s\" aria-labelledby=\"%s-title\">", section_ids[i], section_ids[i]);
    snprintf(contents, sizeof contents, "<a href=\"#%s\">", section_ids[i]);
    ck_assert_msg(occurrences(page, section) == wanted, "%s: %zu times", section_ids[i], occurrences(page, section));
    ck_assert_uint_eq(occurrences(page, contents), wanted);
  }
  free(page);
}

START_TEST(sections_are_there_where_they_have_something_to_say) {
  dilate_result r = made_result();
  assert_sections(r, "");
  r.traces = 0;
  assert_sections(r, "evidence");
  r = made_result();
  r.n_out = 1;
  assert_sections(r, "pairs");
  r = made_result();
  r.islands = 1;
  assert_sections(r, "ranks");
  r = made_result();
  r.islands = 0;
  assert_sections(r, "modes marginals pairs ranks convergence parameters");
}
END_TEST

START_TEST(modes_are_told_apart) {
  dilate_result r = made_result();
  char *page = page_of("made", &r, NULL);
  assert_holds(page, "<b>0.600</b> &#177; 0.040");
  assert_holds(page, "<b>plain</b> low, -2 (&#8722;1.4 sd)");
  assert_holds(page, "<b>plain</b> high, 2 (+1.3 sd)");
  assert_holds(page, "<b>b,c</b> high, 1 (+0.6 sd)");
  ck_assert(strstr(page, "<b>plain</b> low") < strstr(page, "<b>b,c</b> high"));
  assert_lacks(page, "<details>");
  free(page);
  for (size_t k = 0; k < MADE_MODES * MADE_WIDTH; ++k) r.mode_mean[k] = 0.1;
  page = page_of("made", &r, NULL);
  assert_holds(page, "No parameter's mean lies 0.25 sd or more");
  free(page);
  r.modes = 1;
  page = page_of("made", &r, NULL);
  assert_lacks(page, "what sets the mode apart");
  free(page);
}
END_TEST

START_TEST(bridges_are_lines_of_their_own) {
  dilate_result r = made_result();
  char *page = page_of("made", &r, NULL);
  ck_assert_uint_eq(occurrences(page, "<path class=\"pilot g1\""), 2);
  ck_assert_uint_eq(occurrences(page, "<path class=\"final g1\""), 2 + 1); /* one of the key */
  ck_assert_uint_eq(occurrences(page, "class=\"end-pilot g1\""), 1);
  ck_assert_uint_eq(occurrences(page, "class=\"end-final g1\""), 1);
  assert_lacks(page, "temperature (logarithmic)");
  free(page);
  r.trace[1].temperature = 1e-5;
  page = page_of("made", &r, NULL);
  assert_holds(page, "temperature (logarithmic)");
  assert_sound_page(page);
  free(page);
}
END_TEST

START_TEST(a_bridge_of_one_step_is_a_line) {
  dilate_result r = made_result();
  r.trace += 5;
  r.traces = 1;
  const outcome o = {.target = "made", .result = &r};
  bridges b;
  ck_assert_int_eq(bridges_collect(&o, &b), 0);
  ck_assert_uint_eq(b.n, 2);
  ck_assert_double_eq(b.temperature[0], 0);
  ck_assert_double_eq(b.log_z[0], 0);
  ck_assert_double_eq(b.temperature[1], 1);
  ck_assert_double_eq(b.log_z[1], -6);
  bridges_clear(&b);
}
END_TEST

START_TEST(many_bridges_are_thinned_and_keep_their_ends) {
  enum { LINES = 150, POINTS = 300 };
  static dilate_trace trace[LINES * POINTS];
  for (size_t i = 0; i < LINES * POINTS; ++i)
    trace[i] =
        (dilate_trace){.stage = "pilot", .round = (int)(i / POINTS), .temperature = (double)(i % POINTS + 1) / POINTS, .log_z = (double)i};
  dilate_result r = made_result();
  r.trace = trace;
  r.traces = LINES * POINTS;
  const outcome o = {.target = "made", .result = &r};
  bridges b;
  ck_assert_int_eq(bridges_collect(&o, &b), 0);
  ck_assert_uint_eq(b.lines, BRIDGES_LINES);
  ck_assert_uint_eq(b.left_out, LINES - BRIDGES_LINES);
  ck_assert(b.n <= BRIDGES_POINTS + BRIDGES_LINES);
  for (size_t k = 0; k < b.lines; ++k) {
    const bridge_line *line = &b.line[k];
    ck_assert_double_eq(b.temperature[line->first], 0);
    ck_assert_double_eq(b.temperature[line->first + line->n - 1], 1);
    ck_assert_double_eq(b.log_z[line->first + line->n - 1], (double)((size_t)(line->round + 1) * POINTS - 1));
  }
  bridges_clear(&b);
}
END_TEST

START_TEST(parameters_that_tell_modes_apart_are_chosen) {
  enum { WIDE = 9 };
  static double mean[MADE_MODES * WIDE];
  static dilate_parameter rows[WIDE];
  size_t chosen[REPORT_PAIRS];
  dilate_result r = made_result();
  for (size_t j = 0; j < WIDE; ++j) {
    rows[j] = (dilate_parameter){.mean = 0, .sd = 1, .rhat = j == 7 ? 1.2 : NAN};
    mean[j] = j == 4 || j == 8 ? -1 : 0;
    mean[WIDE + j] = -mean[j];
  }
  r.n_out = WIDE;
  r.parameter = rows;
  r.mode_mean = mean;
  const outcome o = {.target = "wide", .result = &r};
  ck_assert_uint_eq(report_choose(&o, report_between_modes, REPORT_PAIRS, chosen), REPORT_PAIRS);
  static const size_t expected[REPORT_PAIRS] = {0, 1, 2, 3, 4, 8};
  for (size_t i = 0; i < REPORT_PAIRS; ++i) ck_assert_uint_eq(chosen[i], expected[i]);
  ck_assert_uint_eq(report_choose(&o, report_disagreement, 1, chosen), 1);
  ck_assert_uint_eq(chosen[0], 7);
  r.n_out = 2;
  ck_assert_uint_eq(report_choose(&o, report_between_modes, REPORT_PAIRS, chosen), 2);
}
END_TEST

START_TEST(layers_add_up_to_all_draws) {
  dilate_result r = made_result();
  const outcome o = {.target = "made", .result = &r};
  const svg_axis axis = {.low = -3, .high = 3, .from = 0, .to = 1};
  double all[HISTOGRAM_BINS] = {0};
  report_stack stack;
  for (size_t i = 0; i < MADE_ROWS; ++i)
    all[(size_t)((r.value[i * MADE_WIDTH] + 3) / 6 * HISTOGRAM_BINS)] += HISTOGRAM_BINS / 6.0 / MADE_ROWS;
  report_stack_count(&o, dilate_result_values(o.result), dilate_result_n_out(o.result), &axis, &stack);
  for (size_t b = 0; b < HISTOGRAM_BINS; ++b) {
    ck_assert_double_eq_tol(stack.layer[SVG_COLOURS][b], all[b], 1e-12);
    ck_assert(stack.layer[0][b] <= stack.layer[1][b]);
  }
  ck_assert_double_eq_tol(stack.layer[0][HISTOGRAM_BINS - 1 - 6], 0, 1e-12); /* only the second mode is to the right */
}
END_TEST

START_TEST(names_are_cut_between_characters) {
  report_label out;
  ck_assert_str_eq(report_cut("short", out), "short");
  ck_assert_str_eq(report_cut("a\tb", out), "a b");
  ck_assert_str_eq(report_cut("12345678901234567890", out), "12345678901234567890");
  ck_assert_str_eq(report_cut("123456789012345678901", out), "1234567890123456789\xE2\x80\xA6");
  ck_assert_str_eq(report_cut("1234567890\xCE\xBC\xE2\x82\xAC"
                              "34567890+",
                              out),
                   "1234567890\xCE\xBC\xE2\x82\xAC"
                   "3456789\xE2\x80\xA6");
}
END_TEST

/* ---- A run with far too much of everything ---- */

enum {
  HUGE_WIDTH = 600,
  HUGE_ISLANDS = 16,
  HUGE_DRAWS = 300,
  HUGE_ROWS = HUGE_ISLANDS * HUGE_DRAWS,
  HUGE_MODES = 256,
  HUGE_TRACES = 30000
};

static char *long_text(size_t length) {
  char *const out = malloc(length + 1);
  memset(out, '"', length);
  out[length] = '\0';
  return out;
}

static dilate_result huge_result(double *value, int *mode, double *mode_mean, char *name) {
  static double weight[HUGE_MODES], error[HUGE_MODES], peak[HUGE_MODES], logp[HUGE_ROWS];
  static size_t draws[HUGE_MODES];
  static char *names[HUGE_WIDTH], *warnings[500];
  static dilate_parameter rows[HUGE_WIDTH];
  static dilate_trace trace[HUGE_TRACES];
  uint64_t state = 1;
  for (size_t i = 0; i < HUGE_ROWS; ++i) mode[i] = (int)(i * 7 % HUGE_MODES);
  for (size_t k = 0; k < (size_t)HUGE_ROWS * HUGE_WIDTH; ++k) value[k] = (double)((state = state * 6364136223846793005u + 1) >> 40) * -1e-3;
  for (size_t k = 0; k < HUGE_MODES; ++k) weight[k] = 1.0 / HUGE_MODES, error[k] = 0.001, draws[k] = 18;
  for (size_t k = 0; k < (size_t)HUGE_MODES * HUGE_WIDTH; ++k) mode_mean[k] = -1e4 * (double)(k % 17);
  for (size_t j = 0; j < HUGE_WIDTH; ++j) {
    names[j] = name;
    rows[j] = (dilate_parameter){.struct_size = sizeof(dilate_parameter),
                                 .name = name,
                                 .mean = -8e3,
                                 .mcse = 3,
                                 .sd = 5e3,
                                 .q5 = -16e3,
                                 .q50 = -8e3,
                                 .q95 = -1,
                                 .rhat = 1.5,
                                 .ess_bulk = 90,
                                 .ess_tail = 80};
  }
  for (size_t i = 0; i < 500; ++i) warnings[i] = name;
  for (size_t i = 0; i < HUGE_TRACES; ++i)
    trace[i] =
        (dilate_trace){.stage = "pilot", .group = (int)(i / 100), .temperature = (double)(i % 100 + 1) / 100, .log_z = -1e5, .ess = 0.5};
  dilate_result r = made_result();
  r.dim = r.n_out = HUGE_WIDTH, r.islands = HUGE_ISLANDS, r.draws = HUGE_DRAWS, r.modes = HUGE_MODES;
  r.value = value, r.mode = mode, r.mode_mean = mode_mean, r.logp = logp, r.name = names, r.parameter = rows, r.trace = trace;
  r.traces = HUGE_TRACES, r.warning = warnings, r.warnings = 500;
  r.mode_weight = weight, r.mode_se = error, r.mode_draws = draws, r.peak_logp = peak, r.peak = mode_mean;
  return r;
}

START_TEST(no_run_makes_the_page_large) {
  double *value = malloc(sizeof(double) * HUGE_ROWS * HUGE_WIDTH), *mean = malloc(sizeof(double) * HUGE_MODES * HUGE_WIDTH);
  int *mode = malloc(sizeof(int) * HUGE_ROWS);
  char *name = long_text(480);
  dilate_result r = huge_result(value, mode, mean, name);
  char *page = page_of(name, &r, NULL);
  assert_sound_page(page);
  ck_assert_msg(strlen(page) < 1500000, "%zu bytes", strlen(page));
  assert_holds(page, "<details><summary>Modes 13 to 256: 95.3 % of the weight</summary>");
  assert_holds(page, "the other 248</li>");
  assert_holds(page, "those of lighter modes are grey");
  assert_holds(page, "Drawn are the first 8 islands of 16");
  assert_holds(page, "The first 200 of 600 parameters");
  assert_holds(page, "The first 40 of them");
  assert_holds(page, "Shown are the 6 parameters that differ most between modes.");
  assert_holds(page, "Shown are the 24 parameters that differ most between modes.");
  ck_assert_uint_eq(occurrences(page, "aria-label=\"Histogram of"), REPORT_MARGINALS);
  ck_assert_uint_eq(occurrences(page, "aria-label=\"Rank plot of"), REPORT_RANKS);
  free(page);
  free(value);
  free(mean);
  free(mode);
  free(name);
}
END_TEST

TCase *io_sections_case(void) {
  TCase *const test = tcase_create("sections");
  tcase_add_test(test, sections_are_there_where_they_have_something_to_say);
  tcase_add_test(test, modes_are_told_apart);
  tcase_add_test(test, bridges_are_lines_of_their_own);
  tcase_add_test(test, a_bridge_of_one_step_is_a_line);
  tcase_add_test(test, many_bridges_are_thinned_and_keep_their_ends);
  tcase_add_test(test, parameters_that_tell_modes_apart_are_chosen);
  tcase_add_test(test, layers_add_up_to_all_draws);
  tcase_add_test(test, names_are_cut_between_characters);
  tcase_add_test(test, no_run_makes_the_page_large);
  return test;
}
