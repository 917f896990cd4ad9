/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fitting a reference: candidates on one half, choice on the other, the winner refined on all, reweighted and defended: see reference.h. */
#include "stage/reference.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "stage/balance.h"
#include "stage/candidates.h"
#include "stage/choose.h"
#include "stage/defend.h"
#include "stage/heavy.h"

#define HALF_MIN      20  /* points of the smaller half, else halves are even and odd */
#define REWEIGHT_COST 3.0 /* cost above which importance weights say nothing */
#define HEAVY_COST    0.5 /* cost of the best Gaussian mixture above which heavy-tailed ones are tried */
#define POOR_COST     2.0 /* cost above which they are tried even if the points do not suggest it */
#define FAR_COST      8.0 /* cost a coordinate of heavy-tailed ones above which no modes of theirs would help */
#define REFINEMENTS   6
#define ESS_DRAWS     256
#define WORSE         0.05 /* loss of mean log-density (clipped at 20) at which the refit on all points is not taken */

void reference_free(reference *r) {
  if (!r) return;
  mixture_free(r->core);
  mixture_free(r->q);
  memory_free(r);
}

void reference_archive(archive *a, size_t dim, reference **r) {
  if (!archive_present(a, *r)) return;
  if (archive_reads(a) && !(*r = NEW(reference, 1))) archive_fail(a, DILATE_ENOMEM, "out of memory");
  if (!*r) return;
  mixture_archive(a, dim, &(*r)->core);
  mixture_archive(a, dim, &(*r)->q);
  archive_double(a, &(*r)->cost);
  archive_double(a, &(*r)->previous_cost);
  archive_double(a, &(*r)->quick_cost);
  archive_double(a, &(*r)->ess);
  if (!(*r)->core || !(*r)->q) archive_fail(a, DILATE_ECHECKPOINT, "a reference is without its mixture");
}

/* The points of one half as arrays of their own; half 2: of the other.  mode comes along where the sample has it. */
typedef struct half_sample {
  particles points;
  double *mode;
} half_sample;

static int halves_are_even(const sample *s) {
  size_t ones = 0, n = s->points.n;
  for (size_t i = 0; i < n; i++) ones += s->half[i];
  return ones > HALF_MIN && n - ones > HALF_MIN;
}

static int take_half(const sample *s, unsigned which, half_sample *out) {
  size_t n = 0, d = s->points.dim;
  int use = halves_are_even(s);
  memset(out, 0, sizeof *out);
  for (size_t i = 0; i < s->points.n; i++) n += (use ? s->half[i] : i % 2) == which;
  if (particles_create(d, n, &out->points)) return 1;
  if (s->mode && !(out->mode = NEW2(double, d, out->points.ld))) return 1;
  size_t *index = NEW(size_t, n), ld = s->points.ld;
  if (!index) return 1;
  n = 0;
  for (size_t i = 0; i < s->points.n; i++)
    if ((use ? s->half[i] : i % 2) == which) index[n++] = i;
  particles_gather(&out->points, &s->points, n, index);
  for (size_t j = 0; s->mode && j < d; j++)
    for (size_t k = 0; k < n; k++) out->mode[j * out->points.ld + k] = s->mode[j * ld + index[k]];
  memory_free(index);
  return 0;
}

static void half_clear(half_sample *h) {
  particles_clear(&h->points);
  memory_free(h->mode);
}

static fit_points points_of(const reference_task *task, const particles *p) {
  return (fit_points){.n = p->n, .dim = p->dim, .ld = p->ld, .x = p->x, .grad = p->grad, .team = {target_threads(task->target), 0}};
}

/* Mean over the points of log a - log b, clipped at +-20. */
static int mean_log_ratio(const mixture *a, const mixture *b, const fit_points *points, double *mean) {
  const size_t n = points->n;
  double *la = NEW(double, points->ld), *lb = NEW(double, points->ld);
  int failed = !la || !lb || mixture_evaluate_all(a, points->team, n, points->ld, points->x, la, NULL);
  failed = failed || mixture_evaluate_all(b, points->team, n, points->ld, points->x, lb, NULL);
  *mean = 0;
  for (size_t i = 0; i < n && !failed; i++) *mean += fmin(fmax(la[i] - lb[i], -20), 20) / (double)n;
  memory_free(la);
  memory_free(lb);
  return failed;
}

/* The winner refined on all the points, a copy of it where that fails. */
static int refine(const candidate *winner, const fit_points *all, mixture **out) {
  const int iterations = winner->fit->components > 1 ? REFINEMENTS : 2;
  const int status =
      winner->start == START_STANDARD ? DILATE_OK : em_refine(all, winner->fit, winner->family, winner->gradient, iterations, out, NULL);
  if (status == DILATE_ENOMEM) return status;
  if (status || !*out) *out = mixture_copy(winner->fit);
  return *out ? DILATE_OK : DILATE_ENOMEM;
}

/* The winner refined on all the points; fitted afresh to them, at the same time, where that loses nothing. */
static int refine_on_all(const reference_task *task, const candidate *winner, const fit_points *all, mixture **core, dilate_error *err) {
  mixture *fit[2] = {NULL, NULL};
  int status[2] = {DILATE_OK, DILATE_OK}, ways = winner->fit->components > 3 ? 2 : 1;
  double gain = 0;
  fit_points within = *all;
  within.team = team_within(all->team);
#pragma omp parallel for schedule(dynamic, 1) num_threads(team_size(all->team.threads))
  for (int way = 0; way < ways; way++)
    status[way] = way ? candidates_refit(task, winner, &within, task->sample->mode, &fit[1], NULL) : refine(winner, &within, &fit[0]);
  const int failed = status[0] == DILATE_ENOMEM || status[1] == DILATE_ENOMEM || (fit[1] && mean_log_ratio(fit[1], fit[0], all, &gain));
  const int afresh = fit[1] && gain > -WORSE;
  if (!failed) *core = fit[afresh];
  mixture_free(fit[failed ? 0 : !afresh]);
  if (failed) mixture_free(fit[1]);
  return failed ? error_memory(err, "the reference") : DILATE_OK;
}

static int effective_share(const reference_task *task, const mixture *q, double *ess, dilate_error *err) {
  double ratio[ESS_DRAWS], most = -INFINITY, sum = 0, square = 0;
  stream s = stream_make(task->seed, STREAM_FIT, task->round * 64 + 32, task->group);
  int status = choose_log_ratio(task, q, s, ESS_DRAWS, ratio, NULL, err);
  for (size_t i = 0; i < ESS_DRAWS; i++) most = fmax(most, ratio[i]);
  for (size_t i = 0; i < ESS_DRAWS && most > -INFINITY; i++) {
    double w = exp(ratio[i] - most);
    sum += w;
    square += w * w;
  }
  *ess = square > 0 ? sum * sum / square / ESS_DRAWS : 0;
  return status;
}

/* Takes the candidate's balanced twin for it where that costs less. */
static int judge_balanced(const reference_task *task, const particles *fitted, const particles *held_out, unsigned number, candidate *c,
                          dilate_error *err) {
  const fit_points half = points_of(task, fitted), points = points_of(task, held_out);
  mixture *twin = mixture_copy(c->fit);
  double cost = INFINITY;
  int balanced = 0, status = twin ? DILATE_OK : error_memory(err, "the balanced reference");
  if (!status) status = balance_weights(twin, &half, fitted->logp, &balanced, err);
  if (!status && balanced) status = choose_cost(task, twin, &points, held_out->logp, number, &cost, err);
  if (!status && cost < c->cost) {
    mixture *const swap = c->fit;
    c->fit = twin;
    c->cost = cost;
    c->balanced = 1;
    twin = swap;
  }
  mixture_free(twin);
  return status;
}

/* Costs of the candidates from `first` on, on the half that they were not fitted to; *winner is the chosen one of all. */
static int judge(const reference_task *task, const particles *fitted, const particles *held_out, candidate *list, size_t first,
                 size_t count, size_t *winner, dilate_error *err) {
  const fit_points points = points_of(task, held_out);
  int status = DILATE_OK;
  for (size_t i = first; i < count && !status; i++) {
    candidate *const c = &list[i];
    status = choose_cost(task, c->fit, &points, held_out->logp, (unsigned)i, &c->cost, err);
    if (!status && c->fit->components > 1) status = judge_balanced(task, fitted, held_out, (unsigned)i, c, err);
  }
  if (!status) *winner = choose_winner(list, count);
  return status;
}

static double least_cost(const candidate *list, size_t first, size_t count) {
  double least = INFINITY;
  for (size_t i = first; i < count; i++) least = fmin(least, list[i].cost);
  return least;
}

/* Heavy-tailed candidates as well, where the best of the others is poor and the points suggest it; and from ascents, where theirs are
 * better, still poor, and not out of all proportion. */
static int judge_heavy(const reference_task *task, const particles *fitted, const particles *held_out, candidate *list, size_t *count,
                       size_t *winner, dilate_error *err) {
  const fit_points half = points_of(task, fitted);
  size_t first = *count;
  const double gaussian = least_cost(list, 0, first);
  if (!(gaussian > HEAVY_COST)) return DILATE_OK;
  int suspected, status = heavy_suspected(&half, list, first, &suspected, err);
  if (status || !(suspected || gaussian > POOR_COST)) return status;
  status = heavy_fit(task, &half, list, count, err);
  if (!status) status = judge(task, fitted, held_out, list, first, *count, winner, err);
  const double heavy = least_cost(list, first, *count);
  const int near = heavy < gaussian && heavy < FAR_COST * (double)half.dim;
  if (status || !task->explore || !near || !(heavy > HEAVY_COST)) return status;
  first = *count;
  status = heavy_fit_ascents(task, &half, list, count, err);
  return status ? status : judge(task, fitted, held_out, list, first, *count, winner, err);
}

static int judge_previous(const reference_task *task, const particles *held_out, double *cost, dilate_error *err) {
  fit_points points = points_of(task, held_out);
  *cost = NAN;
  return task->previous ? choose_cost(task, task->previous, &points, held_out->logp, CANDIDATES_MAX, cost, err) : DILATE_OK;
}

/* Whether other candidates than the quick ones are searched for. */
static int is_searched(const reference_task *task, double quick_cost) {
  return !(quick_cost <= REFERENCE_QUICK) && !(task->promising > 0 && quick_cost > task->promising);
}

static int fit_and_judge(const reference_task *task, reference *r, dilate_error *err) {
  candidate list[CANDIDATES_MAX] = {{0}};
  size_t count = 0, winner = 0;
  half_sample fit, held;
  int failed = take_half(task->sample, 0, &fit) | take_half(task->sample, 1, &held);
  fit_points half = points_of(task, &fit.points), all = points_of(task, &task->sample->points);
  int status = failed ? error_memory(err, "the halves of the sample") : DILATE_OK;
  if (!status) status = candidates_quick(task, &half, list, &count, err);
  if (!status) status = judge(task, &fit.points, &held.points, list, 0, count, &winner, err);
  if (!status) r->quick_cost = least_cost(list, 0, count);
  if (!status && is_searched(task, r->quick_cost)) {
    const size_t first = count;
    status = candidates_search(&half, fit.mode, list, &count, err);
    if (!status) status = judge(task, &fit.points, &held.points, list, first, count, &winner, err);
    if (!status) status = judge_heavy(task, &fit.points, &held.points, list, &count, &winner, err);
  }
  if (!status) status = judge_previous(task, &held.points, &r->previous_cost, err);
  half_clear(&fit);
  half_clear(&held);
  if (!status) r->cost = list[winner].cost;
  if (!status) status = refine_on_all(task, &list[winner], &all, &r->core, err);
  int balanced;
  if (!status && list[winner].balanced) status = balance_weights(r->core, &all, task->sample->points.logp, &balanced, err);
  for (size_t i = 0; i < count; i++) mixture_free(list[i].fit);
  return status;
}

int reference_fit(const reference_task *given, reference **out, dilate_error *err) {
  reference *r = NEW(reference, 1);
  fit_points all = points_of(given, &given->sample->points);
  reference_task counted = *given;
  const reference_task *const task = &counted;
  counted.origin = isfinite(given->sample->points.logp[0]) ? given->sample->points.logp[0] : 0;
  *out = NULL;
  if (!r) return error_memory(err, "the reference");
  int status = fit_and_judge(task, r, err);
  if (!status && r->core->components > 1 && r->cost < REWEIGHT_COST) status = defend_reweight(task, r->core, err);
  if (!status) status = defend_build(r->core, r->cost, &all, target_warp(task->target), &r->q, err);
  if (!status) status = effective_share(task, r->q, &r->ess, err);
  if (status) {
    reference_free(r);
    return status;
  }
  *out = r;
  return DILATE_OK;
}
