/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The targets and the methods of bench/paths. */
#ifndef BENCH_PATHS_ROWS_H
#define BENCH_PATHS_ROWS_H

#include <stddef.h>
#include <stdint.h>

/* What is drawn of a target. */
#define PATHS_PARTICLES 1u /* draws in the plane, on contours of the density */
#define PATHS_WEIGHTS   2u /* shares of the components, in falling order of their weights */
#define PATHS_FUNNEL    4u /* histogram of the first coordinate, which is N(0, 3^2) */
#define PATHS_IMAGES    8u /* draws as images of 8x8 pixels */

typedef struct paths_target {
  const char *name, *spec, *title; /* spec: of builtin_create() */
  uint64_t budget;                 /* evaluations that a run may use until its sampler is done */
  size_t draws;                    /* an island, of PATHS_ISLANDS */
  size_t samples;                  /* evaluations that a Monte Carlo score of the method "walk" is made of ... */
  size_t path_samples;             /* ... and of "convolution" */
  double effort;                   /* of the bridge, and its groups, where its default needs more than the budget; else 0 */
  size_t groups;
  int closed; /* knows its convolution with a Gaussian in closed form */
  unsigned figures;
} paths_target;

#define PATHS_ISLANDS 4

/* What a step costs in evaluations of a particle. */
typedef enum paths_cost {
  PATHS_COST_STEP, /* 1 */
  PATHS_COST_PATH, /* 2 while lambda moves, then 1 */
  PATHS_COST_WALK, /* those of a score */
  PATHS_COST_DOWN, /* those of a score while lambda moves, then 1 */
  PATHS_COST_OWN   /* the method does not take steps: default options */
} paths_cost;

typedef struct paths_method {
  const char *name, *title;
  const char *method, *score; /* of dilate_options; score NULL: the method's default */
  paths_cost cost;
  double moving; /* share of the steps in which lambda moves */
  int closed;    /* asks for a convolution in closed form */
  int evidence;  /* estimates log Z */
} paths_method;

extern const paths_target paths_target_list[];
extern const size_t paths_target_count;
/* The first is no method: exact draws, which the others are measured by. */
extern const paths_method paths_method_list[];
extern const size_t paths_method_count;
#define PATHS_EXACT (&paths_method_list[0])

/* Whether the method can serve the target at all. */
int paths_can_serve(const paths_method *method, const paths_target *target);
/* NULL where there is none of that name. */
const paths_target *paths_target_named(const char *name);
const paths_method *paths_method_named(const char *name);

#endif
