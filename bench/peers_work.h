/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running the samplers on a target, and what each reached. */
#ifndef BENCH_PEERS_WORK_H
#define BENCH_PEERS_WORK_H

#include "bench/peers_judge.h"

#define SEEDS      3   /* 1 to 3; figures are medians over them */
#define LENGTHS    24  /* a run is doubled so often at most */
#define LEAST_DRAW 100 /* a sampler that is never worth so many exact draws has not reached the target */

typedef enum sampler_id { SAMPLER_OURS, SAMPLER_STRETCH, SAMPLER_DIFFERENTIAL, SAMPLER_NUTS, SAMPLERS } sampler_id;
const char *sampler_name(sampler_id id);

/* A run of some length: medians over the seeds.  All chains of a seed are one run. */
typedef struct reach {
  double seconds, evaluations, gradients;
  double value[MEASURES_MAX];
  double worth; /* in exact draws, of the median values */
} reach;

typedef struct outcome {
  const char *absent; /* why it did not run; NULL: it did */
  size_t lengths;     /* that it came to the end of; 0: none, although it ran */
  reach length[LENGTHS];
} outcome;

/* The length that is best for the sampler: least CPU for each draw worth an exact one among those that are worth LEAST_DRAW; NULL: none. */
const reach *outcome_best(const outcome *o);
double reach_cost(const reach *r); /* seconds for each draw worth an exact one */

typedef struct contest {
  const row *row;
  int multimodal;
  outcome outcome[SAMPLERS];
} contest;

typedef struct peers_work {
  const char *rows;  /* names, separated by commas; NULL: all */
  const char *truth; /* the folder of stored truth */
  const calibration *calibration;
  const char *build;  /* where peer_nuts and peer_targets are */
  const char *source; /* where peer_emcee.py is */
  const char *python; /* an interpreter that has emcee, NULL: none; peers_do() looks for it */
  double limit;       /* seconds of a sampler on a target, all seeds together */
} peers_work;

extern const char *const peers_rows[]; /* NULL-terminated */
/* [out] *contests: to be freed. */
void peers_do(peers_work *w, size_t *n, contest **contests);

#endif
