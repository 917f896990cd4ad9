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

void csv_write(FILE *stream, const outcome *o) {
  const dilate_result *result = o->result;
  const size_t draws = dilate_result_draws(result), rows = outcome_rows(o), width = dilate_result_n_out(result);
  const double *value = dilate_result_values(result), *logp = dilate_result_log_density(result);
  const int *mode = dilate_result_mode(result);
  text number;
  write_header(stream, result);
  for (size_t row = 0; row < rows; ++row) {
    fprintf(stream, "%s,%zu,%d", text_exact(logp[row], number), row / draws + 1, mode[row] + 1);
    for (size_t j = 0; j < width; ++j) fprintf(stream, ",%s", text_exact(value[row * width + j], number));
    fputc('\n', stream);
  }
}
