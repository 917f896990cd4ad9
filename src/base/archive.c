/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measuring, writing and reading, all through pass(): see archive.h. */
#include "base/archive.h"

#include <string.h>

#include "base/memory.h"

#define CHUNK 64 /* sizes that are converted at a time */

archive archive_read(size_t size, const void *bytes) {
  archive a = {.mode = ARCHIVE_READ, .size = size};
  memcpy(&a.bytes, &bytes, sizeof bytes); /* the same pointer without its const: archive_bytes() keeps the promise */
  return a;
}

void archive_fail(archive *a, int status, const char *reason) {
  if (a->status) return;
  a->status = status;
  a->reason = reason;
}

static void refuse(archive *a, const char *reason) {
  archive_fail(a, DILATE_ECHECKPOINT, reason);
}

/* The next n bytes: read into `to`, or written from `from`. */
static void pass(archive *a, size_t n, void *to, const void *from) {
  if (!a->status && n > a->size - a->place) refuse(a, "it ends in the middle of the state");
  if (n && a->mode == ARCHIVE_WRITE && !a->status) memcpy(a->bytes + a->place, from, n);
  if (n && a->mode == ARCHIVE_READ && !a->status) memcpy(to, a->bytes + a->place, n);
  if (n && a->mode == ARCHIVE_READ && a->status) memset(to, 0, n);
  if (!a->status) a->place += n;
}

void archive_bytes(archive *a, size_t n, void *x) {
  pass(a, n, x, x);
}

void archive_double(archive *a, double *x) {
  archive_bytes(a, sizeof *x, x);
}

void archive_uint64(archive *a, uint64_t *x) {
  archive_bytes(a, sizeof *x, x);
}

void archive_int(archive *a, int *x) {
  int32_t value = *x;
  archive_bytes(a, sizeof value, &value);
  *x = value;
}

void archive_doubles(archive *a, size_t n, double *x) {
  archive_bytes(a, n * sizeof *x, x);
}

void archive_rows(archive *a, size_t rows, size_t n, size_t ld, double *x) {
  for (size_t j = 0; j < rows && !a->status; j++) archive_bytes(a, n * sizeof *x, x + j * ld);
}

void archive_size(archive *a, size_t *x, size_t most) {
  uint64_t value = *x;
  archive_uint64(a, &value);
  if (archive_reads(a) && value > most) {
    refuse(a, "a number is larger than it can be");
    value = 0;
  }
  *x = (size_t)value;
}

void archive_sizes(archive *a, size_t n, size_t *x, size_t below) {
  uint64_t value[CHUNK];
  for (size_t begin = 0; begin < n && !a->status; begin += CHUNK) {
    const size_t count = n - begin < CHUNK ? n - begin : CHUNK;
    int outside = 0;
    for (size_t i = 0; i < count; i++) value[i] = x[begin + i];
    archive_bytes(a, count * sizeof *value, value);
    if (!archive_reads(a)) continue;
    for (size_t i = 0; i < count; i++) {
      outside |= value[i] >= below;
      x[begin + i] = value[i] < below ? (size_t)value[i] : 0;
    }
    if (outside) refuse(a, "a number points beyond the end of a list");
  }
}

void archive_unsigned(archive *a, unsigned *x, unsigned most) {
  size_t value = *x;
  archive_size(a, &value, most);
  *x = (unsigned)value;
}

void archive_flag(archive *a, int *x) {
  archive_choice(a, x, 2);
}

void archive_choice(archive *a, int *x, int count) {
  archive_int(a, x);
  if (!archive_reads(a) || (*x >= 0 && *x < count)) return;
  refuse(a, "a choice is none of those that there are");
  *x = 0;
}

void archive_name(archive *a, const char **name, const char *const *known) {
  size_t at = 0, count = 0;
  for (; known[count]; count++)
    if (!archive_reads(a) && !strcmp(*name, known[count])) at = count + 1;
  archive_size(a, &at, count);
  if (at == 0) refuse(a, "a name is none of those that there are");
  if (archive_reads(a)) *name = known[at ? at - 1 : 0];
}

char *archive_text(archive *a, const char *text) {
  if (!archive_present(a, text)) return NULL;
  size_t length = archive_reads(a) ? 0 : strlen(text);
  char *copy = NULL;
  archive_size(a, &length, SIZE_MAX - 1);
  archive_expect(a, 1, length, 1);
  if (archive_reads(a) && !archive_failed(a) && !(copy = NEW(char, length + 1))) archive_fail(a, DILATE_ENOMEM, "out of memory");
  if (!archive_failed(a)) pass(a, length, copy, text);
  return copy;
}

int archive_present(archive *a, const void *p) {
  int there = p != NULL;
  archive_flag(a, &there);
  return there;
}

void archive_expect(archive *a, size_t rows, size_t n, size_t size) {
  if (!archive_reads(a) || a->status) return;
  const size_t left = (a->size - a->place) / size;
  if (rows && n > left / rows) refuse(a, "a list is longer than all that is left");
}

void *archive_room(archive *a, size_t rows, size_t n, size_t size, void *there) {
  if (!archive_reads(a)) return there;
  archive_expect(a, rows, n, size);
  if (a->status) return NULL;
  void *room = memory_new2(rows, n, size);
  if (!room) archive_fail(a, DILATE_ENOMEM, "out of memory");
  return room;
}
