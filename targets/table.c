/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of numbers in text files; see table.h. */
#include "table.h"
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The folders of the data files: the build gives both. */
#ifndef DILATE_DATADIR
#define DILATE_DATADIR ""
#endif
#ifndef DILATE_SOURCE_DATADIR
#define DILATE_SOURCE_DATADIR "targets/data"
#endif

#define SEPARATORS " \t\r,;"

/* The whole of an open file as a text, to be freed; NULL when it cannot be read. */
static char *read_all(FILE *file) {
  size_t size = 0, room = 1 << 12;
  char *text = malloc(room);
  while (text != NULL) {
    const size_t got = fread(text + size, 1, room - size - 1, file);
    size += got;
    if (got == 0) break;
    if (size + 1 < room) continue;
    char *const larger = realloc(text, room *= 2);
    if (larger == NULL) free(text);
    text = larger;
  }
  if (text == NULL) return NULL;
  text[size] = '\0';
  if (!ferror(file)) return text;
  free(text);
  return NULL;
}

/* Cuts the next line out of *text, without its comment; NULL at the end. */
static char *next_line(char **text) {
  char *const line = *text;
  if (*line == '\0') return NULL;
  char *const end = line + strcspn(line, "\n");
  *text = *end == '\n' ? end + 1 : end;
  *end = '\0';
  line[strcspn(line, "#")] = '\0';
  return line + strspn(line, SEPARATORS);
}

static int starts_with_number(const char *line) {
  char *end;
  (void)strtod(line, &end);
  return end != line;
}

/* Appends the line's numbers at value; returns how many, or a negative status. */
static long read_row(const char *path, size_t number, char *line, double *value, dilate_error *err) {
  long count = 0;
  while (*line != '\0') {
    char *end;
    value[count] = strtod(line, &end);
    const size_t length = strcspn(line, SEPARATORS);
    if (end != line + length || !isfinite(value[count]))
      return builtin_fail(err, DILATE_EINVAL, "%s, line %zu: '%.*s' is not a finite number", path, number, length < 40 ? (int)length : 40,
                          line);
    count++;
    line += length;
    line += strspn(line, SEPARATORS);
  }
  return count;
}

static int read_rows(const char *path, char *text, builtin_table *table, dilate_error *err) {
  size_t number = 0, used = 0;
  int header_allowed = 1;
  for (char *line; (line = next_line(&text)) != NULL;) {
    number++;
    if (*line == '\0') continue;
    const int header = header_allowed && !starts_with_number(line);
    header_allowed = 0;
    if (header) continue;
    const long count = read_row(path, number, line, table->value + used, err);
    if (count < 0) return (int)count;
    if (table->rows == 0) table->columns = (size_t)count;
    if ((size_t)count != table->columns)
      return builtin_fail(err, DILATE_EINVAL, "%s, line %zu: %ld columns where the first row has %zu", path, number, count, table->columns);
    table->rows++;
    used += (size_t)count;
  }
  if (table->rows == 0) return builtin_fail(err, DILATE_EINVAL, "%s: no numbers in it", path);
  return DILATE_OK;
}

int builtin_table_read(const char *path, builtin_table *table, dilate_error *err) {
  *table = (builtin_table){0};
  FILE *const file = fopen(path, "r");
  if (file == NULL) return builtin_fail(err, DILATE_EINVAL, "%s: cannot be opened: %s", path, strerror(errno));
  char *const text = read_all(file);
  fclose(file);
  if (text == NULL) return builtin_fail(err, DILATE_EINVAL, "%s: cannot be read", path);
  /* A number and its separator take two bytes at least, which bounds how many there are. */
  table->value = malloc((strlen(text) / 2 + 1) * sizeof *table->value);
  const int status = table->value == NULL ? builtin_no_memory(err, path) : read_rows(path, text, table, err);
  free(text);
  if (status < 0) builtin_table_free(table);
  return status;
}

int builtin_table_read_own(const char *file, builtin_table *table, dilate_error *err) {
  const char *const chosen = getenv("DILATE_DATA");
  const char *const folders[] = {chosen != NULL ? chosen : "", DILATE_DATADIR, DILATE_SOURCE_DATADIR};
  char path[4096];
  *table = (builtin_table){0};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    if (folders[i][0] == '\0' || (size_t)snprintf(path, sizeof path, "%s/%s", folders[i], file) >= sizeof path) continue;
    FILE *const found = fopen(path, "r");
    if (found == NULL) continue;
    fclose(found);
    return builtin_table_read(path, table, err);
  }
  return builtin_fail(err, DILATE_EINVAL, "%s: found neither in DILATE_DATA (%s) nor in '%s' nor in '%s': set DILATE_DATA to its folder",
                      file, chosen != NULL ? chosen : "not set", DILATE_DATADIR, DILATE_SOURCE_DATADIR);
}

void builtin_table_free(builtin_table *table) {
  free(table->value);
  *table = (builtin_table){0};
}
