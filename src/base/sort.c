/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorting doubles by their digits, the lowest byte first (Knuth, volume 3, section 5.2.5): some thousand values take a tenth of the time of
 * a sort by comparisons. */
#include "base/sort.h"

#include <string.h>

#define BYTES   8
#define BUCKETS 256

typedef struct entry {
  uint64_t key, place;
} entry;

/* Unsigned integers in the order of the doubles: negative ones fall with their bits. */
static uint64_t key_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

size_t sort_work(size_t n) {
  return 4 * n + BYTES * BUCKETS;
}

static unsigned digit(uint64_t key, int byte) {
  return (unsigned)(key >> (8 * byte)) & (BUCKETS - 1);
}

/* One pass; the counts of its byte become places.  Returns 0 where all keys have the same digit, and nothing is done. */
static int spread(size_t n, const entry *from, int byte, uint64_t *count, entry *to) {
  if (n == 0 || count[digit(from->key, byte)] == n) return 0;
  uint64_t place = 0;
  for (size_t k = 0; k < BUCKETS; k++) {
    const uint64_t here = count[k];
    count[k] = place;
    place += here;
  }
  for (size_t i = 0; i < n; i++) to[count[digit(from[i].key, byte)]++] = from[i];
  return 1;
}

void sort_order(size_t n, const double *x, size_t *order, uint64_t *work) {
  uint64_t *count = work + 4 * n;
  entry *now = (entry *)(void *)work, *other = now + n;
  memset(count, 0, BYTES * BUCKETS * sizeof *count);
  for (size_t i = 0; i < n; i++) {
    now[i] = (entry){key_of(x[i]), i};
    for (int b = 0; b < BYTES; b++) count[b * BUCKETS + (int)digit(now[i].key, b)]++;
  }
  for (int b = 0; b < BYTES; b++) {
    if (!spread(n, now, b, count + b * BUCKETS, other)) continue;
    entry *sorted = other;
    other = now;
    now = sorted;
  }
  for (size_t i = 0; i < n; i++) order[i] = (size_t)now[i].place;
}
