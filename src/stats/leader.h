/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leader clustering: a point joins the nearest leader within `radius`, or becomes one.  Deterministic: points in order. */
#ifndef DILATE_STATS_LEADER_H
#define DILATE_STATS_LEADER_H

#include <stddef.h>

/* u: dim x n, coordinate-major, already whitened.  label[i] < number of clusters, which is returned; leader (n entries, may be NULL)
 * gets the index of each cluster's first point.  work: dim x n doubles, where the leaders stand afterwards, coordinate j of leader k at
 * work[j*n + k]. */
size_t leader_cluster(size_t threads, size_t dim, size_t n, size_t ld, const double *u, double radius, size_t *label, size_t *leader,
                      double *work);

#endif
