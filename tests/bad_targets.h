/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets that are not what they should be, each with what must come of it: the right answer, or an error or warning that names the cause.
 *
 * A run may end in any of the ways that its target allows; one that says nothing is held to its own reported errors. */
#ifndef DILATE_TESTS_BAD_TARGETS_H
#define DILATE_TESTS_BAD_TARGETS_H

#include <stdatomic.h>

#include "dilate.h"

/* Ways to end. */
#define BAD_RIGHT  1u /* without a warning that matters: log Z within five of its errors, means within five of theirs */
#define BAD_WARNED 2u /* a warning has one of the words */
#define BAD_FAILS  4u /* an error whose text has one of the words */

/* What a run of it does besides. */
#define BAD_GRADIENT_ONLY 1u /* it is about its gradient: no run with differences */
#define BAD_SERIAL        2u
#define BAD_HINTED        4u /* the default method is told of a point near its support */
#define BAD_MODES         8u /* far apart: methods without weights say so */
#define BAD_BRIDGE_ONLY   16u
#define BAD_DIMS          3

typedef struct bad_target bad_target;

/* What the callbacks of one run share. */
typedef struct bad_state {
  const bad_target *target;
  atomic_size_t calls, inside, overlaps; /* made; going on; of these, while another went on */
} bad_state;

/* As a point callback; grad always has room for dim derivatives. */
typedef int (*bad_density)(bad_state *s, size_t dim, const double *x, double *logp, double *grad);

struct bad_target {
  const char *name;
  bad_density density;
  double (*log_z)(size_t dim); /* NULL: not known, or none */
  double mean;                 /* of the first coordinate; NAN: not known, or none */
  unsigned ends;               /* BAD_RIGHT, ... */
  const char *words;           /* separated by | */
  size_t dims[BAD_DIMS];       /* 0: no more */
  unsigned flags;
};

extern const bad_target bad_targets[]; /* ends with a NULL name */

#define BAD_ABORT_CODE (-7)

/* A combination of what can vary. */
typedef struct bad_run {
  const bad_target *target;
  const char *method;
  size_t dim, threads;
  int gradient, batch;
  uint64_t seed;
} bad_run;

/* Runs it and judges the outcome: NULL, or what was wrong (text that lives until the next call).  *how: which of the ways it ended in. */
const char *bad_try(const bad_run *run, unsigned *how);
/* "flat, 2-d, langevin, ..." into text. */
void bad_describe(const bad_run *run, size_t size, char *text);

#endif
