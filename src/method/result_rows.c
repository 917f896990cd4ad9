/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows, wherever they are: see result_rows.h. */
#include "method/result_rows.h"

#include <string.h>

shared_loop result_rows(const dilate_result *result, target *t) {
  const size_t rows = result->islands * result->draws;
  return result->spread ? share_apart(t, rows) : share_alone(t, rows);
}

void result_column(const dilate_result *result, target *t, const double *held, size_t width, size_t j, double *column) {
  const shared_loop rows = result_rows(result, t);
  for (size_t i = 0; i < result->held; i++) column[result->first + i] = held[i * width + j];
  SHARE_END(&rows, SHARE_ROW(column));
}

typedef struct picking {
  const dilate_result *result;
  shared_loop rows;
  const size_t *row;
  double *x;
} picking;

static size_t owner(const void *of, size_t k) {
  const picking *s = of;
  return share_owner(&s->rows, s->row[k]);
}

static void give(const void *of, size_t k, void *bytes) {
  const picking *s = of;
  const size_t dim = s->result->dim;
  memcpy(bytes, s->result->x + (s->row[k] - s->result->first) * dim, dim * sizeof(double));
}

static void take(void *of, size_t k, const void *bytes) {
  const picking *s = of;
  const size_t dim = s->result->dim;
  memcpy(s->x + k * dim, bytes, dim * sizeof(double));
}

void result_pick(const dilate_result *result, target *t, size_t n, const size_t *row, double *x) {
  picking s = {result, result_rows(result, t), row, x};
  const share_items items = {.count = n, .bytes = result->dim * sizeof(double), .owner = owner, .give = give, .take = take, .of = &s};
  if (result->spread) share_each(t, &items);
  for (size_t k = 0; k < n && !result->spread; k++) give(&s, k, x + k * result->dim);
}
