/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Candidates for the reference: mixtures of several families, by moments and by gradients, from several starts (manual, section 4). */
#ifndef DILATE_STAGE_CANDIDATES_H
#define DILATE_STAGE_CANDIDATES_H

#include "stage/reference.h"

typedef enum candidate_start {
  START_WARD,     /* Ward's clusters in the Fisher metric */
  START_MODES,    /* Ward's clusters of the ascended points */
  START_LEADERS,  /* the exploration's clusters */
  START_SINGLE,   /* one Gaussian */
  START_STANDARD, /* one Gaussian, standard in the coordinates whose marginals were made so */
  START_PREVIOUS, /* the previous reference, refined */
  START_HEAVY,    /* Ward's clusters by logarithmic distances */
  START_ASCENTS   /* the modes that points climb to */
} candidate_start;

typedef struct candidate {
  mixture *fit;
  mixture_family family;
  candidate_start start;
  int gradient; /* refitted by gradients */
  int balanced; /* weights corrected by the log-densities at the points */
  double cost;
} candidate;

#define CANDIDATES_MAX 31 /* streams of a round: see choose_cost */

/* Both append to list (zeroed, CANDIDATES_MAX places) what could be fitted to `points`.  The fits are the caller's to free, also on
 * failure.  Quick: single Gaussians, the previous reference refined, and the exploration's clusters. */
int candidates_quick(const reference_task *task, const fit_points *points, candidate *list, size_t *count, dilate_error *err);
/* All families, from Ward's clusters; mode: the points' ascended places or NULL.  An error when the list is empty then. */
int candidates_search(const fit_points *points, const double *mode, candidate *list, size_t *count, dilate_error *err);
/* The winner's family and start once more, with its number of components or more, on all points: finds the components that only the other
 * half holds.  *out is NULL where that start has no such refit. */
int candidates_refit(const reference_task *task, const candidate *winner, const fit_points *all, const double *mode, mixture **out,
                     dilate_error *err);

#endif
