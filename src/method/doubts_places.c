/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Doubts of places: is there mass that exploration met and lost, or never looked for (see doubts.h)?
 *
 * Candidates (lost_places.h) climb together with the known peaks.  A peak that the references leave bare, and about which there is more
 * mass than draws, is told of. */
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "method/doubts.h"
#include "method/lost_places.h"
#include "stats/peak_mass.h"

#define EACH        48   /* evaluations of a climb, and of what joins it */
#define FIRST_STEP  0.03 /* of the draws' spread: a narrow basin is not leapt out of */
#define BARE_SHARE  0.5  /* of the mass about a peak */
#define MASS        0.02 /* of all, more than the share of the draws: less is not worth a warning */
#define MASS_ERRORS 2.0  /* by which it must be more */
#define COORDINATES 8    /* of a place, in a text */

/* ---- Climbing ---- */

static void add_known_peaks(lost_places *v) {
  const size_t d = v->draws->dim;
  for (size_t m = 0; m < v->found->count && m < LOST_PEAKS; m++, v->chosen.n++)
    for (size_t j = 0; j < d; j++) v->chosen.x[j * v->chosen.ld + v->chosen.n] = v->found->peak[m * d + j];
}

/* The modes of candidates and known peaks together. */
static int climb(lost_places *v, size_t candidates, modes *out, dilate_error *err) {
  const size_t d = v->draws->dim;
  double *small = NEW2(double, d, d);
  size_t *metric_of = NEW(size_t, v->chosen.n);
  int status = small && metric_of ? DILATE_OK : error_memory(err, "the search for lost modes");
  if (!status) {
    const double *const metric_c[] = {small, v->factor};
    for (size_t k = 0; k < d * d; k++) small[k] = FIRST_STEP * v->factor[k];
    for (size_t i = candidates; i < v->chosen.n; i++) metric_of[i] = 1;
    const parted all = parted_whole(v->run->target, &v->chosen);
    particles_evaluate(&v->chosen, v->run->target);
    status = modes_find(v->run->target, &all, metric_of, 2, FACTOR_LOWER, metric_c, EACH * v->chosen.n, out, err);
  }
  memory_free(small);
  memory_free(metric_of);
  return status;
}

/* Whether the references leave the peak itself bare. */
static int is_bare(const lost_places *v, const double *peak, double logp, int *bare) {
  particles p;
  double ratio = 0;
  const int failed = particles_create(v->draws->dim, 1, &p);
  for (size_t j = 0; !failed && j < p.dim; j++) p.x[j * p.ld] = peak[j];
  if (!failed) p.logp[0] = logp;
  const int unknown = failed || lost_ratios(v, &p, 1, &ratio, NULL);
  *bare = ratio > LOST_BARE;
  particles_clear(&p);
  return unknown;
}

/* ---- The verdict ---- */

/* What is about a peak: its share of all mass with a relative error, the share of that mass which the references leave bare, and the share
 * of the draws. */
typedef struct about_peak {
  double mass, error, bare, draws;
} about_peak;

static int weigh_sample(const lost_places *v, const double *peak, const peak_sample *s, about_peak *out) {
  double ratio[PEAK_DRAWS], all = 0;
  const double log_mass = peak_log_mass(s, &out->error);
  if (log_mass == -INFINITY) return 0;
  if (lost_ratios(v, &s->draws, PEAK_DRAWS, ratio, NULL)) return 1;
  for (size_t i = 0; i < PEAK_DRAWS; i++) {
    const double w = exp(s->log_weight[i] - log_mass);
    all += w;
    out->bare += ratio[i] > LOST_BARE ? w : 0;
  }
  out->bare /= all;
  const size_t near = peak_count(s, peak, v->draws->held, v->draws->x);
  out->draws = (double)(v->draws->spread ? share_sum(v->run->target, near) : near) / (double)(v->draws->islands * v->draws->draws);
  /* Zhat has what the draws have. */
  out->mass = 1 / (1 + (1 - out->draws) * exp(v->log_z - log_mass));
  return 0;
}

/* All zeros where the point is no proper peak. */
static int weigh_peak(const lost_places *v, const double *peak, unsigned number, about_peak *out, dilate_error *err) {
  const size_t d = v->draws->dim;
  peak_sample s = {0};
  int proper = 0;
  double *scale = NEW(double, d);
  *out = (about_peak){0};
  if (!scale) return error_memory(err, "the search for lost modes");
  for (size_t j = 0; j < d; j++) scale[j] = FIRST_STEP * v->factor[j * d + j];
  int status =
      peak_sample_create(v->run->target, stream_make(v->run->options.seed, STREAM_PROBE, 3, number), peak, scale, &s, &proper, err);
  if (!status && proper && weigh_sample(v, peak, &s, out)) status = error_memory(err, "the search for lost modes");
  peak_sample_clear(&s);
  memory_free(scale);
  return status;
}

/* "(x, y, z)", cut short. */
static void place_text(size_t dim, const double *x, size_t size, char *text) {
  size_t used = 0;
  for (size_t j = 0; j < dim && j < COORDINATES && used < size; j++)
    used += (size_t)snprintf(text + used, size - used, "%s%.5g", j ? ", " : "(", x[j]);
  if (used < size) snprintf(text + used, size - used, dim > COORDINATES ? ", ...)" : ")");
}

static int warn_place(const lost_places *v, const double *peak, double mass, double share, dilate_error *err) {
  char where[192];
  place_text(v->draws->dim, peak, sizeof where, where);
  return run_warn(
      v->run, err,
      "about %.2g of all mass is near %s in the unconstrained coordinates, where %.2g of the draws are: a mode that exploration "
      "lost or never met is missing from the answer, and so may be others.  Give this point as a hint, for particles to start "
      "there, and compare.",
      mass, where, share);
}

static int judge_peak(const lost_places *v, const double *peak, double logp, unsigned number, dilate_error *err) {
  about_peak about;
  int bare;
  if (is_bare(v, peak, logp, &bare)) return error_memory(err, "the search for lost modes");
  if (!bare || !run_affords(v->run, peak_sample_cost(v->run->target), 0)) return DILATE_OK;
  const int status = weigh_peak(v, peak, number, &about, err);
  if (status || !(about.bare > BARE_SHARE && about.mass * (1 - MASS_ERRORS * about.error) > about.draws + MASS)) return status;
  return warn_place(v, peak, about.mass, about.draws, err);
}

/* ---- All of it ---- */

/* Where the budget has room for the climbs, each with the evaluation that it begins with. */
static int climbs_afforded(const lost_places *v) {
  return run_affords(v->run, (EACH + 1) * v->chosen.n * target_gradient_cost(v->run->target), 0);
}

static int search_places(lost_places *v, bridge_group *const *group, size_t groups, dilate_error *err) {
  if (lost_choose(v, group, groups)) return error_memory(err, "the search for lost modes");
  const size_t candidates = v->chosen.n;
  modes m = {0};
  if (candidates == 0) return target_status(v->run->target, err);
  add_known_peaks(v);
  if (!climbs_afforded(v)) return target_status(v->run->target, err);
  int status = climb(v, candidates, &m, err);
  for (size_t k = 0; k < m.count && !status; k++) status = judge_peak(v, m.peak + k * v->draws->dim, m.peak_logp[k], (unsigned)k, err);
  modes_clear(&m);
  return status ? status : target_status(v->run->target, err);
}

int doubt_places(bridge_group *const *group, size_t groups, bridge_group *const *last, size_t count, double log_z,
                 const dilate_result *draws, const modes *found, run *r, dilate_error *err) {
  const size_t d = draws->dim;
  if (!found->countable || !found->count || !isfinite(log_z)) return DILATE_OK;
  mixture *q = group_join_references(last, count);
  lost_places v = {.draws = draws,
                   .found = found,
                   .coordinates = group[0]->warp,
                   .q = q,
                   .log_z = log_z,
                   .run = r,
                   .centre = NEW(double, d),
                   .factor = NEW2(double, d, d)};
  const int failed = !q || !v.centre || !v.factor;
  const int status = failed ? error_memory(err, "the search for lost modes") : search_places(&v, group, groups, err);
  particles_clear(&v.chosen);
  memory_free(v.centre);
  memory_free(v.factor);
  mixture_free(q);
  return status;
}
