/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Modes of draws by basin of ascent (manual, section 9): some 200 representatives ascend, what they reach is joined into modes by the
 * segment rule, every draw goes to the mode of the representative that is most like it, and modes are listed in the order of their shares.
 */
#include "stats/modes.h"

#include "base/memory.h"
#include "stats/ascent.h"
#include "stats/assign.h"
#include "stats/segments.h"

#define REPRESENTATIVES     200 /* shared out among the metrics in proportion to their draws, */
#define PER_METRIC          4   /* but each gets so many */
#define EVALUATIONS_EACH    24  /* which an ascent and its segments take as a rule */
#define UNCOUNTABLE_SINGLES 20  /* more modes than this that a single representative reached, and these a tenth of all: more are unseen */

typedef struct search {
  grouped groups;
  representatives chosen;
  size_t *peak;  /* of each representative: the one that reached its mode's highest peak */
  int *nearest;  /* of each draw: its representative */
  size_t *share; /* of each peak: draws of the mode */
  size_t *top;   /* peaks in the order of their shares */
  size_t tops;
} search;

static void search_clear(search *s) {
  grouped_clear(&s->groups);
  memory_free(s->chosen.draw);
  memory_free(s->chosen.metric);
  particles_clear(&s->chosen.start);
  particles_clear(&s->chosen.end);
  memory_free(s->peak);
  memory_free(s->nearest);
  memory_free(s->share);
  memory_free(s->top);
}

/* How many of the draws of metric m ascend. */
static size_t quota(const grouped *g, size_t m, size_t budget) {
  const size_t size = grouped_count(g, m), all = g->first[g->metrics], affordable = budget / EVALUATIONS_EACH;
  if (!size) return 0;
  const size_t wanted = affordable < REPRESENTATIVES ? affordable : REPRESENTATIVES;
  const size_t least = wanted / g->metrics < PER_METRIC ? wanted / g->metrics + 1 : PER_METRIC;
  const size_t share = wanted * size / all, count = share > least ? share : least;
  return count < size ? count : size;
}

static int representatives_create(search *s, size_t budget) {
  representatives *c = &s->chosen;
  for (size_t m = 0; m < s->groups.metrics; m++) c->count += quota(&s->groups, m, budget);
  c->draw = NEW(size_t, c->count);
  c->metric = NEW(size_t, c->count);
  s->peak = NEW(size_t, c->count);
  s->share = NEW(size_t, c->count);
  s->top = NEW(size_t, c->count);
  const size_t dim = s->groups.draws->here->dim;
  if (particles_create(dim, c->count, &c->start) || particles_create(dim, c->count, &c->end)) return DILATE_ENOMEM;
  return c->draw && c->metric && s->peak && s->share && s->top ? 0 : DILATE_ENOMEM;
}

/* Evenly spread over the draws of each metric. */
static void choose_representatives(search *s, size_t budget) {
  const grouped *g = &s->groups;
  size_t r = 0;
  for (size_t m = 0; m < g->metrics; m++) {
    const size_t size = grouped_count(g, m), count = quota(g, m, budget);
    for (size_t k = 0; k < count; k++, r++) {
      s->chosen.draw[r] = g->member[g->first[m] + (2 * k + 1) * size / (2 * count)];
      s->chosen.metric[r] = m;
    }
  }
  parted_pick(g->draws, r, s->chosen.draw, &s->chosen.start);
  particles_copy_all(&s->chosen.end, &s->chosen.start);
}

static int search_create(search *s, const parted *draws, const size_t *metric, size_t metrics, factor_form form,
                         const double *const *metric_c, size_t threads, size_t budget) {
  s->nearest = NEW(int, draws->n);
  if (!s->nearest || grouped_create(draws, metric, metrics, form, metric_c, threads, &s->groups)) return DILATE_ENOMEM;
  if (representatives_create(s, budget)) return DILATE_ENOMEM;
  choose_representatives(s, budget);
  return 0;
}

/* Insertion sort, so that equal shares stay in order: there are only some hundreds. */
static void order_modes(search *s) {
  for (size_t i = 0; i < s->groups.draws->n; i++)
    if (s->nearest[i] != ASSIGN_NONE) s->share[s->peak[s->nearest[i]]]++;
  for (size_t r = 0; r < s->chosen.count; r++) {
    if (s->peak[r] != r) continue;
    size_t place = s->tops++;
    for (; place > 0 && s->share[s->top[place - 1]] < s->share[r]; place--) s->top[place] = s->top[place - 1];
    s->top[place] = r;
  }
}

/* Modes that only one representative reached. */
static size_t count_singles(const search *s) {
  size_t singles = 0;
  for (size_t k = 0; k < s->tops; k++) {
    size_t members = 0;
    for (size_t r = 0; r < s->chosen.count; r++) members += s->peak[r] == s->top[k];
    singles += members == 1;
  }
  return singles;
}

/* The draws' modes take the place of their representatives. */
static int list_modes(search *s, modes *out) {
  const size_t dim = s->groups.draws->here->dim, n = s->groups.draws->n, singles = count_singles(s);
  out->count = s->tops < MODES_MAX ? s->tops : MODES_MAX;
  out->countable = s->tops <= MODES_MAX && !(singles > UNCOUNTABLE_SINGLES && 10 * singles > s->chosen.count);
  out->peak = NEW2(double, out->count, dim);
  out->peak_logp = NEW(double, out->count);
  int *listed = NEW(int, s->chosen.count); /* place in the list of each peak */
  const int status = out->peak && out->peak_logp && listed ? 0 : DILATE_ENOMEM;
  if (!status) {
    for (size_t k = 0; k < s->tops; k++) listed[s->top[k]] = k < out->count ? (int)k : -1;
    for (size_t k = 0; k < out->count; k++) {
      out->peak_logp[k] = s->chosen.end.logp[s->top[k]];
      for (size_t j = 0; j < dim; j++) out->peak[k * dim + j] = s->chosen.end.x[j * s->chosen.end.ld + s->top[k]];
    }
    for (size_t i = 0; i < n; i++) s->nearest[i] = s->nearest[i] == ASSIGN_NONE ? -1 : listed[s->peak[s->nearest[i]]];
    out->of = s->nearest;
    s->nearest = NULL;
  }
  memory_free(listed);
  return status;
}

int modes_find(target *t, const parted *draws, const size_t *metric, size_t metrics, factor_form form, const double *const *metric_c,
               size_t budget, modes *out, dilate_error *err) {
  *out = (modes){0};
  search s = {0};
  const size_t for_ascents = budget - budget / 4; /* the rest is for segments, whatever the ascents take */
  size_t spent = 0;
  int status = search_create(&s, draws, metric, metrics, form, metric_c, target_threads(t), budget) ? error_memory(err, "modes_find") : 0;
  const double *const *c = (const double *const *)s.groups.c;
  if (!status) status = ascend(t, &s.chosen.end, s.chosen.metric, form, c, for_ascents, &spent, err);
  if (!status) status = segments_join(t, &s.chosen.end, s.chosen.metric, form, c, budget, &spent, s.peak, err);
  if (!status && assign_draws(&s.groups, &s.chosen, target_threads(t), s.nearest)) status = error_memory(err, "modes_find");
  if (!status) order_modes(&s);
  if (!status && list_modes(&s, out)) status = error_memory(err, "modes_find");
  if (status) modes_clear(out);
  search_clear(&s);
  return status;
}

void modes_clear(modes *m) {
  memory_free(m->peak);
  memory_free(m->peak_logp);
  memory_free(m->of);
  *m = (modes){0};
}

void modes_archive(archive *a, size_t dim, size_t n, modes *m) {
  if (!archive_present(a, m->of)) return;
  archive_size(a, &m->count, MODES_MAX);
  archive_flag(a, &m->countable);
  m->peak = ARCHIVE_NEW(a, double, m->count, dim, m->peak);
  if (m->peak) archive_doubles(a, m->count * dim, m->peak);
  m->peak_logp = ARCHIVE_NEW(a, double, 1, m->count, m->peak_logp);
  if (m->peak_logp) archive_doubles(a, m->count, m->peak_logp);
  m->of = ARCHIVE_NEW(a, int, 1, n, m->of);
  for (size_t i = 0; m->of && i < n; i++) {
    int mode = m->of[i] + 1; /* 0: none that is listed */
    archive_choice(a, &mode, (int)m->count + 1);
    m->of[i] = mode - 1;
  }
}
