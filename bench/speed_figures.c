/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures by name. */
#include "bench/speed_figures.h"

#include "bench/support.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static figure *find(const figures *all, const char *name) {
  for (size_t i = 0; i < all->n; i++)
    if (strcmp(all->figure[i].name, name) == 0) return &all->figure[i];
  return NULL;
}

static void compose(char name[FIGURE_NAME], const char *format, va_list arguments) {
  const int length = vsnprintf(name, FIGURE_NAME, format, arguments);
  if (length < 0 || length >= FIGURE_NAME) give_up("a figure's name is too long: %s", name);
}

static figure *begin(figures *all, figure_kind kind, const char *unit, const char *name) {
  figure *const old = find(all, name);
  if (old != NULL) return old;
  if (all->n == all->room) {
    all->room = all->room > 0 ? 2 * all->room : 64;
    all->figure = realloc(all->figure, all->room * sizeof *all->figure);
    if (all->figure == NULL) give_up("out of memory");
  }
  figure *const f = &all->figure[all->n++];
  *f = (figure){.kind = kind};
  snprintf(f->name, sizeof f->name, "%s", name);
  snprintf(f->unit, sizeof f->unit, "%s", unit);
  return f;
}

static void append(figure *f, double value) {
  f->value = realloc(f->value, (f->n + 1) * sizeof *f->value);
  if (f->value == NULL) give_up("out of memory");
  f->value[f->n++] = value;
}

void figures_add(figures *all, figure_kind kind, const char *unit, double value, const char *format, ...) {
  char name[FIGURE_NAME];
  va_list arguments;
  va_start(arguments, format);
  compose(name, format, arguments);
  va_end(arguments);
  append(begin(all, kind, unit, name), value);
}

void figures_free(figures *all) {
  for (size_t i = 0; i < all->n; i++) free(all->figure[i].value);
  free(all->figure);
  *all = (figures){0};
}

const figure *figures_find(const figures *all, const char *format, ...) {
  char name[FIGURE_NAME];
  va_list arguments;
  va_start(arguments, format);
  compose(name, format, arguments);
  va_end(arguments);
  return find(all, name);
}

double figures_median(const figures *all, const char *format, ...) {
  char name[FIGURE_NAME];
  va_list arguments;
  va_start(arguments, format);
  compose(name, format, arguments);
  va_end(arguments);
  const figure *const f = find(all, name);
  return f != NULL ? median_of(f->n, f->value) : NAN;
}

double robust_spread(size_t n, const double *x) {
  const double middle = median_of(n, x);
  double *const distance = ALLOCATE(double, n);
  for (size_t i = 0; i < n; i++) distance[i] = fabs(x[i] - middle);
  const double spread = 1.4826 * median_of(n, distance);
  free(distance);
  return spread;
}

double *figure_ratios(const figure *a, const figure *b, size_t *n) {
  *n = a->n < b->n ? a->n : b->n;
  double *const ratio = ALLOCATE(double, *n);
  for (size_t i = 0; i < *n; i++) ratio[i] = a->value[i] / b->value[i];
  return ratio;
}

double figures_ratio(const figure *a, const figure *b) {
  size_t n;
  if (a == NULL || b == NULL) return NAN;
  double *const ratio = figure_ratios(a, b, &n);
  const double median = median_of(n, ratio);
  free(ratio);
  return median;
}
