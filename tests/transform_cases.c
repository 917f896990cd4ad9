/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of every kind: see transform_cases.h. */
#include "transform_cases.h"

#include <math.h>

const dilate_block transform_blocks[] = {
    {DILATE_UNCONSTRAINED, 3, 0, 0},
    {DILATE_UNCONSTRAINED, 1, 0, 0},
    {DILATE_LOWER, 3, 0, 0},
    {DILATE_LOWER, 1, -4, 0},
    {DILATE_UPPER, 3, 0, 0},
    {DILATE_UPPER, 1, 0, -4},
    {DILATE_INTERVAL, 3, -2, 5},
    {DILATE_INTERVAL, 2, 0, 1e-6},
    {DILATE_INTERVAL, 1, 0, 1},
    {DILATE_ORDERED, 4, 0, 0},
    {DILATE_ORDERED, 1, 0, 0},
    {DILATE_POSITIVE_ORDERED, 4, 0, 0},
    {DILATE_POSITIVE_ORDERED, 1, 0, 0},
    {DILATE_SIMPLEX, 2, 0, 0},
    {DILATE_SIMPLEX, 3, 0, 0},
    {DILATE_SIMPLEX, 6, 0, 0},
    {DILATE_UNIT_VECTOR, 2, 0, 0},
    {DILATE_UNIT_VECTOR, 5, 0, 0},
    {DILATE_CHOLESKY_COVARIANCE, 1, 0, 0},
    {DILATE_CHOLESKY_COVARIANCE, 4, 0, 0},
    {DILATE_CHOLESKY_COVARIANCE, 16, 0, 0},
    {DILATE_COVARIANCE, 1, 0, 0},
    {DILATE_COVARIANCE, 4, 0, 0},
    {DILATE_COVARIANCE, 16, 0, 0},
    {DILATE_CHOLESKY_CORRELATION, 4, 0, 0},
    {DILATE_CHOLESKY_CORRELATION, 9, 0, 0},
    {DILATE_CHOLESKY_CORRELATION, 25, 0, 0},
    {DILATE_CORRELATION, 4, 0, 0},
    {DILATE_CORRELATION, 9, 0, 0},
    {DILATE_CORRELATION, 25, 0, 0},
    {DILATE_CORRELATION, MAX, 0, 0},
};
const int transform_block_count = (int)(sizeof transform_blocks / sizeof *transform_blocks);

int is_matrix(const dilate_block *block) {
  return block->constraint >= DILATE_CHOLESKY_COVARIANCE && block->constraint <= DILATE_CORRELATION;
}

size_t rows_of(const dilate_block *block) {
  size_t rows = 1;
  while (rows * rows < block->size) rows++;
  return rows;
}

size_t free_values(const dilate_block *block, size_t *index) {
  const size_t rows = rows_of(block), size = block->size - (block->constraint == DILATE_SIMPLEX);
  const size_t skip = block->constraint == DILATE_CORRELATION || block->constraint == DILATE_CHOLESKY_CORRELATION;
  size_t count = 0;
  for (size_t i = 0; !is_matrix(block) && i < size; i++) index[count++] = i;
  for (size_t j = 0; is_matrix(block) && j < rows; j++)
    for (size_t i = j + skip; i < rows; i++) index[count++] = i + rows * j;
  return count;
}

void unconstrained_at(const dilate_block *block, int turn, double *u) {
  const double scale = block->size > 100 ? 0.2 : block->constraint == DILATE_COVARIANCE ? 0.5 : 2;
  for (int i = 0; i < MAX; i++) u[i] = scale * sin(1 + 3.7 * turn + 1.3 * i);
}
