/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checked memory: zeroed, 64-byte aligned, sizes checked for overflow.  All of the library's memory comes from here. */
#ifndef DILATE_BASE_MEMORY_H
#define DILATE_BASE_MEMORY_H

#include <stddef.h>

#define MEMORY_ALIGNMENT 64

/* count*size zeroed bytes, or NULL (also on overflow; count = 0 gives a pointer that may be freed). */
void *memory_new(size_t count, size_t size) __attribute__((malloc, warn_unused_result));
/* a*b*size zeroed bytes. */
void *memory_new2(size_t a, size_t b, size_t size) __attribute__((malloc, warn_unused_result));
char *memory_copy_text(const char *text) __attribute__((warn_unused_result));
void memory_free(void *p); /* NULL is allowed */

/* So many doubles in whole cache lines, of which scratch of several threads must share none. */
static inline size_t memory_whole_lines(size_t doubles) {
  const size_t line = MEMORY_ALIGNMENT / sizeof(double);
  return (doubles + line - 1) / line * line;
}

#define NEW(type, count) ((type *)memory_new((count), sizeof(type)))
#define NEW2(type, a, b) ((type *)memory_new2((a), (b), sizeof(type)))

#endif
