/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How cost grows: growth.particles.METHOD.N on four Gaussians in 10 dimensions, growth.dimension.METHOD.D on a free Gaussian,
 * growth.components.bridge.K on K Gaussians in the plane.  The bridge has its default options but for the draws; Langevin chains
 * have few steps, for a cost that grows with everything at once.  A run that takes longer than two minutes on the wall has failed. */
#include "bench/speed_parts.h"
#include "bench/speed_record.h"

#include <stdio.h>

enum { ISLANDS = 4, LANGEVIN_STEPS = 25, DIMENSION_PARTICLES = 1000, MOST_SECONDS = 120 };

static void grow(const char *name, const char *spec, const char *method, size_t particles, figures *out) {
  dilate_options options;
  dilate_options_init(&options);
  options.threads = 1;
  options.method = method;
  options.islands = ISLANDS;
  options.draws = particles / ISLANDS;
  options.steps = LANGEVIN_STEPS;
  options.max_seconds = MOST_SECONDS;
  speed_record(name, spec, &options, out);
}

static void grow_particles(const char *method, int quick, figures *out) {
  static const size_t counts[] = {1000, 10000, 30000, 100000, 300000, 1000000};
  for (size_t i = 0; i < (quick ? 4 : sizeof counts / sizeof *counts); i++) {
    char name[FIGURE_NAME];
    snprintf(name, sizeof name, "growth.particles.%s.%zu", method, counts[i]);
    grow(name, "gmm4:dim=10", method, counts[i], out);
  }
}

static void grow_dimension(const char *method, size_t most, figures *out) {
  static const size_t dims[] = {2, 10, 50, 100, 200, 500, 2000};
  for (size_t i = 0; i < sizeof dims / sizeof *dims && dims[i] <= most; i++) {
    char name[FIGURE_NAME], spec[32];
    snprintf(name, sizeof name, "growth.dimension.%s.%zu", method, dims[i]);
    snprintf(spec, sizeof spec, "free:%zu", dims[i]);
    grow(name, spec, method, DIMENSION_PARTICLES, out);
  }
}

static void grow_components(size_t step, figures *out) {
  for (size_t k = 1; k <= 128; k *= step) {
    char name[FIGURE_NAME], spec[32];
    snprintf(name, sizeof name, "growth.components.bridge.%zu", k);
    snprintf(spec, sizeof spec, "mixture:%zu", k);
    grow(name, spec, "bridge", 4000, out);
  }
}

void speed_growth(const speed_plan *plan, figures *out) {
  grow_particles("bridge", plan->quick, out);
  grow_particles("langevin", plan->quick, out);
  grow_dimension("bridge", plan->quick ? 50 : 200, out);
  grow_dimension("langevin", plan->quick ? 500 : 2000, out);
  grow_components(plan->quick ? 8 : 2, out);
}
