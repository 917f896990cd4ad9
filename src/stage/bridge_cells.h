/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells of a bridge: the sets of particles within which it resamples. */
#ifndef DILATE_STAGE_BRIDGE_CELLS_H
#define DILATE_STAGE_BRIDGE_CELLS_H

#include "stage/bridge.h"

/* Islands: equal runs of the initial draws; component[i] of each draw is stratified within its island.  Fills cells, cell, cell_share,
 * cell_parents (of arrays with room for bridge_cells_max). */
void bridge_cells_islands(bridge *b, size_t *component);
/* (location of the component, half), those too small to resample in joined into one a half. */
void bridge_cells_components(bridge *b, size_t *component);
size_t bridge_cells_max(const bridge_settings *settings);

#endif
