/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rank plots (Vehtari et al. 2021): for each parameter, a histogram of the ranks of each island's draws among all of them, with the band in
 * which all of a parameter's bars lie with probability 0.95 when the islands are of one law. */
#include "io/report_parts.h"

#include "io/format.h"
#include <math.h>
#include <stdlib.h>

enum { WIDTH = 300, LEFT = 26, RIGHT = 294, STRIP = 30, GAP = 5, TOP = 2 };

typedef struct rank_plot {
  size_t islands, shown, bins;
  double half, reach;    /* of the band; from 1 to the edge of a row */
  const double *density; /* islands x bins */
} rank_plot;

static int is_outside(const rank_plot *p, double density) {
  return fabs(density - 1) > p->half;
}

static size_t count_outside(const rank_plot *p) {
  size_t n = 0;
  for (size_t k = 0; k < p->islands * p->bins; ++k) n += (size_t)is_outside(p, p->density[k]);
  return n;
}

/* The outline of the bars. */
static void draw_steps(FILE *stream, const rank_plot *p, const double *density, const svg_axis *x, const svg_axis *y) {
  fprintf(stream, "<path class=\"rank\" d=\"M%.1f,%.1f", x->from, svg_place(y, density[0]));
  for (size_t b = 0; b < p->bins; ++b) fprintf(stream, "V%.1fH%.1f", svg_place(y, density[b]), svg_place(x, (double)(b + 1)));
  fputs("\"/>\n", stream);
}

/* From the edge of the band to the bar. */
static void mark_outside(FILE *stream, const rank_plot *p, const double *density, const svg_axis *x, const svg_axis *y) {
  for (size_t b = 0; b < p->bins; ++b) {
    const double edge = svg_place(y, density[b] > 1 ? 1 + p->half : 1 - p->half), height = svg_place(y, density[b]);
    if (is_outside(p, density[b]))
      fprintf(stream, "<rect class=\"out\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", svg_place(x, (double)b),
              fmin(height, edge), (x->to - x->from) / (double)p->bins, fmax(fabs(height - edge), 1.5));
  }
}

static void draw_island(FILE *stream, const rank_plot *p, size_t island) {
  const double top = TOP + (double)island * (STRIP + GAP), *density = p->density + island * p->bins;
  const svg_axis x = {.low = 0, .high = (double)p->bins, .from = LEFT, .to = RIGHT},
                 y = {.low = 1 - p->reach, .high = 1 + p->reach, .from = top + STRIP, .to = top};
  const double high = svg_place(&y, 1 + p->half), low = svg_place(&y, 1 - p->half);
  char name[24];
  snprintf(name, sizeof name, "%zu", island + 1);
  svg_text(stream, LEFT - 6, top + STRIP / 2.0 + 4, "tick end", name);
  fprintf(stream, "<rect class=\"band\" x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"/>\n", LEFT, high, RIGHT - LEFT, low - high);
  svg_line(stream, LEFT, svg_place(&y, 1), RIGHT, svg_place(&y, 1), "grid");
  mark_outside(stream, p, density, &x, &y);
  draw_steps(stream, p, density, &x, &y);
}

static void draw(FILE *stream, const rank_plot *p, const char *name, size_t outside) {
  char description[200];
  report_label label;
  const double bottom = TOP + (double)p->shown * (STRIP + GAP);
  snprintf(description, sizeof description, "Rank plot of %s: %zu of %zu bars lie outside the band", report_cut(name, label), outside,
           p->islands * p->bins);
  svg_begin(stream, WIDTH, bottom + 14, 220, description);
  for (size_t island = 0; island < p->shown; ++island) draw_island(stream, p, island);
  svg_text(stream, LEFT, bottom + 9, "tick", "lowest");
  svg_text(stream, (LEFT + RIGHT) / 2.0, bottom + 9, "tick middle", "rank");
  svg_text(stream, RIGHT, bottom + 9, "tick end", "highest");
  svg_end(stream);
}

/* A bar's share is the mean of an indicator, as the tails are: where the draws of a bar are of one lineage, the tails know. */
static rank_plot plan(const outcome *o, size_t j, size_t bins, const double *density) {
  const size_t islands = dilate_result_islands(o->result);
  const double draws = (double)dilate_result_draws(o->result), each = -report_poverty(o, j) / (double)islands;
  rank_plot p = {.islands = islands, .shown = islands < REPORT_ISLANDS ? islands : REPORT_ISLANDS, .bins = bins, .density = density};
  p.half = histogram_rank_band(islands, bins, each >= 1 && each < draws ? each : draws);
  p.reach = 1.2 * p.half;
  for (size_t k = 0; k < p.shown * bins; ++k) p.reach = fmax(p.reach, fabs(density[k] - 1));
  return p;
}

static int write_figure(FILE *stream, const outcome *o, size_t j, size_t bins, double *density) {
  const char *const name = dilate_result_name(o->result, j);
  row_columns draws;
  int status = columns_begin(o->result, o->spread, 1, &j, &draws);
  if (status == 0)
    status = histogram_ranks(draws.value + draws.at[0], draws.stride, dilate_result_islands(o->result), dilate_result_draws(o->result),
                             bins, density);
  columns_end(&draws);
  if (status) return -1;
  const rank_plot p = plan(o, j, bins, density);
  const size_t outside = count_outside(&p);
  fputs("<figure><figcaption><b>", stream);
  report_name(stream, name);
  fprintf(stream, "</b> <span%s>%zu of %zu bars outside</span></figcaption>", outside > 1 ? " class=\"flag\"" : "", outside,
          p.islands * bins);
  draw(stream, &p, name, outside);
  fputs("</figure>\n", stream);
  return 0;
}

static void write_words(FILE *stream, const outcome *o, size_t shown) {
  fputs("<p>The ranks of each island's draws among all draws, a row an island. Where islands agree the bars are level: all of a "
        "parameter's lie "
        "in the band with probability 0.95, by its effective sample size.",
        stream);
  if (dilate_result_n_out(o->result) > shown) fprintf(stream, " Shown are the %zu parameters of largest R-hat.", shown);
  if (dilate_result_islands(o->result) > REPORT_ISLANDS)
    fprintf(stream, " Drawn are the first %d islands of %zu; all are counted.", REPORT_ISLANDS, dilate_result_islands(o->result));
  fputs("</p>\n<div class=\"figures\">\n", stream);
}

static int write(FILE *stream, const outcome *o) {
  size_t chosen[REPORT_RANKS];
  const size_t shown = report_choose(o, report_disagreement, REPORT_RANKS, chosen),
               bins = histogram_rank_bins(dilate_result_draws(o->result));
  double *density = malloc(dilate_result_islands(o->result) * bins * sizeof *density);
  int status = density ? 0 : -1;
  write_words(stream, o, shown);
  for (size_t k = 0; k < shown && status == 0; ++k) status = write_figure(stream, o, chosen[k], bins, density);
  fputs("</div>\n", stream);
  free(density);
  return status;
}

static int present(const outcome *o) {
  return outcome_rows(o) > 0 && dilate_result_islands(o->result) > 1;
}

const report_section report_ranks = {"ranks", "Rank plots", present, write};
