/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the suite: each adds its figures.  One line a measurement goes to stderr. */
#ifndef BENCH_SPEED_PARTS_H
#define BENCH_SPEED_PARTS_H

#include "bench/speed_clock.h"

#include <stdint.h>

typedef struct speed_plan {
  int quick;
  pace pace;
  uint64_t seeds;   /* whole runs: 1 to seeds */
  const char *rows; /* of the accuracy table, by name; NULL: all */
} speed_plan;

/* micro.normals.D, micro.ziggurat, micro.exp, micro.log, micro.log-sum-exp, micro.resampling: ns a number; and, in the same turns,
 * micro.ula.D, micro.mala.D, micro.hmc.D: ns a particle and dimension of a step on a free standard Gaussian. */
void speed_micro(const speed_plan *plan, figures *out);
/* micro.gmm40.batch and .point, with .gradient: ns an evaluation. */
void speed_callbacks(const speed_plan *plan, figures *out);
/* micro.reference.FAMILY.dD.kK: ns a point, log-density and gradient; micro.em.FAMILY.dD: ns a point and component of an iteration. */
void speed_mixtures(const speed_plan *plan, figures *out);
/* whole.ROW.*: see speed_whole.c. */
void speed_whole(const speed_plan *plan, figures *out);
/* growth.*: see speed_growth.c, speed_threads.c. */
void speed_growth(const speed_plan *plan, figures *out);
void speed_threads(const speed_plan *plan, figures *out);

#endif
