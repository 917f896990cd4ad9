/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands on the axes: curves, bars, clouds of points. */
#include "io/svg.h"

#include <math.h>

static int inside(const svg_axis *axis, double value) {
  return value >= axis->low && value <= axis->high;
}

void svg_curve(FILE *stream, const svg_axis *x, const svg_axis *y, const double *at, const double *value, size_t n, const char *style) {
  int drawing = 0;
  fprintf(stream, "<path class=\"%s\" d=\"", style);
  for (size_t i = 0; i < n; ++i) {
    const int shown = inside(x, at[i]) && inside(y, value[i]);
    if (shown) fprintf(stream, "%c%.1f,%.1f", drawing ? 'L' : 'M', svg_place(x, at[i]), svg_place(y, value[i]));
    drawing = shown;
  }
  fputs("\"/>\n", stream);
}

void svg_bars(FILE *stream, const svg_axis *x, const svg_axis *y, const double *height, size_t n, const char *style) {
  const double width = (x->to - x->from) / (double)n, base = svg_place(y, 0);
  fprintf(stream, "<path class=\"%s\" d=\"M%.1f,%.1f", style, x->from, base);
  for (size_t i = 0; i < n; ++i) fprintf(stream, "V%.1fH%.1f", svg_place(y, fmin(height[i], y->high)), x->from + width * (double)(i + 1));
  fprintf(stream, "V%.1fZ\"/>\n", base);
}

/* Colours take turns at dots, squares, diamonds and triangles, so that they are told apart without seeing colours too. */
static const char *const marker[] = {"h0", "h0", "m-1.6,0l1.6,-2.1l1.6,2.1l-1.6,2.1z", "m-1.7,1.4l1.7,-3l1.7,3z"};
static const char *const marker_style[] = {"dot", "dot square", "shape", "shape"};

/* -1: grey. */
static int colour_of(const svg_cloud *cloud, size_t i) {
  const int class = cloud->of ? cloud->of[i] : 0;
  return class >= 0 && class < SVG_COLOURS ? class : -1;
}

static void open_colour(FILE *stream, int colour) {
  if (colour < 0)
    fputs("<path class=\"dot cx\" d=\"", stream);
  else
    fprintf(stream, "<path class=\"%s c%d\" d=\"", marker_style[colour % 4], colour);
}

static void scatter_colour(FILE *stream, const svg_axis *x, const svg_axis *y, const svg_cloud *cloud, size_t jx, size_t jy, int colour) {
  const size_t shown = cloud->n < cloud->limit ? cloud->n : cloud->limit;
  size_t drawn = 0;
  for (size_t k = 0; k < shown; ++k) {
    const size_t i = (size_t)((double)k * (double)cloud->n / (double)shown);
    const double *point = cloud->value + i * cloud->stride;
    if (colour_of(cloud, i) != colour || !inside(x, point[jx]) || !inside(y, point[jy])) continue;
    if (drawn++ == 0) open_colour(stream, colour);
    fprintf(stream, "M%.1f,%.1f%s", svg_place(x, point[jx]), svg_place(y, point[jy]), colour < 0 ? "h0" : marker[colour % 4]);
  }
  if (drawn) fputs("\"/>\n", stream);
}

void svg_scatter(FILE *stream, const svg_axis *x, const svg_axis *y, const svg_cloud *cloud, size_t jx, size_t jy) {
  for (int colour = -1; colour < SVG_COLOURS; ++colour) scatter_colour(stream, x, y, cloud, jx, jy, colour);
}
