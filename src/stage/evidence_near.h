/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which chains tell what became of a state: those of its island that start nearest to it.
 *
 * Near is in the coordinates over their spread among the chains' starts, and in log pi~/q over its spread, which counts as much as all
 * coordinates together: it is what weights depend on. */
#ifndef DILATE_STAGE_EVIDENCE_NEAR_H
#define DILATE_STAGE_EVIDENCE_NEAR_H

#include "kernel/tempered.h"
#include "stage/evidence.h"

/* The states of a temperature and log pi~/q of all of them.  here: NULL, or of states that stay with their ranks those that are the
 * caller's: p has them alone, and ranks share out what follows. */
typedef struct linked_states {
  const particles *p;
  const double *ratio;
  const shared_loop *here;
} linked_states;

/* Links a record, which has some of the states, to the chains that were resampled from them: chain m starts at state parent[m], in island
 * of[m].  In parallel over states.  Non-zero when out of memory. */
int evidence_link(evidence_record *r, const linked_states *states, size_t chains, const size_t *parent, const size_t *of, size_t threads);

#endif
