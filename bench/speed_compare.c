/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures of repeats are compared by their medians, with the noise of both; figures of seeds seed by seed, so that what a seed costs is
 * no noise. */
#include "bench/speed_compare.h"

#include "bench/support.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NOISES  3
#define UNKNOWN 0.05 /* noise of a time that was taken once */

/* What this file's nanoseconds are divided by. */
static double yardstick(const figures *old, const figures *new, const figures *which, const figure *f) {
  const int both = figures_find(old, "micro.ziggurat") != NULL && figures_find(new, "micro.ziggurat") != NULL;
  return both && strcmp(f->unit, "ns") == 0 && strcmp(f->name, "micro.ziggurat") != 0 ? figures_median(which, "micro.ziggurat") : 1;
}

static double relative_spread(const figure *f) {
  return robust_spread(f->n, f->value) / median_of(f->n, f->value);
}

/* Counts have no noise of their own. */
static double least_noise(const figure *f) {
  const int is_count = strcmp(f->unit, "calls") == 0 || strcmp(f->unit, "instructions") == 0;
  return f->n < 2 && !is_count ? UNKNOWN : 0;
}

static change by_medians(const figure *old, const figure *new) {
  const double ratio = median_of(new->n, new->value) / median_of(old->n, old->value);
  return (change){.ratio = ratio, .noise = ratio * hypot(relative_spread(old), relative_spread(new))};
}

static change seed_by_seed(const figure *old, const figure *new) {
  size_t n;
  double *const ratio = figure_ratios(new, old, &n);
  const change c = {.ratio = median_of(n, ratio), .noise = robust_spread(n, ratio)};
  free(ratio);
  return c;
}

change change_of(const figures *old, const figures *new, const figure *f, double tolerance) {
  const figure *const before = figures_find(old, "%s", f->name), *const now = figures_find(new, "%s", f->name);
  change c = {.ratio = NAN, .noise = NAN};
  if (before == NULL || now == NULL || f->kind == FIGURE_FACT) return c;
  const double was = median_of(before->n, before->value);
  if (!(was > 0) || isinf(was)) return c; /* an overhead that was lost in the target's cost, a run that failed */
  c = f->kind == FIGURE_SEEDS ? seed_by_seed(before, now) : by_medians(before, now);
  c.noise = fmax(c.noise, c.ratio * fmax(least_noise(before), least_noise(now)));
  const double scale = yardstick(old, new, old, f) / yardstick(old, new, new, f);
  c.ratio *= scale;
  c.noise *= scale;
  c.slowed = c.ratio > 1 + tolerance && (isinf(c.ratio) || c.ratio > 1 + NOISES * c.noise); /* infinite: it fails now */
  return c;
}

size_t changes_print(FILE *file, const figures *old, const figures *new, double tolerance) {
  size_t slowed = 0;
  fputs("| figure | unit | old | new | new / old | noise | |\n| --- | --- | --: | --: | --: | --: | --- |\n", file);
  for (size_t i = 0; i < old->n; i++) {
    const figure *const f = &old->figure[i], *const now = figures_find(new, "%s", f->name);
    const change c = change_of(old, new, f, tolerance);
    if (isnan(c.ratio)) continue;
    fprintf(file, "| %s | %s | %.6g | %.6g | %.3f | %.3f |%s |\n", f->name, f->unit, median_of(f->n, f->value),
            median_of(now->n, now->value), c.ratio, c.noise, c.slowed ? " SLOWED" : "");
    slowed += c.slowed ? 1 : 0;
  }
  fprintf(file, "\n%zu figures slowed.\n", slowed);
  return slowed;
}
