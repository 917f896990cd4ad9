/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The six lines.  A comparison with NaN, as of a run that failed, fails; a figure that is not there is not judged. */
#include "bench/speed_lines.h"

#include "bench/accuracy_rows.h"
#include "bench/support.h"
#include <math.h>
#include <stdarg.h>
#include <string.h>

#define ALLOWED_SECONDS 0.15
#define ALLOWED_SHARE   0.25
#define DIM_MOST        50
#define NORMALS_FASTER  2.2
#define ULA_MOST        1.5
#define BATCH_FASTER    4.0
#define THREADS_FASTER  1.85
#define EXPONENT_MOST   1.05
#define EXPONENT_FROM   1e4 /* fewer particles cost what the reference costs */

const speed_limit speed_limits[] = {{"gmm40", 8},     {"gmm4-10", 6},      {"gmm4-50", 20},
                                    {"gmm40-50", 60}, {"manywell32", 200}, {"ionosphere", 100}};
const size_t speed_limit_count = sizeof speed_limits / sizeof *speed_limits;
const char *const speed_thread_rows[THREAD_ROWS] = {"ionosphere", "galaxies", "gmm40-50"};

static void say(line *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds to the line's text. */
static void say(line *l, const char *format, ...) {
  const size_t used = strlen(l->text);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(l->text + used, sizeof l->text - used, format, arguments);
  va_end(arguments);
}

/* One thing more that must hold: a line passes when all do, and something was judged. */
static void require(line *l, int there, int holds) {
  if (there && l->verdict != LINE_FAIL) l->verdict = holds ? LINE_PASS : LINE_FAIL;
}

/* ---- 1: overhead ---- */

double overhead_allowed(const figures *all, const char *name) {
  return ALLOWED_SECONDS + ALLOWED_SHARE * figures_median(all, "whole.%s.target", name);
}

static int any_failed(const figure *f) {
  return isinf(largest_of(f->n, f->value));
}

line_verdict overhead_verdict(const figures *all, const char *name) {
  const figure *const overhead = figures_find(all, "whole.%s.overhead", name);
  if (overhead == NULL || figures_median(all, "whole.%s.dim", name) > DIM_MOST) return LINE_NOT_JUDGED;
  if (any_failed(overhead)) return LINE_FAIL;
  if (figures_median(all, "whole.%s.evaluations", name) > row_named(name)->evaluations) return LINE_NOT_JUDGED;
  return figures_median(all, "whole.%s.overhead", name) <= overhead_allowed(all, name) ? LINE_PASS : LINE_FAIL;
}

/* Of what is allowed; a run that failed takes more than anything. */
static double overhead_share(const figures *all, const char *name) {
  const double share = figures_median(all, "whole.%s.overhead", name) / overhead_allowed(all, name);
  return isnan(share) ? INFINITY : share;
}

static void judge_overhead(const figures *all, line *l) {
  size_t judged = 0, passed = 0;
  double worst = 0;
  const char *worst_name = NULL;
  for (size_t r = 0; r < row_count; r++) {
    const line_verdict v = overhead_verdict(all, row_list[r].name);
    if (v == LINE_NOT_JUDGED) continue;
    const double share = overhead_share(all, row_list[r].name);
    judged++;
    passed += v == LINE_PASS;
    require(l, 1, v == LINE_PASS);
    if (share > worst || worst_name == NULL) worst = share, worst_name = row_list[r].name;
  }
  say(l, "all but the target at most %g s + %g %% of its cost: %zu of %zu targets", ALLOWED_SECONDS, 100 * ALLOWED_SHARE, passed, judged);
  if (worst_name != NULL) say(l, "; the worst, %s, %.2f of what is allowed", worst_name, worst);
}

/* ---- 2 and 3: ratios taken in one race ---- */

static double ratio(const figures *all, const char *above, const char *below) {
  return figures_ratio(figures_find(all, "micro.%s", above), figures_find(all, "micro.%s", below));
}

static void judge_normals(const figures *all, line *l) {
  const char *const dims[] = {"10", "100"};
  say(l, "normals at least %g times faster than ziggurat, ULA at most %g times its normals:", NORMALS_FASTER, ULA_MOST);
  for (size_t i = 0; i < 2; i++) {
    char normals[32], ula[32];
    snprintf(normals, sizeof normals, "normals.%s", dims[i]);
    snprintf(ula, sizeof ula, "ula.%s", dims[i]);
    const double faster = ratio(all, "ziggurat", normals), times = ratio(all, ula, normals);
    require(l, !isnan(faster), faster >= NORMALS_FASTER);
    require(l, !isnan(times), times <= ULA_MOST);
    say(l, "%s %.2f and %.2f in %s dimensions", i > 0 ? ";" : "", faster, times, dims[i]);
  }
}

static void judge_batch(const figures *all, line *l) {
  const double density = ratio(all, "gmm40.point.density", "gmm40.batch.density"),
               gradient = ratio(all, "gmm40.point.gradient", "gmm40.batch.gradient");
  require(l, !isnan(density), density >= BATCH_FASTER);
  require(l, !isnan(gradient), gradient >= BATCH_FASTER);
  say(l, "gmm40 by batch at least %g times faster than by point: %.2f, with gradient %.2f", BATCH_FASTER, density, gradient);
}

/* ---- 4: units ---- */

/* Within the accuracy table's tolerance of log Z; of fewer than three seeds nothing is asked. */
line_verdict accuracy_verdict(const figures *all, const char *name) {
  const figure *const error = figures_find(all, "whole.%s.log-z-error", name);
  if (error == NULL || error->n < 3) return LINE_NOT_JUDGED;
  return median_of(error->n, error->value) <= row_named(name)->tolerance ? LINE_PASS : LINE_FAIL;
}

static void judge_units(const figures *all, line *l) {
  const char *between = "";
  say(l, "CPU in millions of ziggurat normals (at most), log Z within its tolerance:");
  for (size_t i = 0; i < speed_limit_count; i++) {
    const speed_limit *const limit = &speed_limits[i];
    const double units = figures_median(all, "whole.%s.units", limit->row);
    if (figures_find(all, "whole.%s.units", limit->row) == NULL) continue;
    require(l, 1, units <= limit->units);
    require(l, accuracy_verdict(all, limit->row) == LINE_FAIL, 0);
    say(l, "%s %s %.1f (%g)%s", between, limit->row, units, limit->units,
        accuracy_verdict(all, limit->row) == LINE_FAIL ? ", log Z wrong" : "");
    between = ",";
  }
}

/* ---- 5: threads ---- */

static void judge_threads(const figures *all, line *l) {
  say(l, "two threads at least %g times faster than one:", THREADS_FASTER);
  for (size_t i = 0; i < THREAD_ROWS; i++) {
    const char *const name = speed_thread_rows[i];
    const figure *const one = figures_find(all, "threads.%s.1.wall", name);
    const double faster = figures_ratio(one, figures_find(all, "threads.%s.2.wall", name));
    const double share = figures_ratio(figures_find(all, "threads.%s.1.seconds", name), one);
    require(l, one != NULL, faster >= THREADS_FASTER);
    say(l, "%s %s %.2f", i > 0 ? "," : "", name, faster);
    if (share < 0.97) say(l, " (one thread had %.0f %% of a processor: others kept it busy)", 100 * share);
  }
}

/* ---- 6: growth ---- */

/* What a name is without its last part, where that is ".memory"; 0 for any other. */
static int run_name(const char *name, char run[FIGURE_NAME]) {
  static const char ending[] = ".memory";
  const size_t length = strlen(name), tail = strlen(ending);
  if (length <= tail || strcmp(name + length - tail, ending) != 0) return 0;
  snprintf(run, FIGURE_NAME, "%.*s", (int)(length - tail), name);
  return 1;
}

/* Of all runs, rows' and growth's. */
static void judge_memory(const figures *all, line *l) {
  char run[FIGURE_NAME], worst_run[FIGURE_NAME] = "";
  double worst = 0;
  size_t within = 0, judged = 0;
  for (size_t i = 0; i < all->n; i++) {
    if (!run_name(all->figure[i].name, run)) continue;
    const double allowed = memory_allowed(figures_median(all, "%s.particles", run), figures_median(all, "%s.dim", run));
    const double share = figures_median(all, "%s.memory", run) / allowed;
    judged++;
    within += share <= 1 ? 1 : 0;
    require(l, 1, share <= 1);
    if (!(share <= worst)) worst = share, snprintf(worst_run, sizeof worst_run, "%s", run);
  }
  say(l, "; peak memory at most 32 MB + 6 copies of the particles: %zu of %zu runs; the worst, %s, %.2f of it", within, judged, worst_run,
      worst);
}

static void judge_growth(const figures *all, line *l) {
  static const char *const methods[] = {"bridge", "langevin"};
  say(l, "exponent in 1e4 to 1e6 particles below %g, and 1e6 in 10 dimensions run:", EXPONENT_MOST);
  for (size_t m = 0; m < 2; m++) {
    const double exponent = growth_exponent(all, "particles", methods[m], EXPONENT_FROM);
    const double million = figures_median(all, "growth.particles.%s.1000000.seconds", methods[m]);
    require(l, !isnan(exponent), exponent < EXPONENT_MOST);
    require(l, !isnan(million), isfinite(million));
    say(l, "%s %s", m > 0 ? "," : "", methods[m]);
    if (isfinite(exponent)) say(l, " %.3f", exponent);
    if (isfinite(million)) say(l, " and %.1f s", million);
    if (isinf(million)) say(l, " and failed");
  }
  judge_memory(all, l);
  if (figures_find(all, "growth.particles.bridge.1000000.seconds") == NULL && l->verdict == LINE_PASS) l->verdict = LINE_NOT_JUDGED;
}

/* ---- All of them ---- */

/* Is there any figure of the line? */
static int measured(const figures *all, size_t i) {
  static const char *const beginnings[LINES] = {"whole.", "micro.ula", "micro.gmm40", "whole.", "threads.", "growth."};
  for (size_t f = 0; f < all->n; f++)
    if (strncmp(all->figure[f].name, beginnings[i], strlen(beginnings[i])) == 0) return 1;
  return 0;
}

void lines_judge(const figures *all, line lines[LINES]) {
  void (*const judges[LINES])(const figures *, line *) = {judge_overhead, judge_normals, judge_batch,
                                                          judge_units,    judge_threads, judge_growth};
  for (size_t i = 0; i < LINES; i++) {
    lines[i] = (line){.verdict = LINE_NOT_JUDGED};
    judges[i](all, &lines[i]);
    if (lines[i].verdict == LINE_NOT_JUDGED && !measured(all, i)) snprintf(lines[i].text, sizeof lines[i].text, "no figures");
  }
}

void lines_print(FILE *file, const line lines[LINES]) {
  static const char *const words[] = {"FAIL", "pass", "not judged"};
  for (size_t i = 0; i < LINES; i++) fprintf(file, "%zu. %s: %s\n", i + 1, words[lines[i].verdict], lines[i].text);
}
