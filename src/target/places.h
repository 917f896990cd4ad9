/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places to work for callbacks that need scratch and must not allocate: one for each thread that is likely to call, taken and given back.
 */
#ifndef DILATE_TARGET_PLACES_H
#define DILATE_TARGET_PLACES_H

#include <stddef.h>

typedef struct places places;

/* As many places as there are processors, or threads of a team if those are more, of `doubles` each; NULL when out of memory. */
places *places_create(size_t doubles);
void places_free(places *p); /* NULL is allowed */

/* A free place, which is the caller's until it is given back; waits where all are taken.  *place is for places_give_back(). */
double *places_take(places *p, size_t *place);
void places_give_back(places *p, size_t place);

#endif
