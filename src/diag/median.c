/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The median distance of a pooled sample, exact, without a list of the n(n-1)/2 distances.  Squares are not negative, so their bits as
 * integers have their order: four passes over all pairs fix 16 bits each, by counting.  Counts are integers, so threads may add them in any
 * order. */
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "base/team.h"
#include "diag/pairs.h"

#define DIGIT_BITS 16
#define DIGITS     65536

/* Counts, by their 16 bits above `shift`, the squares whose bits above those are `prefix`: pairs of draw i with the later ones. */
static void count_row(const draw_set *pool, size_t i, unsigned shift, uint64_t prefix, uint64_t *count) {
  double square[PAIR_TILE];
  for (size_t from = i + 1; from < pool->n; from += PAIR_TILE) {
    const size_t tile = pool->n - from < PAIR_TILE ? pool->n - from : PAIR_TILE;
    pair_squares(pool, i, pool, from, tile, square);
    for (size_t k = 0; k < tile; k++) {
      uint64_t bits;
      memcpy(&bits, &square[k], sizeof bits);
      bits >>= shift;
      if (bits >> DIGIT_BITS == prefix) count[bits % DIGITS]++;
    }
  }
}

/* One pass: a thread has counts of its own. */
static void count_pairs(const draw_set *pool, unsigned shift, uint64_t prefix, size_t threads, uint64_t *count) {
  memset(count, 0, threads * DIGITS * sizeof *count);
#pragma omp parallel for schedule(dynamic, 16) num_threads(team_size(threads))
  for (size_t i = 0; i < pool->n; i++) count_row(pool, i, shift, prefix, count + (size_t)omp_get_thread_num() * DIGITS);
  for (size_t t = 1; t < threads; t++)
    for (size_t k = 0; k < DIGITS; k++) count[k] += count[t * DIGITS + k];
}

/* The square of rank `rank`, from 0. */
static double select_square(const draw_set *pool, uint64_t rank, size_t threads, uint64_t *count) {
  uint64_t prefix = 0;
  for (unsigned digit = 0; digit < 64 / DIGIT_BITS; digit++) {
    count_pairs(pool, 64 - DIGIT_BITS * (digit + 1), prefix, threads, count);
    size_t k = 0;
    for (; k + 1 < DIGITS && rank >= count[k]; k++) rank -= count[k];
    prefix = prefix << DIGIT_BITS | k;
  }
  double square;
  memcpy(&square, &prefix, sizeof square);
  return square;
}

static int pool_make(const draw_set *x, const draw_set *y, double **row, draw_set *pool, dilate_error *err) {
  *pool = (draw_set){.row = NULL};
  const size_t n = x->n + y->n;
  *row = NEW2(double, n, x->dim);
  if (!*row) return error_memory(err, "the median distance");
  memcpy(*row, x->row, x->n * x->dim * sizeof **row);
  if (y->n) memcpy(*row + x->n * x->dim, y->row, y->n * x->dim * sizeof **row);
  return draw_set_make("x", x->dim, n, *row, pool, err);
}

int pair_median(const draw_set *x, const draw_set *y, size_t threads, double *median, dilate_error *err) {
  draw_set pool;
  double *row;
  int status = pool_make(x, y, &row, &pool, err);
  uint64_t *count = status ? NULL : NEW2(uint64_t, threads, DIGITS);
  if (!status && !count) status = error_memory(err, "the median distance");
  if (!status) {
    const uint64_t pairs = (uint64_t)pool.n * (pool.n - 1) / 2;
    *median = pairs ? sqrt(select_square(&pool, (pairs - 1) / 2, threads, count)) : 0;
    if (!(*median > 0))
      status = error_set(err, DILATE_EDOMAIN,
                         "the median distance is 0 (half of the pairs of draws coincide, or there is one draw only): "
                         "give options.bandwidth and options.epsilon");
    else if (!isfinite(*median))
      status = error_set(err, DILATE_ENUMERIC, "the median distance overflows: divide all draws by one scale");
  }
  memory_free(count);
  memory_free(row);
  draw_set_clear(&pool);
  return status;
}

int pair_bandwidth(const draw_set *x, const draw_set *y, const dilate_distance_options *set, double *bandwidth, dilate_error *err) {
  *bandwidth = set->bandwidth;
  return set->bandwidth > 0 ? 0 : pair_median(x, y, set->threads, bandwidth, err);
}

int dilate_distance_median(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options,
                           double *out, dilate_error *err) {
  if (!out) return error_set(err, DILATE_EINVAL, "out is NULL: there is nowhere to put the median");
  *out = NAN;
  dilate_distance_options set;
  draw_set a = {0}, b = {.dim = dim};
  double median;
  int status = settings_make(options, &set, err);
  if (!status) status = draw_set_make("x", dim, n, x, &a, err);
  if (!status && m > 0) status = draw_set_make("y", dim, m, y, &b, err);
  if (!status) status = pair_median(&a, &b, set.threads, &median, err);
  if (!status) *out = median;
  draw_set_clear(&a);
  draw_set_clear(&b);
  return status;
}
