/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settling: see settle.h. */
#include "stage/settle.h"

#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "base/sort.h"
#include "kernel/langevin.h"
#include "stats/summary.h"

#define MALA_STEPS       8
#define MALA_SNAPSHOT    4
#define HMC_TRAJECTORIES 2
#define LEAPFROGS        8
#define BLOCKS_MAX       10
#define CLUSTERS_MAX     64
#define CLUSTER_LEAST    12   /* particles; clusters with fewer are filled up, where there are not too many */
#define AGAIN            3    /* trajectories to each of the snapshots of a sample that is settled again */
#define RISING           0.15 /* of the inter-quartile range: the median log-density still rises */

int sample_create(size_t dim, size_t n, int with_modes, sample *s) {
  memset(s, 0, sizeof *s);
  int failed = particles_create(dim, n, &s->points);
  s->half = NEW(unsigned char, n);
  if (with_modes) s->mode = NEW2(double, dim, s->points.ld);
  if (!failed && s->half && (!with_modes || s->mode)) return 0;
  sample_clear(s);
  return 1;
}

void sample_clear(sample *s) {
  particles_clear(&s->points);
  memory_free(s->half);
  memory_free(s->mode);
  memset(s, 0, sizeof *s);
}

void sample_archive(archive *a, size_t dim, sample *s) {
  if (!archive_present(a, s->half)) return;
  int with_modes = s->mode != NULL;
  archive_size(a, &s->points.n, SIZE_MAX);
  archive_flag(a, &with_modes);
  archive_expect(a, s->points.n, 2 * dim + 1, sizeof(double));
  if (archive_failed(a)) return;
  if (archive_reads(a) && sample_create(dim, s->points.n, with_modes, s)) archive_fail(a, DILATE_ENOMEM, "out of memory");
  if (archive_failed(a)) return;
  particles_archive(a, &s->points);
  archive_bytes(a, s->points.n, s->half);
  if (s->mode) archive_doubles(a, dim * s->points.ld, s->mode);
}

/* Particles of small clusters once more, and again, until each such cluster has CLUSTER_LEAST: what exploration hardly hit must not be too
 * small for a fit to see.  Appended to the n in `index`; returns how many there are then.  count: clusters. */
static size_t repeat_small(const explore *e, size_t *index, size_t n, size_t *count) {
  size_t chosen = n;
  if (e->clusters > CLUSTERS_MAX) return n;
  for (size_t k = 0; k < e->clusters; k++) count[k] = 0;
  for (size_t i = 0; i < chosen; i++) count[e->label[index[i]]]++;
  for (int again = 1; again;) {
    again = 0;
    for (size_t i = 0; i < chosen; i++) {
      if (count[e->label[index[i]]] >= CLUSTER_LEAST) continue;
      count[e->label[index[i]]]++;
      index[n++] = index[i];
      again = 1;
    }
  }
  return n;
}

/* Indices of the kept particles, at most SETTLE_MAX of them drawn without replacement.  Returns how many. */
static size_t choose_particles(const explore *e, size_t *index) {
  size_t n = 0, all = e->batches * EXPLORE_BATCH;
  stream s = stream_make(e->seed, STREAM_SETTLE, 0, e->group);
  for (size_t i = 0; i < all; i++)
    if (e->kept[i]) index[n++] = i;
  if (n <= SETTLE_MAX) return n;
  for (size_t i = 0; i < SETTLE_MAX; i++) {
    size_t j = i + (size_t)(stream_uniform(s, (uint32_t)i, 0, 0) * (double)(n - i)), swap = index[i];
    index[i] = index[j];
    index[j] = swap;
  }
  return SETTLE_MAX;
}

static double median_of(const particles *p, double *work, double *quartile_range) {
  memcpy(work, p->logp, p->n * sizeof *work);
  sort_order(p->n, work, work, NULL, work + p->n, NULL);
  if (quartile_range) *quartile_range = summary_quantile(p->n, work, 0.75) - summary_quantile(p->n, work, 0.25);
  return summary_quantile(p->n, work, 0.5);
}

/* Snapshot number k (0 or 1) of the particles into the sample. */
static void snapshot(sample *out, const particles *p, int k) {
  particles_copy_range(&out->points, (size_t)k * p->n, p, 0, p->n);
}

static void mala_block(langevin *kernel, uint32_t *step, particles *p, particles *proposal, double *h, sample *out) {
  kernel->accept = MALA_ACCEPTANCE;
  kernel->h_max = 20;
  for (int k = 1; k <= MALA_STEPS; k++) {
    mala_step(kernel, ++*step, p, proposal, h, NULL);
    if (k == MALA_SNAPSHOT || k == MALA_STEPS) snapshot(out, p, k == MALA_STEPS);
  }
  for (size_t i = 0; i < p->n; i++) h[i] = sqrt(2 * h[i]);
}

static void hmc_block(langevin *kernel, uint32_t *step, particles *p, particles *proposal, double *h, sample *out) {
  kernel->accept = 0.7;
  kernel->h_max = 3;
  for (int k = 0; k < HMC_TRAJECTORIES; k++) {
    hmc_step(kernel, ++*step, LEAPFROGS, p, proposal, h, NULL);
    snapshot(out, p, k);
  }
}

static void settle_blocks(const explore *e, particles *p, particles *proposal, double *h, double *work, sample *out) {
  const path here = {.type = &path_none, .target = e->target};
  langevin kernel = {.path = &here,
                     .lambda = 1,
                     .metric_c = e->metric.c,
                     .stream = stream_make(e->seed, STREAM_SETTLE, 1, e->group),
                     .rate = 0.8,
                     .h_min = 1e-12,
                     .work = e->kernel_work};
  uint32_t step = 0;
  double before = median_of(p, work, NULL);
  for (int block = 0; block < BLOCKS_MAX; block++) {
    if (block == 0)
      mala_block(&kernel, &step, p, proposal, h, out);
    else
      hmc_block(&kernel, &step, p, proposal, h, out);
    double range, median = median_of(p, work, &range);
    if (median - before < RISING * range) break;
    before = median;
  }
}

/* Where the particles' ascents ended, in units of the metric: a second view for the clustering that starts EM. */
static void copy_modes(const explore *e, const size_t *index, size_t n, sample *out) {
  size_t ld = out->points.ld;
  for (size_t j = 0; j < e->dim; j++)
    for (size_t i = 0; i < n; i++) out->mode[j * ld + i] = e->ascended.x[j * e->ascended.ld + index[i]];
  lower_times(e->dim, e->metric.c_inverse, n, ld, out->mode);
  for (size_t j = 0; j < e->dim; j++)
    for (size_t i = 0; i < n; i++) out->mode[j * ld + n + i] = out->mode[j * ld + i];
}

int settle(const explore *e, sample *out, dilate_error *err) {
  size_t all = e->batches * EXPLORE_BATCH, most = all + CLUSTERS_MAX * CLUSTER_LEAST, n = 0;
  size_t *index = NEW(size_t, most), *count = NEW(size_t, CLUSTERS_MAX);
  particles now, proposal;
  if (index && count) n = repeat_small(e, index, choose_particles(e, index), count);
  double *h = NEW(double, n), *work = NEW2(double, 2, n);
  int failed = particles_create(e->dim, n, &now) | particles_create(e->dim, n, &proposal) | sample_create(e->dim, 2 * n, 1, out);
  if (!failed && index && count && h && work) {
    particles_gather(&now, &e->settled, n, index);
    for (size_t i = 0; i < n; i++) {
      h[i] = 0.3 / cbrt((double)e->dim);
      out->half[i] = out->half[n + i] = (unsigned char)(i % 2);
    }
    settle_blocks(e, &now, &proposal, h, work, out);
    copy_modes(e, index, n, out);
  } else {
    failed = 1;
    sample_clear(out);
  }
  memory_free(index);
  memory_free(count);
  memory_free(h);
  memory_free(work);
  particles_clear(&now);
  particles_clear(&proposal);
  return failed ? error_memory(err, "settling") : target_status(e->target, err);
}

/* Lower Cholesky factor of the components' covariances, averaged by their weights.  Non-zero when it is singular. */
static int pooled_factor(const mixture *q, double *s) {
  const size_t d = q->dim;
  memset(s, 0, d * d * sizeof *s);
  for (size_t k = 0; k < q->components; k++) {
    const mixture_factor *f = &q->factor[q->factor_of[q->location[k]]];
    const double w = exp(q->log_weight[k]) * q->scale[k] * q->scale[k];
    for (size_t i = 0; i < d; i++)
      for (size_t j = 0; j <= i; j++)
        for (size_t l = f->diagonal ? i : 0; l <= j; l++)
          s[i * d + j] += w * (f->diagonal ? f->c[i] * f->c[j] : f->c[i * d + l] * f->c[j * d + l]);
  }
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < i; j++) s[j * d + i] = s[i * d + j];
  return cholesky(d, s);
}

int settle_again(const settle_task *task, const mixture *q, sample *s, dilate_error *err) {
  const size_t d = q->dim, n = s->points.n / 2;
  const path here = {.type = &path_none, .target = task->target};
  particles now, proposal;
  double *factor = NEW2(double, d, d), *h = NEW(double, n), *work = NEW(double, langevin_work(task->target));
  int failed = particles_create(d, n, &now) | particles_create(d, n, &proposal);
  failed = failed || !factor || !h || !work;
  if (!failed && !pooled_factor(q, factor)) {
    langevin kernel = {.path = &here,
                       .lambda = 1,
                       .metric_c = factor,
                       .stream = stream_make(task->seed, STREAM_SETTLE, 2 + task->number, task->group),
                       .rate = 0.8,
                       .accept = 0.7,
                       .h_min = 1e-12,
                       .h_max = 3,
                       .work = work};
    for (size_t i = 0; i < n; i++) {
      particles_copy(&now, i, &s->points, n + i);
      h[i] = 0.5 / sqrt(sqrt((double)d));
    }
    for (uint32_t k = 1; k <= 2 * AGAIN; k++) {
      hmc_step(&kernel, k, LEAPFROGS, &now, &proposal, h, NULL);
      if (k % AGAIN == 0) snapshot(s, &now, k > AGAIN);
    }
  }
  memory_free(factor);
  memory_free(h);
  memory_free(work);
  particles_clear(&now);
  particles_clear(&proposal);
  return failed ? error_memory(err, "settling") : target_status(task->target, err);
}
