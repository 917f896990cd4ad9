/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Doubts of places: is there mass that was met and lost, or that nobody has looked for (see doubts.h)?
 *
 * Candidates are where explored particles climbed to, and far looks around the draws (stage/far_looks.h), where the target exceeds what the
 * references have there.  Far out in a tail it exceeds it by far at every place alike; so looks are ranked by how much more they exceed it
 * than the middle one of those with a similar log q.  The foremost climb together with the known peaks.  A
 * peak that the references leave bare, and about which there is more mass than draws, is told of. */
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "method/doubts.h"
#include "stage/far_looks.h"
#include "stats/peak_mass.h"

#define LOOKS       16384 /* at an effort of 1 */
#define LOOKS_MAX   131072
#define ALIKE       64                /* looks with a similar log q */
#define BARE        4.605170185988091 /* log 100: pi/Z above q by more leaves a point bare */
#define SCORE       2.0               /* median distances above the middle */
#define BARE_SHARE  0.5               /* of the mass about a peak */
#define CLIMBED     8                 /* candidates of either kind */
#define LOOKED      12
#define GRADIENTS   512 /* looks with the highest scores, and of these */
#define STEEP       24
#define PEAKS_MAX   64   /* known ones that candidates may join, those of the heaviest modes */
#define CLOSE       0.05 /* candidates nearer than this share of their distance from the centre are one */
#define EACH        48   /* evaluations of a climb, and of what joins it */
#define FIRST_STEP  0.03 /* of the draws' spread: a narrow basin is not leapt out of */
#define MASS        0.02 /* of all, more than the share of the draws: less is not worth a warning */
#define MASS_ERRORS 2.0  /* by which it must be more */
#define COORDINATES 8    /* of a place, in a text */

typedef struct places_view {
  const dilate_result *draws;
  const modes *found;
  const warp *coordinates; /* of the references, or NULL: the user's */
  const mixture *q;
  double log_z;
  run *run;
  double *centre, *factor; /* of the draws: dim; dim x dim */
  particles chosen;        /* candidates in front, then known peaks; n: so many */
} places_view;

/* ---- What the references explain ---- */

/* log pi - log Z - log q of n points with log-densities, all in the user's coordinates; logq may be NULL. */
static int fill_ratios(const places_view *v, const particles *p, size_t n, double *ratio, double *logq) {
  const size_t d = p->dim;
  double *z = NEW2(double, d, PARTICLE_TILE), *work = NEW(double, mixture_work(v->q, PARTICLE_TILE));
  for (size_t first = 0; z && work && first < n; first += PARTICLE_TILE) {
    const size_t count = tile_size(n, first / PARTICLE_TILE);
    double logp[PARTICLE_TILE], of_q[PARTICLE_TILE];
    memcpy(logp, p->logp + first, count * sizeof *logp);
    for (size_t j = 0; j < d; j++) memcpy(z + j * PARTICLE_TILE, p->x + j * p->ld + first, count * sizeof *z);
    if (v->coordinates) warp_backward(v->coordinates, count, PARTICLE_TILE, z, NULL, logp);
    mixture_evaluate(v->q, count, PARTICLE_TILE, z, of_q, NULL, NULL, work);
    for (size_t i = 0; i < count; i++) {
      ratio[first + i] = logp[i] - v->log_z - of_q[i];
      if (logq) logq[first + i] = of_q[i];
    }
  }
  const int failed = !z || !work;
  memory_free(z);
  memory_free(work);
  return failed;
}

/* ---- Candidates ---- */

/* Whether point i of p is as good as the place of a candidate; distances in units of the draws' spread along each coordinate. */
static int is_taken(const places_view *v, const particles *p, size_t i) {
  const size_t d = p->dim;
  for (size_t k = 0; k < v->chosen.n; k++) {
    double apart = 0, out = 0;
    for (size_t j = 0; j < d; j++) {
      const double unit = v->factor[j * d + j], x = p->x[j * p->ld + i];
      apart += pow((x - v->chosen.x[j * v->chosen.ld + k]) / unit, 2);
      out += pow((x - v->centre[j]) / unit, 2);
    }
    if (apart < CLOSE * CLOSE * out) return 1;
  }
  return 0;
}

/* The foremost `most` of n points by their score, above `least`, and apart from one another, are candidates. */
static int choose_foremost(places_view *v, const particles *p, size_t n, const double *score, double least, size_t most) {
  size_t *order = NEW(size_t, n), taken = 0;
  if (!order) return 1;
  gsl_sort_index(order, score, 1, n);
  for (size_t k = n; k-- > 0 && taken < most;) {
    const size_t i = order[k];
    if (!(score[i] > least && score[i] < INFINITY) || is_taken(v, p, i)) continue;
    particles_copy(&v->chosen, v->chosen.n++, p, i);
    taken++;
  }
  memory_free(order);
  return 0;
}

/* Where the particles of a group climbed to, in the user's coordinates. */
static int gather_climbed(const bridge_group *g, const warp *w, particles *p) {
  const particles *const up = &g->explore.ascended;
  const size_t all = g->explore.batches * EXPLORE_BATCH, n = all < up->n ? all : up->n;
  if (particles_create(up->dim, n, p)) return 1;
  double *log_det = NEW(double, p->ld);
  if (!log_det) return 1;
  for (size_t j = 0; j < p->dim; j++) memcpy(p->x + j * p->ld, up->x + j * up->ld, n * sizeof *p->x);
  if (w) warp_forward(w, n, p->ld, p->x, log_det);
  for (size_t i = 0; i < n; i++) p->logp[i] = up->logp[i] - log_det[i];
  memory_free(log_det);
  return 0;
}

static int choose_climbed(places_view *v, bridge_group *const *group, size_t groups) {
  int failed = 0;
  for (size_t g = 0; g < groups && !failed; g++) {
    particles p = {0};
    failed = gather_climbed(group[g], g ? v->coordinates : NULL, &p);
    double *ratio = NEW(double, p.n);
    failed = failed || !ratio || fill_ratios(v, &p, p.n, ratio, NULL) || choose_foremost(v, &p, p.n, ratio, BARE, CLIMBED / groups + 1);
    particles_clear(&p);
    memory_free(ratio);
  }
  return failed;
}

/* Median of n values, and their median distance from it; both at the places of `value` and `work` no longer in order. */
static double middle_of(size_t n, double *value, double *work, double *apart) {
  gsl_sort(value, 1, n);
  const double median = value[n / 2];
  for (size_t k = 0; k < n; k++) work[k] = fabs(value[k] - median);
  gsl_sort(work, 1, n);
  *apart = work[n / 2];
  return median;
}

/* Of the looks in the order of log q, ALIKE at a time: by how much more each exceeds q than the middle one, in units of what the others
 * differ by, which is much in far tails. */
static int score_looks(size_t n, const double *ratio, const double *logq, double *score) {
  size_t *order = NEW(size_t, n);
  double alike[ALIKE], work[ALIKE], apart;
  if (!order) return 1;
  gsl_sort_index(order, logq, 1, n);
  for (size_t first = 0; first < n; first += ALIKE) {
    const size_t count = n - first < ALIKE ? n - first : ALIKE;
    for (size_t k = 0; k < count; k++) alike[k] = fmax(ratio[order[first + k]], -1e300);
    const double median = middle_of(count, alike, work, &apart);
    for (size_t k = 0; k < count; k++) score[order[first + k]] = (ratio[order[first + k]] - median) / (1 + apart);
  }
  memory_free(order);
  return 0;
}

/* How much steeper the target is at a place than a Gaussian of the draws' covariance would be: log of |A'g| over |A^-1 (x - c)|.  g is
 * spoilt. */
static void fill_steepness(const places_view *v, particles *p, double *steepness, double *ci) {
  const size_t d = p->dim;
  lower_inverse(d, v->factor, ci);
  lower_transpose_times(d, v->factor, p->n, p->ld, p->grad);
  for (size_t i = 0; i < p->n; i++) {
    double slope = 0, out = 0;
    for (size_t j = 0; j < d; j++) {
      double u = 0;
      for (size_t k = 0; k <= j; k++) u += ci[j * d + k] * (p->x[k * p->ld + i] - v->centre[k]);
      out += u * u;
      slope += p->grad[j * p->ld + i] * p->grad[j * p->ld + i];
    }
    steepness[i] = out > 0 ? 0.5 * log(slope / out) : -INFINITY;
  }
}

/* Of the looks with the highest scores those at the steepest places: in a narrow basin the target is far steeper than around it. */
static int choose_steepest(places_view *v, const particles *looks, const double *score) {
  const size_t d = looks->dim, most = looks->n < GRADIENTS ? looks->n : GRADIENTS;
  size_t *order = NEW(size_t, looks->n);
  double *steepness = NEW(double, most), *ci = NEW2(double, d, d);
  particles p = {0};
  int failed = !order || !steepness || !ci || particles_create(d, most, &p);
  if (!failed) {
    gsl_sort_index(order, score, 1, looks->n);
    for (size_t k = 0; k < most; k++) particles_copy(&p, k, looks, order[looks->n - 1 - k]);
    target_probe(v->run->target, p.n, p.ld, p.x, p.logp, p.grad);
    fill_steepness(v, &p, steepness, ci);
    failed = choose_foremost(v, &p, most, steepness, 0, STEEP);
  }
  memory_free(order);
  memory_free(steepness);
  memory_free(ci);
  particles_clear(&p);
  return failed;
}

static int choose_looks(places_view *v) {
  const size_t d = v->draws->dim, n = (size_t)fmin(LOOKS_MAX, ceil(LOOKS * v->run->options.effort));
  particles p = {0};
  if (d > FAR_DIM_MAX || !run_affords(v->run, n, 0)) return 0;
  double *ratio = NEW(double, 3 * n);
  int failed = !ratio || particles_create(d, n, &p);
  if (!failed) {
    far_looks(v->run->target, stream_make(v->run->options.seed, STREAM_PROBE, 2, 0), v->centre, v->factor, &p);
    failed = fill_ratios(v, &p, n, ratio, ratio + n) || score_looks(n, ratio, ratio + n, ratio + 2 * n) ||
             choose_foremost(v, &p, n, ratio + 2 * n, SCORE, LOOKED) || choose_steepest(v, &p, ratio + 2 * n);
  }
  particles_clear(&p);
  memory_free(ratio);
  return failed;
}

/* ---- Climbing ---- */

static void add_known_peaks(places_view *v) {
  const size_t d = v->draws->dim;
  for (size_t m = 0; m < v->found->count && m < PEAKS_MAX; m++, v->chosen.n++)
    for (size_t j = 0; j < d; j++) v->chosen.x[j * v->chosen.ld + v->chosen.n] = v->found->peak[m * d + j];
}

/* The modes of candidates and known peaks together. */
static int climb(places_view *v, size_t candidates, modes *out, dilate_error *err) {
  const size_t d = v->draws->dim;
  double *small = NEW2(double, d, d);
  size_t *metric_of = NEW(size_t, v->chosen.n);
  int status = small && metric_of ? DILATE_OK : error_memory(err, "the search for lost modes");
  if (!status) {
    const double *const metric_c[] = {small, v->factor};
    for (size_t k = 0; k < d * d; k++) small[k] = FIRST_STEP * v->factor[k];
    for (size_t i = candidates; i < v->chosen.n; i++) metric_of[i] = 1;
    particles_evaluate(&v->chosen, v->run->target);
    status = modes_find(v->run->target, &v->chosen, metric_of, 2, FACTOR_LOWER, metric_c, EACH * v->chosen.n, out, err);
  }
  memory_free(small);
  memory_free(metric_of);
  return status;
}

/* The share of the draws that a mode of candidates and known peaks has: that of the modes whose peaks are in it. */
static double share_of_draws(const places_view *v, const modes *m, size_t mode, size_t candidates) {
  const size_t rows = v->draws->islands * v->draws->draws;
  size_t count = 0;
  for (size_t i = 0; i < rows; i++) {
    const size_t of = v->found->of[i] < 0 ? PEAKS_MAX : (size_t)v->found->of[i];
    count += of < PEAKS_MAX && candidates + of < v->chosen.n && m->of[candidates + of] == (int)mode;
  }
  return (double)count / (double)rows;
}

/* Whether the references leave the peak itself bare. */
static int is_bare(const places_view *v, const double *peak, double logp, int *bare) {
  particles p;
  double ratio = 0;
  const int failed = particles_create(v->draws->dim, 1, &p);
  for (size_t j = 0; !failed && j < p.dim; j++) p.x[j * p.ld] = peak[j];
  if (!failed) p.logp[0] = logp;
  const int unknown = failed || fill_ratios(v, &p, 1, &ratio, NULL);
  *bare = ratio > BARE;
  particles_clear(&p);
  return unknown;
}

/* ---- The verdict ---- */

/* The share of all mass that is about a peak and that the references leave bare, and its error; 0 where there is none. */
static int bare_mass(const places_view *v, const double *peak, unsigned number, double *share, double *error, dilate_error *err) {
  const size_t d = v->draws->dim;
  peak_sample s;
  int proper;
  double *scale = NEW(double, d), *ratio = NEW(double, PEAK_DRAWS), bare = 0, all = 0;
  *share = *error = 0;
  for (size_t j = 0; scale && j < d; j++) scale[j] = FIRST_STEP * v->factor[j * d + j];
  int status = scale && ratio ? DILATE_OK : error_memory(err, "the search for lost modes");
  if (!status)
    status = peak_sample_create(v->run->target, stream_make(v->run->options.seed, STREAM_PROBE, 3, number), peak, scale, &s, &proper, err);
  if (!status && proper) {
    const double log_mass = peak_log_mass(&s, error);
    if (fill_ratios(v, &s.draws, PEAK_DRAWS, ratio, NULL)) status = error_memory(err, "the search for lost modes");
    for (size_t i = 0; !status && i < PEAK_DRAWS; i++) {
      const double w = exp(s.log_weight[i] - log_mass);
      all += w;
      bare += ratio[i] > BARE ? w : 0;
    }
    if (bare > BARE_SHARE * all) *share = 1 / (1 + exp(v->log_z - log_mass));
    peak_sample_clear(&s);
  }
  memory_free(scale);
  memory_free(ratio);
  return status;
}

/* "(x, y, z)", cut short. */
static void place_text(size_t dim, const double *x, size_t size, char *text) {
  size_t used = 0;
  for (size_t j = 0; j < dim && j < COORDINATES && used < size; j++)
    used += (size_t)snprintf(text + used, size - used, "%s%.5g", j ? ", " : "(", x[j]);
  if (used < size) snprintf(text + used, size - used, dim > COORDINATES ? ", ...)" : ")");
}

static int warn_place(const places_view *v, const double *peak, double mass, double share, dilate_error *err) {
  char where[192];
  place_text(v->draws->dim, peak, sizeof where, where);
  return run_warn(
      v->run, err,
      "about %.2g of all mass is near %s in the unconstrained coordinates, where %.2g of the draws are: a mode that exploration "
      "lost or never met is missing from the answer, and so may be others.  Give this point as a hint, for particles to start "
      "there, and compare.",
      mass, where, share);
}

static int judge_peak(const places_view *v, const modes *m, size_t k, size_t candidates, dilate_error *err) {
  const double *const peak = m->peak + k * v->draws->dim;
  const double share = share_of_draws(v, m, k, candidates);
  double mass, error;
  int bare;
  if (is_bare(v, peak, m->peak_logp[k], &bare)) return error_memory(err, "the search for lost modes");
  if (!bare) return DILATE_OK;
  const int status = bare_mass(v, peak, (unsigned)k, &mass, &error, err);
  if (status || !(mass * (1 - MASS_ERRORS * error) > share + MASS)) return status;
  return warn_place(v, peak, mass, share, err);
}

/* ---- All of it ---- */

/* Mean and Cholesky factor of the draws' covariance.  *flat: they have none. */
static int fill_scale(places_view *v, int *flat) {
  const size_t d = v->draws->dim, n = v->draws->islands * v->draws->draws;
  particles p;
  const int failed = particles_create(d, n, &p);
  for (size_t j = 0; j < d && !failed; j++)
    for (size_t i = 0; i < n; i++) p.x[j * p.ld + i] = v->draws->x[i * d + j];
  if (!failed) {
    weighted_mean(d, n, p.ld, p.x, NULL, v->centre);
    weighted_covariance(d, n, p.ld, p.x, NULL, v->centre, v->factor);
    *flat = cholesky(d, v->factor);
  }
  particles_clear(&p);
  return failed;
}

static int search_places(places_view *v, bridge_group *const *group, size_t groups, dilate_error *err) {
  int flat = 0;
  if (fill_scale(v, &flat)) return error_memory(err, "the search for lost modes");
  if (flat) return DILATE_OK;
  if (choose_climbed(v, group, groups) || choose_looks(v)) return error_memory(err, "the search for lost modes");
  const size_t candidates = v->chosen.n;
  modes m = {0};
  if (candidates == 0) return target_status(v->run->target, err);
  add_known_peaks(v);
  int status = climb(v, candidates, &m, err);
  for (size_t k = 0; k < m.count && !status; k++) status = judge_peak(v, &m, k, candidates, err);
  modes_clear(&m);
  return status ? status : target_status(v->run->target, err);
}

int doubt_places(bridge_group *const *group, size_t groups, bridge_group *const *last, size_t count, double log_z,
                 const dilate_result *draws, const modes *found, run *r, dilate_error *err) {
  const size_t d = draws->dim;
  if (!found->countable || !found->count || !isfinite(log_z)) return DILATE_OK;
  mixture *q = group_join_references(last, count);
  places_view v = {.draws = draws,
                   .found = found,
                   .coordinates = group[0]->warp,
                   .q = q,
                   .log_z = log_z,
                   .run = r,
                   .centre = NEW(double, d),
                   .factor = NEW2(double, d, d)};
  const size_t room = groups * (CLIMBED / groups + 1) + LOOKED + STEEP + PEAKS_MAX;
  const int failed = particles_create(d, room, &v.chosen) || !q || !v.centre || !v.factor;
  v.chosen.n = 0;
  const int status = failed ? error_memory(err, "the search for lost modes") : search_places(&v, group, groups, err);
  particles_clear(&v.chosen);
  memory_free(v.centre);
  memory_free(v.factor);
  mixture_free(q);
  return status;
}
