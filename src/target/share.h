/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A loop over particles shared out among ranks: each takes a run of the tiles, then all get what the others have computed.
 *
 *   const shared_loop s = share_begin(t, p->n, 1);
 *   for (size_t tile = s.first; tile < s.end; tile++) ...
 *   SHARE_END(&s, SHARE_POINTS(p), ...);
 *
 * Tiles are the same whatever the ranks, so that values have the same bits.  What the ranks' callbacks were asked is added up, and the
 * first offending point is that of all.  Without ranks, or inside a parallel region, where only one thread of many may meet the other
 * ranks, all tiles are the caller's, and SHARE_END does nothing. */
#ifndef DILATE_TARGET_SHARE_H
#define DILATE_TARGET_SHARE_H

#include "target/particles.h"

typedef struct shared_loop {
  target *target;
  int shared;        /* 0: everything is our own */
  size_t n, parts;   /* particles, in so many equal parts that have tiles of their own */
  size_t first, end; /* the caller's tiles, of all parts one after the other */
  target_counts before;
  uint64_t bad_before;
} shared_loop;

/* An array with `rows` rows of `size` bytes a particle, the rows ld particles apart; and so many layers of that, `apart` particles apart
 * (0: one). */
typedef struct share_rows {
  void *at;
  size_t rows, ld, size, layers, apart;
} share_rows;

#define SHARE_LAYERS(array, many, ld, layers, apart)                                                                                       \
  { (array), (array) ? (many) : 0, (ld), sizeof *(array), (layers), (apart) }
#define SHARE_ROWS(array, many, ld) SHARE_LAYERS(array, many, ld, 1, 0)
#define SHARE_ROW(array)            SHARE_LAYERS(array, 1, 0, 1, 0)
#define SHARE_POINTS(p)             SHARE_ROWS((p)->x, (p)->dim, (p)->ld)
#define SHARE_VALUES(p)             SHARE_ROW((p)->logp), SHARE_ROWS((p)->grad, (p)->dim, (p)->ld)

shared_loop share_begin(target *t, size_t n, size_t parts);
/* All of it the caller's, whatever the ranks. */
shared_loop share_alone(target *t, size_t n);
/* The caller's run of particles that stay with their ranks: the same in the middle of a failure, too, when nothing is exchanged any more.
 */
shared_loop share_apart(target *t, size_t n);
/* The caller's particles: from the first to before the end. */
size_t share_first(const shared_loop *s);
size_t share_after(const shared_loop *s);
/* Of layers of n particles that stay with their ranks, particle number i of all: whether the caller has it, where among its own, and else
 * the rank that does. */
int share_has(const shared_loop *s, size_t i);
size_t share_place(const shared_loop *s, size_t i);
size_t share_owner(const shared_loop *s, size_t i);
/* All ranks' results into these arrays (NULL: none).  A failure, or a callback that asked to abort, on any rank is the target's failure on
 * all. */
#define SHARE_END(s, ...) share_end((s), sizeof((share_rows[]){__VA_ARGS__}) / sizeof(share_rows), (const share_rows[]){__VA_ARGS__})
void share_end(const shared_loop *s, size_t count, const share_rows *list);
/* Items of `bytes` bytes (a multiple of 8), each of which one rank has: every rank takes all of them, in their order, so many at a time
 * that the exchange stays moderate.  Nothing is taken once meetings have ended. */
typedef struct share_items {
  size_t count, bytes;
  size_t (*owner)(const void *of, size_t item);
  void (*give)(const void *of, size_t item, void *bytes);
  void (*take)(void *of, size_t item, const void *bytes);
  void *of;
} share_items;
void share_each(target *t, const share_items *items);
/* The sum of all ranks' numbers; our own where meetings have ended. */
size_t share_sum(target *t, size_t own);
/* Rank 0's answer, between two loops; a step that a rank has given up ends here on all, as at the end of a loop. */
int share_decide(target *t, int own);

#endif
