/* Draws grouped by their metric, the representatives that were chosen among them, and who is most like whom. */
#ifndef DILATE_STATS_ASSIGN_H
#define DILATE_STATS_ASSIGN_H

#include "target/particles.h"

typedef struct grouped {
  const particles *draws;
  size_t metrics;
  const double *const *metric_c; /* lower Cholesky factors */
  size_t *member;                /* draws with a finite log-density, metric by metric: those of m are */
  size_t *first;                 /* member[first[m]] ... member[first[m + 1] - 1] */
} grouped;

typedef struct representatives {
  size_t count;
  size_t *draw;   /* the draw that each is */
  size_t *metric; /* of that draw; in rising order */
  particles end;  /* what each reached */
} representatives;

/* nearest[i]: the representative most like draw i, ASSIGN_NONE where the draw has no density.  Non-zero when out of memory. */
#define ASSIGN_NONE ((size_t)-1)
int assign_draws(const grouped *g, const representatives *r, size_t *nearest);

#endif
