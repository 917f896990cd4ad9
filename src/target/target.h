/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one caller of user code: tiles of points in, log-densities and gradients out; NaN policy, counters, finite differences.
 *
 * A failing callback (<0) is remembered, not returned: every later point evaluates to -inf, and target_status() tells at the end of a
 * step.  So parallel regions need no error path of their own. */
#ifndef DILATE_TARGET_TARGET_H
#define DILATE_TARGET_TARGET_H

#include "base/archive.h"
#include "base/ranks.h"
#include "base/status.h"

typedef struct target target;
typedef struct warp warp;

/* Copies *user (respecting its struct_size) after checking it; scratch for `threads` threads is allocated here and never again. */
int target_create(const dilate_target *user, size_t threads, target **out, dilate_error *err);
void target_free(target *t);

size_t target_dim(const target *t);
size_t target_threads(const target *t);
const dilate_target *target_user(const target *t);
int target_has_gradient(const target *t); /* 0: finite differences */
/* Evaluations that a point with its gradient takes, as a rule. */
uint64_t target_gradient_cost(const target *t);

/* Evaluates n points of a coordinate-major tile: logp[i], and grad[j*ld + i] unless grad is NULL.  Outside the support: -inf and gradient
 * 0. A NaN or +inf log-density, or a NaN or infinite gradient, makes the point -inf and is counted.  `first` is the number of point 0, for
 * the report of the first offender.  May be called from several threads of one OpenMP team at once. */
void target_evaluate(target *t, uint64_t first, size_t n, size_t ld, const double *x, double *logp, double *grad);

/* The same for the law of X + sigma E, E standard normal, by the user's own closed form; only where target_can_convolve(), and in the
 * user's coordinates whatever the warp. */
int target_can_convolve(const target *t);
void target_convolve(target *t, double sigma, uint64_t first, size_t n, size_t ld, const double *x, double *logp, double *score);

/* Log-densities (and gradients, unless grad is NULL) of n points that no draw comes from, to learn what the target is like there: what is
 * not finite is -inf, and neither counted as bad nor reported.  They do count as evaluations.  Not while another thread evaluates. */
void target_probe(target *t, size_t n, size_t ld, const double *x, double *logp, double *grad);

/* From now on points are z of the warp (its owner keeps it alive): pi~(x(z)) |dx/dz| and its gradient are what target_evaluate gives. NULL:
 * the user's coordinates again.  Not while other threads evaluate.  Non-zero when out of memory. */
int target_set_warp(target *t, const warp *w);
const warp *target_warp(const target *t);

/* The ranks that share its loops (share.h); NULL: none.  They are the caller's. */
void target_set_ranks(target *t, rank_set *r);
rank_set *target_ranks(const target *t);

/* From this omp_get_wtime() on (INFINITY, as at first: never), and only while that is heeded, no callback is called, every point evaluates
 * to -inf and target_status() fails, so that a step which takes long ends at once.  It can only be brought forward.  May be called from any
 * thread and from a signal's handler. */
void target_set_deadline(target *t, double seconds);
/* Begins to heed it, and no longer does; then returns whether anything was left unevaluated.  Not while another thread evaluates. */
void target_heed_deadline(target *t);
int target_forget_deadline(target *t);
int target_was_cut(const target *t); /* so far, while it is heeded */

/* 0, or the failure that a callback asked for, here or on another rank, or that of a rank; DILATE_ETARGET, too, when the deadline kept
 * points from being evaluated. */
int target_status(const target *t, dilate_error *err);

typedef struct target_counts {
  uint64_t evaluations, gradients;    /* point calls; those that asked for a gradient */
  uint64_t bad_density, bad_gradient; /* NaN or +inf log-densities; non-finite gradients at a finite log-density */
} target_counts;
target_counts target_count(const target *t);
/* "; 12 of the log-densities were NaN or +Inf, 3 gradients were not finite": what to add to an error that nothing of the support was found;
 * empty where all were numbers. */
#define TARGET_BAD_TEXT 160
void target_bad_text(const target *t, char text[TARGET_BAD_TEXT]);
/* The first offending point, or NULL: of all so far the one with the lowest number `first + i`, and of several with that number the one
 * whose coordinates come first as bytes.  A minimum, so the order in which threads come to it does not show. */
const double *target_first_bad(const target *t);

/* Counters and the offender; of a target that has not failed. */
void target_archive(archive *a, target *t);
/* The log-density at one point in the user's coordinates, asked for alone and not counted, to tell a target by: -inf for whatever is not
 * finite.  Not while another thread evaluates. */
double target_look(target *t, const double *x);

#endif
