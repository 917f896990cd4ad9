/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The readable summary of draws: where they are from, the table, warnings. */
#include "io/summarised.h"

#include "io/format.h"
#include "io/table.h"
#include <stdlib.h>

static const char *plural(size_t count) {
  return count == 1 ? "" : "s";
}

static void write_source(FILE *stream, const summarised *s) {
  text number;
  fprintf(stream, "draws         %s: %zu chain%s of %s", s->first, s->chains, plural(s->chains), text_count(s->draws, number));
  if (s->files > 1) fprintf(stream, ", %zu files", s->files);
  if (s->account)
    fprintf(stream, "\nerrors        of the run (method %s), from %s: its draws stand in no order\n", s->method, s->account);
  else
    fputs("\nerrors        by the order of the draws\n", stream);
}

void summarised_write(FILE *stream, const summarised *s) {
  int width = TABLE_NAME_LEAST;
  write_source(stream, s);
  for (size_t j = 0; j < s->parameters; ++j) width = table_name_width(width, s->parameter[j].name);
  table_write_parameter_head(stream, width);
  for (size_t j = 0; j < s->parameters; ++j) table_write_parameter(stream, &s->parameter[j], width);
  fputs(s->warnings ? "\n" : "\nno warnings\n", stream);
  for (size_t i = 0; i < s->warnings; ++i) fprintf(stream, "warning: %s\n", s->warning[i]);
}

void summarised_clear(summarised *s) {
  for (size_t i = 0; i < s->warnings; ++i) free(s->warning[i]);
  free(s->warning);
  free(s->parameter);
  free(s->not_finite);
  *s = (summarised){0};
}
