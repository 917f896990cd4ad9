/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of numbers in text files; see table.h. */
#define _POSIX_C_SOURCE 200809L
#include "table.h"
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* The folders of the data files: the build gives both. */
#ifndef DILATE_DATADIR
#define DILATE_DATADIR ""
#endif
#ifndef DILATE_SOURCE_DATADIR
#define DILATE_SOURCE_DATADIR "targets/data"
#endif

#define SEPARATORS " \t\r,;"
#define READ_MOST  (1u << 20) /* bytes at once */
#define PATH_SIZE  4096

/* An open file, and what reading it takes: zlib's functions read plain files too, and unpack those that gzip made. */
typedef gzFile source;

static source source_open(const char *path) {
  return gzopen(path, "rb");
}

/* Bytes read; 0 at the end, negative when the file cannot be read or is damaged. */
static long source_read(source file, char *at, size_t room) {
  return gzread(file, at, room < READ_MOST ? (unsigned)room : READ_MOST);
}

/* Of a read that failed. */
static int source_lacked_memory(source file) {
  int reason;
  (void)gzerror(file, &reason);
  return reason == Z_MEM_ERROR;
}

/* Whether all was well: a packed file that is cut short shows here. */
static int source_close(source file) {
  return gzclose(file) == Z_OK;
}

/* The whole of an open file as a text, to be freed; NULL when it cannot be read, or (*status) for want of memory. */
static char *read_all(source file, int *status) {
  size_t size = 0, room = 1 << 12;
  char *text = malloc(room);
  *status = DILATE_EINVAL;
  while (text != NULL) {
    const long got = source_read(file, text + size, room - size - 1);
    if (got < 0) {
      if (source_lacked_memory(file)) *status = DILATE_ENOMEM;
      free(text);
      return NULL;
    }
    size += (size_t)got;
    if (got == 0) break;
    if (size + 1 < room) continue;
    char *const larger = realloc(text, room *= 2);
    if (larger == NULL) free(text);
    text = larger;
  }
  if (text != NULL) text[size] = '\0';
  if (text == NULL) *status = DILATE_ENOMEM;
  return text;
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

/* The text of the file at path; NULL, reported, when it cannot be had: *status. */
static char *read_file(const char *path, int *status, dilate_error *err) {
  errno = 0;
  const source file = source_open(path);
  if (file == NULL) {
    const int reason = errno != 0 ? errno : ENOMEM;
    *status = reason == ENOMEM ? builtin_no_memory(err, path)
                               : builtin_fail(err, DILATE_EINVAL, "%s: cannot be opened: %s", path, strerror(reason));
    return NULL;
  }
  char *text = read_all(file, status);
  if (!source_close(file)) {
    free(text);
    text = NULL;
  }
  if (text == NULL && *status == DILATE_ENOMEM) builtin_no_memory(err, path);
  if (text == NULL) builtin_fail(err, *status, "%s: cannot be read", path);
  return text;
}

int builtin_table_read(const char *path, builtin_table *table, dilate_error *err) {
  *table = (builtin_table){0};
  int status;
  char *const text = read_file(path, &status, err);
  if (text == NULL) return status;
  /* A number and its separator take two bytes at least, which bounds how many there are. */
  table->value = malloc((strlen(text) / 2 + 1) * sizeof *table->value);
  status = table->value == NULL ? builtin_no_memory(err, path) : read_rows(path, text, table, err);
  free(text);
  if (status < 0) builtin_table_free(table);
  return status;
}

/* Whether one of the NULL-terminated folders ("": none) holds the file; [out] path of the first that does. */
static int find(const char *file, const char *const *folders, char *path, size_t size) {
  for (; *folders != NULL; folders++) {
    if (**folders == '\0' || (size_t)snprintf(path, size, "%s/%s", *folders, file) >= size) continue;
    if (access(path, R_OK) == 0) return 1;
  }
  return 0;
}

int builtin_table_read_own(const char *file, builtin_table *table, dilate_error *err) {
  const char *const chosen = getenv("DILATE_DATA");
  const char *const folders[] = {chosen != NULL ? chosen : "", DILATE_DATADIR, DILATE_SOURCE_DATADIR, NULL};
  char path[PATH_SIZE];
  *table = (builtin_table){0};
  if (find(file, folders, path, sizeof path)) return builtin_table_read(path, table, err);
  return builtin_fail(err, DILATE_EINVAL, "%s: found neither in DILATE_DATA (%s) nor in '%s' nor in '%s': set DILATE_DATA to its folder",
                      file, chosen != NULL ? chosen : "not set", DILATE_DATADIR, DILATE_SOURCE_DATADIR);
}

int builtin_table_read_installed(const char *file, const char *package, const char *const *folders, builtin_table *table,
                                 dilate_error *err) {
  const char *const chosen = getenv("DILATE_DATA");
  const char *const first[] = {chosen != NULL ? chosen : "", NULL};
  char path[PATH_SIZE];
  *table = (builtin_table){0};
  if (find(file, first, path, sizeof path) || find(file, folders, path, sizeof path)) return builtin_table_read(path, table, err);
  return builtin_fail(
      err, DILATE_EINVAL,
      "%s: found neither in DILATE_DATA (%s) nor where Debian's %s puts it ('%s'): install the package %s, or give the file "
      "with --data",
      file, chosen != NULL ? chosen : "not set", package, folders[0], package);
}

void builtin_table_free(builtin_table *table) {
  free(table->value);
  *table = (builtin_table){0};
}
