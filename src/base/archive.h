/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Archives: the state of objects as bytes.  One function for each struct, X_archive(archive *, X *), visits its members in a fixed order,
 * and by the archive's mode they are measured, written or read: what is saved and what is restored cannot come apart.
 *
 * The bytes may be anything when they are read: every count is compared with what is left before memory is taken for it, every number that
 * is to index an array with the array's length, and the first failure sticks: after it nothing more is read, numbers become 0 and pointers
 * stay as they are, so that what was half made can be destroyed as usual.  Numbers have this machine's byte order; a size has 8 bytes. */
#ifndef DILATE_BASE_ARCHIVE_H
#define DILATE_BASE_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef enum archive_mode { ARCHIVE_MEASURE, ARCHIVE_WRITE, ARCHIVE_READ } archive_mode;

typedef struct archive {
  archive_mode mode;
  unsigned char *bytes; /* not owned; not there when measuring */
  size_t size, place;   /* of the bytes; how many were measured, written or read */
  int status;           /* 0, or the first failure: DILATE_ENOMEM or DILATE_ECHECKPOINT, */
  const char *reason;   /* and what was wrong, a static string */
} archive;

static inline archive archive_measure(void) {
  return (archive){.mode = ARCHIVE_MEASURE, .size = SIZE_MAX};
}
static inline archive archive_write(size_t size, void *bytes) {
  return (archive){.mode = ARCHIVE_WRITE, .bytes = (unsigned char *)bytes, .size = size};
}
/* Of bytes that are read nothing is changed. */
archive archive_read(size_t size, const void *bytes);
static inline int archive_reads(const archive *a) {
  return a->mode == ARCHIVE_READ;
}
static inline int archive_failed(const archive *a) {
  return a->status != 0;
}
/* Unless there was a failure before. */
void archive_fail(archive *a, int status, const char *reason);

/* Single numbers, and arrays that are there. */
void archive_bytes(archive *a, size_t n, void *x);
void archive_double(archive *a, double *x);
void archive_uint64(archive *a, uint64_t *x);
void archive_int(archive *a, int *x);
void archive_doubles(archive *a, size_t n, double *x);
/* The first n of each of `rows` rows, ld apart. */
void archive_rows(archive *a, size_t rows, size_t n, size_t ld, double *x);
/* A number, or n of them, that must lie in 0 .. most, or below a length. */
void archive_size(archive *a, size_t *x, size_t most);
void archive_sizes(archive *a, size_t n, size_t *x, size_t below);
void archive_unsigned(archive *a, unsigned *x, unsigned most);
/* 0 or 1; one of `count` values of an enum. */
void archive_flag(archive *a, int *x);
void archive_choice(archive *a, int *x, int count);
/* One of a list of static strings, which ends with NULL. */
void archive_name(archive *a, const char **name, const char *const *known);
/* A text, or NULL.  Returns what was read, which is the caller's to free, and NULL where nothing is. */
char *archive_text(archive *a, const char *text);

/* Whether there is something at p when it was written. */
int archive_present(archive *a, const void *p);
/* Reading fails unless rows * n * size bytes are left: before memory is taken for something that takes at least so many. */
void archive_expect(archive *a, size_t rows, size_t n, size_t size);
/* For reading: rows * n zeroed items, whose bytes must be left; NULL after a failure.  Otherwise what is there already. */
void *archive_room(archive *a, size_t rows, size_t n, size_t size, void *there);
#define ARCHIVE_NEW(a, type, rows, n, there) ((type *)archive_room((a), (rows), (n), sizeof(type), (there)))

#endif
