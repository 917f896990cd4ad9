/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What bench/paths measures of a run's draws: against a fixed exact sample, and against the target's known components. */
#ifndef BENCH_PATHS_MEASURE_H
#define BENCH_PATHS_MEASURE_H

#include "bench/paths_rows.h"
#include "bench/sliced.h"
#include "targets/targets.h"

typedef enum paths_measure {
  PATHS_EVALUATIONS, /* until the sampler was done; finding modes afterwards is common to all */
  PATHS_FOUND,       /* components with a draw that is not astray */
  PATHS_ASTRAY,      /* share of the draws where the density is lower than at all but 1 in 10,000 exact draws */
  PATHS_TV,          /* total variation between the components' shares and their weights (digits: of the ten digits) */
  PATHS_W2,          /* sliced, from 100,000 exact draws, as in bench/accuracy */
  PATHS_KS,          /* likewise */
  PATHS_KS_FIRST,    /* Kolmogorov's distance of the first coordinate */
  PATHS_MMD,         /* this one and the next two by the library's dilate_distance_*, of at most 1000 draws (SINKHORN: 400) */
  PATHS_KSD,
  PATHS_SINKHORN,
  PATHS_LOG_Z,   /* error */
  PATHS_SECONDS, /* of one processor, until the sampler was done */
  PATHS_MEASURES
} paths_measure;

typedef struct paths_measure_kind {
  const char *key, *title;
  int distance; /* shown as a multiple of what exact draws have */
  int digits;   /* decimals */
} paths_measure_kind;
extern const paths_measure_kind paths_measure_list[PATHS_MEASURES];

#define PATHS_SHARES_MAX 64 /* components whose shares are kept; of more, none */
#define PATHS_BINS       40
#define PATHS_BIN_LOW    (-10.0)
#define PATHS_BIN_HIGH   10.0
#define PATHS_IMAGES_MAX 20
#define PATHS_PIXELS     64
#define PATHS_POINTS_MAX 1000

typedef struct paths_run {
  const paths_method *method;
  uint64_t seed;
  size_t steps, samples; /* 0: the method takes none */
  char *failure;         /* NULL: the run reached its end */
  double value[PATHS_MEASURES];
  size_t shares, bins;            /* 0: the target has none */
  double share[PATHS_SHARES_MAX]; /* of the draws, by component (digits: by digit) */
  double bin[PATHS_BINS];         /* of the draws, by the first coordinate */
  /* For the figures, of one run a method. */
  size_t points, images;
  double *point;                   /* points x 2 */
  char (*image)[PATHS_PIXELS + 1]; /* a hexadecimal digit a pixel, 0 to f */
} paths_run;

void paths_run_release(paths_run *r);

/* What is known of a target, made once. */
typedef struct paths_yardstick {
  const paths_target *row;
  const builtin *target;
  size_t n; /* draws of a run */
  sliced sliced, first;
  sliced_cells cells;
  double *near;                    /* PATHS_POINTS_MAX exact draws */
  double lowest;                   /* log-density: below it a draw is astray */
  double bandwidth, epsilon;       /* of kernels and of Sinkhorn's coupling */
  size_t shares;                   /* components, or ten digits; 0: none */
  double weight[PATHS_SHARES_MAX]; /* theirs */
} paths_yardstick;

void paths_yardstick_make(const paths_target *row, const builtin *target, paths_yardstick *out);
void paths_yardstick_free(paths_yardstick *y);
/* What exact draws have as shares, and how many there are: PATHS_SHARES_MAX at most. */
size_t paths_weights(const paths_target *row, const builtin *target, double weight[PATHS_SHARES_MAX]);

/* n exact draws, row-major, by a fixed generator; to be freed. */
double *paths_exact(const builtin *target, unsigned long seed, size_t n);
/* The p-quantile of the log-density over exact draws. */
double paths_level(const builtin *target, size_t n, const double *x, double p);

/* Measures y->n draws, row-major; what has no meaning for the target is NaN.  [in] shown: fill what the figures need. */
void paths_measure_draws(const paths_yardstick *y, const double *x, int shown, paths_run *out);

#endif
