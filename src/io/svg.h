/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A few plots in SVG: axes with round ticks, lines, histograms, scatters.  Colours and strokes come from the page's style sheet. */
#ifndef DILATE_IO_SVG_H
#define DILATE_IO_SVG_H

#include <stddef.h>
#include <stdio.h>

enum { SVG_TICKS_MAX = 16, SVG_COLOURS = 8 };

typedef struct svg_axis {
  double low, high; /* values at the two ends, low < high; a logarithmic axis: both > 0 */
  double from, to;  /* where they stand, in SVG units */
  int logarithmic;
} svg_axis;

/* An axis over [low, high] widened by `margin` of its length, whatever the two numbers are. */
svg_axis svg_axis_over(double low, double high, double margin, double from, double to);
double svg_place(const svg_axis *axis, double value);
/* Round values inside the axis, about `wanted` of them; returns how many. */
size_t svg_ticks(const svg_axis *axis, size_t wanted, double out[SVG_TICKS_MAX]);

/* A figure `width` units wide at most; on a narrow page it is scaled down to `least` pixels and then scrolls. */
void svg_begin(FILE *stream, double width, double height, double least, const char *description);
void svg_end(FILE *stream);

/* Ticks below a panel whose bottom is at y, and grid lines up to `top`; labels too when `labelled`. */
void svg_axis_below(FILE *stream, const svg_axis *axis, double y, double top, size_t ticks, int labelled);
/* The same left of a panel whose left side is at x, grid lines up to `right`. */
void svg_axis_left(FILE *stream, const svg_axis *axis, double x, double right, size_t ticks, int labelled);
void svg_text(FILE *stream, double x, double y, const char *style, const char *string); /* style: classes of the style sheet */
void svg_line(FILE *stream, double x1, double y1, double x2, double y2, const char *style);

/* A curve through n points; those that are not finite, or off the axes, break it. */
void svg_curve(FILE *stream, const svg_axis *x, const svg_axis *y, const double *at, const double *value, size_t n, const char *style);
/* Bars of equal width over the axis, as one filled outline. */
void svg_bars(FILE *stream, const svg_axis *x, const svg_axis *y, const double *height, size_t n, const char *style);

/* n points, coordinate j of point i at value[i*stride + j]; of[i] its class (NULL: 0).  The first SVG_COLOURS classes have a
 * colour and a marker each; the others, and -1, are grey.  At most `limit` points are drawn, evenly chosen. */
typedef struct svg_cloud {
  const double *value;
  const int *of;
  size_t n, stride, limit;
} svg_cloud;
void svg_scatter(FILE *stream, const svg_axis *x, const svg_axis *y, const svg_cloud *cloud, size_t jx, size_t jy);

#endif
