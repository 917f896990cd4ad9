/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exploration by batches along the dilation path: see explore.h; what is learnt from a batch is in recentre.c. */
#include "stage/explore.h"

#include <math.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "kernel/langevin.h"
#include "stage/recentre.h"
#include "stage/screen.h"

#define ADAPTATION       1.6
#define METRIC_EVERY     4
#define SETTLED_STEP_MAX 1.5
#define BATCHES          12      /* at most, at an effort of 1 */
#define ATTEMPTS_MAX     4       /* first batches without a single finite point, each from a wider range of radii */
#define LANDING_BLOCK    8       /* steps */
#define LANDING_STEPS    160     /* at most */
#define LANDING_RISE     100.0   /* of log-density by the drift of one step, and 10 a dimension: particles still fall onto the target */
#define REJECTED         0.01    /* acceptance probability of a step that is far too long */
#define IMPATIENCE       0.13533 /* e^-2: how much shorter the next one is */

#define WIDER 3.0 /* a wide batch after quiet ones, in few dimensions: what was found may be far from what was not */

/* How a batch is dropped: radii f = lambda_0^-1/2 log-uniform in [f_min, f_max] times the factor's shape, contraction steps, settling
 * steps. */
typedef struct drop {
  double radius_min, radius_max, step_size;
  int contraction, settling, isotropic;
} drop;

static const drop first_drop = {1, 100, 0.1, 30, 10, 0};
static const drop wide_drop = {0.5, 12, 1, 8, 12, 0};
static const drop near_drop = {0.3, 4, 1, 0, 16, 1};

/* effort * n, from least to most. */
static size_t scaled(double effort, size_t n, size_t least, size_t most) {
  return (size_t)fmin((double)most, fmax((double)least, round(effort * (double)n)));
}

int explore_create(target *t, uint64_t seed, unsigned group, double effort, explore *e, dilate_error *err) {
  memset(e, 0, sizeof *e);
  e->batches_max = scaled(effort, BATCHES, BATCHES / 4, EXPLORE_BATCHES_MAX);
  e->quiet_wanted = scaled(effort, RECENTRE_QUIET, 1, EXPLORE_BATCHES_MAX / 4);
  size_t d = target_dim(t), all = EXPLORE_BATCH * e->batches_max;
  e->target = t;
  e->seed = seed;
  e->group = group;
  e->dim = d;
  e->isotropic = 1;
  e->floor = -INFINITY;
  int failed = metric_create(d, &e->metric) || particles_create(d, all, &e->settled) || particles_create(d, all, &e->ascended);
  failed = failed || particles_create(d, EXPLORE_BATCH, &e->now) || particles_create(d, EXPLORE_BATCH, &e->before);
  failed = failed || particles_create(d, EXPLORE_BATCH, &e->proposal) || particles_create(d, EXPLORE_BATCH, &e->pair);
  e->centre = NEW(double, d);
  e->hinted = NEW(double, d);
  e->shape = NEW2(double, d, d);
  e->kept = NEW(unsigned char, all);
  e->label = NEW(size_t, all);
  e->scratch_label = NEW(size_t, all);
  e->leader = NEW(size_t, all);
  e->h = NEW(double, EXPLORE_BATCH);
  e->accepted = NEW(double, EXPLORE_BATCH);
  e->start_factor = NEW(double, EXPLORE_BATCH);
  e->factor = NEW2(double, d, d);
  e->work = NEW(double, recentre_work(d, all));
  e->kernel_work = NEW(double, langevin_work(t));
  if (failed || !e->centre || !e->hinted || !e->shape || !e->kept || !e->label || !e->scratch_label || !e->leader || !e->h ||
      !e->accepted || !e->start_factor || !e->factor || !e->work || !e->kernel_work) {
    explore_clear(e);
    return error_memory(err, "the exploration");
  }
  for (size_t j = 0; j < d; j++) e->shape[j * d + j] = 1;
  return DILATE_OK;
}

void explore_end(explore *e) {
  particles *const clouds[] = {&e->before, &e->proposal, &e->pair};
  double **const numbers[] = {&e->centre, &e->hinted,   &e->shape,        &e->ascended.grad, &e->h,
                              &e->factor, &e->accepted, &e->start_factor, &e->work};
  metric_end(&e->metric);
  for (size_t i = 0; i < sizeof clouds / sizeof *clouds; i++) particles_clear(clouds[i]);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    memory_free(*numbers[i]);
    *numbers[i] = NULL;
  }
  memory_free(e->scratch_label);
  memory_free(e->leader);
  e->scratch_label = e->leader = NULL;
}

static void give_up_settled(explore *e) {
  explore_end(e);
  particles_clear(&e->settled);
  particles_clear(&e->now);
  memory_free(e->kernel_work);
  e->kernel_work = NULL;
}

/* Room for the first n places alone. */
static int shrink_places(particles *p, size_t n) {
  particles few;
  if (particles_create(p->dim, n, &few)) return 1;
  for (size_t j = 0; j < p->dim; j++) memcpy(few.x + j * few.ld, p->x + j * p->ld, n * sizeof *few.x);
  memcpy(few.logp, p->logp, n * sizeof *few.logp);
  memory_free(few.grad);
  few.grad = NULL;
  particles_clear(p);
  *p = few;
  return 0;
}

int explore_give_up(explore *e) {
  give_up_settled(e);
  return shrink_places(&e->ascended, e->batches * EXPLORE_BATCH);
}

void explore_clear(explore *e) {
  give_up_settled(e);
  metric_clear(&e->metric);
  particles_clear(&e->ascended);
  memory_free(e->kept);
  memory_free(e->label);
  memset(e, 0, sizeof *e);
}

double explore_radius(size_t dim) {
  return fmax(1, 0.3 * sqrt((double)dim));
}

/* y = c + f_i A z: every particle has its own start radius. */
static int drop_particles(explore *e, const drop *how, stream s, dilate_error *err) {
  uint32_t id[EXPLORE_BATCH];
  particles *p = &e->now;
  for (uint32_t i = 0; i < EXPLORE_BATCH; i++) id[i] = i;
  stream_normals(s, 0, e->dim, p->n, p->ld, id, p->x);
  if (how->isotropic) {
    for (size_t j = 0; j < e->dim * e->dim; j++) e->factor[j] = e->isotropic * e->metric.c[j];
  } else {
    memcpy(e->factor, e->shape, e->dim * e->dim * sizeof *e->shape);
  }
  lower_times(e->dim, e->factor, p->n, p->ld, p->x);
  double range = log(how->radius_max / how->radius_min);
  for (size_t i = 0; i < p->n; i++) {
    e->start_factor[i] = how->radius_min * exp(range * stream_uniform(s, (uint32_t)i, 0, 0));
    e->h[i] = how->step_size;
    for (size_t j = 0; j < e->dim; j++) p->x[j * p->ld + i] = e->centre[j] + e->start_factor[i] * p->x[j * p->ld + i];
  }
  if (e->batches && e->dim <= SCREEN_DIM_MAX && screen_drop(e, s, how->contraction ? 2 : 1)) return error_memory(err, "the exploration");
  const stream hinted = stream_make(e->seed, STREAM_EXPLORE, 128 + (unsigned)e->batches, e->group);
  hints_drop(&e->hints, e->batches, hinted, target_warp(e->target), p, e->start_factor);
  hints_place(&e->hints, e->dim, target_warp(e->target), e->hinted);
  particles_evaluate(p, e->target);
  return DILATE_OK;
}

static void remember(explore *e) {
  size_t d = e->dim, ld = e->now.ld;
  memcpy(e->before.x, e->now.x, d * ld * sizeof(double));
  memcpy(e->before.grad, e->now.grad, d * ld * sizeof(double));
  memcpy(e->before.logp, e->now.logp, ld * sizeof(double));
}

/* The contraction from the path's step k-1 to step k of K: sqrt(lambda) goes linearly from 1/f to 1.  After the first batch every other
 * particle falls from where it was dropped instead: contraction slides particles down curved valleys to the middle, and their ends would
 * stay empty.  A particle that would leave the support stays where it is. */
static void contract(explore *e, int k, int K) {
  particles *p = &e->now;
  size_t stride = e->batches ? 2 : 1;
  remember(e);
  for (size_t i = 0; i < p->n; i += stride) {
    double root = 1 / e->start_factor[i], step = (1 - root) / (K - 1);
    double shrink = (root + step * (k - 1)) / (root + step * k);
    const double *centre = hints_contracts(&e->hints, e->batches, p->n, i) ? e->hinted : e->centre;
    for (size_t j = 0; j < e->dim; j++) p->x[j * p->ld + i] = centre[j] + (p->x[j * p->ld + i] - centre[j]) * shrink;
  }
  particles_evaluate(p, e->target);
  for (size_t i = 0; i < p->n; i += stride)
    if (!isfinite(p->logp[i]) && isfinite(e->before.logp[i])) particles_copy(p, i, &e->before, i);
}

static void learn_metric(explore *e, const drop *how, int step) {
  int early = how->contraction == 0 && step < how->settling / 2;
  if (early) metric_forget(&e->metric);
  metric_observe(&e->metric, &e->before, &e->proposal, e->accepted, e->floor, &e->pair);
  if (step % METRIC_EVERY != METRIC_EVERY - 1 || (how->contraction == 0 && step <= how->settling / 2 + 2)) return;
  double growth = metric_update(&e->metric);
  for (size_t i = 0; i < e->now.n; i++) {
    e->h[i] /= growth;
    if (step >= how->contraction) e->h[i] = fmin(e->h[i], SETTLED_STEP_MAX);
  }
}

static langevin explore_kernel(const explore *e, const path *here, stream s) {
  return (langevin){.path = here,
                    .lambda = 1,
                    .metric_c = e->metric.c,
                    .stream = s,
                    .rate = ADAPTATION,
                    .accept = MALA_ACCEPTANCE,
                    .h_min = 1e-40,
                    .h_max = 1e20,
                    .proposals_read = 1,
                    .work = e->kernel_work};
}

/* Follows the path: contraction and one MALA step in turn, then settling at lambda = 1. */
static int follow_path(explore *e, const drop *how, stream s, dilate_error *err) {
  const path here = {.type = &path_none, .target = e->target};
  langevin kernel = explore_kernel(e, &here, s);
  for (int k = 0; k < how->contraction + how->settling; k++) {
    if (k > 0 && k < how->contraction) contract(e, k, how->contraction);
    remember(e);
    mala_step(&kernel, (uint32_t)k + 1, &e->now, &e->proposal, e->h, e->accepted);
    learn_metric(e, how, k);
  }
  return target_status(e->target, err);
}

static int any_finite(const particles *p) {
  for (size_t i = 0; i < p->n; i++)
    if (isfinite(p->logp[i])) return 1;
  return 0;
}

/* Whether the drift of one step still raises the log-density of most particles by far more than a settled one's, h |C'g|^2 ~ h dim. */
static int falling(explore *e) {
  const particles *p = &e->now;
  size_t d = e->dim, fast = 0, finite = 0;
  double *slope = e->proposal.grad;
  memcpy(slope, p->grad, d * p->ld * sizeof *slope);
  lower_transpose_times(d, e->metric.c, p->n, p->ld, slope);
  for (size_t i = 0; i < p->n; i++) {
    double square = 0;
    for (size_t j = 0; j < d; j++) square += slope[j * p->ld + i] * slope[j * p->ld + i];
    finite += isfinite(p->logp[i]) != 0;
    fast += isfinite(p->logp[i]) && e->h[i] * square > LANDING_RISE + 10 * (double)d;
  }
  return 2 * fast > finite;
}

/* More steps for a first batch that is still on its way down, as when it began a million scales off: between the first guess of a step and
 * one that suits such a place there may be twenty orders of magnitude, so what is rejected for certain shortens the next step by far.  The
 * metric waits until the fall is over, since curvatures differ as much on the way. */
static int land(explore *e, unsigned attempt, dilate_error *err) {
  const path here = {.type = &path_none, .target = e->target};
  langevin kernel = explore_kernel(e, &here, stream_make(e->seed, STREAM_EXPLORE, 68 + attempt, e->group));
  int k = 0, after = 0;
  while (k < LANDING_STEPS && (k % LANDING_BLOCK || falling(e))) {
    mala_step(&kernel, (uint32_t)++k, &e->now, &e->proposal, e->h, e->accepted);
    for (size_t i = 0; i < e->now.n; i++)
      if (e->accepted[i] < REJECTED) e->h[i] *= IMPATIENCE;
  }
  if (k) metric_forget(&e->metric);
  while (k && after++ < LANDING_BLOCK) {
    remember(e);
    mala_step(&kernel, (uint32_t)(k + after), &e->now, &e->proposal, e->h, e->accepted);
    learn_metric(e, &first_drop, first_drop.contraction + after - 1);
  }
  return target_status(e->target, err);
}

/* Tells of a target that breaks down, where the fault is hardly the place of the starts. */
static int error_no_support(const explore *e, double radius_min, double radius_max, dilate_error *err) {
  char bad[TARGET_BAD_TEXT];
  target_bad_text(e->target, bad);
  return error_set(err, DILATE_ESUPPORT,
                   "no point with a finite log-density was found from %d starts around the origin at radii %g to %g: "
                   "check that the log-density is finite somewhere there, or shift and scale the coordinates%s",
                   ATTEMPTS_MAX * EXPLORE_BATCH, radius_min, radius_max, bad);
}

/* The first batch, again from a wider range of radii while no particle is inside the support. */
static int first_batch(explore *e, dilate_error *err) {
  drop how = first_drop;
  for (unsigned attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    stream s = stream_make(e->seed, STREAM_EXPLORE, 64 + attempt, e->group);
    int status = drop_particles(e, &how, s, err);
    if (!status) status = follow_path(e, &how, s, err);
    if (status) return status;
    if (any_finite(&e->now)) return land(e, attempt, err);
    how.radius_min /= 100;
    how.radius_max *= 100;
  }
  return error_no_support(e, how.radius_min * 100, how.radius_max / 100, err);
}

int explore_step(explore *e, dilate_error *err) {
  size_t batch = e->batches;
  int status;
  if (batch == 0) {
    status = first_batch(e, err);
  } else {
    drop how = batch % 2 ? wide_drop : near_drop;
    stream s = stream_make(e->seed, STREAM_EXPLORE, (unsigned)batch, e->group);
    for (size_t k = 0; k < e->quiet && batch % 2 && e->dim <= SCREEN_DIM_MAX; k++) how.radius_max *= WIDER;
    status = drop_particles(e, &how, s, err);
    if (!status) status = follow_path(e, &how, s, err);
  }
  if (status) return status;
  e->acceptance = 0;
  for (size_t i = 0; i < e->now.n; i++) e->acceptance += e->accepted[i] / (double)e->now.n;
  recentre(e);
  e->batches++;
  e->converged = e->quiet >= e->quiet_wanted && hints_used(&e->hints, e->batches, EXPLORE_BATCH);
  status = target_status(e->target, err);
  if (status) return status;
  return e->converged || e->batches == e->batches_max ? DILATE_OK : DILATE_CONTINUE;
}
