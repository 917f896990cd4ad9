/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fitting mixtures to points with gradients: EM by moments (shared, diagonal, full covariances), choice of K by BIC, and the gradient
 * refit S_k Cg S_k = Cx, m_k = mean_k + S_k gbar_k (manual, section 4).  Reentrant: callers run families side by side, each of which
 * then takes one thread; bits do not depend on threads. */
#ifndef DILATE_MIXTURE_EM_H
#define DILATE_MIXTURE_EM_H

#include "base/team.h"
#include "mixture/mixture.h"
#include "mixture/ward.h"

/* Degrees of freedom of products of t's before they are chosen. */
#define EM_FREEDOM 2

typedef struct fit_points {
  size_t n, dim, ld;
  const double *x, *grad; /* dim x ld, coordinate-major; all finite */
  thread_team team;       /* that a fit may take */
} fit_points;

/* EM from hard labels (label[i] < K), at most `iterations`; components that lose their points are dropped.  *loglik may be NULL. */
int em_fit(const fit_points *points, mixture_family family, size_t K, const size_t *label, int iterations, mixture **out, double *loglik,
           dilate_error *err);

/* In the family of products of t's the degrees of freedom are EM_FREEDOM in em_fit and em_from_labels, those of the start in em_refine, and
 * chosen by likelihood among 1, 2, 4 and 8 in em_bic_search. */

/* BIC over K = 1, 2, 3, 4, 6, 8, 12, ... and then bisection, or (about > 0) over K = about and upwards while it rises, EM from the tree's
 * cuts.  *doubled (NULL: not wanted): also the fit at about twice the best K, or NULL where that makes no sense. */
int em_bic_search(const fit_points *points, const ward_tree *tree, mixture_family family, size_t about, mixture **best, mixture **doubled,
                  dilate_error *err);

/* `iterations` of: responsibilities, then the family's M step, by moments or (gradient != 0) by gradients. */
int em_refine(const fit_points *points, const mixture *start, mixture_family family, int gradient, int iterations, mixture **out,
              dilate_error *err);

/* One M step from hard labels. */
int em_from_labels(const fit_points *points, mixture_family family, int gradient, size_t K, const size_t *label, mixture **out,
                   dilate_error *err);

#endif
