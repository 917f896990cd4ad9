/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A reader of draws.csv and its like (RFC 4180): names and numbers may be quoted, a quoted name may hold commas, doubled quotes and line
 * ends; empty lines and those that begin with # are passed over (Stan writes its settings so, in the middle too), but that settings say
 * whether draws of warm-up come first.  Whatever else is wrong is said with file and line. */
#define _POSIX_C_SOURCE 200809L
#include "io/draws.h"

#include "io/file.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum columns_wanted { PARAMETERS, ALL_COLUMNS } columns_wanted;

typedef struct reader {
  FILE *stream;
  columns_wanted wanted;
  draws_settings *settings;
  const char *path;
  char *record;             /* one line, or several that a quoted name joins */
  size_t room, line, first; /* lines so far; the record's first */
  char **cell;
  size_t cells, cell_room;
  char *kept; /* of each column of the file: 1 where it is wanted */
  size_t width, value_room;
} reader;

static int no_memory(failure *f) {
  return fail_with(f, EXIT_RUN, "out of memory");
}

static size_t count_quotes(const char *text) {
  size_t n = 0;
  for (; *text; ++text) n += *text == '"';
  return n;
}

/* Room for the record, twice as much whenever it is full. */
static int widen_record(reader *r, size_t wanted, failure *f) {
  if (wanted <= r->room) return 0;
  const size_t room = wanted > 2 * r->room ? wanted : 2 * r->room;
  char *const longer = realloc(r->record, room);
  if (!longer) return no_memory(f);
  r->record = longer;
  r->room = room;
  return 0;
}

/* Joins the next line to the record. */
static int append_line(reader *r, size_t *length, failure *f) {
  char *line = NULL;
  size_t room = 0;
  const ssize_t got = getline(&line, &room, r->stream);
  if (got < 0 && !feof(r->stream))
    fail_with(f, EXIT_RUN, "cannot read '%s': %s", r->path, strerror(errno));
  else if (got < 0)
    fail_with(f, EXIT_RUN, "'%s', line %zu: a quote is opened and never closed", r->path, r->first);
  else if (!widen_record(r, *length + (size_t)got + 1, f)) {
    memcpy(r->record + *length, line, (size_t)got + 1);
    *length += (size_t)got;
    r->line++;
  }
  free(line);
  return f->exit_status;
}

/* Joins lines while a quote is open; each line is counted once, lest a quote that is never closed make a large file take hours. */
static int close_quotes(reader *r, size_t *length, failure *f) {
  size_t quotes = count_quotes(r->record);
  while (quotes % 2) {
    const size_t before = *length;
    if (append_line(r, length, f)) return f->exit_status;
    quotes += count_quotes(r->record + before);
    if (strlen(r->record + before) != *length - before) break; /* a zero byte, which the caller refuses */
  }
  return 0;
}

/* The next record that is neither empty nor a comment, without its line end: 1, or 0 at the end of the file or a failure. */
static int next_record(reader *r, failure *f) {
  for (;;) {
    const ssize_t got = getline(&r->record, &r->room, r->stream);
    if (got < 0) {
      if (!feof(r->stream)) fail_with(f, EXIT_RUN, "cannot read '%s': %s", r->path, strerror(errno));
      return 0;
    }
    size_t length = (size_t)got;
    r->first = ++r->line;
    if (r->line == 1 && strncmp(r->record, "\xef\xbb\xbf", 3) == 0) memmove(r->record, r->record + 3, (length -= 3) + 1);
    if (*r->record != '#' && strlen(r->record) == length && close_quotes(r, &length, f)) return 0;
    if (strlen(r->record) != length) return fail_with(f, EXIT_RUN, "'%s', line %zu: it holds a zero byte", r->path, r->first), 0;
    while (length > 0 && strchr("\r\n", r->record[length - 1])) r->record[--length] = '\0';
    if (*r->record == '#') draws_settings_note(r->settings, r->record);
    if (*r->record != '#' && r->record[strspn(r->record, " \t")]) return 1;
  }
}

static int add_cell(reader *r, char *cell, failure *f) {
  if (r->cells == r->cell_room) {
    const size_t room = r->cell_room ? 2 * r->cell_room : 64;
    char **const more = realloc(r->cell, room * sizeof *more);
    if (!more) return no_memory(f);
    r->cell = more;
    r->cell_room = room;
  }
  r->cell[r->cells++] = cell;
  return 0;
}

/* One cell at *at, unquoted in place; *at moves behind its comma, or to NULL at the end.  NULL when the quotes are wrong. */
static char *take_cell(char **at) {
  char *const start = *at, *to = start, *from = start;
  if (*from != '"') {
    from += strcspn(from, ",\"");
    if (*from == '"') return NULL;
    to = from;
  } else
    for (++from; *from; *to++ = *from++)
      if (*from == '"' && *++from != '"') break;
  if (*from && *from != ',') return NULL;
  *at = *from ? from + 1 : NULL;
  *to = '\0';
  return start;
}

static int split(reader *r, failure *f) {
  r->cells = 0;
  for (char *at = r->record; at;) {
    char *const cell = take_cell(&at);
    if (!cell) return fail_with(f, EXIT_RUN, "'%s', line %zu: cell %zu has a quote where none can be", r->path, r->first, r->cells + 1);
    if (add_cell(r, cell, f)) return f->exit_status;
  }
  return 0;
}

int draws_is_parameter(const char *name) {
  const size_t length = strlen(name);
  return length < 2 || strcmp(name + length - 2, "__") != 0;
}

size_t draws_find(const draws_table *table, const char *name) {
  size_t j = 0;
  while (j < table->columns && strcmp(table->name[j], name) != 0) ++j;
  return j;
}

static int add_name(reader *r, const char *name, draws_table *out, failure *f) {
  if (!*name) return fail_with(f, EXIT_RUN, "'%s', line %zu: a column has no name", r->path, r->first);
  if (draws_find(out, name) < out->columns)
    return fail_with(f, EXIT_RUN, "'%s', line %zu: the name '%.200s' stands there twice", r->path, r->first, name);
  char *const copy = strdup(name);
  if (!copy) return no_memory(f);
  out->name[out->columns++] = copy;
  return 0;
}

static int read_header(reader *r, draws_table *out, failure *f) {
  if (!next_record(r, f)) return fail_with(f, EXIT_RUN, "'%s' is empty: a first line of names is wanted", r->path);
  if (split(r, f)) return f->exit_status;
  r->width = r->cells;
  r->kept = calloc(r->width, 1);
  out->name = calloc(r->width, sizeof *out->name);
  if (!r->kept || !out->name) return no_memory(f);
  for (size_t k = 0; k < r->width; ++k) {
    r->kept[k] = (char)(r->wanted == ALL_COLUMNS || draws_is_parameter(r->cell[k]));
    if (r->kept[k] && add_name(r, r->cell[k], out, f)) return f->exit_status;
  }
  return out->columns
             ? 0
             : fail_with(f, EXIT_RUN, "'%s', line %zu: no column is a parameter's (names that end in __ are none)", r->path, r->first);
}

static int read_number(const reader *r, const char *name, const char *cell, double *out, failure *f) {
  char *end;
  *out = strtod(strcmp(cell, "NA") == 0 ? "nan" : cell, &end); /* NA: as R writes what is missing */
  if (end == cell || end[strspn(end, " \t")])
    return fail_with(f, EXIT_RUN, "'%s', line %zu: '%.100s' of the column '%.200s' is not a number", r->path, r->first, cell, name);
  if (r->wanted == PARAMETERS && !isfinite(*out))
    return fail_with(f, EXIT_RUN, "'%s', line %zu: the column '%.200s' is %g: a draw must be finite", r->path, r->first, name, *out);
  return 0;
}

/* Room for one more row, twice as much whenever it is full. */
static int make_room(reader *r, draws_table *out, failure *f) {
  if (out->rows < r->value_room) return 0;
  const size_t room = r->value_room ? 2 * r->value_room : 1024;
  double *const more = realloc(out->value, room * out->columns * sizeof *more);
  if (!more) return no_memory(f);
  out->value = more;
  r->value_room = room;
  return 0;
}

static int read_row(reader *r, draws_table *out, failure *f) {
  if (split(r, f) || make_room(r, out, f)) return f->exit_status;
  if (r->cells != r->width)
    return fail_with(f, EXIT_RUN, "'%s', line %zu: it has %zu cells, and the header has %zu", r->path, r->first, r->cells, r->width);
  double *const row = out->value + out->rows * out->columns;
  for (size_t k = 0, j = 0; k < r->width; ++k) {
    if (!r->kept[k]) continue;
    if (read_number(r, out->name[j], r->cell[k], &row[j], f)) return f->exit_status;
    ++j;
  }
  ++out->rows;
  return 0;
}

static int drop_warmup(draws_table *out, failure *f) {
  const size_t warmup = draws_settings_warmup(&out->settings);
  if (warmup == 0) return 0;
  if (warmup >= out->rows)
    return fail_with(f, EXIT_RUN, "'%s' has %zu rows, all of them of the %zu of warm-up that its comments speak of: no draws", out->path,
                     out->rows, warmup);
  out->rows -= warmup;
  memmove(out->value, out->value + warmup * out->columns, out->rows * out->columns * sizeof *out->value);
  return 0;
}

static int read_stream(FILE *stream, columns_wanted wanted, draws_table *out, failure *f) {
  reader r = {.stream = stream, .wanted = wanted, .settings = &out->settings, .path = out->path};
  if (!read_header(&r, out, f))
    while (!f->exit_status && next_record(&r, f)) read_row(&r, out, f);
  if (!f->exit_status && out->rows == 0) fail_with(f, EXIT_RUN, "'%s' has names and no draws", out->path);
  if (!f->exit_status) drop_warmup(out, f);
  free(r.record);
  free(r.cell);
  free(r.kept);
  return f->exit_status;
}

/* The path, or that of draws.csv in it; NULL when out of memory. */
static char *file_of(const char *path) {
  return path_is_folder(path) ? path_in(path, "draws.csv") : strdup(path);
}

static int read_file(const char *path, columns_wanted wanted, draws_table *out, failure *f) {
  *out = (draws_table){.path = file_of(path)};
  if (!out->path) return no_memory(f);
  FILE *const stream = fopen(out->path, "r");
  if (stream) {
    read_stream(stream, wanted, out, f);
    fclose(stream);
  } else
    fail_with(f, EXIT_RUN, "cannot read the draws '%s': %s", out->path, strerror(errno));
  if (f->exit_status) draws_clear(out);
  return f->exit_status;
}

int draws_read(const char *path, draws_table *out, failure *f) {
  return read_file(path, PARAMETERS, out, f);
}

int draws_read_all(const char *path, draws_table *out, failure *f) {
  return read_file(path, ALL_COLUMNS, out, f);
}

void draws_clear(draws_table *table) {
  for (size_t j = 0; j < table->columns; ++j) free(table->name[j]);
  free(table->name);
  free(table->value);
  free(table->path);
  *table = (draws_table){0};
}
