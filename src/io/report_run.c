/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the draws were made, and where the evaluations went. */
#include "io/report_parts.h"

#include "io/format.h"
#include <inttypes.h>
#include <string.h>

enum { STAGES = 12 };

typedef struct stage {
  const char *name;
  uint64_t evaluations;
} stage;

static void entry(FILE *stream, const char *name, const char *value) {
  fprintf(stream, "<div><dt>%s</dt><dd>%s</dd></div>\n", name, value);
}

static void count_entry(FILE *stream, const char *name, uint64_t count) {
  text number;
  entry(stream, name, text_count(count, number));
}

/* Evaluations between two records belong to the stage of the second. */
static size_t add_up(const outcome *o, stage *out) {
  size_t n = 0;
  uint64_t before = 0;
  for (size_t i = 0; i < dilate_result_trace_count(o->result); ++i) {
    const dilate_trace t = outcome_trace(o, i);
    size_t k = 0;
    if (!t.stage || t.evaluations < before) continue;
    while (k < n && strcmp(out[k].name, t.stage) != 0) ++k;
    if (k == n && n == STAGES) k = STAGES - 1;
    if (k == n) out[n++] = (stage){.name = t.stage};
    out[k].evaluations += t.evaluations - before;
    before = t.evaluations;
  }
  return n;
}

static void write_stages(FILE *stream, const outcome *o) {
  stage each[STAGES];
  const size_t n = add_up(o, each);
  uint64_t sum = 0;
  text number, share;
  for (size_t k = 0; k < n; ++k) sum += each[k].evaluations;
  if (n < 2 || sum == 0) return;
  fputs("<h3>Evaluations by stage</h3>\n<table class=\"narrow\"><thead><tr><th scope=\"col\">stage</th><th scope=\"col\">evaluations</th>"
        "<th scope=\"col\">share</th></tr></thead><tbody>\n",
        stream);
  for (size_t k = 0; k < n; ++k) {
    const double part = (double)each[k].evaluations / (double)sum;
    if (each[k].evaluations == 0) continue;
    fprintf(stream, "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s<span class=\"gauge\" style=\"--v:%.2f\"></span></td></tr>\n",
            each[k].name, text_count(each[k].evaluations, number), text_percent(part, share), part);
  }
  fputs("</tbody></table>\n", stream);
}

static int write(FILE *stream, const outcome *o) {
  const dilate_result *r = o->result;
  uint64_t gradients = 0;
  const uint64_t points = dilate_result_evaluations(r, &gradients);
  text number;
  char shape[80];
  fputs("<dl>\n", stream);
  entry(stream, "method", dilate_result_method(r));
  snprintf(shape, sizeof shape, "%zu in %zu %s, %zu draws each", dilate_result_islands(r), dilate_result_groups(r),
           dilate_result_groups(r) == 1 ? "group" : "groups", dilate_result_draws(r));
  entry(stream, "islands", shape);
  snprintf(shape, sizeof shape, "%" PRIu64, dilate_result_seed(r));
  entry(stream, "seed", shape);
  count_entry(stream, "evaluations of the log-density", points);
  count_entry(stream, "of them with the gradient", gradients);
  if (outcome_rows(o)) {
    snprintf(shape, sizeof shape, "%.3g", (double)points / (double)outcome_rows(o));
    entry(stream, "evaluations a draw", shape);
  }
  entry(stream, "time", text_seconds(dilate_result_seconds(r), number));
  entry(stream, "libdilate", dilate_version());
  entry(stream, "instruction set", dilate_isa());
  fputs("</dl>\n", stream);
  write_stages(stream, o);
  return 0;
}

static int present(const outcome *o) {
  (void)o;
  return 1;
}

const report_section report_run = {"run", "The run", present, write};
