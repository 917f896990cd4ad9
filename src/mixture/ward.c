/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ward's clustering by the nearest-neighbour chain (Murtagh 1983; Müllner 2011, arXiv 1109.2378): two clusters that are each other's
 * nearest are merged, and squared distances follow Lance-Williams,
 * d(xy, z) = ((n_x + n_z) d(x, z) + (n_y + n_z) d(y, z) - n_z d(x, y)) / (n_x + n_y + n_z).
 * Merges are then sorted by height.  A cluster lives in the slot of one of its points.  Ties go to the earlier point. */
#include "mixture/ward.h"

#include "base/distance.h"
#include "base/memory.h"
#include "base/vmath.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 64 /* points at a time on the stack */

typedef struct merge {
  size_t a, b; /* a leaf of each of the two clusters */
  size_t order;
  double height;
} merge;

struct ward_tree {
  size_t dim, n, leaves;
  ward_metric metric;
  merge *merges; /* leaves - 1, by height */
  double *u;     /* dim x n, or NULL when every point is a leaf */
};

typedef struct chain {
  size_t n, length;
  double *distance; /* n x n, squared, symmetric; infinite to slots that are empty */
  size_t *size;     /* of the cluster in each slot, 0: empty */
  size_t *slot;     /* the chain: each one is the nearest neighbour of the one before */
} chain;

void ward_free(ward_tree *tree) {
  if (!tree) return;
  memory_free(tree->merges);
  memory_free(tree->u);
  memory_free(tree);
}

static void chain_destroy(chain *c) {
  memory_free(c->distance);
  memory_free(c->size);
  memory_free(c->slot);
}

static int chain_create(chain *c, size_t n) {
  c->n = n;
  c->length = 0;
  c->distance = NEW2(double, n, n);
  c->size = NEW(size_t, n);
  c->slot = NEW(size_t, n);
  if (c->distance && c->size && c->slot) return DILATE_OK;
  chain_destroy(c);
  return DILATE_ENOMEM;
}

/* The point that leaf i stands for: all of them, or an evenly strided subset. */
static size_t leaf_point(size_t n, size_t leaves, size_t i) {
  return i * n / leaves;
}

/* distance[i] = sum_j log(1 + (x_ij - p_j)^2); four coordinates share a logarithm. */
static void logarithmic_distances(size_t dim, size_t n, const double *x, const double *p, size_t stride, size_t count, double *distance) {
  double term[BLOCK];
  for (size_t begin = 0; begin < count; begin += BLOCK) {
    const size_t block = count - begin < BLOCK ? count - begin : BLOCK;
    for (size_t j = 0; j < dim; j += 4) {
      for (size_t i = 0; i < block; i++) term[i] = 1;
      for (size_t k = j; k < dim && k < j + 4; k++) {
        const double *const xk = x + k * n + begin, pk = p[k * stride];
#pragma omp simd
        for (size_t i = 0; i < block; i++) term[i] *= 1 + (xk[i] - pk) * (xk[i] - pk);
      }
      vmath_log(block, term, term);
      for (size_t i = 0; i < block; i++) distance[begin + i] += term[i];
    }
  }
}

/* distance[i] of points x[j*n + i], i < count, from a point p with coordinate j at p[j*stride].  Overflow counts as infinitely far. */
static void distances(ward_metric metric, size_t dim, size_t n, const double *x, const double *p, size_t stride, size_t count,
                      double *distance) {
  if (metric == WARD_EUCLIDEAN) {
    square_distances(dim, count, n, x, stride, p, distance);
  } else {
    memset(distance, 0, count * sizeof *distance);
    logarithmic_distances(dim, n, x, p, stride, count, distance);
  }
  for (size_t i = 0; i < count; i++) distance[i] = distance[i] < INFINITY ? distance[i] : INFINITY;
}

/* leaf: dim x n, contiguous. */
static void fill_distances(chain *c, ward_metric metric, size_t dim, const double *leaf) {
  const size_t n = c->n;
  for (size_t a = 0; a < n; a++) {
    double *const row = c->distance + a * n;
    distances(metric, dim, n, leaf, leaf + a, n, a, row);
    for (size_t i = 0; i < a; i++) c->distance[i * n + a] = row[i];
    row[a] = INFINITY;
    c->size[a] = 1;
  }
}

/* The cluster nearest to that of slot x; `preferred` (n: none) wins ties, so that the chain cannot run in circles. */
static size_t nearest(const chain *c, size_t x, size_t preferred) {
  const double *const row = c->distance + x * c->n;
  const size_t least = least_of(c->n, row);
  size_t best = row[least] < INFINITY ? least : c->n;
  if (preferred < c->n && !(row[least] < row[preferred])) best = preferred;
  for (size_t i = 0; best == c->n; i++) /* everything is infinitely far */
    if (c->size[i] > 0 && i != x) best = i;
  return best;
}

/* Merges the cluster of slot x into that of y. */
static void merge_slots(chain *c, size_t x, size_t y) {
  const size_t n = c->n;
  double *const row_x = c->distance + x * n, *const row_y = c->distance + y * n;
  const double nx = (double)c->size[x], ny = (double)c->size[y], between = row_x[y];
  for (size_t z = 0; z < n; z++) {
    if (c->size[z] == 0 || z == x || z == y) continue;
    const double nz = (double)c->size[z];
    const double updated = ((nx + nz) * row_x[z] + (ny + nz) * row_y[z] - nz * between) / (nx + ny + nz);
    row_y[z] = updated < INFINITY ? fmax(updated, 0) : INFINITY;
    c->distance[z * n + y] = row_y[z];
    c->distance[z * n + x] = INFINITY;
  }
  row_y[x] = INFINITY;
  c->size[y] += c->size[x];
  c->size[x] = 0;
}

/* Follows the chain from the first cluster left until two are each other's nearest, and merges them. */
static merge next_merge(chain *c) {
  if (c->length == 0) {
    size_t first = 0;
    while (c->size[first] == 0) first++;
    c->slot[c->length++] = first;
  }
  for (;;) {
    const size_t x = c->slot[c->length - 1], before = c->length > 1 ? c->slot[c->length - 2] : c->n;
    const size_t y = nearest(c, x, before);
    if (y != before) {
      c->slot[c->length++] = y;
      continue;
    }
    c->length -= 2;
    const merge m = {x, y, 0, c->distance[x * c->n + y]};
    merge_slots(c, x < y ? x : y, x < y ? y : x);
    return m;
  }
}

static int by_height(const void *a, const void *b) {
  const merge *const ma = (const merge *)a, *const mb = (const merge *)b;
  if (ma->height != mb->height) return ma->height < mb->height ? -1 : 1;
  return ma->order < mb->order ? -1 : 1;
}

static int cluster(ward_tree *tree, const double *leaf) {
  chain c;
  if (chain_create(&c, tree->leaves)) return DILATE_ENOMEM;
  fill_distances(&c, tree->metric, tree->dim, leaf);
  for (size_t i = 0; i + 1 < tree->leaves; i++) {
    tree->merges[i] = next_merge(&c);
    tree->merges[i].order = i;
  }
  chain_destroy(&c);
  qsort(tree->merges, tree->leaves - 1, sizeof(merge), by_height);
  return DILATE_OK;
}

int ward_create(size_t dim, size_t n, size_t ld, const double *u, ward_metric metric, ward_tree **out, dilate_error *err) {
  *out = NULL;
  if (n == 0) return error_set(err, DILATE_EINVAL, "clustering: there are no points");
  const size_t leaves = n < WARD_MAX ? n : WARD_MAX;
  ward_tree *const tree = NEW(ward_tree, 1);
  double *const leaf = NEW2(double, dim, leaves);
  if (!tree || !leaf) goto fail;
  tree->dim = dim;
  tree->n = n;
  tree->leaves = leaves;
  tree->metric = metric;
  tree->merges = NEW(merge, leaves);
  if (leaves < n) tree->u = NEW2(double, dim, n);
  if (!tree->merges || (leaves < n && !tree->u)) goto fail;
  for (size_t j = 0; j < dim; j++) {
    for (size_t i = 0; i < leaves; i++) leaf[j * leaves + i] = u[j * ld + leaf_point(n, leaves, i)];
    if (tree->u) memcpy(tree->u + j * n, u + j * ld, n * sizeof(double));
  }
  if (cluster(tree, leaf)) goto fail;
  memory_free(leaf);
  *out = tree;
  return DILATE_OK;
fail:
  memory_free(leaf);
  ward_free(tree);
  return error_memory(err, "clustering");
}

static size_t root(size_t *parent, size_t i) {
  while (parent[i] != i) {
    parent[i] = parent[parent[i]];
    i = parent[i];
  }
  return i;
}

/* cluster_of[leaf] after the lowest leaves - K merges, numbered as they appear.  parent, number: leaves entries of scratch. */
static size_t cut(const ward_tree *tree, size_t K, size_t *cluster_of, size_t *parent, size_t *number) {
  const size_t leaves = tree->leaves;
  for (size_t i = 0; i < leaves; i++) parent[i] = i;
  for (size_t i = 0; i + K < leaves; i++) parent[root(parent, tree->merges[i].a)] = root(parent, tree->merges[i].b);
  size_t clusters = 0;
  for (size_t i = 0; i < leaves; i++) number[i] = leaves;
  for (size_t i = 0; i < leaves; i++) {
    const size_t r = root(parent, i);
    if (number[r] == leaves) number[r] = clusters++;
    cluster_of[i] = number[r];
  }
  return clusters;
}

/* mean: clusters x dim; count: clusters. */
static void cluster_means(const ward_tree *tree, size_t clusters, const size_t *cluster_of, double *mean, double *count) {
  for (size_t i = 0; i < tree->leaves; i++) {
    const double *const u = tree->u + leaf_point(tree->n, tree->leaves, i);
    for (size_t j = 0; j < tree->dim; j++) mean[cluster_of[i] * tree->dim + j] += u[j * tree->n];
    count[cluster_of[i]] += 1;
  }
  for (size_t k = 0; k < clusters; k++)
    for (size_t j = 0; j < tree->dim; j++) mean[k * tree->dim + j] /= count[k];
}

/* label[i] of all points: that of the nearest mean.  distance, smallest: n entries of scratch. */
static void nearest_means(const ward_tree *tree, size_t clusters, const double *mean, size_t *label, double *distance, double *smallest) {
  const size_t n = tree->n;
  for (size_t i = 0; i < n; i++) smallest[i] = INFINITY;
  memset(label, 0, n * sizeof(size_t));
  for (size_t k = 0; k < clusters; k++) {
    distances(tree->metric, tree->dim, n, tree->u, mean + k * tree->dim, 1, n, distance);
    for (size_t i = 0; i < n; i++) {
      if (!(distance[i] < smallest[i])) continue;
      smallest[i] = distance[i];
      label[i] = k;
    }
  }
}

/* Labels of all the points from those of the leaves. */
static int spread_labels(const ward_tree *tree, size_t clusters, const size_t *cluster_of, size_t *label) {
  double *const mean = NEW2(double, clusters, tree->dim), *const count = NEW(double, clusters);
  double *const distance = NEW(double, tree->n), *const smallest = NEW(double, tree->n);
  const int status = mean && count && distance && smallest ? DILATE_OK : DILATE_ENOMEM;
  if (status == DILATE_OK) {
    cluster_means(tree, clusters, cluster_of, mean, count);
    nearest_means(tree, clusters, mean, label, distance, smallest);
    for (size_t i = 0; i < tree->leaves; i++) label[leaf_point(tree->n, tree->leaves, i)] = cluster_of[i];
  }
  memory_free(mean);
  memory_free(count);
  memory_free(distance);
  memory_free(smallest);
  return status;
}

size_t ward_labels(const ward_tree *tree, size_t K, size_t *label, int *status) {
  size_t *const cluster_of = NEW2(size_t, tree->leaves, 3);
  *status = cluster_of ? DILATE_OK : DILATE_ENOMEM;
  size_t clusters = 0;
  if (cluster_of) {
    clusters = cut(tree, K > 0 ? K : 1, cluster_of, cluster_of + tree->leaves, cluster_of + 2 * tree->leaves);
    if (tree->u)
      *status = spread_labels(tree, clusters, cluster_of, label);
    else
      memcpy(label, cluster_of, tree->n * sizeof(size_t));
  }
  memory_free(cluster_of);
  return *status == DILATE_OK ? clusters : 0;
}
