/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of the accuracy table: a target, what its runs are measured by, and what they must reach. */
#ifndef BENCH_ACCURACY_ROWS_H
#define BENCH_ACCURACY_ROWS_H

#include <stddef.h>

#define MEASURES_MAX 4

/* All are errors: 0 is perfect.  The first five are calibrated against exact draws. */
typedef enum measure_kind {
  MEASURE_NONE,
  MEASURE_SLICED_W2,         /* root mean square over 64 directions of the W2 distance to the exact sample, in its standard deviations */
  MEASURE_SLICED_KOLMOGOROV, /* mean over 64 directions of the Kolmogorov distance to it */
  MEASURE_KOLMOGOROV_FIRST,  /* Kolmogorov distance of the first coordinate */
  MEASURE_KOLMOGOROV_WELLS,  /* mean over the coordinates x[0], x[2], ... */
  MEASURE_SHARES,            /* total variation of the shares of the true components, against those of the exact sample */
  MEASURE_MEANS,             /* root mean square over coordinates of (mean - truth) / sd */
  MEASURE_SDS,               /* root mean square over coordinates of sd / truth - 1 */
  MEASURE_QUANTILES,         /* largest distance from a stored quantile, in combined standard errors */
  MEASURE_MISSED,            /* number of true components of weight .005 or more without a draw */
  MEASURE_RIGHT_WELLS,       /* distance of the mean share of x[0] > 0, x[2] > 0, ... from .8443 */
  MEASURE_LARGEST_SHARE      /* largest distance of a true component's share from its weight */
} measure_kind;

typedef struct measure {
  measure_kind kind;
  size_t worth;      /* calibrated: the median is compared with that many exact draws; 0: not calibrated, but */
  double median;     /* ... the median is at most this, */
  double worst;      /* ... and each run at most this, */
  double exceptions; /* ... but for this share of the runs */
} measure;

typedef enum log_z_rule {
  LOG_Z_KNOWN,     /* median |error| at most the tolerance, none beyond four times it or three standard errors */
  LOG_Z_SPREAD,    /* not known: the standard deviation over seeds is at most the tolerance */
  LOG_Z_CHI_SQUARE /* and the runs agree with each other within their standard errors */
} log_z_rule;

typedef struct row {
  const char *name;
  const char *target; /* as for builtin_create() */
  const char *law;    /* name of the row whose calibration applies: its law but for shift and scale; NULL: its own */
  log_z_rule rule;
  double tolerance;   /* of log Z */
  double truth_se;    /* standard error of the known log Z, 0 where it is exact */
  double evaluations; /* budget: the median is at most this, */
  double most;        /* and each run at most this: what published samplers were given; 0: twice the budget */
  const char *truth;  /* file in bench/truth of moments or quantiles; NULL: none */
  const char *twin;   /* name of the row whose runs must agree with these; NULL: none */
  measure measures[MEASURES_MAX];
} row;

extern const row row_list[];
extern const size_t row_count;

const row *row_named(const char *name); /* NULL: there is none */
/* Is the row meant by `text`, a comma-separated list of names and beginnings of names?  NULL and "" mean every row. */
int row_selected(const row *r, const char *text);
/* Whether the name, or the beginning of one, selects any. */
int row_is_there(const char *name);

const char *measure_name(measure_kind kind);
int measure_is_calibrated(measure_kind kind);

#endif
