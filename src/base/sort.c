/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Radix sort of doubles, the least significant digit first (Knuth, The Art of Computer Programming 3, 5.2.5): a double's bits, its sign
 * turned over and all bits of a negative one, are ordered as integers.  Passes over digits that all numbers share are left out. */
#include "base/sort.h"

#include <gsl/gsl_statistics_double.h>
#include <string.h>

#define BITS   11
#define VALUES (1u << BITS)
#define DIGITS 6 /* 66 bits */

/* Numbers and where they came from. */
typedef struct column {
  double *x;
  uint32_t *order; /* or NULL */
} column;

static inline uint64_t key_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static inline uint32_t digit_of(double x, int digit) {
  return (uint32_t)(key_of(x) >> (BITS * digit)) & (VALUES - 1);
}

/* count[digit][value]: numbers of that digit. */
static void count_digits(size_t n, const double *x, uint32_t count[DIGITS][VALUES]) {
  memset(count, 0, DIGITS * sizeof count[0]);
  for (size_t i = 0; i < n; i++) {
    const uint64_t key = key_of(x[i]);
    for (int d = 0; d < DIGITS; d++) count[d][(key >> (BITS * d)) & (VALUES - 1)]++;
  }
}

/* Counts become the places where each value begins. */
static void counts_to_places(uint32_t *count) {
  uint32_t place = 0;
  for (uint32_t v = 0; v < VALUES; v++) {
    const uint32_t next = place + count[v];
    count[v] = place;
    place = next;
  }
}

static void distribute(size_t n, int digit, uint32_t *place, const column *from, const column *to) {
  for (size_t i = 0; i < n; i++) {
    const uint32_t k = place[digit_of(from->x[i], digit)]++;
    to->x[k] = from->x[i];
    if (to->order) to->order[k] = from->order[i];
  }
}

void sort_order(size_t n, const double *x, double *sorted, uint32_t *order, double *work, uint32_t *order_work) {
  uint32_t count[DIGITS][VALUES];
  column now = {sorted, order}, other = {work, order_work};
  if (sorted != x && n) memcpy(sorted, x, n * sizeof *sorted);
  for (uint32_t i = 0; order && i < n; i++) order[i] = i;
  count_digits(n, x, count);
  for (int d = 0; d < DIGITS && n > 1; d++) {
    if (count[d][digit_of(now.x[0], d)] == n) continue;
    counts_to_places(count[d]);
    distribute(n, d, count[d], &now, &other);
    const column swap = now;
    now = other;
    other = swap;
  }
  if (now.x == sorted || !n) return;
  memcpy(sorted, now.x, n * sizeof *sorted);
  if (order) memcpy(order, now.order, n * sizeof *order);
}

/* Before the one that was found none is larger, so that the next is behind. */
void sort_select(size_t n, double *x, size_t count, const size_t *place, double *found) {
  size_t from = 0;
  for (size_t k = 0; k < count; k++) {
    found[k] = k > 0 && place[k] == from ? found[k - 1] : gsl_stats_select(x + from, 1, n - from, place[k] - from);
    from = place[k];
  }
}
