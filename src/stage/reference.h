/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reference q: a mixture fitted to the sample, from several families, by moments and by gradients; chosen by its divergence
 * from the target (choose.c), its weights set by importance sampling, widened and defended (manual, section 4). */
#ifndef DILATE_STAGE_REFERENCE_H
#define DILATE_STAGE_REFERENCE_H

#include "mixture/em.h"
#include "stage/settle.h"

typedef struct reference {
  mixture *core;        /* as fitted */
  mixture *q;           /* with a broad component, widened twins and inflation: what a bridge starts from */
  double cost;          /* C = max(J, 0) + min(var_q log(pi/q), 1)/2 */
  double previous_cost; /* C of the previous reference on the same sample; NaN without one */
  double quick_cost;    /* least C of the candidates that are fitted first (candidates_quick) */
  double ess;           /* effective share of draws of q as importance samples of the target */
} reference;

void reference_free(reference *r); /* NULL is allowed */

/* Of `dim` dimensions, or none; what is read is the caller's to free. */
void reference_archive(archive *a, size_t dim, reference **r);

#define REFERENCE_QUICK 0.2 /* quick_cost up to which no other candidates are searched for */

typedef struct reference_task {
  target *target;
  uint64_t seed;
  unsigned group, round;
  const sample *sample;
  const explore *explore;  /* its metric and clusters; NULL after the first round */
  const mixture *previous; /* core of the previous reference, or NULL */
  double promising;        /* quick_cost beyond which they are not either; 0: whatever it is */
  double origin;           /* log pi~ is counted from here, so that a constant of the target changes no bit; reference_fit sets it */
} reference_task;

/* Fits, chooses, reweights and defends. */
int reference_fit(const reference_task *task, reference **out, dilate_error *err);

#endif
