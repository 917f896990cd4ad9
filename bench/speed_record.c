/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures of one run. */
#include "bench/speed_record.h"

#include "bench/speed_run.h"
#include <math.h>
#include <stdio.h>

static void add_costs(const char *name, const speed_run *r, figures *out) {
  const double overhead = r->seconds - speed_run_target(r), failed = r->failure[0] != '\0' ? NAN : 0;
  figures_add(out, FIGURE_SEEDS, "units", r->seconds / r->unit + failed, "%s.units", name);
  figures_add(out, FIGURE_SEEDS, "units", overhead / r->unit + failed, "%s.overhead-units", name);
  figures_add(out, FIGURE_SEEDS, "calls", (double)r->evaluations + failed, "%s.evaluations", name);
  if (!isnan(r->instructions)) figures_add(out, FIGURE_SEEDS, "instructions", r->instructions + failed, "%s.instructions", name);
  figures_add(out, FIGURE_SEEDS, "bytes", r->memory + failed, "%s.memory", name);
  figures_add(out, FIGURE_FACT, "s", r->seconds + failed, "%s.seconds", name);
  figures_add(out, FIGURE_FACT, "s", speed_run_target(r) + failed, "%s.target", name);
  figures_add(out, FIGURE_FACT, "s", overhead + failed, "%s.overhead", name);
}

static void add_facts(const char *name, const speed_run *r, figures *out) {
  figures_add(out, FIGURE_FACT, "s", r->unit, "%s.unit", name);
  figures_add(out, FIGURE_FACT, "ns", 1e9 * r->density_cost, "%s.density-cost", name);
  figures_add(out, FIGURE_FACT, "ns", 1e9 * r->gradient_cost, "%s.gradient-cost", name);
  figures_add(out, FIGURE_FACT, "", (double)r->dim, "%s.dim", name);
  figures_add(out, FIGURE_FACT, "", (double)r->particles, "%s.particles", name);
  if (!isnan(r->log_z - r->log_z_truth)) figures_add(out, FIGURE_FACT, "", fabs(r->log_z - r->log_z_truth), "%s.log-z-error", name);
}

/* A stage's overhead counts each of its calls at the run's mean cost. */
static void add_stages(const char *name, const speed_run *r, figures *out) {
  const double call = speed_run_target(r) / (double)r->evaluations;
  for (size_t s = 0; s < r->stages; s++) {
    const stage_time *const stage = &r->stage[s];
    figures_add(out, FIGURE_FACT, "s", stage->seconds, "%s.stage.%s", name, stage->name);
    figures_add(out, FIGURE_FACT, "s", stage->seconds - (double)stage->evaluations * call, "%s.stage-overhead.%s", name, stage->name);
  }
}

void speed_record(const char *name, const char *spec, const dilate_options *options, figures *out) {
  speed_run r;
  speed_run_make(spec, options, 1, &r);
  add_costs(name, &r, out);
  add_facts(name, &r, out);
  if (r.failure[0] == '\0') add_stages(name, &r, out);
  fprintf(stderr, "%-32s seed %2llu  %8.3f s  of it target %8.3f s  %8.0fk evaluations  %6.0f MB%s%s\n", name,
          (unsigned long long)options->seed, r.seconds, speed_run_target(&r), 1e-3 * (double)r.evaluations, 0x1p-20 * r.memory,
          r.failure[0] != '\0' ? "  FAILED: " : "", r.failure);
}
