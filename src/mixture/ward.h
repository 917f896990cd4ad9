/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ward's hierarchical clustering (nearest-neighbour chain, Lance-Williams updates): where EM starts. */
#ifndef DILATE_MIXTURE_WARD_H
#define DILATE_MIXTURE_WARD_H

#include "base/status.h"

typedef struct ward_tree ward_tree;

/* What stands for the squared distance of two points: itself, or sum_j log(1 + (u_aj - u_bj)^2), to which coordinates far out in a heavy
 * tail add little. */
typedef enum ward_metric { WARD_EUCLIDEAN, WARD_LOGARITHMIC } ward_metric;

/* Tree of n points u[j*ld + i] (coordinate-major, dim coordinates); beyond WARD_MAX points an evenly strided subset is
 * clustered and the rest join the nearest cluster mean. */
#define WARD_MAX 700
int ward_create(size_t dim, size_t n, size_t ld, const double *u, ward_metric metric, ward_tree **out, dilate_error *err);
/* label[i] < K of each of the n points for a cut into K clusters (fewer when there are not so many); returns the number of clusters. */
size_t ward_labels(const ward_tree *tree, size_t K, size_t *label, int *status);
void ward_free(ward_tree *tree);

#endif
