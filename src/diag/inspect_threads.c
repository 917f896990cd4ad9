/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Callbacks are called from several threads at once, so they may share nothing that they write to.  The same points have to give the same
 * bits again, and from all threads at once, each at another point, over and over for half a second: a race is a matter of chance, and this
 * is the one place where the clock decides how long to look; what is free of races gives the same answer at any length. */
#include "diag/inspect.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/team.h"

#define TILES      4                      /* of all points, where there is a batch */
#define POINTS     (TILES * INSPECT_TILE) /* at most */
#define SECONDS    0.5
#define PLACE_ROOM 320

/* What one call gave: log-densities, then gradients; and the log-densities of a call that wants no gradient, which may round otherwise. */
typedef struct answers {
  size_t dim, calls, size; /* points of a call */
  double *value;           /* calls x size x (1 + dim) */
  double *bare;            /* calls x size */
} answers;

/* The first answer that another thread spoilt; each thread has its own. */
typedef struct spoilt {
  _Alignas(MEMORY_ALIGNMENT) uint64_t calls, count;
  size_t at, coordinate;
  double value, before;
} spoilt;

static double *answer(const answers *a, size_t call) {
  return a->value + call * a->size * (1 + a->dim);
}

static void ask(const inspection *c, const answers *a, size_t call, double *value, double *tile) {
  double *const grad = c->user.flags & DILATE_TARGET_NO_GRADIENT ? NULL : value + a->size;
  (void)inspect_call(&c->user, a->size, c->x + call * a->size * c->dim, value, grad, tile);
}

static void ask_bare(const inspection *c, const answers *a, size_t call, double *logp, double *tile) {
  (void)inspect_call(&c->user, a->size, c->x + call * a->size * c->dim, logp, NULL, tile);
}

/* Where two answers differ in their bits: its place among the numbers, or SIZE_MAX. */
static size_t first_difference(size_t n, const double *one, const double *two) {
  for (size_t k = 0; k < n; k++)
    if (memcmp(one + k, two + k, sizeof *one) != 0) return k;
  return SIZE_MAX;
}

/* The first n numbers of the call's answer against what they were. */
static void compare(const answers *a, size_t call, size_t n, const double *value, const double *before, spoilt *s) {
  const size_t k = first_difference(n, value, before);
  s->calls++;
  if (k == SIZE_MAX || s->count++) return;
  s->at = call * a->size + (k < a->size ? k : (k - a->size) / a->dim);
  s->coordinate = k < a->size ? INSPECT_NOWHERE : (k - a->size) % a->dim;
  s->value = value[k];
  s->before = before[k];
}

/* Both ways to ask, one after the other. */
static void ask_and_compare(const inspection *c, const answers *a, size_t call, double *value, double *tile, spoilt *s) {
  ask(c, a, call, value, tile);
  compare(a, call, a->size * (1 + a->dim), value, answer(a, call), s);
  if (c->user.flags & DILATE_TARGET_NO_GRADIENT) return;
  ask_bare(c, a, call, value, tile);
  compare(a, call, a->size, value, a->bare + call * a->size, s);
}

static void report(inspection *c, const spoilt *s, const char *when, const char *right) {
  char place[PLACE_ROOM], name[PLACE_ROOM] = "";
  const double *x = c->x + s->at * c->dim;
  inspect_place(c, x, s->coordinate, sizeof place, place);
  if (s->coordinate != INSPECT_NOWHERE) inspect_name(c, x, s->coordinate, sizeof name, name);
  inspect_report(c, "threads", x, s->coordinate, s->value, s->before,
                 "the %s%s is %.17g %s, and was %.17g before, %s (%llu of %llu calls): %s", name[0] ? "derivative by " : "log-density",
                 name, s->value, when, s->before, place, (unsigned long long)s->count, (unsigned long long)s->calls, right);
}

/* Every call once more, in another order.  Returns whether all was the same. */
static int again(inspection *c, const answers *a, double *value, double *tile) {
  spoilt s = {0};
  for (size_t k = a->calls; k-- > 0;) ask_and_compare(c, a, k, value, tile, &s);
  if (s.count)
    report(c, &s, "when the point is evaluated again",
           "the density must be a function of x alone: no random numbers, nothing kept from call to call, nothing left unset");
  return s.count == 0;
}

/* All threads until the time is over, at least once through all points. */
static void all_at_once(const inspection *c, const answers *a, size_t threads, size_t room, double *work, spoilt *s) {
  const double end = omp_get_wtime() + SECONDS;
#pragma omp parallel num_threads(team_size(threads))
  {
    const size_t self = (size_t)omp_get_thread_num();
    double *value = work + self * room, *tile = value + memory_whole_lines(a->size * (1 + a->dim));
#pragma omp barrier
    do
      for (size_t k = 0; k < a->calls; k++) {
        const size_t call = (k + self * a->calls / threads) % a->calls;
        ask_and_compare(c, a, call, value, tile, &s[self]);
      }
    while (omp_get_wtime() < end);
  }
}

/* One finding of what all threads saw. */
static void report_races(inspection *c, size_t threads, const spoilt *s) {
  char when[64];
  spoilt all = {0};
  for (size_t k = 0; k < threads; k++) {
    const uint64_t calls = all.calls + s[k].calls, count = all.count + s[k].count;
    if (s[k].count && !all.count) all = s[k];
    all.calls = calls;
    all.count = count;
  }
  (void)snprintf(when, sizeof when, "from one of %zu threads at once", threads);
  if (all.count)
    report(c, &all, when,
           "the callback writes to what threads share (a static or global variable, scratch in params): give each call its own, or set "
           "DILATE_TARGET_SERIAL");
}

int inspect_threads(inspection *c, dilate_error *err) {
  const size_t threads = c->options.threads, dim = c->dim, points = c->n < POINTS ? c->n : POINTS;
  answers a = {.dim = dim, .size = c->user.batch && points >= TILES ? points / TILES : 1};
  a.calls = points / a.size;
  const size_t room = memory_whole_lines(a.size * (1 + dim)) + memory_whole_lines(2 * dim * a.size);
  a.value = NEW2(double, a.calls *a.size, 1 + dim);
  a.bare = NEW(double, a.calls *a.size);
  double *work = NEW2(double, threads, room);
  spoilt *s = NEW(spoilt, threads);
  const int failed = !a.value || !a.bare || !work || !s;
  for (size_t k = 0; !failed && k < a.calls; k++) {
    ask(c, &a, k, answer(&a, k), work);
    ask_bare(c, &a, k, a.bare + k * a.size, work);
  }
  if (!failed && again(c, &a, work, work + memory_whole_lines(a.size * (1 + dim))) && !(c->user.flags & DILATE_TARGET_SERIAL)) {
    all_at_once(c, &a, threads, room, work, s);
    report_races(c, threads, s);
    c->checked->threads = threads;
  }
  memory_free(a.value);
  memory_free(a.bare);
  memory_free(work);
  memory_free(s);
  return failed ? error_memory(err, "the check of threads") : DILATE_OK;
}
