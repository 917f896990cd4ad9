/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The path of log Z over the temperatures, a line a bridge, and the effective sample size beneath it. */
#include "io/report_parts.h"

#include "io/svg.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 960, HEIGHT = 420, LEFT = 76, RIGHT = 944, TOP = 26, MIDDLE = 256, ESS_TOP = 292, BOTTOM = 372 };

/* Consecutive records of one bridge. */
typedef struct series {
  size_t first, n;
  int pilot, group;
} series;

typedef struct bridges {
  double *temperature, *log_z, *ess; /* `n` records of bridges, in order */
  series *line;
  size_t n, lines;
} bridges;

static void bridges_clear(bridges *b) {
  free(b->temperature);
  free(b->log_z);
  free(b->ess);
  free(b->line);
}

static int is_bridge(const dilate_trace *t) {
  return t->stage && (strcmp(t->stage, "bridge") == 0 || strcmp(t->stage, "pilot") == 0);
}

static int continues(const bridges *b, const dilate_trace *last, const dilate_trace *next) {
  return b->n > 0 && strcmp(last->stage, next->stage) == 0 && last->group == next->group && last->round == next->round &&
         next->temperature >= last->temperature;
}

static void add_point(bridges *b, double temperature, double log_z, double ess) {
  b->temperature[b->n] = temperature;
  b->log_z[b->n] = log_z;
  b->ess[b->n++] = ess;
  b->line[b->lines - 1].n++;
}

/* A line of its own, from where every bridge starts: all particles at the normalised reference. */
static void begin_line(bridges *b, const dilate_trace *t) {
  b->line[b->lines++] = (series){.first = b->n, .pilot = t->stage[0] == 'p', .group = t->group};
  if (t->temperature > 0) add_point(b, 0, 0, 1);
}

static int bridges_collect(const outcome *o, bridges *b) {
  const size_t count = dilate_result_trace_count(o->result), room = 2 * count + 1;
  *b = (bridges){.temperature = malloc(room * sizeof(double)),
                 .log_z = malloc(room * sizeof(double)),
                 .ess = malloc(room * sizeof(double)),
                 .line = malloc(room * sizeof(series))};
  if (!b->temperature || !b->log_z || !b->ess || !b->line) return -1;
  dilate_trace last = {0};
  for (size_t i = 0; i < count; ++i) {
    const dilate_trace t = outcome_trace(o, i);
    if (!is_bridge(&t)) continue;
    if (!continues(b, &last, &t)) begin_line(b, &t);
    add_point(b, t.temperature, t.log_z, t.ess);
    last = t;
  }
  return 0;
}

/* Linear, unless the first steps are so short that a linear axis would hide them. */
static svg_axis temperature_axis(const bridges *b) {
  double least = 1;
  for (size_t i = 0; i < b->n; ++i)
    if (b->temperature[i] > 0) least = fmin(least, b->temperature[i]);
  if (least >= 0.02) return (svg_axis){.low = 0, .high = 1, .from = LEFT, .to = RIGHT};
  return (svg_axis){.low = fmax(least, 1e-12), .high = 1, .from = LEFT, .to = RIGHT, .logarithmic = 1};
}

static svg_axis log_z_axis(const bridges *b) {
  double low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < b->n; ++i) {
    if (!isfinite(b->log_z[i])) continue;
    low = fmin(low, b->log_z[i]);
    high = fmax(high, b->log_z[i]);
  }
  return svg_axis_over(low, high, 0.05, MIDDLE, TOP);
}

static void draw_lines(FILE *stream, const bridges *b, const svg_axis *x, const svg_axis *y, const double *value) {
  char style[32];
  for (size_t k = 0; k < b->lines; ++k) {
    const series *line = &b->line[k];
    snprintf(style, sizeof style, "%s c%d", line->pilot ? "pilot" : "final", line->group < 0 ? 9 : line->group % SVG_COLOURS);
    svg_curve(stream, x, y, b->temperature + line->first, value + line->first, line->n, style);
  }
}

static void draw_path(FILE *stream, const bridges *b) {
  const svg_axis x = temperature_axis(b), y = log_z_axis(b), share = {.low = 0, .high = 1.001, .from = BOTTOM, .to = ESS_TOP};
  svg_begin(stream, WIDTH, HEIGHT, 480, "log Z over the temperatures, and the effective sample size");
  svg_axis_below(stream, &x, MIDDLE, TOP, 6, 0);
  svg_axis_left(stream, &y, LEFT, RIGHT, 5, 1);
  draw_lines(stream, b, &x, &y, b->log_z);
  svg_axis_below(stream, &x, BOTTOM, ESS_TOP, 6, 1);
  svg_axis_left(stream, &share, LEFT, RIGHT, 2, 1);
  draw_lines(stream, b, &x, &share, b->ess);
  svg_text(stream, LEFT, TOP - 10, "label", "log Z so far");
  svg_text(stream, LEFT, ESS_TOP - 10, "label", "effective share of the particles");
  svg_text(stream, (LEFT + RIGHT) / 2.0, HEIGHT - 12, "label middle", x.logarithmic ? "temperature (logarithmic)" : "temperature");
  svg_end(stream);
}

static void write_legend(FILE *stream, const bridges *b) {
  int pilot = 0, final = 0, groups = 0;
  for (size_t k = 0; k < b->lines; ++k) {
    pilot |= b->line[k].pilot;
    final |= !b->line[k].pilot;
    if (b->line[k].group >= groups) groups = b->line[k].group + 1;
  }
  fputs("<div class=\"legend\">", stream);
  for (int g = 0; g < groups && g < SVG_COLOURS; ++g) fprintf(stream, "<span><span class=\"swatch c%d\"></span>group %d</span>", g, g + 1);
  if (final) fputs("<span><span class=\"dash solid\"></span>final bridge</span>", stream);
  if (pilot) fputs("<span><span class=\"dash\"></span>pilot</span>", stream);
  fputs("</div>\n", stream);
}

int report_path(FILE *stream, const outcome *o) {
  bridges b;
  const int status = bridges_collect(o, &b);
  if (status == 0 && b.n > 0) {
    fputs("<h2>From the reference to the target</h2>\n<p>A bridge starts at a reference that can be drawn from exactly (temperature 0) and "
          "ends at "
          "the target (temperature 1); its log evidence adds up on the way. Pilots that refit the reference may differ from one another; "
          "the final bridges of the groups must end together. A low effective share means a step that was hard to make.</p>\n",
          stream);
    draw_path(stream, &b);
    write_legend(stream, &b);
  }
  bridges_clear(&b);
  return status;
}
