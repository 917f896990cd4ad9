/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growth, and threads. */
#include "bench/accuracy_rows.h"
#include "bench/speed_table.h"

#include <math.h>

static const char *const kinds[] = {"particles", "dimension", "components"};
static const char *const methods[] = {"bridge", "langevin"};

/* log(cost / cost before) / log(number / number before). */
static double local_exponent(const figures *all, const char *kind, const char *method, size_t before, size_t number) {
  const double now = figures_median(all, "growth.%s.%s.%zu.seconds", kind, method, number),
               then = figures_median(all, "growth.%s.%s.%zu.seconds", kind, method, before);
  return log(now / then) / log((double)number / (double)before);
}

static void growth_line(FILE *file, const figures *all, const char *kind, const char *method, size_t before, size_t number) {
  char name[FIGURE_NAME];
  snprintf(name, sizeof name, "growth.%s.%s.%zu", kind, method, number);
  const double particles = figures_median(all, "%s.particles", name), dim = figures_median(all, "%s.dim", name);
  fprintf(file, "| %s, %s | %zu |", kind, method, number);
  cell(file, 3, figures_median(all, "%s.seconds", name));
  cell(file, 2, before > 0 ? local_exponent(all, kind, method, before, number) : NAN);
  cell(file, 3, figures_median(all, "%s.target", name));
  cell(file, 3, figures_median(all, "%s.overhead", name));
  cell(file, 0, 1e-3 * figures_median(all, "%s.evaluations", name));
  cell(file, 1, 0x1p-20 * figures_median(all, "%s.memory", name));
  cell(file, 1, 0x1p-20 * memory_allowed(particles, dim));
  cell(file, 4, figures_median(all, "%s.log-z-error", name));
  fputc('\n', file);
}

static void growths_print(FILE *file, const figures *all) {
  int any = 0;
  for (size_t k = 0; k < 3; k++)
    for (size_t m = 0; m < 2; m++) {
      size_t before = 0, number;
      for (size_t i = 0; (number = growth_number(all, kinds[k], methods[m], i)) != 0; i++) {
        if (!any++)
          fputs("| growth in | | CPU s | local exponent | target's own s | overhead s | evaluations / 1000 | peak MB | allowed | log Z "
                "error |\n"
                "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n",
                file);
        growth_line(file, all, kinds[k], methods[m], before, number);
        before = number;
      }
    }
  if (any) fputc('\n', file);
}

static void thread_line(FILE *file, const figures *all, const char *name) {
  fprintf(file, "| %s |", name);
  for (size_t t = 1; t <= 2; t++) {
    cell(file, 3, figures_median(all, "threads.%s.%zu.wall", name, t));
    cell(file, 3, figures_median(all, "threads.%s.%zu.seconds", name, t));
  }
  cell(file, 2, figures_ratio(figures_find(all, "threads.%s.1.wall", name), figures_find(all, "threads.%s.2.wall", name)));
  fputc('\n', file);
}

static void threads_print(FILE *file, const figures *all) {
  int any = 0;
  for (size_t r = 0; r < row_count; r++) {
    if (figures_find(all, "threads.%s.1.wall", row_list[r].name) == NULL) continue;
    if (!any++)
      fputs("| threads | one: s on the wall | CPU s | two: s on the wall | CPU s | faster |\n| --- | --: | --: | --: | --: | --: |\n",
            file);
    thread_line(file, all, row_list[r].name);
  }
  if (any) fputc('\n', file);
}

void speed_growth_print(FILE *file, const figures *all) {
  growths_print(file, all);
  threads_print(file, all);
}
