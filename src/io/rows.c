/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows and columns of draws: see rows.h. */
#include "io/rows.h"

#include <stdlib.h>
#include <string.h>

static size_t rows_of(const dilate_result *result) {
  return dilate_result_islands(result) * dilate_result_draws(result);
}

static void fetch(row_spread *s, row_part part, size_t first, size_t n, double *out) {
  s->lost |= s->fetch(s->data, part, first, n, out) != 0;
}

int rows_begin(const dilate_result *result, row_spread *spread, row_part part, row_reader *out) {
  const int points = part == ROWS_POINTS;
  *out = (row_reader){.spread = spread,
                      .part = part,
                      .width = points ? dilate_result_dim(result) : dilate_result_n_out(result),
                      .rows = rows_of(result),
                      .here = points ? dilate_result_unconstrained(result) : dilate_result_values(result)};
  out->n = spread ? 0 : out->rows;
  if (!spread || !out->width) return 0;
  const size_t most = ROWS_BLOCK / out->width + 1;
  out->block = most < out->rows ? most : out->rows;
  out->here = out->room = calloc(out->block * out->width + 1, sizeof *out->room);
  return out->room ? 0 : -1;
}

const double *rows_at(row_reader *r, size_t row) {
  if (row < r->first || row >= r->first + r->n) {
    r->first = row;
    r->n = r->rows - row < r->block ? r->rows - row : r->block;
    fetch(r->spread, r->part, r->first, r->n, r->room);
  }
  return r->here + (row - r->first) * r->width;
}

void rows_end(row_reader *r) {
  free(r->room);
}

/* One behind the other. */
static int fetch_columns(const dilate_result *result, row_spread *spread, size_t n, const size_t *chosen, row_columns *out) {
  const size_t rows = rows_of(result);
  out->value = out->room = calloc(rows * n + 1, sizeof *out->room);
  out->stride = 1;
  for (size_t k = 0; out->room && k < n; ++k) {
    out->at[k] = k * rows;
    fetch(spread, ROWS_COLUMN, chosen[k], 0, out->room + out->at[k]);
  }
  return out->room ? 0 : -1;
}

int columns_begin(const dilate_result *result, row_spread *spread, size_t n, const size_t *chosen, row_columns *out) {
  *out =
      (row_columns){.value = dilate_result_values(result), .stride = dilate_result_n_out(result), .at = malloc((n + 1) * sizeof *out->at)};
  if (!out->at) return -1;
  memcpy(out->at, chosen, n * sizeof *out->at);
  return spread ? fetch_columns(result, spread, n, chosen, out) : 0;
}

void columns_end(row_columns *c) {
  free(c->at);
  free(c->room);
}
