/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small things, the limits of line 4, what others need, and the verdicts. */
#include "bench/speed_table.h"

#include "bench/accuracy_rows.h"
#include "bench/support.h"
#include "dilate.h"

#include <math.h>
#include <string.h>

void cell(FILE *file, int digits, double value) {
  if (isfinite(value))
    fprintf(file, " %.*f |", digits, value);
  else
    fprintf(file, " %s |", isinf(value) ? "failed" : "-");
}

/* ---- Micro ---- */

static int is_micro(const figure *f) {
  return strncmp(f->name, "micro.", 6) == 0;
}

static void micro_print(FILE *file, const figures *all) {
  const double ziggurat = figures_median(all, "micro.ziggurat");
  if (isnan(ziggurat)) return;
  fputs("| one of | ns | of a ziggurat normal | spread % |\n| --- | --: | --: | --: |\n", file);
  for (size_t i = 0; i < all->n; i++) {
    const figure *const f = &all->figure[i];
    if (!is_micro(f)) continue;
    const double ns = median_of(f->n, f->value);
    fprintf(file, "| %s |", f->name + 6);
    cell(file, 3, ns);
    cell(file, 3, ns / ziggurat);
    cell(file, 1, 100 * robust_spread(f->n, f->value) / ns);
    fputc('\n', file);
  }
  fputs("\nULA, MALA and HMC (a trajectory of 8 leapfrogs): a particle and dimension of a step on a free Gaussian. reference: a point, with"
        " gradient and shares, K components in D dimensions. em: a point and component of an iteration. log-sum-exp: a term.\n\n",
        file);
}

/* ---- Line 4, and what others need ---- */

static void limits_print(FILE *file, const figures *all) {
  int any = 0;
  for (size_t i = 0; i < speed_limit_count; i++) {
    const char *const name = speed_limits[i].row;
    if (figures_find(all, "whole.%s.units", name) == NULL) continue;
    if (!any++)
      fputs("| target | CPU, million ziggurat normals | at most | CPU s | log Z error | tolerance | evaluations / 1000 |\n"
            "| --- | --: | --: | --: | --: | --: | --: |\n",
            file);
    fprintf(file, "| %s |", name);
    cell(file, 1, figures_median(all, "whole.%s.units", name));
    cell(file, 0, speed_limits[i].units);
    cell(file, 3, figures_median(all, "whole.%s.seconds", name));
    cell(file, 4, figures_median(all, "whole.%s.log-z-error", name));
    cell(file, 2, row_named(name)->tolerance);
    cell(file, 0, 1e-3 * figures_median(all, "whole.%s.evaluations", name));
    fputc('\n', file);
  }
  if (any) fputc('\n', file);
}

/* Cited, not measured here. */
static void elsewhere_print(FILE *file) {
  fputs("Measured elsewhere, one core of the same kind of machine, the same C targets: CPU seconds to reach the floor that exact draws"
        " have (none: never at any setting tried).\n\n"
        "| target | fastest peer at the floor | others |\n| --- | --- | --- |\n"
        "| gmm40, 2-d | differential-evolution MCMC in C++ (MCMCLib): 0.3 to 1.6 s, 300 100 to 1 400 200 evaluations; MultiNest, 2000 live"
        " points: 2.2 s, 18 152 | dynesty 16.8 s, UltraNest 6.0 s, emcee 28.9 s; Stan's NUTS, MALA, HMC: none |\n"
        "| gmm4, 10-d | MCMCLib DE with jumps 0.7 s, MultiNest 1.2 s | dynesty 14.5 s (TV 0.07); NUTS, emcee: none |\n"
        "| gmm4, 20-d | none (MultiNest 11.9 s, TV 0.10) | dynesty 41.7 s, TV 0.16 |\n"
        "| gmm4, 50-d | none | |\n"
        "| manywell32 | none (NUTS, 5.8 s: TV 0.09 to 0.14) | |\n\n",
        file);
}

static void machine_print(FILE *file, const figures *all) {
  fprintf(file, "libdilate %s, %s", dilate_version(), dilate_isa());
  if (figures_find(all, "machine.processors") != NULL)
    fprintf(file, ", %.0f processors, load %.1f at the beginning and %.1f at the end", figures_median(all, "machine.processors"),
            figures_median(all, "machine.load-before"), figures_median(all, "machine.load-after"));
  fputs(". Seconds are of processor where nothing else is said; medians.\n\n", file);
}

void speed_tables_print(FILE *file, const figures *all, const line lines[LINES]) {
  machine_print(file, all);
  micro_print(file, all);
  speed_whole_print(file, all);
  limits_print(file, all);
  elsewhere_print(file);
  speed_growth_print(file, all);
  lines_print(file, lines);
}
