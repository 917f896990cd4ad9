/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sample along the axes that suit one of its coordinates (rotation.h), with the terms of natural parameters (dependence.h) that the
 * others' dependence on it has there: axes and terms are found in turn, each with the other's help. */
#ifndef DILATE_STAGE_TURNED_H
#define DILATE_STAGE_TURNED_H

#include "stage/dependence.h"
#include "stage/rotation.h"

/* The points along the axes that suit coordinate h, and their regressions. */
typedef struct turned {
  rotation axes;
  warp *warp; /* of one layer */
  warp_linear *layer;
  particles p;
  regression g;
  warp_linear kept;       /* the layer, while another is tried */
  unsigned char *rotated; /* dim: coordinates that are turned */
} turned;

int turned_create(const particles *p, turned *t); /* non-zero when out of memory; to be cleared in any case */
void turned_clear(turned *t);
/* Turns all coordinates of g's points but h, g's own, and those kept apart (dim).  Returns 0 when there are no axes. */
int turned_turn(turned *t, const regression *g, size_t h, const unsigned char *apart);
/* The same with as many terms as are worth it: of h, of the hypers (dim: on which others depend already), and of those rivals, by their
 * gains, that bring one; the other rivals are turned in the end.  apart: scratch (dim). */
int turned_with_terms(turned *t, const regression *g, size_t h, const double *gain, const unsigned char *hypers, unsigned char *apart);
void turned_copy_layer(size_t dim, const warp_linear *from, warp_linear *to);

#endif
