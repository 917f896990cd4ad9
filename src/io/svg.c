/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A few plots in SVG.  Round ticks are 1, 2 or 5 times a power of ten; a path per colour keeps a scatter of thousands of points small:
 * a dot is a line of no length with round ends. */
#include "io/svg.h"

#include "io/format.h"
#include <math.h>
#include <string.h>

/* Of a label: the width of a character, as wide as fonts have it, and how far it may reach beyond its axis. */
#define CHARACTER 7.6
#define OVERHANG  4

svg_axis svg_axis_over(double low, double high, double margin, double from, double to) {
  if (!isfinite(low) || !isfinite(high)) low = 0, high = 1;
  double spread = high - low;
  if (!(spread > 1e-12 * (fabs(low) + fabs(high))) || !isfinite(spread)) {
    const double middle = low / 2 + high / 2;
    spread = fmax(fabs(middle) * 1e-3, 1e-12);
    low = middle - spread / 2;
    high = middle + spread / 2;
  }
  return (svg_axis){.low = low - margin * spread, .high = high + margin * spread, .from = from, .to = to};
}

double svg_place(const svg_axis *axis, double value) {
  const double share =
      axis->logarithmic ? log(value / axis->low) / log(axis->high / axis->low) : (value - axis->low) / (axis->high - axis->low);
  return axis->from + share * (axis->to - axis->from);
}

static double round_step(double rough) {
  const double power = pow(10, floor(log10(rough))), lead = rough / power;
  return power * (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10);
}

static size_t linear_ticks(const svg_axis *axis, size_t wanted, double *out) {
  const double step = round_step((axis->high - axis->low) / (double)wanted);
  const double first = ceil(axis->low / step);
  size_t n = 0;
  for (double k = first; n < SVG_TICKS_MAX && k * step <= axis->high; k += 1) out[n++] = k == 0 ? 0 : k * step;
  return n;
}

static size_t decade_ticks(const svg_axis *axis, size_t wanted, double *out) {
  const double first = ceil(log10(axis->low) - 1e-9), last = floor(log10(axis->high) + 1e-9);
  const double stride = fmax(1, ceil((last - first + 1) / (double)wanted));
  size_t n = 0;
  for (double power = last; n < SVG_TICKS_MAX && power >= first; power -= stride) out[n++] = pow(10, power);
  return n;
}

size_t svg_ticks(const svg_axis *axis, size_t wanted, double out[SVG_TICKS_MAX]) {
  return axis->logarithmic ? decade_ticks(axis, wanted, out) : linear_ticks(axis, wanted, out);
}

void svg_begin(FILE *stream, double width, double height, double least, const char *description) {
  fprintf(stream,
          "<div class=\"figure\"%s><svg viewBox=\"0 0 %.0f %.0f\" style=\"max-width:%.0fpx;min-width:%.0fpx\" role=\"img\" aria-label=\"",
          least > 320 ? " tabindex=\"0\"" : "", width, height, width, least);
  html_escape(stream, description);
  fputs("\">\n", stream);
}

void svg_end(FILE *stream) {
  fputs("</svg></div>\n", stream);
}

void svg_text(FILE *stream, double x, double y, const char *style, const char *string) {
  fprintf(stream, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, style);
  html_escape(stream, string);
  fputs("</text>\n", stream);
}

void svg_line(FILE *stream, double x1, double y1, double x2, double y2, const char *style) {
  fprintf(stream, "<path class=\"%s\" d=\"M%.1f,%.1fL%.1f,%.1f\"/>\n", style, x1, y1, x2, y2);
}

/* As few digits as tell neighbouring ticks apart, and a power of ten only where there would be more than five before the point. */
static const char *tick_label(const svg_axis *axis, double value, text out) {
  const double size = fmax(fabs(axis->low), fabs(axis->high));
  const double apart = axis->logarithmic ? 3 : ceil(log10(size / (axis->high - axis->low))) + 3;
  const double digits = size < 1e5 ? fmax(apart, ceil(log10(size))) : apart;
  snprintf(out, TEXT_ROOM, "%.*g", digits < 3 ? 3 : digits > 12 ? 12 : (int)digits, value);
  return out;
}

/* The label under a tick, moved in where it would reach beyond the axis, and left out where it would meet the one before, which ends at
 * *end. */
static void label_below(FILE *stream, const svg_axis *axis, double x, double y, const char *label, double *end) {
  const double width = CHARACTER * (double)strlen(label), low = axis->from - OVERHANG, high = axis->to + OVERHANG;
  const double left = fmax(low, fmin(x - width / 2, high - width));
  if (left < *end + CHARACTER) return;
  *end = left + width;
  svg_text(stream, left + width / 2, y, "tick middle", label);
}

void svg_axis_below(FILE *stream, const svg_axis *axis, double y, double top, size_t ticks, int labelled) {
  double at[SVG_TICKS_MAX], end = -INFINITY;
  text label;
  const size_t n = svg_ticks(axis, ticks, at);
  for (size_t i = 0; i < n; ++i) {
    const double x = svg_place(axis, at[i]);
    svg_line(stream, x, y, x, top, "grid");
    if (labelled) label_below(stream, axis, x, y + 15, tick_label(axis, at[i], label), &end);
  }
  svg_line(stream, axis->from, y, axis->to, y, "axis");
}

void svg_axis_left(FILE *stream, const svg_axis *axis, double x, double right, size_t ticks, int labelled) {
  double at[SVG_TICKS_MAX];
  text label;
  const size_t n = svg_ticks(axis, ticks, at);
  for (size_t i = 0; i < n; ++i) {
    const double y = svg_place(axis, at[i]);
    svg_line(stream, x, y, right, y, "grid");
    if (labelled) svg_text(stream, x - 6, y + 4, "tick end", tick_label(axis, at[i], label));
  }
  svg_line(stream, x, axis->from, x, axis->to, "axis");
}
