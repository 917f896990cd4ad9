/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole runs of the accuracy table's rows with default options and one thread.  Figures of a row, a value a seed: whole.ROW.units (of a
 * million ziggurat normals in the same process), .overhead-units, .evaluations, .memory, and the seconds behind them. */
#include "bench/accuracy_rows.h"
#include "bench/speed_parts.h"
#include "bench/speed_record.h"
#include "bench/speed_run.h"

#include <stdio.h>

void speed_whole(const speed_plan *plan, figures *out) {
  for (size_t r = 0; r < row_count; r++) {
    if (!row_selected(&row_list[r], plan->rows)) continue;
    for (uint64_t seed = 1; seed <= plan->seeds; seed++) {
      char name[FIGURE_NAME];
      dilate_options options;
      dilate_options_init(&options);
      options.seed = seed;
      options.threads = 1;
      snprintf(name, sizeof name, "whole.%s", row_list[r].name);
      speed_record(name, row_list[r].target, &options, out);
    }
  }
}
