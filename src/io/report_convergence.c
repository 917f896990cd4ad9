/* SPDX-License-Identifier: GPL-3.0-or-later */
/* R-hat and effective sample sizes of all parameters at a glance: a dot a parameter, and the limits. */
#include "io/report_parts.h"

#include "io/format.h"
#include <math.h>

enum { WIDTH = 420, LEFT = 44, RIGHT = 408, ROW = 46, TOP = 18 };

typedef struct strip {
  const outcome *o;
  svg_axis x;
  double limit;
  int bad_above; /* else below */
  size_t chosen[REPORT_STRIP], n;
} strip;

typedef double (*figure_of)(const dilate_parameter *p);

static double rhat_of(const dilate_parameter *p) {
  return p->rhat;
}

static double bulk_of(const dilate_parameter *p) {
  return p->ess_bulk;
}

static double tail_of(const dilate_parameter *p) {
  return p->ess_tail;
}

/* Dots at heights that the golden ratio spreads out, so that few hide one another. */
static void draw_dots(FILE *stream, const strip *s, figure_of figure, double top) {
  for (size_t k = 0; k < s->n; ++k) {
    const dilate_parameter p = outcome_parameter(s->o, s->chosen[k]);
    const double value = figure(&p), height = fmod(0.6180339887 * (double)(k + 1), 1);
    if (!isfinite(value)) continue;
    fprintf(stream, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.2\"/>\n",
            (s->bad_above ? value > s->limit : value < s->limit) ? "point bad-point" : "point",
            svg_place(&s->x, fmin(fmax(value, s->x.low), s->x.high)), top + 6 + (ROW - 12) * height);
  }
}

/* The words stand on the side where there is room. */
static void draw_limit(FILE *stream, const strip *s, double bottom, const char *words) {
  const double at = svg_place(&s->x, s->limit);
  const int left = at > (LEFT + RIGHT) / 2.0;
  svg_line(stream, at, TOP - 4, at, bottom, "limit");
  svg_text(stream, left ? at - 4 : at + 4, TOP - 6, left ? "tick end" : "tick", words);
}

static void draw_strips(FILE *stream, const strip *s, size_t rows, const figure_of *figure, const char *const *name, const char *words) {
  const double bottom = TOP + (double)rows * ROW;
  svg_axis_below(stream, &s->x, bottom, TOP, 5, 1);
  draw_limit(stream, s, bottom, words);
  for (size_t r = 0; r < rows; ++r) {
    svg_text(stream, LEFT - 8, TOP + ((double)r + 0.5) * ROW + 4, "tick end", name[r]);
    draw_dots(stream, s, figure[r], TOP + (double)r * ROW);
  }
}

static void write_worst(FILE *stream, const outcome *o, const char *words, size_t j, double value, const char *format) {
  text number;
  snprintf(number, sizeof number, format, value);
  fprintf(stream, "<span>%s %s, of ", words, isfinite(value) ? number : "-");
  report_name(stream, dilate_result_name(o->result, j));
  fputs("</span></figcaption>", stream);
}

static void write_rhat(FILE *stream, const outcome *o) {
  static const figure_of figure[] = {rhat_of};
  static const char *const name[] = {""};
  strip s = {.o = o, .limit = REPORT_RHAT_HIGH, .bad_above = 1};
  size_t worst = 0;
  double least = 1, most = REPORT_RHAT_HIGH;
  s.n = report_choose(o, report_disagreement, REPORT_STRIP, s.chosen);
  report_choose(o, report_disagreement, 1, &worst);
  for (size_t k = 0; k < s.n; ++k) {
    const double rhat = outcome_parameter(o, s.chosen[k]).rhat;
    if (isfinite(rhat)) least = fmin(least, rhat), most = fmax(most, rhat);
  }
  s.x = svg_axis_over(least, most, 0.06, LEFT, RIGHT);
  fputs("<figure><figcaption><b>R-hat</b> ", stream);
  write_worst(stream, o, "largest", worst, outcome_parameter(o, worst).rhat, "%.3f");
  svg_begin(stream, WIDTH, TOP + ROW + 22, 300, "R-hat of the parameters, and the limit 1.01");
  draw_strips(stream, &s, 1, figure, name, "1.01");
  svg_end(stream);
  fputs("</figure>\n", stream);
}

static void write_ess(FILE *stream, const outcome *o) {
  static const figure_of figure[] = {bulk_of, tail_of};
  static const char *const name[] = {"bulk", "tail"};
  strip s = {.o = o, .limit = report_ess_low(o->result)};
  size_t worst = 0;
  double most = fmax((double)outcome_rows(o), s.limit);
  text limit;
  s.n = report_choose(o, report_poverty, REPORT_STRIP, s.chosen);
  report_choose(o, report_poverty, 1, &worst);
  for (size_t k = 0; k < s.n; ++k) {
    const dilate_parameter p = outcome_parameter(o, s.chosen[k]);
    if (isfinite(p.ess_bulk) && isfinite(p.ess_tail)) most = fmax(most, fmax(p.ess_bulk, p.ess_tail));
  }
  s.x = svg_axis_over(0, most, 0.02, LEFT, RIGHT);
  snprintf(limit, sizeof limit, "%.0f", s.limit);
  fputs("<figure><figcaption><b>Effective sample size</b> ", stream);
  write_worst(stream, o, "smallest", worst, -report_poverty(o, worst), "%.0f");
  svg_begin(stream, WIDTH, TOP + 2 * ROW + 22, 300,
            "Bulk and tail effective sample sizes of the parameters, and the limit of 100 an island");
  draw_strips(stream, &s, 2, figure, name, limit);
  svg_end(stream);
  fputs("</figure>\n", stream);
}

static int write(FILE *stream, const outcome *o) {
  const size_t count = dilate_result_n_out(o->result);
  fputs("<p>A dot a parameter; the line is the limit. R-hat compares the islands' spread with that within each: near 1 is necessary, never "
        "sufficient, since islands can agree and all miss the same mode. The effective sample size is the number of independent draws that "
        "would tell as much, of the bulk and of the 5 % tails.",
        stream);
  if (count > REPORT_STRIP) fprintf(stream, " Shown are the %d worst of %zu parameters.", REPORT_STRIP, count);
  fputs("</p>\n<div class=\"figures large\">\n", stream);
  write_rhat(stream, o);
  write_ess(stream, o);
  fputs("</div>\n", stream);
  return 0;
}

static int present(const outcome *o) {
  return outcome_rows(o) > 0 && dilate_result_n_out(o->result) > 0;
}

const report_section report_convergence = {"convergence", "Convergence", present, write};
