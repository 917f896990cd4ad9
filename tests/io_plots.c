/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Axes and their ticks, histograms, curves, bars and clouds of points. */
#define _POSIX_C_SOURCE 200809L
#include "io_cases.h"

#include "io/report_parts.h"
#include "io/svg.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

START_TEST(an_axis_maps_its_ends) {
  const svg_axis linear = {.low = -2, .high = 6, .from = 100, .to = 20};
  ck_assert_double_eq_tol(svg_place(&linear, -2), 100, 1e-12);
  ck_assert_double_eq_tol(svg_place(&linear, 6), 20, 1e-12);
  ck_assert_double_eq_tol(svg_place(&linear, 2), 60, 1e-12);
  const svg_axis decades = {.low = 1e-4, .high = 1, .from = 0, .to = 400, .logarithmic = 1};
  ck_assert_double_eq_tol(svg_place(&decades, 1e-3), 100, 1e-9);
  ck_assert_double_eq_tol(svg_place(&decades, 1), 400, 1e-9);
}
END_TEST

START_TEST(an_axis_is_never_empty) {
  static const double pairs[][2] = {{0, 0}, {5, 5}, {-1e300, -1e300}, {1, 1 + DBL_EPSILON}, {NAN, 1}, {0, INFINITY}, {1e-300, 2e-300}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; ++i) {
    const svg_axis axis = svg_axis_over(pairs[i][0], pairs[i][1], 0.05, 0, 100);
    ck_assert_msg(axis.low < axis.high && isfinite(axis.low) && isfinite(axis.high), "pair %zu: %g to %g", i, axis.low, axis.high);
    ck_assert(isfinite(svg_place(&axis, axis.low / 2 + axis.high / 2)));
  }
  const svg_axis axis = svg_axis_over(0, 10, 0.1, 0, 100);
  ck_assert_double_eq_tol(axis.low, -1, 1e-12);
  ck_assert_double_eq_tol(axis.high, 11, 1e-12);
}
END_TEST

/* 1, 2 or 5 times a power of ten. */
static int is_round(double step) {
  const double lead = step / pow(10, floor(log10(step) + 1e-9));
  return fabs(lead - 1) < 1e-6 || fabs(lead - 2) < 1e-6 || fabs(lead - 5) < 1e-6;
}

START_TEST(ticks_are_round_and_inside) {
  double tick[SVG_TICKS_MAX];
  for (double size = 1e-9; size < 1e9; size *= 3.7)
    for (size_t wanted = 2; wanted <= 6; ++wanted) {
      const svg_axis axis = {.low = -0.37 * size, .high = 1.9 * size, .from = 0, .to = 1};
      const size_t n = svg_ticks(&axis, wanted, tick);
      ck_assert_msg(n >= 2 && n <= 2 * wanted + 1, "%zu ticks where %zu are wanted", n, wanted);
      ck_assert(is_round(tick[1] - tick[0]));
      for (size_t i = 0; i < n; ++i) ck_assert(tick[i] >= axis.low && tick[i] <= axis.high);
    }
}
END_TEST

START_TEST(ticks_that_are_not_round_would_be_seen) {
  ck_assert(!is_round(0.3));
  ck_assert(!is_round(25));
  ck_assert(is_round(0.02));
  ck_assert(is_round(5000));
}
END_TEST

START_TEST(logarithmic_ticks_are_powers_of_ten) {
  double tick[SVG_TICKS_MAX];
  for (double low = 1e-12; low < 0.02; low *= 7) {
    const svg_axis axis = {.low = low, .high = 1, .from = 0, .to = 1, .logarithmic = 1};
    const size_t n = svg_ticks(&axis, 6, tick);
    ck_assert(n >= 2 && n <= 6);
    for (size_t i = 0; i < n; ++i) {
      ck_assert_double_eq_tol(log10(tick[i]), round(log10(tick[i])), 1e-9);
      ck_assert(tick[i] >= low * (1 - 1e-9) && tick[i] <= 1);
    }
  }
}
END_TEST

static void fill_evenly(double *value, size_t stride, size_t n) {
  for (size_t i = 0; i < n; ++i) value[i * stride] = ((double)i + 0.5) / (double)n;
}

static double total(const double *density, const svg_axis *axis) {
  double sum = 0;
  for (size_t b = 0; b < HISTOGRAM_BINS; ++b) sum += density[b] * (axis->high - axis->low) / HISTOGRAM_BINS;
  return sum;
}

START_TEST(a_histogram_is_a_density) {
  static double value[3 * 960];
  dilate_result r = made_result();
  r.islands = 1, r.draws = 960, r.modes = 0, r.value = value;
  const outcome o = {.target = "even", .result = &r};
  report_stack stack;
  const double *const density = stack.layer[SVG_COLOURS];
  fill_evenly(value + 1, 3, 960);
  const svg_axis whole = {.low = 0, .high = 1, .from = 0, .to = 1}, half = {.low = 0, .high = 0.5, .from = 0, .to = 1};
  report_stack_count(&o, dilate_result_values(o.result) + 1, dilate_result_n_out(o.result), &whole, &stack);
  ck_assert_double_eq_tol(total(density, &whole), 1, 1e-12);
  for (size_t b = 0; b < HISTOGRAM_BINS; ++b) ck_assert_double_eq_tol(density[b], 1, 1e-9);
  report_stack_count(&o, dilate_result_values(o.result) + 1, dilate_result_n_out(o.result), &half, &stack);
  ck_assert_double_eq_tol(total(density, &half), 0.5, 1e-12);
  ck_assert_double_eq_tol(report_stack_top(&stack), 1, 1e-9);
}
END_TEST

START_TEST(far_draws_do_not_squeeze_the_others) {
  double value[1000], room[1000];
  fill_evenly(value, 1, 1000);
  svg_axis axis = histogram_axis(value, 1, 1000, room, 0, 1);
  ck_assert(axis.low < value[0] && axis.high > value[999]);
  value[0] = -1e9;
  value[1] = INFINITY;
  value[2] = NAN;
  axis = histogram_axis(value, 1, 1000, room, 0, 1);
  ck_assert(axis.low > -1 && axis.high < 2);
  value[3] = 2.5;
  value[0] = 0;
  axis = histogram_axis(value, 1, 1000, room, 0, 1);
  ck_assert_msg(axis.high > 2.5, "a far mode is cut off at %g", axis.high);
  for (size_t i = 0; i < 1000; ++i) value[i] = NAN;
  axis = histogram_axis(value, 1, 1000, room, 0, 1);
  ck_assert(axis.low < axis.high);
}
END_TEST

START_TEST(curves_break_where_there_is_nothing_to_show) {
  const svg_axis x = {.low = 0, .high = 5, .from = 0, .to = 50}, y = {.low = 0, .high = 1, .from = 10, .to = 0};
  const double at[] = {0, 1, 2, 3, 4, 5, 6}, value[] = {0, 1, NAN, 0.5, 7, 0.25, 0};
  capture c;
  capture_begin(&c);
  svg_curve(c.stream, &x, &y, at, value, 7, "style");
  char *svg = capture_end(&c);
  ck_assert_str_eq(svg, "<path class=\"style\" d=\"M0.0,10.0L10.0,0.0M30.0,5.0M50.0,7.5\"/>\n");
  free(svg);
}
END_TEST

START_TEST(bars_stand_on_the_axis) {
  const svg_axis x = {.low = 0, .high = 2, .from = 10, .to = 30}, y = {.low = 0, .high = 4, .from = 40, .to = 0};
  const double height[] = {1, 9};
  capture c;
  capture_begin(&c);
  svg_bars(c.stream, &x, &y, height, 2, "fill");
  char *svg = capture_end(&c);
  ck_assert_str_eq(svg, "<path class=\"fill\" d=\"M10.0,40.0V30.0H20.0V0.0H30.0V40.0Z\"/>\n");
  free(svg);
}
END_TEST

static char *scatter_of(const svg_cloud *cloud) {
  const svg_axis x = {.low = -3, .high = 3, .from = 0, .to = 60}, y = {.low = 0, .high = 2, .from = 20, .to = 0};
  capture c;
  capture_begin(&c);
  svg_scatter(c.stream, &x, &y, cloud, 0, 1);
  return capture_end(&c);
}

START_TEST(scatters_have_a_path_a_colour) {
  const dilate_result r = made_result();
  svg_cloud cloud = {.value = r.value, .of = r.mode, .n = MADE_ROWS, .stride = MADE_WIDTH, .limit = 1000};
  char *svg = scatter_of(&cloud);
  ck_assert_uint_eq(occurrences(svg, "<path"), 3);
  ck_assert_uint_eq(occurrences(svg, "class=\"dot cx\""), 1);
  ck_assert_uint_eq(occurrences(svg, "class=\"dot c0\""), 1);
  ck_assert_uint_eq(occurrences(svg, "M"), MADE_ROWS);
  free(svg);
  cloud.limit = 10;
  svg = scatter_of(&cloud);
  ck_assert_uint_eq(occurrences(svg, "M"), 10);
  free(svg);
}
END_TEST

START_TEST(modes_beyond_the_palette_are_grey) {
  double value[80];
  int of[40];
  for (int i = 0; i < 40; ++i) {
    of[i] = i;
    value[2 * i] = i == 39 ? 9 : 0;
    value[2 * i + 1] = 1;
  }
  const svg_cloud cloud = {.value = value, .of = of, .n = 40, .stride = 2, .limit = 40};
  char *svg = scatter_of(&cloud);
  ck_assert_uint_eq(occurrences(svg, "class=\"dot c") - occurrences(svg, "class=\"dot cx"), 2);
  ck_assert_uint_eq(occurrences(svg, "class=\"dot square c"), 2);
  ck_assert_uint_eq(occurrences(svg, "class=\"shape c"), 4);
  ck_assert_uint_eq(occurrences(svg, "M"), 39);
  ck_assert_uint_eq(occurrences(strstr(svg, "cx"), "M") - occurrences(strstr(svg, "c0"), "M"), 31);
  free(svg);
}
END_TEST

static char *labels_of(void (*draw)(FILE *, const svg_axis *, double, double, size_t, int), const svg_axis *axis, int labelled) {
  capture c;
  capture_begin(&c);
  draw(c.stream, axis, 10, 0, 4, labelled);
  return capture_end(&c);
}

START_TEST(labels_keep_apart_and_inside) {
  const svg_axis axis = svg_axis_over(1000000, 1000001, 0, 0, 100);
  char *svg = labels_of(svg_axis_below, &axis, 1);
  ck_assert_uint_eq(occurrences(svg, "class=\"grid\""), 6);
  ck_assert_uint_eq(occurrences(svg, "<text"), 1);
  free(svg);
}
END_TEST

START_TEST(labels_tell_neighbours_apart) {
  const svg_axis axis = svg_axis_over(1000000, 1000001, 0, 0, 600);
  char *svg = labels_of(svg_axis_below, &axis, 1);
  assert_holds(svg, ">1000000.2<");
  assert_holds(svg, ">1000000.8<");
  free(svg);
  svg = labels_of(svg_axis_left, &axis, 0);
  assert_lacks(svg, "<text");
  free(svg);
}
END_TEST

TCase *io_plots_case(void) {
  TCase *const test = tcase_create("plots");
  tcase_add_test(test, an_axis_maps_its_ends);
  tcase_add_test(test, an_axis_is_never_empty);
  tcase_add_test(test, ticks_are_round_and_inside);
  tcase_add_test(test, ticks_that_are_not_round_would_be_seen);
  tcase_add_test(test, logarithmic_ticks_are_powers_of_ten);
  tcase_add_test(test, a_histogram_is_a_density);
  tcase_add_test(test, far_draws_do_not_squeeze_the_others);
  tcase_add_test(test, curves_break_where_there_is_nothing_to_show);
  tcase_add_test(test, bars_stand_on_the_axis);
  tcase_add_test(test, scatters_have_a_path_a_colour);
  tcase_add_test(test, modes_beyond_the_palette_are_grey);
  tcase_add_test(test, labels_keep_apart_and_inside);
  tcase_add_test(test, labels_tell_neighbours_apart);
  return test;
}
