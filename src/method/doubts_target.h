/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Doubts of the target itself, once the first group's particles have settled, or the last step of another method is done. */
#ifndef DILATE_METHOD_DOUBTS_TARGET_H
#define DILATE_METHOD_DOUBTS_TARGET_H

#include "base/factor.h"
#include "method/run.h"
#include "target/particles.h"

/* What is looked at: evaluated particles on the target, and a factor of their local scale. */
typedef struct target_view {
  const particles *points;
  factor_form form;
  const double *c;
  unsigned number; /* of the group */
  int all_ways;    /* marginals are followed along all coordinates, however light their tails look */
} target_view;

/* What makes a run pointless: an integral that is infinite, a scale that its particles have not come down to, log-densities so large that
 * doubles cannot tell them apart. */
typedef enum target_fault { TARGET_SOUND, TARGET_IMPROPER, TARGET_FALLS, TARGET_DIGITS, TARGET_FAULTS } target_fault;

/* Warns of a gradient that contradicts the log-density, of numbers that doubles cannot tell apart, and of the faults above. */
int doubt_target(const target_view *v, run *r, target_fault *fault, dilate_error *err);
/* Names the fault as the cause of a stage's failure; returns its status. */
int error_of_fault(target_fault fault, int status, dilate_error *err);
/* The same doubts for a method that fits nothing, at some of its n last points: point i's coordinate j is x[j*ld + i]. */
int doubt_particles(run *r, size_t n, size_t ld, const double *x, dilate_error *err);

#endif
