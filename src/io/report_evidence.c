/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of log Z: along the temperatures of each bridge with the effective share beneath, and from round to round. */
#include "io/report_parts.h"

#include "io/format.h"
#include "io/report_bridges.h"
#include <math.h>

enum { WIDTH = 420, HEIGHT = 250, LEFT = 64, RIGHT = 410, TOP = 10, BOTTOM = 206, GROUPS = 4 };

/* Groups differ in their dashes, pilots and final bridges in weight: colours are the modes'. */
static const char *line_style(const bridge_line *line, char out[16]) {
  snprintf(out, 16, "%s g%d", line->pilot ? "pilot" : "final", line->group % GROUPS);
  return out;
}

/* Linear, unless the first steps are so short that a linear axis would hide them. */
static svg_axis temperature_axis(const bridges *b) {
  double least = 1;
  for (size_t i = 0; i < b->n; ++i)
    if (b->temperature[i] > 0) least = fmin(least, b->temperature[i]);
  if (least >= 0.02) return (svg_axis){.low = 0, .high = 1, .from = LEFT, .to = RIGHT};
  return (svg_axis){.low = fmax(least, 1e-12), .high = 1, .from = LEFT, .to = RIGHT, .logarithmic = 1};
}

static svg_axis value_axis(const double *value, size_t n, double low, double high) {
  for (size_t i = 0; i < n; ++i) {
    if (!isfinite(value[i])) continue;
    low = fmin(low, value[i]);
    high = fmax(high, value[i]);
  }
  return svg_axis_over(low, high, 0.05, BOTTOM, TOP);
}

static void draw_lines(FILE *stream, const bridges *b, const svg_axis *x, const svg_axis *y, const double *value) {
  char style[16];
  for (size_t k = 0; k < b->lines; ++k) {
    const bridge_line *line = &b->line[k];
    svg_curve(stream, x, y, b->temperature + line->first, value + line->first, line->n, line_style(line, style));
  }
}

static void write_path(FILE *stream, const bridges *b, const char *title, const double *value, const svg_axis *y, const char *description) {
  const svg_axis x = temperature_axis(b);
  fprintf(stream, "<figure><figcaption><b>%s</b></figcaption>", title);
  svg_begin(stream, WIDTH, HEIGHT, 300, description);
  svg_axis_below(stream, &x, BOTTOM, TOP, 5, 1);
  svg_axis_left(stream, y, LEFT, RIGHT, 5, 1);
  draw_lines(stream, b, &x, y, value);
  svg_text(stream, (LEFT + RIGHT) / 2.0, HEIGHT - 8, "tick middle", x.logarithmic ? "temperature (logarithmic)" : "temperature");
  svg_end(stream);
  fputs("</figure>\n", stream);
}

/* ---- From round to round ---- */

typedef struct rounds {
  double value[BRIDGES_LINES]; /* log Z at the end of each line; NaN where it did not come to the target */
  int pilots;                  /* rounds of them */
} rounds;

static rounds rounds_of(const bridges *b) {
  rounds r = {.pilots = 0};
  for (size_t k = 0; k < b->lines; ++k) {
    const bridge_line *line = &b->line[k];
    const size_t last = line->first + line->n - 1;
    r.value[k] = b->temperature[last] >= 1 ? b->log_z[last] : NAN;
    if (line->pilot && line->round >= r.pilots) r.pilots = line->round + 1;
  }
  return r;
}

static void mark_round(FILE *stream, const bridge_line *line, double x, double y) {
  char style[16];
  fprintf(stream, "<circle class=\"end-%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>\n", line_style(line, style), x, y);
}

static void draw_rounds(FILE *stream, const bridges *b, const rounds *r, const svg_axis *y) {
  const double step = (double)(RIGHT - LEFT) / (r->pilots + 1);
  text number;
  for (int i = 0; i <= r->pilots; ++i) {
    snprintf(number, sizeof number, "%d", i + 1);
    if (i == r->pilots || r->pilots <= 8)
      svg_text(stream, LEFT + step * (i + 0.5), BOTTOM + 15, "tick middle", i == r->pilots ? "final" : number);
  }
  for (size_t k = 0; k < b->lines; ++k) {
    const bridge_line *line = &b->line[k];
    const double shift = fmin(14, step / 5) * (line->group % GROUPS - 0.5), at = line->pilot ? line->round : r->pilots;
    if (isfinite(r->value[k])) mark_round(stream, line, LEFT + step * (at + 0.5) + shift, svg_place(y, r->value[k]));
  }
}

static void write_rounds(FILE *stream, const bridges *b, const dilate_result *result) {
  const rounds r = rounds_of(b);
  double log_z = NAN, se = NAN, df;
  if (dilate_result_log_z(result, &log_z, &se, &df) != DILATE_OK || !isfinite(log_z) || !isfinite(se)) return;
  const svg_axis y = value_axis(r.value, b->lines, log_z - 2 * se, log_z + 2 * se);
  const double high = svg_place(&y, log_z + 2 * se), low = svg_place(&y, log_z - 2 * se);
  fputs("<figure><figcaption><b>log Z from round to round</b></figcaption>", stream);
  svg_begin(stream, WIDTH, HEIGHT, 300, "log Z at the end of each pilot and of the final bridges, with the reported 95 % interval");
  svg_axis_left(stream, &y, LEFT, RIGHT, 5, 1);
  svg_line(stream, LEFT, BOTTOM, RIGHT, BOTTOM, "axis");
  fprintf(stream, "<rect class=\"band\" x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"/>\n", LEFT, high, RIGHT - LEFT,
          fmax(low - high, 1));
  draw_rounds(stream, b, &r, &y);
  svg_text(stream, (LEFT + RIGHT) / 2.0, HEIGHT - 8, "tick middle", "round");
  svg_end(stream);
  fputs("</figure>\n", stream);
}

/* ---- The section ---- */

static void write_key(FILE *stream, const char *style, const char *words) {
  fprintf(stream, "<li><svg viewBox=\"0 0 36 8\" class=\"key\" aria-hidden=\"true\"><path class=\"%s\" d=\"M0,4H36\"/></svg>%s</li>", style,
          words);
}

static void write_legend(FILE *stream, const bridges *b) {
  int pilot = 0, groups = 0;
  char style[16], words[64];
  for (size_t k = 0; k < b->lines; ++k) {
    pilot |= b->line[k].pilot;
    if (b->line[k].group >= groups) groups = b->line[k].group + 1;
  }
  fputs("<ul class=\"legend\">", stream);
  for (int g = 0; g < groups && g < GROUPS && groups > 1; ++g) {
    snprintf(style, sizeof style, "final g%d", g);
    snprintf(words, sizeof words, "group %d%s", g + 1, groups > GROUPS ? " and every fourth after it" : "");
    write_key(stream, style, words);
  }
  if (pilot) write_key(stream, "pilot g0", "pilots, thin");
  fputs("</ul>\n", stream);
}

static void write_words(FILE *stream, const bridges *b) {
  fputs("<p>A bridge starts at a normalised reference, which can be drawn from exactly (temperature 0), and ends at the target (1). Pilots "
        "refit the reference and may differ; final bridges may differ by chance alone. A low effective share is a step that was hard to "
        "make.",
        stream);
  if (b->left_out) fprintf(stream, " The first %zu bridges are left out.", b->left_out);
  fputs("</p>\n", stream);
}

static int write(FILE *stream, const outcome *o) {
  bridges b;
  const int status = bridges_collect(o, &b);
  if (status == 0) {
    const svg_axis y = value_axis(b.log_z, b.n, INFINITY, -INFINITY), share = {.low = 0, .high = 1.001, .from = BOTTOM, .to = TOP};
    write_words(stream, &b);
    write_legend(stream, &b);
    fputs("<div class=\"figures large\">\n", stream);
    write_path(stream, &b, "log Z so far", b.log_z, &y, "log Z over the temperatures of each bridge");
    write_path(stream, &b, "effective share of the particles", b.ess, &share, "Effective share over the temperatures of each bridge");
    write_rounds(stream, &b, o->result);
    fputs("</div>\n", stream);
  }
  bridges_clear(&b);
  return status;
}

static int present(const outcome *o) {
  return bridges_any(o);
}

const report_section report_evidence = {"evidence", "The way of log Z", present, write};
