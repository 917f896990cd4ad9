/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hints of the command line: see hints.h.  Points stand in a file one a line, their coordinates with commas or blanks between them; empty
 * lines and those that begin with # are passed over, and so is a first line of names. */
#define _POSIX_C_SOURCE 200809L
#include "cli/hints.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One finite number at *text, which moves on behind it.  1 when there is one. */
static int read_real(const char **text, double *out) {
  char *end;
  *out = strtod(*text, &end);
  if (end == *text || !isfinite(*out)) return 0;
  *text = end;
  return 1;
}

/* `dim` numbers, a comma between any two. */
static int read_list(const char *option, const char *text, size_t dim, double *out, failure *f) {
  const char *at = text;
  for (size_t j = 0; j < dim; ++j) {
    if (!read_real(&at, &out[j]) || *at != (j + 1 < dim ? ',' : '\0'))
      return fail_with(f, EXIT_USAGE, "%s wants %zu finite numbers with commas between them, one a coordinate, not '%.200s'", option, dim,
                       text);
    ++at;
  }
  return 0;
}

static int read_scale(const char *text, size_t dim, double *out, failure *f) {
  if (read_list("--hint-scale", text, dim, out, f)) return f->exit_status;
  for (size_t j = 0; j < dim; ++j)
    if (out[j] <= 0) return fail_with(f, EXIT_USAGE, "--hint-scale wants positive numbers, not '%.200s'", text);
  return 0;
}

/* lower:upper,lower:upper,... */
static int read_box(const char *text, size_t dim, double *lower, double *upper, failure *f) {
  const char *at = text;
  for (size_t j = 0; j < dim; ++j) {
    int right = read_real(&at, &lower[j]) && *at++ == ':';
    right = right && read_real(&at, &upper[j]) && *at++ == (j + 1 < dim ? ',' : '\0') && lower[j] < upper[j];
    if (!right)
      return fail_with(f, EXIT_USAGE, "--hint-box wants %zu times lower:upper with commas between them, lower below upper, not '%.200s'",
                       dim, text);
  }
  return 0;
}

/* The numbers of one line into out: how many there are, dim + 1 when there are more than dim or something else. */
static size_t read_line(const char *line, size_t dim, double *out) {
  size_t n = 0;
  double value;
  while (*line) {
    if (isspace((unsigned char)*line) || *line == ',') {
      ++line;
      continue;
    }
    if (n == dim || !read_real(&line, &value)) return dim + 1;
    out[n++] = value;
  }
  return n;
}

static int is_comment(const char *line) {
  line += strspn(line, " \t\r\n");
  return !*line || *line == '#';
}

/* Room for one more point of dim numbers, twice as much whenever it is full. */
static double *room_for(double *point, size_t count, size_t *room, size_t dim) {
  if (count < *room) return point;
  *room = *room ? 2 * *room : 64;
  double *const larger = realloc(point, *room * dim * sizeof *point);
  if (!larger) free(point);
  return larger;
}

static int read_points(FILE *stream, const char *path, size_t dim, double **point, size_t *count, failure *f) {
  char *line = NULL;
  size_t length = 0, room = 0, number = 0;
  while (!f->exit_status && getline(&line, &length, stream) >= 0) {
    ++number;
    if (is_comment(line)) continue;
    *point = room_for(*point, *count, &room, dim);
    if (!*point)
      fail_with(f, EXIT_RUN, "out of memory");
    else if (read_line(line, dim, *point + *count * dim) == dim)
      ++*count;
    else if (number > 1)
      fail_with(f, EXIT_RUN, "the points of '%s': line %zu is not %zu finite numbers, one a coordinate", path, number, dim);
  }
  free(line);
  if (!f->exit_status && !feof(stream)) fail_with(f, EXIT_RUN, "the points of '%s': %s", path, strerror(errno));
  if (!f->exit_status && !*count) fail_with(f, EXIT_RUN, "the points of '%s': there is no line of %zu finite numbers", path, dim);
  return f->exit_status;
}

static int open_points(const char *path, size_t dim, double **point, size_t *count, failure *f) {
  FILE *const stream = fopen(path, "r");
  if (!stream) return fail_with(f, EXIT_RUN, "the points of '%s': %s", path, strerror(errno));
  const int status = read_points(stream, path, dim, point, count, f);
  fclose(stream);
  return status;
}

static double *room_if(const char *given, size_t dim, failure *f) {
  double *const room = given ? malloc(dim * sizeof *room) : NULL;
  if (given && !room) fail_with(f, EXIT_RUN, "out of memory");
  return room;
}

static int read_all(arguments *a, size_t dim, hint_numbers *out, failure *f) {
  out->centre = room_if(a->hint_centre, dim, f);
  out->path_centre = room_if(a->path_centre, dim, f);
  out->scale = room_if(a->hint_scale, dim, f);
  out->lower = room_if(a->hint_box, dim, f);
  out->upper = room_if(a->hint_box, dim, f);
  if (f->exit_status) return f->exit_status;
  if (a->hint_centre && read_list("--hint-centre", a->hint_centre, dim, out->centre, f)) return f->exit_status;
  if (a->path_centre && read_list("--centre", a->path_centre, dim, out->path_centre, f)) return f->exit_status;
  if (a->hint_scale && read_scale(a->hint_scale, dim, out->scale, f)) return f->exit_status;
  if (a->hint_box && read_box(a->hint_box, dim, out->lower, out->upper, f)) return f->exit_status;
  return a->hint_points ? open_points(a->hint_points, dim, &out->point, &a->options.hint_points_count, f) : 0;
}

int hints_read(arguments *a, size_t dim, hint_numbers *out, failure *f) {
  *out = (hint_numbers){0};
  if (read_all(a, dim, out, f)) {
    hints_clear(out);
    return f->exit_status;
  }
  a->options.hint_points = out->point;
  a->options.hint_centre = out->centre;
  a->options.path_centre = out->path_centre;
  a->options.hint_scale = out->scale;
  a->options.hint_lower = out->lower;
  a->options.hint_upper = out->upper;
  return 0;
}

void hints_clear(hint_numbers *numbers) {
  free(numbers->point);
  free(numbers->centre);
  free(numbers->path_centre);
  free(numbers->scale);
  free(numbers->lower);
  free(numbers->upper);
  *numbers = (hint_numbers){0};
}
