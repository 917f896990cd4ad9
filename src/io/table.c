/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The readable summary of a run: headline, modes, parameters, truth where it is known, warnings. */
#include "io/table.h"

#include "io/format.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { MODES_SHOWN = 10, PARAMETERS_SHOWN = 20, MEANS_SHOWN = 4, NAME_WIDTH = 24 };

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

static void write_evidence(FILE *stream, const dilate_result *result) {
  double log_z = NAN, se = NAN, df = NAN;
  text value, error;
  if (dilate_result_log_z(result, &log_z, &se, &df) != DILATE_OK || isnan(log_z)) {
    fprintf(stream, "log evidence  not estimated%s\n", dilate_result_complete(result) ? " by this method" : "");
    if (dilate_result_log_z_bound(result, &log_z, &se) == DILATE_OK)
      fprintf(stream, "              at least %s +- %s (lower bound)\n", text_with_error(log_z, se, value), text_with_error(se, se, error));
    return;
  }
  fprintf(stream, "log evidence  %s +- %s\n", text_with_error(log_z, se, value), text_with_error(se, se, error));
}

static void write_headline(FILE *stream, const outcome *o) {
  const dilate_result *result = o->result;
  uint64_t gradients = 0;
  const uint64_t points = dilate_result_evaluations(result, &gradients);
  text number, other;
  fprintf(stream, "target        %s, dimension %zu\n", o->target, dilate_result_dim(result));
  fprintf(stream, "method        %s, seed %" PRIu64 "%s\n", dilate_result_method(result), dilate_result_seed(result),
          dilate_result_complete(result) ? "" : " (stopped before the end: partial)");
  write_evidence(stream, result);
  fprintf(stream, "draws         %zu islands x %zu\n", dilate_result_islands(result), dilate_result_draws(result));
  fprintf(stream, "evaluations   %s, %s with gradient\n", text_count(points, number), text_count(gradients, other));
  fprintf(stream, "time          %s\n", text_seconds(dilate_result_seconds(result), number));
}

static void write_mode(FILE *stream, const outcome *o, size_t i) {
  const dilate_mode mode = outcome_mode(o, i);
  const size_t width = smaller(dilate_result_n_out(o->result), MEANS_SHOWN);
  text weight, error, mean;
  fprintf(stream, "%5zu  %8s  %8s ", i + 1, text_with_error(mode.weight, mode.weight_se, weight),
          text_with_error(mode.weight_se, mode.weight_se, error));
  for (size_t j = 0; j < width; ++j) fprintf(stream, " %10s", text_short(mode.mean[j], mean));
  fputc('\n', stream);
}

static void write_modes(FILE *stream, const outcome *o) {
  const size_t count = dilate_result_mode_count(o->result), width = smaller(dilate_result_n_out(o->result), MEANS_SHOWN);
  if (count == 0) return;
  fprintf(stream, "\n mode    weight        se  mean of");
  for (size_t j = 0; j < width; ++j) fprintf(stream, "%s %s", j ? "," : "", dilate_result_name(o->result, j));
  fputc('\n', stream);
  for (size_t i = 0; i < smaller(count, MODES_SHOWN); ++i) write_mode(stream, o, i);
  if (count > MODES_SHOWN) fprintf(stream, "       ... and %zu more\n", count - MODES_SHOWN);
  if (!dilate_result_modes_countable(o->result)) fputs("       new ones kept appearing: there may be more\n", stream);
}

void table_write_parameter(FILE *stream, const dilate_parameter *p, int name_width) {
  text mean, mcse, sd, q5, q50, q95;
  fprintf(stream, "%-*s %10s %9s %9s %9s %9s %9s", name_width, p->name, text_with_error(p->mean, p->mcse, mean), text_short(p->mcse, mcse),
          text_short(p->sd, sd), text_short(p->q5, q5), text_short(p->q50, q50), text_short(p->q95, q95));
  text rhat = "-", bulk = "-", tail = "-";
  if (isfinite(p->rhat)) snprintf(rhat, sizeof rhat, "%.3f", p->rhat);
  if (isfinite(p->ess_bulk)) snprintf(bulk, sizeof bulk, "%.0f", p->ess_bulk);
  if (isfinite(p->ess_tail)) snprintf(tail, sizeof tail, "%.0f", p->ess_tail);
  fprintf(stream, " %6s %8s %8s\n", rhat, bulk, tail);
}

void table_write_parameter_head(FILE *stream, int name_width) {
  fprintf(stream, "\n%-*s %10s %9s %9s %9s %9s %9s %6s %8s %8s\n", name_width, "parameter", "mean", "mcse", "sd", "q5", "q50", "q95",
          "rhat", "ess_bulk", "ess_tail");
}

int table_name_width(int width, const char *name) {
  const int wanted = (int)smaller(strlen(name), NAME_WIDTH);
  return width > wanted ? width : wanted;
}

static void write_parameters(FILE *stream, const outcome *o) {
  const size_t count = dilate_result_n_out(o->result), shown = smaller(count, PARAMETERS_SHOWN);
  int width = TABLE_NAME_LEAST;
  if (outcome_rows(o) == 0) return;
  for (size_t j = 0; j < shown; ++j) width = table_name_width(width, dilate_result_name(o->result, j));
  table_write_parameter_head(stream, width);
  for (size_t j = 0; j < shown; ++j) {
    const dilate_parameter p = outcome_parameter(o, j);
    table_write_parameter(stream, &p, width);
  }
  if (count > shown) fprintf(stream, "... and %zu more\n", count - shown);
}

static void write_truth(FILE *stream, const truth *t) {
  text number;
  fputs("\ntruth        ", stream);
  if (isfinite(t->log_z)) fprintf(stream, " log evidence %.6g%s", t->log_z, t->modes ? ";" : "");
  if (t->modes) fprintf(stream, " %zu of %zu known modes found", t->modes_found, t->modes);
  if (isfinite(t->mode_tv)) fprintf(stream, ", total variation of their weights %s", text_short(t->mode_tv, number));
  fputc('\n', stream);
}

void table_write(FILE *stream, const outcome *o) {
  write_headline(stream, o);
  write_modes(stream, o);
  write_parameters(stream, o);
  if (o->truth) write_truth(stream, o->truth);
  const size_t warnings = dilate_result_warning_count(o->result);
  fputs(warnings ? "\n" : "\nno warnings\n", stream);
  for (size_t i = 0; i < warnings; ++i) fprintf(stream, "warning: %s\n", dilate_result_warning(o->result, i));
}
