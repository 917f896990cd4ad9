/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which chains tell what became of a state: those of its island that start nearest to it.
 *
 * Near is in the coordinates over their spread among the chains' starts, and in log pi~/q over its spread, which counts as much as all
 * coordinates together: it is what weights depend on. */
#ifndef DILATE_STAGE_EVIDENCE_NEAR_H
#define DILATE_STAGE_EVIDENCE_NEAR_H

#include "kernel/tempered.h"
#include "stage/evidence.h"

/* Links a record to the chains that were resampled from it: chain m starts at state parent[m] of p, in island of[m]; ratio: log pi~/q of
 * the states of p, of which the record has some.  In parallel over states.  Non-zero when out of memory. */
int evidence_link(evidence_record *r, const particles *p, const double *ratio, size_t chains, const size_t *parent, const size_t *of,
                  size_t threads);

#endif
