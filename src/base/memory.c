/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checked memory: every size is checked for overflow before it reaches the allocator, and every block is zeroed and aligned to a
 * cache line, so that vector loads never straddle one and threads' blocks never share one. */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *memory_new(size_t count, size_t size) {
  if (size != 0 && count > SIZE_MAX / size) return NULL;
  const size_t bytes = count * size;
  if (bytes > (size_t)PTRDIFF_MAX - MEMORY_ALIGNMENT) return NULL;
  const size_t lines = bytes == 0 ? 1 : (bytes + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT;
  void *block = aligned_alloc(MEMORY_ALIGNMENT, lines * MEMORY_ALIGNMENT);
  if (block) memset(block, 0, lines * MEMORY_ALIGNMENT);
  return block;
}

void *memory_new2(size_t a, size_t b, size_t size) {
  if (b != 0 && a > SIZE_MAX / b) return NULL;
  return memory_new(a * b, size);
}

char *memory_copy_text(const char *text) {
  const size_t bytes = strlen(text) + 1;
  char *copy = NEW(char, bytes);
  if (copy) memcpy(copy, text, bytes);
  return copy;
}

void memory_free(void *p) {
  free(p);
}
