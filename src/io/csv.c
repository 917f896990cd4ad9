/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draws.csv.  Numbers are the shortest that read back as the same bits, so identical draws give identical bytes; names follow
 * RFC 4180: quoted when they hold a comma, a quote or a line end. */
#include "io/csv.h"

#include "io/format.h"
#include <string.h>

static void write_name(FILE *stream, const char *name) {
  if (!strpbrk(name, ",\"\r\n")) {
    fputs(name, stream);
    return;
  }
  fputc('"', stream);
  for (; *name; ++name) {
    if (*name == '"') fputc('"', stream);
    fputc(*name, stream);
  }
  fputc('"', stream);
}

static void write_header(FILE *stream, const dilate_result *result) {
  fputs("lp__,chain__,mode__", stream);
  for (size_t j = 0; j < dilate_result_n_out(result); ++j) {
    fputc(',', stream);
    write_name(stream, dilate_result_name(result, j));
  }
  fputc('\n', stream);
}

static void write_row(FILE *stream, const dilate_result *result, size_t row, const double *value) {
  text number;
  fprintf(stream, "%s,%zu,%d", text_exact(dilate_result_log_density(result)[row], number), row / dilate_result_draws(result) + 1,
          dilate_result_mode(result)[row] + 1);
  for (size_t j = 0; j < dilate_result_n_out(result); ++j) fprintf(stream, ",%s", text_exact(value[j], number));
  fputc('\n', stream);
}

void csv_write_rows(FILE *stream, const dilate_result *result) {
  size_t first;
  const size_t held = dilate_result_held(result, &first), width = dilate_result_n_out(result);
  for (size_t i = 0; i < held; ++i) write_row(stream, result, first + i, dilate_result_values(result) + i * width);
}

int csv_write(FILE *stream, const outcome *o) {
  row_reader values;
  write_header(stream, o->result);
  if (o->spread && o->spread->join(o->spread->data, stream) == 0) return 0;
  const int status = rows_begin(o->result, o->spread, ROWS_VALUES, &values);
  for (size_t row = 0; status == 0 && row < outcome_rows(o); ++row) write_row(stream, o->result, row, rows_at(&values, row));
  rows_end(&values);
  return status;
}
