/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recentring after a batch of exploration (manual, section 3): see recentre.h. */
#include "stage/recentre.h"

#include <math.h>
#include <string.h>

#include "base/distance.h"
#include "base/linalg.h"
#include "base/sort.h"
#include "stats/leader.h"
#include "stats/summary.h"

#define ASCENTS               4
#define STRETCH_MAX           16.0
#define NEW_SHARE_QUIET       0.01
#define NEW_SHARE_UNCOUNTABLE 0.6 /* of more than UNCOUNTABLE_MIN particles: clusters never stop appearing */
#define UNCOUNTABLE_MIN       200
#define MOVED_QUIET           0.5
#define RESCALED_QUIET        0.5
#define RESCALED_DENSER       0.2 /* where new clusters only fill the gaps between old ones, and lie in line with them */
#define CHAIN                 2.0 /* cluster radii between neighbours in a chain of clusters */

size_t recentre_work(size_t dim, size_t n) {
  return (2 * dim + 1) * (n + 8) + 4 * dim * dim + 4 * dim;
}

size_t recentre_keep(size_t dim, size_t n, const double *logp, unsigned char *kept, double *work) {
  size_t finite = 0, count = 0;
  for (size_t i = 0; i < n; i++)
    if (isfinite(logp[i])) work[finite++] = logp[i];
  memset(kept, 0, n);
  if (finite == 0) return 0;
  sort_order(finite, work, work, NULL, work + n, NULL);
  double floor = summary_quantile(finite, work, 0.75) - 5 * (double)dim - 50;
  for (size_t i = 0; i < n; i++) {
    kept[i] = isfinite(logp[i]) && logp[i] >= floor;
    count += kept[i];
  }
  return count;
}

/* Quasi-Newton ascents x + s S g of the batch that stands in `ascended` at [first, first + n): s doubles after a success, else s/4. */
static void ascend(explore *e, size_t first, size_t n) {
  particles *trial = &e->proposal, *up = &e->ascended;
  double *stretch = e->h;
  for (size_t i = 0; i < n; i++) stretch[i] = 1;
  for (int k = 0; k < ASCENTS; k++) {
    size_t better[EXPLORE_BATCH], count = 0;
    matrix_times(e->dim, e->metric.s, n, up->ld, up->grad + first, e->work);
    for (size_t j = 0; j < e->dim; j++)
      for (size_t i = 0; i < n; i++) trial->x[j * trial->ld + i] = up->x[j * up->ld + first + i] + stretch[i] * e->work[j * up->ld + i];
    particles_evaluate(trial, e->target);
    for (size_t i = 0; i < n; i++) {
      const int rises = trial->logp[i] > up->logp[first + i];
      if (rises) better[count++] = i;
      stretch[i] = rises ? fmin(STRETCH_MAX, 2 * stretch[i]) : stretch[i] / 4;
    }
    particles_copy_listed(up, first, trial, 0, count, better);
  }
}

/* Clusters of x + S g of the ascended particles in the metric; label of a kept particle; *place: where clusters are, in
 * e->work but not at its beginning, with the number of kept ones as leading dimension.  Returns the number of kept ones. */
static size_t cluster_modes(explore *e, size_t n, const double **place) {
  const particles *up = &e->ascended;
  size_t d = e->dim, kept = 0, ld = up->ld;
  double *u = e->work, *step = e->work + d * ld;
  const size_t threads = target_threads(e->target);
  matrix_times_all(threads, d, e->metric.s, n, ld, up->grad, step);
  for (size_t i = 0; i < n; i++) kept += e->kept[i];
  for (size_t j = 0; j < d; j++) {
    double *const row = u + j * ld;
    for (size_t i = 0, k = 0; i < n; i++)
      if (e->kept[i]) row[k++] = up->x[j * ld + i] + step[j * ld + i];
  }
  lower_times_all(threads, d, e->metric.c_inverse, kept, ld, u);
  e->clusters = leader_cluster(threads, d, kept, ld, u, explore_radius(d), e->scratch_label, e->leader, step);
  for (size_t i = 0, k = 0; i < n; i++)
    if (e->kept[i]) e->label[i] = e->scratch_label[k++];
  *place = step;
  return kept;
}

/* Share of the last batch, from `first` on, in clusters that are not old; 1 when all of it was lost. */
static double share_of_new(const explore *e, size_t first, size_t n, const size_t *old) {
  size_t last = 0, fresh = 0;
  for (size_t i = first; i < n; i++) {
    if (!e->kept[i]) continue;
    last++;
    fresh += old[e->label[i]] == 0;
  }
  return last ? (double)fresh / (double)last : 1;
}

/* Whatever a chain of clusters joins to an old one becomes old: old[k] is 0, not yet; 1, not yet looked from; 2.  distance: clusters. */
static void join_chains(const explore *e, size_t ld, const double *place, size_t *old, double *distance) {
  const double radius = CHAIN * explore_radius(e->dim);
  for (size_t k = 0; k < e->clusters; k++) old[k] = old[k] > 0;
  for (int again = 1; again;) {
    again = 0;
    for (size_t k = 0; k < e->clusters; k++) {
      if (old[k] != 1) continue;
      old[k] = 2;
      square_distances(e->dim, e->clusters, ld, place, ld, place + k, distance);
      for (size_t l = 0; l < e->clusters; l++) {
        if (old[l] || distance[l] > radius * radius) continue;
        old[l] = 1;
        again = 1;
      }
    }
  }
}

/* Share of the last batch in clusters without an older member, and of all in clusters of one.  Returns the share of the last batch that is
 * elsewhere: in clusters that no chain joins to one with an older member. */
static double count_new(explore *e, size_t first, size_t n, size_t kept, const double *place) {
  size_t *count = e->scratch_label, *old = e->leader, single = 0;
  memset(count, 0, e->clusters * sizeof *count);
  memset(old, 0, e->clusters * sizeof *old);
  for (size_t i = 0; i < n; i++) {
    if (!e->kept[i]) continue;
    count[e->label[i]]++;
    if (i < first) old[e->label[i]]++;
  }
  for (size_t k = 0; k < e->clusters; k++) single += count[k] == 1;
  e->singles = kept ? (double)single / (double)kept : 1;
  e->new_share = share_of_new(e, first, n, old);
  join_chains(e, kept, place, old, e->work);
  return share_of_new(e, first, n, old);
}

/* Centre and between-cluster covariance (dim x dim) of the clusters' means, each weighted by the root of its count. */
static void between_clusters(explore *e, size_t n, double *centre, double *covariance) {
  size_t d = e->dim, *count = e->scratch_label, ld = e->ascended.ld;
  double *mean = e->work, *weight = e->work + d * ld;
  memset(mean, 0, d * ld * sizeof *mean);
  memset(count, 0, e->clusters * sizeof *count);
  for (size_t i = 0; i < n; i++)
    if (e->kept[i]) count[e->label[i]]++;
  for (size_t j = 0; j < d; j++)
    for (size_t i = 0; i < n; i++)
      if (e->kept[i]) mean[j * ld + e->label[i]] += e->settled.x[j * e->settled.ld + i];
  for (size_t k = 0; k < e->clusters; k++) {
    weight[k] = sqrt((double)count[k]);
    for (size_t j = 0; j < d; j++) mean[j * ld + k] /= (double)count[k];
  }
  weighted_mean(d, e->clusters, ld, mean, weight, centre);
  weighted_covariance(d, e->clusters, ld, mean, weight, centre, covariance);
  if (e->clusters < 3 * d)
    for (size_t i = 0; i < d; i++)
      for (size_t j = 0; j < d; j++)
        if (i != j) covariance[i * d + j] *= 0.5;
}

/* How far the centre moved in units of the old shape (root mean square over coordinates), and by how much the largest coordinate's log
 * scale changed; then the new ones replace the old. */
static void move_to(explore *e, const double *centre, const double *shape, double *moved, double *rescaled) {
  size_t d = e->dim;
  double square = 0, *u = e->work;
  lower_inverse(d, e->shape, e->factor);
  *rescaled = 0;
  for (size_t j = 0; j < d; j++) u[j] = centre[j] - e->centre[j];
  for (size_t j = 0; j < d; j++) {
    double sum = 0, before = 0, after = 0;
    for (size_t k = 0; k <= j; k++) {
      sum += e->factor[j * d + k] * u[k];
      before += e->shape[j * d + k] * e->shape[j * d + k];
      after += shape[j * d + k] * shape[j * d + k];
    }
    square += sum * sum;
    *rescaled = fmax(*rescaled, 0.5 * fabs(log(after / before)));
  }
  *moved = sqrt(square / (double)d);
  memcpy(e->centre, centre, d * sizeof *centre);
  memcpy(e->shape, shape, d * d * sizeof *shape);
}

/* sqrt(trace(S^-1 V) / dim): the scale of V in units of the metric. */
static double scale_in_metric(const explore *e, const double *v) {
  size_t d = e->dim;
  const double *ci = e->metric.c_inverse;
  double trace = 0;
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j <= i; j++)
      for (size_t k = 0; k <= i; k++) trace += ci[i * d + j] * v[j * d + k] * ci[i * d + k];
  return sqrt(trace / (double)d);
}

/* The new centre and shape.  Returns by how much the log scale changed, or infinity when the centre moved far or is the first. */
static double rescale(explore *e, size_t n) {
  size_t d = e->dim;
  double *centre = e->work + 2 * d * e->ascended.ld + e->ascended.ld, *covariance = centre + d, *shape = covariance + d * d;
  double moved, rescaled;
  between_clusters(e, n, centre, covariance);
  for (size_t j = 0; j < d * d; j++) covariance[j] += e->metric.s[j];
  memcpy(shape, covariance, d * d * sizeof *shape);
  if (cholesky(d, shape)) return INFINITY;
  e->isotropic = scale_in_metric(e, covariance);
  move_to(e, centre, shape, &moved, &rescaled);
  return e->batches > 0 && moved < MOVED_QUIET ? rescaled : INFINITY;
}

void recentre(explore *e) {
  size_t first = e->batches * EXPLORE_BATCH, n = first + e->now.n;
  particles_copy_range(&e->settled, first, &e->now, 0, e->now.n);
  particles_copy_range(&e->ascended, first, &e->now, 0, e->now.n);
  ascend(e, first, e->now.n);
  size_t kept = recentre_keep(e->dim, n, e->settled.logp, e->kept, e->work);
  if (kept == 0) return;
  size_t count = 0;
  for (size_t i = 0; i < n; i++)
    if (e->kept[i]) e->work[count++] = e->settled.logp[i];
  sort_order(count, e->work, e->work, NULL, e->work + n, NULL);
  e->floor = summary_quantile(count, e->work, 0.1) - 0.5 * (double)e->dim;
  const double *place;
  cluster_modes(e, n, &place);
  const double elsewhere = count_new(e, first, n, kept, place), rescaled = rescale(e, n);
  const int denser = elsewhere <= NEW_SHARE_QUIET && rescaled < RESCALED_DENSER;
  e->uncountable = e->new_share > NEW_SHARE_UNCOUNTABLE && kept > UNCOUNTABLE_MIN;
  const int nothing_new = e->new_share <= NEW_SHARE_QUIET || e->uncountable || denser;
  e->quiet = nothing_new && rescaled < RESCALED_QUIET ? e->quiet + 1 : 0;
}
