/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thread and two on the same runs, in turns: threads.ROW.T.wall and .seconds (of processor). */
#include "bench/accuracy_rows.h"
#include "bench/speed_lines.h"
#include "bench/speed_parts.h"
#include "bench/speed_run.h"

#include <math.h>
#include <stdio.h>

static void run_once(const row *r, uint64_t seed, size_t threads, figures *out) {
  dilate_options options;
  speed_run run;
  dilate_options_init(&options);
  options.seed = seed;
  options.threads = threads;
  speed_run_make(r->target, &options, 0, &run);
  const double failed = run.failure[0] != '\0' ? NAN : 0;
  figures_add(out, FIGURE_FACT, "wall s", run.wall + failed, "threads.%s.%zu.wall", r->name, threads);
  figures_add(out, FIGURE_FACT, "s", run.seconds + failed, "threads.%s.%zu.seconds", r->name, threads);
  fprintf(stderr, "threads.%-24s seed %2llu  %zu thread%s  %8.3f s on the wall  %8.3f s of processor%s%s\n", r->name,
          (unsigned long long)seed, threads, threads > 1 ? "s" : " ", run.wall, run.seconds, run.failure[0] != '\0' ? "  FAILED: " : "",
          run.failure);
}

void speed_threads(const speed_plan *plan, figures *out) {
  const uint64_t turns = plan->quick ? 1 : 3;
  for (size_t i = 0; i < THREAD_ROWS; i++)
    for (uint64_t turn = 1; turn <= turns; turn++)
      for (size_t threads = 1; threads <= 2; threads++) run_once(row_named(speed_thread_rows[i]), turn, threads, out);
}
