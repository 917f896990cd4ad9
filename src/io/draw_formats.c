/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formats that draws are written in: their names, their files, their writers. */
#include "io/draw_formats.h"

#include "io/csv.h"
#include "io/netcdf.h"
#include "io/npy.h"
#include "io/stan_csv.h"
#include <string.h>

static int write_csv(FILE *stream, const outcome *o, size_t chain, failure *f) {
  (void)chain;
  return csv_write(stream, o) ? fail_with(f, EXIT_RUN, "out of memory") : 0;
}

static int write_npy(FILE *stream, const outcome *o, size_t chain, failure *f) {
  (void)chain;
  return npy_write(stream, o) ? fail_with(f, EXIT_RUN, "out of memory") : 0;
}

static int write_netcdf(FILE *stream, const outcome *o, size_t chain, failure *f) {
  (void)chain;
  return netcdf_write(stream, o, f);
}

const draw_format draw_formats[DRAW_FORMATS] = {{"csv", "draws.csv", 0, write_csv},
                                                {"stan", NULL, 1, stan_csv_write},
                                                {"stan-one", "draws_stan.csv", 0, stan_csv_write},
                                                {"npy", "draws.npy", 0, write_npy},
                                                {"nc", "draws.nc", 0, write_netcdf}};

static int refuse(const char *name, size_t length, failure *f) {
  char known[128] = "";
  for (size_t i = 0; i < DRAW_FORMATS; ++i) {
    const size_t end = strlen(known);
    snprintf(known + end, sizeof known - end, "%s%s", i == 0 ? "" : i + 1 < DRAW_FORMATS ? ", " : " and ", draw_formats[i].name);
  }
  return fail_with(f, EXIT_USAGE, "there is no format '%.*s'; there are %s, and lists of them such as csv,npy", (int)length, name, known);
}

/* The format of that name; DRAW_FORMATS when there is none. */
static size_t find(const char *name, size_t length) {
  size_t i = 0;
  while (i < DRAW_FORMATS && (strlen(draw_formats[i].name) != length || strncmp(draw_formats[i].name, name, length) != 0)) ++i;
  return i;
}

int draw_formats_read(const char *list, unsigned *out, failure *f) {
  unsigned found = 0;
  for (const char *at = list;; ++at) {
    const size_t length = strcspn(at, ","), i = find(at, length);
    if (i == DRAW_FORMATS) return refuse(at, length, f);
    if (draw_formats[i].write == write_netcdf && netcdf_check(f)) return f->exit_status;
    found |= 1u << i;
    at += length;
    if (!*at) break;
  }
  *out = found;
  return 0;
}

const char *draw_chain_file(size_t chain, char name[DRAW_FILE_ROOM]) {
  snprintf(name, DRAW_FILE_ROOM, "draws_%zu.csv", chain);
  return name;
}

size_t draw_format_files(const draw_format *format, const outcome *o) {
  return format->by_chain ? dilate_result_islands(o->result) : 1;
}

const char *draw_format_file(const draw_format *format, size_t i, char name[DRAW_FILE_ROOM]) {
  return format->by_chain ? draw_chain_file(i + 1, name) : format->file;
}
