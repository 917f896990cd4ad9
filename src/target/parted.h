/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Particles that may stand with several ranks, each of which has a run of them. */
#ifndef DILATE_TARGET_PARTED_H
#define DILATE_TARGET_PARTED_H

#include "target/share.h"

typedef struct parted {
  size_t n;              /* of all ranks */
  const particles *here; /* those of this one */
  const double *logp;    /* n: of all; NULL: nobody asks */
  shared_loop held;      /* which are here */
  int apart;             /* 0: all are */
} parted;

/* All of them here. */
parted parted_whole(target *t, const particles *p);
/* Particles index[k] to the first n places of `to`, on all ranks. */
void parted_pick(const parted *p, size_t n, const size_t *index, particles *to);

static inline int parted_has(const parted *p, size_t i) {
  return !p->apart || share_has(&p->held, i);
}
/* Where a particle that is here stands. */
static inline size_t parted_place(const parted *p, size_t i) {
  return p->apart ? share_place(&p->held, i) : i;
}

#endif
