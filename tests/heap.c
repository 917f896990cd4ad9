/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The failing heap: see heap.h.  The caller is told by the return address, which is looked for in the loaded objects that are spared. */
#define _GNU_SOURCE
#include "heap.h"

#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* A sanitizer stands there already. */
#if defined __GLIBC__ && !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

/* ---- Who is spared ---- */

static const char *const spared[] = {"libgomp", "libomp", "ld-linux", "libnetcdf", "libhdf5", "libsz"};
static struct range { uintptr_t begin, end; } ranges[32];
static size_t range_count;

static int is_spared(const char *name) {
  for (size_t i = 0; i < sizeof spared / sizeof *spared; i++)
    if (strstr(name, spared[i])) return 1;
  return 0;
}

static int note_object(struct dl_phdr_info *object, size_t size, void *data) {
  (void)size, (void)data;
  if (!is_spared(object->dlpi_name)) return 0;
  for (size_t i = 0; i < object->dlpi_phnum && range_count < sizeof ranges / sizeof *ranges; i++) {
    const uintptr_t begin = object->dlpi_addr + object->dlpi_phdr[i].p_vaddr;
    if (object->dlpi_phdr[i].p_type == PT_LOAD && object->dlpi_phdr[i].p_flags & PF_X)
      ranges[range_count++] = (struct range){begin, begin + object->dlpi_phdr[i].p_memsz};
  }
  return 0;
}

static int is_spared_caller(const void *address) {
  for (size_t i = 0; i < range_count; i++)
    if ((uintptr_t)address >= ranges[i].begin && (uintptr_t)address < ranges[i].end) return 1;
  return 0;
}

/* ---- Live blocks: a table of their addresses, open addressing; a freed one's place stays taken ---- */

enum { PLACES = 1 << 17 };
static void *block_at[PLACES];
static size_t live, used;
static atomic_flag table_lock = ATOMIC_FLAG_INIT;

static size_t place_of(const void *block) {
  return ((uintptr_t)block >> 4) * 0x9e3779b97f4a7c15u >> 47; /* 64 - 17 */
}

static void note_block(void *block) {
  while (atomic_flag_test_and_set(&table_lock)) continue;
  size_t at = place_of(block);
  while (block_at[at]) at = (at + 1) % PLACES;
  if (++used == PLACES) abort();
  block_at[at] = block;
  ++live;
  atomic_flag_clear(&table_lock);
}

static void forget_block(const void *block) {
  static char freed;
  while (atomic_flag_test_and_set(&table_lock)) continue;
  size_t at = place_of(block);
  while (block_at[at] && block_at[at] != block) at = (at + 1) % PLACES;
  if (block_at[at]) {
    block_at[at] = &freed;
    --live;
  }
  atomic_flag_clear(&table_lock);
}

/* ---- What fails ---- */

typedef enum verdict { PASSES, COUNTS, FAILS } verdict;

static atomic_int armed;
static atomic_size_t count, failures;
static size_t fail_at;
static int fail_forever;

static verdict judge(const void *caller) {
  if (!atomic_load(&armed) || is_spared_caller(caller)) return PASSES;
  const size_t number = atomic_fetch_add(&count, 1);
  if (number != fail_at && !(fail_forever && number > fail_at)) return COUNTS;
  atomic_fetch_add(&failures, 1);
  errno = ENOMEM;
  return FAILS;
}

static void *noted(verdict v, void *block) {
  if (v == COUNTS && block) note_block(block);
  return block;
}

void *malloc(size_t size) {
  const verdict v = judge(__builtin_return_address(0));
  return v == FAILS ? NULL : noted(v, __libc_malloc(size));
}

void *calloc(size_t n, size_t size) {
  const verdict v = judge(__builtin_return_address(0));
  return v == FAILS ? NULL : noted(v, __libc_calloc(n, size));
}

void *realloc(void *block, size_t size) {
  const verdict v = judge(__builtin_return_address(0));
  if (v == FAILS) return NULL;
  if (block && atomic_load(&armed)) forget_block(block);
  return noted(v, __libc_realloc(block, size));
}

void *aligned_alloc(size_t alignment, size_t size) {
  const verdict v = judge(__builtin_return_address(0));
  return v == FAILS ? NULL : noted(v, __libc_memalign(alignment, size));
}

void *memalign(size_t alignment, size_t size) {
  const verdict v = judge(__builtin_return_address(0));
  return v == FAILS ? NULL : noted(v, __libc_memalign(alignment, size));
}

int posix_memalign(void **out, size_t alignment, size_t size) {
  const verdict v = judge(__builtin_return_address(0));
  void *const block = v == FAILS ? NULL : noted(v, __libc_memalign(alignment, size));
  if (!block) return ENOMEM;
  *out = block;
  return 0;
}

void free(void *block) {
  if (block && atomic_load(&armed)) forget_block(block);
  __libc_free(block);
}

/* Here so that the caller is told: in the C library's own it would be that library. */
static char *copy_of(const char *text, size_t length, const void *caller) {
  const verdict v = judge(caller);
  char *const out = v == FAILS ? NULL : noted(v, __libc_malloc(length + 1));
  if (!out) return NULL;
  memcpy(out, text, length);
  out[length] = '\0';
  return out;
}

char *strdup(const char *text) {
  return copy_of(text, strlen(text), __builtin_return_address(0));
}

char *strndup(const char *text, size_t most) {
  return copy_of(text, strnlen(text, most), __builtin_return_address(0));
}

int heap_works(void) {
  return 1;
}

void heap_begin(size_t k, int forever) {
  range_count = 0;
  (void)dl_iterate_phdr(note_object, NULL);
  atomic_store(&count, 0);
  atomic_store(&failures, 0);
  memset(block_at, 0, sizeof block_at);
  live = used = 0;
  fail_at = k;
  fail_forever = forever;
  atomic_store(&armed, 1);
}

size_t heap_end(size_t *failed) {
  atomic_store(&armed, 0);
  if (failed) *failed = atomic_load(&failures);
  return atomic_load(&count);
}

size_t heap_live(void) {
  return live;
}

#else

int heap_works(void) {
  return 0;
}
void heap_begin(size_t k, int forever) {
  (void)k, (void)forever;
}
size_t heap_end(size_t *failed) {
  if (failed) *failed = 0;
  return 0;
}
size_t heap_live(void) {
  return 0;
}

#endif
