/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The readable outcome of a comparison. */
#include "io/compared.h"

#include "io/format.h"
#include "io/table.h"
#include <math.h>

enum { PARAMETERS_SHOWN = 20, LABEL_WIDTH = 22 };

static const char *const labels[COMPARED_MEASURES] = {
    "sliced W2", "Sinkhorn W2", "MMD", "energy distance", "sliced KS", "KSD of A", "KSD of B", "mode weights of A", "mode weights of B"};

static void write_samples(FILE *stream, const compared *c) {
  text rows;
  fprintf(stream, "A             %s: %s draws of %zu parameter%s\n", c->a, text_count(c->rows_a, rows), c->parameters,
          c->parameters == 1 ? "" : "s");
  if (c->b)
    fprintf(stream, "B             %s: %s draws\n", c->b, text_count(c->rows_b, rows));
  else
    fprintf(stream, "B             %s exact draws\n", text_count(c->rows_b, rows));
  if (c->target) fprintf(stream, "target        %s\n", c->target);
  if (c->by_position) fputs("              its parameters have other names: columns are taken in their order\n", stream);
}

static void write_value(FILE *stream, const char *label, const compared_value *v, int floors) {
  text value, floor, sd;
  if (!isfinite(v->value)) {
    if (*v->note) fprintf(stream, "%-*s %10s  %s\n", LABEL_WIDTH, label, "-", v->note);
    return;
  }
  fprintf(stream, "%-*s %10s", LABEL_WIDTH, label, text_short(v->value, value));
  if (floors && isfinite(v->floor))
    fprintf(stream, "   %10s +- %s", text_short(v->floor, floor), text_short(v->floor_sd, sd));
  else if (floors)
    fprintf(stream, "   %10s", "-");
  fputc('\n', stream);
}

static void write_values(FILE *stream, const compared *c) {
  const int floors = c->replicates > 0;
  fprintf(stream, "\n%-*s %10s%s\n", LABEL_WIDTH, "distance", "value", floors ? "   exact against exact, and sd" : "");
  for (size_t k = 0; k < COMPARED_MEASURES; ++k) write_value(stream, labels[k], &c->value[k], floors);
}

static void write_rows(FILE *stream, const compared *c) {
  const size_t rows = c->rows_a > c->rows_b ? c->rows_a : c->rows_b;
  if (rows > c->rows_pairs)
    fprintf(stream, "MMD, energy distance and KSD are of %zu evenly spaced draws of a sample at most\n", c->rows_pairs);
  if (rows > c->rows_sinkhorn) fprintf(stream, "Sinkhorn W2 is of %zu evenly spaced draws of a sample at most\n", c->rows_sinkhorn);
}

static void write_parameters(FILE *stream, const compared *c) {
  const size_t shown = c->parameters < PARAMETERS_SHOWN ? c->parameters : PARAMETERS_SHOWN;
  int width = TABLE_NAME_LEAST;
  for (size_t j = 0; j < shown; ++j) width = table_name_width(width, c->parameter[j].name);
  fprintf(stream, "\n%-*s %16s %9s %9s\n", width, "parameter", "(mean A - B)/se", "sd A/B", "KS");
  for (size_t j = 0; j < shown; ++j) {
    const compared_parameter *p = &c->parameter[j];
    text difference, ratio, ks;
    fprintf(stream, "%-*s %16s %9s %9s\n", width, p->name, text_short(p->difference, difference), text_short(p->sd_ratio, ratio),
            text_short(p->ks, ks));
  }
  if (c->parameters > shown) fprintf(stream, "... and %zu more\n", c->parameters - shown);
}

void compared_write(FILE *stream, const compared *c) {
  write_samples(stream, c);
  write_values(stream, c);
  write_rows(stream, c);
  write_parameters(stream, c);
}
