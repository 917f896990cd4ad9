/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws and modes from the final bridges: see bridge_draws.h. */
#include "method/bridge_draws.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/team.h"
#include "method/bridge_error.h"
#include "method/mode_variances.h"
#include "method/result_rows.h"
#include "stage/resample.h"
#include "stats/summary.h"

/* Population indices of `draws` states of an island, spread over its chains' states from the last backwards, in random order.  Chains stand
 * in the order of resampling, by mode: where not all are taken of a state, they are taken systematically, or the last modes would lose. */
static void choose_states(const bridge *b, size_t island, size_t draws, stream s, size_t *index) {
  size_t M = b->all_chains, each = M / b->cells, first = island * each, states = b->n / M, n = 0;
  size_t need = (draws + each - 1) / each, stride = states / need;
  double u = stream_uniform(s, 0, 1, 0);
  for (size_t k = 0; k < need; k++) {
    size_t take = draws - n < each ? draws - n : each;
    for (size_t j = 0; j < take; j++) {
      size_t m = take == each ? j : (size_t)(((double)j + u) * (double)each / (double)take);
      index[n++] = (states - 1 - k * stride) * M + first + m;
    }
  }
  resample_shuffle(s, draws, index);
}

/* Lineages are numbered afresh: map[initial draw] is its number plus one, 0 before it is met. */
static size_t lineage(size_t *map, size_t eve, size_t *next) {
  if (map[eve] == 0) map[eve] = ++*next;
  return map[eve] - 1;
}

/* An island's states on their way to the rows from `first` on. */
typedef struct drawing {
  const bridge *b;
  const warp *w;
  const size_t *index;
  size_t first;
  dilate_result *out;
} drawing;

static size_t owner_of_draw(const void *of, size_t k) {
  const drawing *s = of;
  return share_owner(&s->b->held, s->index[k]);
}

static void give_draw(const void *of, size_t k, void *bytes) {
  const drawing *s = of;
  const particles *p = &s->b->population.pi;
  const size_t from = share_place(&s->b->held, s->index[k]);
  double *to = bytes;
  for (size_t j = 0; j < p->dim; j++) to[j] = p->x[j * p->ld + from];
  to[p->dim] = p->logp[from];
}

/* Where its row is here, in the user's coordinates. */
static void take_draw(void *of, size_t k, const void *bytes) {
  const drawing *s = of;
  const size_t row = s->first + k, d = s->out->dim;
  const double *from = bytes;
  if (row < s->out->first || row >= s->out->first + s->out->held) return;
  double log_det = 0, *x = s->out->x + (row - s->out->first) * d;
  memcpy(x, from, d * sizeof *x);
  if (s->w) warp_forward(s->w, 1, 1, x, &log_det);
  s->out->logp[row] = from[d] - log_det;
}

/* number: room for dim + 1. */
static void take_draws(drawing *s, double *number) {
  const share_items items = {.count = s->out->draws,
                             .bytes = (s->out->dim + 1) * sizeof *number,
                             .owner = owner_of_draw,
                             .give = give_draw,
                             .take = take_draw,
                             .of = s};
  if (s->b->set.apart) share_each(s->b->set.target, &items);
  for (size_t k = 0; k < s->out->draws && !s->b->set.apart; k++) {
    give_draw(s, k, number);
    take_draw(s, k, number);
  }
}

int bridge_draws(bridge_group *const *list, size_t count, const warp *w, const run *r, dilate_result *out, dilate_error *err) {
  size_t row = 0, next = 0, *index = NEW(size_t, out->draws);
  double *number = NEW(double, out->dim + 1);
  int status = index && number ? result_set_lineages(out, err) : error_memory(err, "the draws");
  for (size_t g = 0; g < count && !status; g++) {
    const bridge *b = list[g]->bridge;
    size_t *map = NEW(size_t, b->set.parents * b->set.states);
    if (!map) status = error_memory(err, "the draws");
    for (size_t island = 0; island < b->cells && !status; island++) {
      choose_states(b, island, out->draws, stream_make(r->options.seed, STREAM_ORDER, (unsigned)island, list[g]->number), index);
      take_draws(&(drawing){b, w, index, row, out}, number);
      for (size_t k = 0; k < out->draws; k++, row++) {
        out->chain[row] = index[k] % b->all_chains;
        out->cluster[row] = lineage(map, b->eve[index[k]], &next);
      }
    }
    memory_free(map);
  }
  const shared_loop rows = result_rows(out, r->target);
  if (!status) SHARE_END(&rows, SHARE_ROW(out->logp));
  if (!status && out->spread) status = target_status(r->target, err); /* or rows are missing */
  out->clusters = next ? next : 1;
  memory_free(index);
  memory_free(number);
  return status;
}

/* Dense Cholesky factors of a mixture's locations: factors are shared, locations point to them. */
static int dense_factors(const mixture *q, double **storage, const double ***of_location) {
  size_t d = q->dim;
  *storage = NEW2(double, q->factors, d *d);
  *of_location = NEW(const double *, q->locations);
  if (!*storage || !*of_location) return 1;
  for (size_t f = 0; f < q->factors; f++)
    for (size_t i = 0; i < d; i++)
      for (size_t j = 0; j <= i; j++)
        (*storage)[(f * d + i) * d + j] = !q->factor[f].diagonal ? q->factor[f].c[i * d + j] : i == j ? q->factor[f].c[i] : 0;
  for (size_t l = 0; l < q->locations; l++) (*of_location)[l] = *storage + q->factor_of[l] * d * d;
  return 0;
}

/* The most likely locations of a tile of draws under q; share: components x PARTICLE_TILE of scratch, and what the evaluation needs. */
static void locate_tile(const mixture *q, const particles *p, size_t tile, double *share, size_t *location) {
  const size_t n = tile_size(p->n, tile), first = tile * PARTICLE_TILE, K = q->components;
  double logq[PARTICLE_TILE], *x = share + K * PARTICLE_TILE;
  for (size_t j = 0; j < q->dim; j++) memcpy(x + j * PARTICLE_TILE, p->x + j * p->ld + first, n * sizeof *x);
  mixture_evaluate(q, n, PARTICLE_TILE, x, logq, NULL, share, x + q->dim * PARTICLE_TILE);
  for (size_t i = 0; i < n; i++) {
    size_t best = 0;
    for (size_t k = 1; k < K; k++)
      if (share[k * PARTICLE_TILE + i] > share[best * PARTICLE_TILE + i]) best = k;
    location[first + i] = q->location[best];
  }
}

/* The most likely location of each draw under q. */
static int locate(const mixture *q, const particles *p, size_t threads, size_t *location) {
  const size_t team = (size_t)team_size(threads), tiles = tile_count(p->n);
  const size_t each = memory_whole_lines((q->components + q->dim) * PARTICLE_TILE + mixture_work(q, PARTICLE_TILE));
  double *scratch = NEW2(double, team, each);
#pragma omp parallel for schedule(dynamic) num_threads((int)team)
  for (size_t tile = 0; tile < (scratch ? tiles : 0); tile++)
    locate_tile(q, p, tile, scratch + each * (size_t)omp_get_thread_num(), location);
  memory_free(scratch);
  return !scratch;
}

/* The draws that are here, with their gradients; logp: of all, where they are spread. */
static int points_of_draws(const dilate_result *draws, target *t, particles *p, double *logp) {
  if (!logp || particles_create(draws->dim, draws->held, p)) return 1;
  for (size_t i = 0; i < p->n; i++)
    for (size_t j = 0; j < draws->dim; j++) p->x[j * p->ld + i] = draws->x[i * draws->dim + j];
  if (!draws->spread) {
    particles_evaluate(p, t);
    return 0;
  }
  const shared_loop rows = result_rows(draws, t);
#pragma omp parallel for schedule(dynamic) num_threads(team_size(target_threads(t)))
  for (size_t tile = rows.first; tile < rows.end; tile++) {
    const size_t begin = tile * PARTICLE_TILE, at = begin - draws->first;
    target_evaluate(t, begin, tile_size(rows.n, tile), p->ld, p->x + at, p->logp + at, p->grad + at);
  }
  memcpy(logp + draws->first, p->logp, p->n * sizeof *logp);
  SHARE_END(&rows, SHARE_ROW(logp));
  return 0;
}

int bridge_modes(bridge_group *const *list, size_t count, const mixture *plain, const run *r, const dilate_result *draws, size_t budget,
                 modes *found, dilate_error *err) {
  particles p = {0};
  double *storage = NULL;
  const double **factor = NULL;
  mixture *q = plain ? mixture_copy(plain) : group_join_references(list, count);
  const size_t rows = draws->islands * draws->draws;
  size_t *location = NEW(size_t, rows);
  double *logp = NEW(double, draws->spread ? rows : 0);
  int status = DILATE_OK;
  if (!q || !location || dense_factors(q, &storage, &factor) || points_of_draws(draws, r->target, &p, logp) ||
      locate(q, &p, r->options.threads, location + draws->first))
    status = error_memory(err, "the modes");
  const shared_loop here = result_rows(draws, r->target);
  const parted all = {.n = rows, .here = &p, .logp = draws->spread ? logp : p.logp, .held = here, .apart = draws->spread};
  if (!status) SHARE_END(&here, SHARE_ROW(location));
  if (!status) status = modes_find(r->target, &all, location, q->locations, FACTOR_LOWER, factor, budget, found, err);
  particles_clear(&p);
  memory_free(logp);
  mixture_free(q);
  memory_free(storage);
  memory_free(factor);
  memory_free(location);
  return status;
}

/* Variance of a mode's weight from the spread of the blocks' weights. */
static double between_blocks(const dilate_result *out, size_t mode, size_t blocks) {
  const size_t rows = out->islands * out->draws, each = rows / blocks;
  double mean = 0, square = 0;
  for (size_t i = 0; i < rows; i++) mean += (out->mode[i] == (int)mode) / (double)rows;
  for (size_t b = 0; b < blocks; b++) {
    size_t inside = 0;
    for (size_t i = b * each; i < (b + 1) * each; i++) inside += out->mode[i] == (int)mode;
    const double d = (double)inside / (double)each - mean;
    square += d * d;
  }
  return square / (double)(blocks * (blocks - 1));
}

int bridge_mode_excess(size_t groups, const summary_account *account, size_t threads, dilate_result *out, dilate_error *err) {
  const size_t blocks = out->islands && out->islands % groups == 0 ? groups : 1, team = (size_t)team_size(threads);
  if (blocks < 2) return DILATE_OK;
  double *within = NEW(double, out->modes), *between = NEW(double, out->modes);
  const int failed = !within || !between || mode_variances(out, team, account, within);
#pragma omp parallel for schedule(dynamic) num_threads((int)team)
  for (size_t m = 0; m < (failed ? 0 : out->modes); m++) {
    if (isnan(within[m])) within[m] = 0;
    between[m] = between_blocks(out, m, blocks);
  }
  if (!failed) excess_variances(out->modes, blocks, within, between, out->mode_excess);
  memory_free(within);
  memory_free(between);
  return failed ? error_memory(err, "the errors of the modes' weights") : DILATE_OK;
}
