/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Doubts of the modes: shares that differ between groups or islands by more than chance, modes that a group's reference left bare (see
 * doubts.h).
 *
 * Shares are compared by an F test: their spread between blocks over their cluster-robust variance, whose degrees of freedom are those of
 * the lineages in the mode.  A mode that hangs on one lineage is evidence of nothing. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/sort.h"
#include "base/team.h"
#include "method/bridge_agree.h"
#include "method/doubts.h"
#include "method/result_rows.h"
#include "stats/summary.h"

#define GROUPS_CHANCE  1e-4 /* of a false alarm, over all modes */
#define ISLANDS_CHANCE 1e-3
#define BARE           4.605170185988091 /* log 100: pi/Z above q by more leaves a point bare */
#define BARE_SHARE     0.5               /* of a mode's draws */
#define SINGLES_MAX    0.02              /* Good-Turing share of basins that an unfinished exploration may leave unseen without a word */
#define BASINS_REAL    0.1               /* modes to a cluster of the exploration */
#define NAMED_MAX      4                 /* modes named in a warning */

typedef struct mode_view {
  const dilate_result *draws;
  const modes *found;
  target *target;
  const warp *coordinates; /* of the references, or NULL: the user's */
  size_t rows, threads;
  double *indicator, *work; /* rows; clusters */
} mode_view;

/* Names of modes, "mode 3 (weight 0.12)", as many as there is room for. */
typedef struct naming {
  char text[512];
  size_t used, count;
  double weight; /* of all of them */
} naming;

static void name_mode(naming *n, const char *format, size_t mode, double weight) {
  n->count++;
  n->weight += weight;
  if (n->count > NAMED_MAX || n->used >= sizeof n->text) return;
  if (n->count > 1) n->used += (size_t)snprintf(n->text + n->used, sizeof n->text - n->used, ", ");
  if (n->used < sizeof n->text) n->used += (size_t)snprintf(n->text + n->used, sizeof n->text - n->used, format, mode + 1, weight);
}

static const char *more_text(const naming *n, size_t size, char *text) {
  text[0] = 0;
  if (n->count > NAMED_MAX) snprintf(text, size, " and %zu more", n->count - NAMED_MAX);
  return text;
}

/* Effective number of lineages in the mode: draws shared out over them. */
static double lineages(const mode_view *v) {
  double sum = 0, square = 0;
  memset(v->work, 0, v->draws->clusters * sizeof *v->work);
  for (size_t i = 0; i < v->rows; i++) v->work[v->draws->cluster[i]] += v->indicator[i];
  for (size_t c = 0; c < v->draws->clusters; c++) {
    sum += v->work[c];
    square += v->work[c] * v->work[c];
  }
  return square > 0 ? sum * sum / square : 0;
}

/* Probability that the mode's shares in `blocks` equal runs of draws differ so much by chance; its weight into *weight. */
static double chance_of(const mode_view *v, size_t mode, size_t blocks, double *weight) {
  const size_t each = v->rows / blocks;
  double sum = 0, square = 0;
  for (size_t i = 0; i < v->rows; i++) v->indicator[i] = v->found->of[i] == (int)mode;
  for (size_t b = 0; b < blocks; b++) {
    const double share = summary_mean(each, v->indicator + b * each);
    sum += share;
    square += share * share;
  }
  *weight = sum / (double)blocks;
  const double within = (double)blocks * summary_cluster_variance(v->rows, v->indicator, v->draws->cluster, v->draws->clusters, v->work);
  const double spread = (square - sum * sum / (double)blocks) / (double)(blocks - 1), df = lineages(v);
  if (!(within > 0) || !(df > 0)) return 1;
  return gsl_cdf_fdist_Q(spread / within, (double)(blocks - 1), df);
}

/* Modes whose shares the blocks do not agree on. */
static naming compare_blocks(const mode_view *v, size_t blocks, double chance) {
  naming differ = {0};
  for (size_t m = 0; blocks > 1 && v->rows % blocks == 0 && m < v->found->count; m++) {
    double weight;
    if (chance_of(v, m, blocks, &weight) < chance / (double)v->found->count) name_mode(&differ, "mode %zu (weight %.3g)", m, weight);
  }
  return differ;
}

static int warn_blocks(const mode_view *v, size_t groups, run *r, dilate_error *err) {
  char more[64];
  const naming between = compare_blocks(v, groups, GROUPS_CHANCE);
  if (between.count)
    return run_warn(r, err,
                    "the groups found different weights for %s%s, beyond what their errors allow: at least one group's exploration or "
                    "reference missed part of the target.  Compare with another seed or more groups.",
                    between.text, more_text(&between, sizeof more, more));
  const naming within = compare_blocks(v, v->draws->islands, ISLANDS_CHANCE);
  if (!within.count) return DILATE_OK;
  return run_warn(
      r, err,
      "the islands disagree on the weights of %s%s, beyond what their errors allow: the bridge hardly moves between these modes, so "
      "that their weights are more uncertain than their errors say.  Try more draws or islands.",
      within.text, more_text(&within, sizeof more, more));
}

/* log pi - log q of a tile of draws, in the coordinates of q; z: dim x PARTICLE_TILE, work: of the mixture. */
static void tile_ratios(const mode_view *v, const mixture *q, double log_z, size_t first, double *z, double *work, double *ratio) {
  const size_t d = v->draws->dim, n = v->rows - first < PARTICLE_TILE ? v->rows - first : PARTICLE_TILE;
  double logp[PARTICLE_TILE], logq[PARTICLE_TILE];
  memcpy(logp, v->draws->logp + first, n * sizeof *logp);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < d; j++) z[j * PARTICLE_TILE + i] = v->draws->x[(first - v->draws->first + i) * d + j];
  if (v->coordinates) warp_backward(v->coordinates, n, PARTICLE_TILE, z, NULL, logp);
  mixture_evaluate(q, n, PARTICLE_TILE, z, logq, NULL, NULL, work);
  for (size_t i = 0; i < n; i++) ratio[first + i] = logp[i] - log_z - logq[i];
}

/* log pi - log q of every draw. */
static int log_ratios(const mode_view *v, const mixture *q, double log_z, double *ratio) {
  const size_t each = mixture_work(q, PARTICLE_TILE) + v->draws->dim * PARTICLE_TILE;
  const shared_loop rows = result_rows(v->draws, v->target);
  double *scratch = NEW2(double, v->threads, each);
  if (!scratch) return 1;
#pragma omp parallel for schedule(dynamic) num_threads(team_size(v->threads))
  for (size_t tile = rows.first; tile < rows.end; tile++) {
    double *z = scratch + (size_t)omp_get_thread_num() * each;
    tile_ratios(v, q, log_z, tile * PARTICLE_TILE, z, z + v->draws->dim * PARTICLE_TILE, ratio);
  }
  SHARE_END(&rows, SHARE_ROW(ratio));
  memory_free(scratch);
  return 0;
}

/* bare[m]: share of mode m's draws that q leaves bare: where pi is more than a hundred times q, and that times what it is at the median
 * draw, since a poor reference is below pi everywhere. */
static int bare_modes(const mode_view *v, const mixture *q, double log_z, double *bare, size_t *count) {
  double *ratio = NEW2(double, 2, v->rows), *sorted = v->indicator; /* and as much to sort with */
  if (!ratio || log_ratios(v, q, log_z, ratio)) {
    memory_free(ratio);
    return 1;
  }
  memcpy(sorted, ratio, v->rows * sizeof *ratio);
  sort_order(v->rows, sorted, sorted, NULL, ratio + v->rows, NULL);
  const double limit = BARE + fmax(0, summary_quantile(v->rows, sorted, 0.5));
  memset(bare, 0, v->found->count * sizeof *bare);
  memset(count, 0, v->found->count * sizeof *count);
  for (size_t i = 0; i < v->rows; i++) {
    const int m = v->found->of[i];
    if (m < 0) continue;
    count[m]++;
    bare[m] += ratio[i] > limit;
  }
  for (size_t m = 0; m < v->found->count; m++) bare[m] /= fmax(1, (double)count[m]);
  memory_free(ratio);
  return 0;
}

/* Whether some mode may still turn out bare: the least share of one is above the limit. */
static int bare_still(const double *least, size_t count) {
  for (size_t m = 0; m < count; m++)
    if (least[m] > BARE_SHARE) return 1;
  return 0;
}

/* Names of the modes that each of the references leaves bare. */
static int name_bare(const mode_view *v, bridge_group *const *group, size_t groups, double log_z, naming *named) {
  const size_t all = v->found->count;
  double *bare = NEW(double, all), *least = NEW(double, all);
  size_t *count = NEW(size_t, all);
  int failed = !bare || !least || !count;
  memset(named, 0, sizeof *named);
  for (size_t m = 0; !failed && m < all; m++) least[m] = 1;
  for (size_t g = 0; !failed && g < groups && bare_still(least, all); g++) {
    failed = bare_modes(v, group_reference(group[g]), log_z, bare, count);
    for (size_t m = 0; m < all; m++) least[m] = fmin(least[m], bare[m]);
  }
  for (size_t m = 0; !failed && m < all; m++)
    if (least[m] > BARE_SHARE) name_mode(named, "mode %zu (weight %.3g)", m, (double)count[m] / (double)v->rows);
  memory_free(bare);
  memory_free(least);
  memory_free(count);
  return failed;
}

/* Before a merger: what one group had not found, where it is not little.  It is told group by group. */
static int warn_missed(const mode_view *v, bridge_group *const *group, double log_z, run *r, dilate_error *err) {
  naming missed;
  char more[64];
  if (name_bare(v, group, 1, log_z, &missed)) return error_memory(err, "naming the modes");
  if (!(missed.weight > AGREE_BARE_MAX)) return DILATE_OK;
  return run_warn(r, err,
                  "group %u had not found %s%s, which another group did: a mode that no group found is not in the answer.  Compare with "
                  "another seed or more groups.",
                  (*group)->number + 1, missed.text, more_text(&missed, sizeof more, more));
}

/* A mode that moves came upon, but no reference covers: few chains are in it, and how many is chance. */
static int warn_bare(const mode_view *v, bridge_group *const *last, size_t count, double log_z, run *r, dilate_error *err) {
  naming bare;
  char more[64];
  if (name_bare(v, last, count, log_z, &bare)) return error_memory(err, "naming the modes");
  if (!bare.count) return DILATE_OK;
  return run_warn(
      r, err,
      "no reference covers %s%s, which only moves came upon: weights there, and log Z, can be wrong by any factor, and other such "
      "modes may be missing.  Compare with another seed, more effort or more groups.",
      bare.text, more_text(&bare, sizeof more, more));
}

/* An exploration that its budget ended while it still met new basins.  Where a mode is not smooth or not compact, particles that climbed it
 * seem to be in many basins; so the modes among the draws must bear them out. */
static int warn_budget(const mode_view *v, const bridge_group *g, run *r, dilate_error *err) {
  const explore *e = &g->explore;
  const int real = !v->found->countable || (double)v->found->count > BASINS_REAL * (double)e->clusters;
  if (e->converged || e->uncountable || e->singles <= SINGLES_MAX || !real) return DILATE_OK;
  return run_warn(r, err,
                  "group %u: exploration was stopped by its budget of %zu batches while new basins still appeared; about %.0f %% of what "
                  "falls onto the target would fall into basins not seen yet, so modes may be missing.  Try more effort, more groups, or "
                  "another seed, and compare the modes found.",
                  g->number + 1, e->batches, 100 * e->singles);
}

int doubt_modes(bridge_group *const *group, size_t groups, bridge_group *const *last, size_t count, double log_z,
                const dilate_result *draws, const modes *found, run *r, dilate_error *err) {
  mode_view v = {.draws = draws,
                 .found = found,
                 .target = r->target,
                 .coordinates = group[0]->warp,
                 .rows = draws->islands * draws->draws,
                 .threads = target_threads(r->target)};
  const int merged = last != group;
  int status = DILATE_OK;
  v.indicator = NEW(double, v.rows);
  v.work = NEW(double, draws->clusters);
  if (!v.indicator || !v.work) status = error_memory(err, "the comparison of the modes");
  if (!status) status = warn_blocks(&v, merged ? 1 : groups, r, err);
  for (size_t g = 0; g < groups && !status; g++) status = warn_budget(&v, group[g], r, err);
  for (size_t g = 0; g < groups && merged && !status; g++) status = warn_missed(&v, group + g, log_z, r, err);
  if (!status) status = warn_bare(&v, last, count, log_z, r, err);
  memory_free(v.indicator);
  memory_free(v.work);
  return status;
}
