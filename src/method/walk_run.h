/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A random walk down the noise levels of X + sigma E: at each, the score of that law (closed or by Monte Carlo), guidance, one step. */
#ifndef DILATE_METHOD_WALK_RUN_H
#define DILATE_METHOD_WALK_RUN_H

#include "kernel/random_walk.h"
#include "method/method.h"
#include "score/guidance.h"
#include "score/score.h"

/* One step: y <- c + carry (y - c), then y <- y + tau s_sigma(y) + sqrt(2 tau temperature) n. */
typedef struct walk_level {
  double sigma, tau, temperature, carry;
} walk_level;

typedef struct walk_run {
  const char *stage; /* for the trace: a static string */
  score *score;
  guidance guidance;
  random_walk kernel;
  particles p; /* points of the target plus noise */
  double *centre, *ess, scale;
  walk_level *level; /* made by the method when the place is known */
  size_t levels, taken;
} walk_run;

/* Room for `levels` levels of a run's draws, and a warning about what the walk is worth. */
int walk_run_create(run *r, const char *stage, size_t levels, walk_run **out, dilate_error *err);
/* Finds the target's place: centre and scale. */
int walk_run_place(walk_run *w, run *r, dilate_error *err);
/* Particles of N(c, (sigma^2 + s^2) I), the first level's sigma; then one level. */
int walk_run_advance(walk_run *w, run *r, dilate_error *err);
/* Record of a step that was done, of `steps`; ess: mean effective samples over those wanted, or 1 where scores are exact. */
int walk_run_record(walk_run *w, run *r, double temperature, size_t done, size_t steps, dilate_error *err);

/* The particles as they stand, as a result that is complete or not. */
int walk_run_result_of(walk_run *w, int complete, const run *r, dilate_result **out, dilate_error *err);

/* Before one is made to be read into: whether the archive can have so much.  Then what there is of it. */
void walk_run_expect(archive *a, const run *r, size_t levels);
void walk_run_archive(archive *a, walk_run *w);

/* Entries of a method's vtable. */
int walk_run_result(void *state, const run *r, dilate_result **out, dilate_error *err);
const double *walk_run_particles(const void *state, size_t *n, size_t *ld);
void walk_run_destroy(void *state);

#endif
