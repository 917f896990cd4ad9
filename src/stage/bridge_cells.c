/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dividing the initial draws of a bridge into cells: see bridge_cells.h. */
#include "stage/bridge_cells.h"

#include <math.h>
#include <string.h>

size_t bridge_cells_max(const bridge_settings *settings) {
  return settings->by_component ? 2 * settings->q->locations + 2 : settings->islands;
}

static stream cell_stream(const bridge *b) {
  return stream_make(b->set.seed, STREAM_RESAMPLE, 4096 + b->set.number, b->set.group * 64 + b->set.purpose);
}

/* Stratified components for the draws [first, first + n). */
static void stratify(const bridge *b, size_t first, size_t n, uint32_t number, size_t *component) {
  mixture_stratify(b->set.q, stream_uniform(cell_stream(b), number, 0, 0), n, component + first);
}

void bridge_cells_islands(bridge *b, size_t *component) {
  size_t islands = b->set.islands, each = b->n / islands;
  b->cells = islands;
  for (size_t c = 0; c < islands; c++) {
    stratify(b, c * each, each, (uint32_t)c, component);
    b->cell_share[c] = 1 / (double)islands;
    b->cell_parents[c] = b->set.parents / islands;
    b->cell_half[c] = c % 2;
    for (size_t i = 0; i < each; i++) b->cell[c * each + i] = c;
  }
}

/* Joins the cells with fewer than `least` draws into one a half; fills cells, cell_half and the map from old cell to new (in
 * b->cell_count). */
static void join_small(bridge *b, size_t raw, const size_t *count, size_t least, size_t *map) {
  size_t next = 0, joined[2] = {raw, raw};
  for (size_t c = 0; c < raw; c++) {
    if (count[c] == 0) continue;
    if (count[c] >= least) {
      map[c] = next;
    } else {
      if (joined[c % 2] == raw) joined[c % 2] = next;
      map[c] = joined[c % 2];
    }
    if (map[c] == next) b->cell_half[next++] = c % 2;
  }
  b->cells = next;
}

void bridge_cells_components(bridge *b, size_t *component) {
  const mixture *q = b->set.q;
  size_t raw = 2 * q->locations, least = 8 * b->set.states > b->n / 128 ? 8 * b->set.states : b->n / 128;
  size_t *count = b->index, *map = b->order; /* both hold the population, never fewer entries than cells */
  stratify(b, 0, b->n, 0, component);
  memset(count, 0, raw * sizeof *count);
  for (size_t i = 0; i < b->n; i++) {
    b->cell[i] = 2 * q->location[component[i]] + (stream_uniform(cell_stream(b), (uint32_t)i, 1, 0) < 0.5);
    count[b->cell[i]]++;
  }
  join_small(b, raw, count, least, map);
  memset(b->cell_count, 0, b->cells * sizeof *b->cell_count);
  for (size_t i = 0; i < b->n; i++) {
    b->cell[i] = map[b->cell[i]];
    b->cell_count[b->cell[i]]++;
  }
  for (size_t c = 0; c < b->cells; c++) {
    b->cell_share[c] = (double)b->cell_count[c] / (double)b->n;
    b->cell_parents[c] = (size_t)fmax(1, rint((double)b->cell_count[c] / (double)b->set.states));
  }
}
