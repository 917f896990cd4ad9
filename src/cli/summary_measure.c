/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of draws: of Markov chains by the order of their draws; of our own by the account of the run that they are from, since they
 * stand in random order. */
#include "cli/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A dot begins the names of R's package posterior for what is no parameter. */
static int is_parameter(const char *name) {
  return *name != '.' && draws_is_parameter(name);
}

static size_t count_parameters(const draws_table *t) {
  size_t count = 0;
  for (size_t j = 0; j < t->columns; ++j) count += (size_t)is_parameter(t->name[j]);
  return count;
}

/* ---- Our own ---- */

/* The files must be one run's, all of them. */
static int check_run(const summary_draws *of, const own_run *run, failure *f) {
  size_t rows = 0;
  for (size_t k = 0; k < of->files; ++k) rows += of->table[k].rows;
  const draws_table *t = of->table;
  if (count_parameters(t) != run->parameters)
    return fail_with(f, EXIT_RUN, "'%s' has %zu parameters and '%s' beside it %zu: they are not of one run", t->path, count_parameters(t),
                     run->path, run->parameters);
  if (rows != run->islands * run->draws)
    return fail_with(f, EXIT_RUN,
                     "%zu draws were read from '%s'%s, and '%s' beside it is of a run of %zu: name all of one run's files once", rows,
                     t->path, of->files > 1 ? " and others" : "", run->path, run->islands * run->draws);
  return 0;
}

static int take_run(const summary_draws *of, summarised *out, failure *f) {
  const own_run *run = &of->run;
  if (check_run(of, run, f)) return f->exit_status;
  out->account = run->path;
  out->method = run->method;
  out->chains = run->islands;
  out->draws = run->draws;
  out->parameter = calloc(run->parameters, sizeof *out->parameter);
  if (!out->parameter) return fail_with(f, EXIT_RUN, "out of memory");
  memcpy(out->parameter, run->parameter, run->parameters * sizeof *out->parameter);
  out->parameters = run->parameters;
  for (size_t i = 0; i < run->warnings && !f->exit_status; ++i) summarised_warn(out, f, "%s", run->warning[i]);
  return f->exit_status;
}

/* ---- By order ---- */

static const double *column(const draws_chains *c, size_t j) {
  return c->value + j * c->chains * c->draws;
}

static size_t count_not_finite(const draws_chains *c, size_t j) {
  size_t count = 0;
  for (size_t i = 0; i < c->chains * c->draws; ++i)
    if (!isfinite(column(c, j)[i])) ++count;
  return count;
}

static int measure_column(const draws_chains *c, size_t j, summarised *out, failure *f) {
  dilate_parameter *const p = &out->parameter[out->parameters];
  dilate_error err;
  dilate_error_init(&err);
  *p = (dilate_parameter){.struct_size = sizeof *p, .name = c->name[j]};
  if (dilate_summarise(c->chains, c->draws, column(c, j), p, &err) < 0) return fail_with(f, EXIT_RUN, "%s", err.message);
  out->not_finite[out->parameters++] = count_not_finite(c, j);
  return 0;
}

static int measure_columns(const draws_chains *c, summarised *out, failure *f) {
  out->chains = c->chains;
  out->draws = c->draws;
  out->parameter = calloc(c->columns, sizeof *out->parameter);
  out->not_finite = calloc(c->columns, sizeof *out->not_finite);
  if (!out->parameter || !out->not_finite) return fail_with(f, EXIT_RUN, "out of memory");
  for (size_t j = 0; j < c->columns && !f->exit_status; ++j) {
    if (is_parameter(c->name[j]) || strcmp(c->name[j], "lp__") == 0) measure_column(c, j, out, f);
    for (size_t i = 0; strcmp(c->name[j], "divergent__") == 0 && i < c->chains * c->draws; ++i) out->divergent += column(c, j)[i] > 0;
  }
  return f->exit_status;
}

static int measure_order(summary_draws *of, summarised *out, failure *f) {
  draws_chains chains;
  if (count_parameters(of->table) == 0)
    return fail_with(f, EXIT_RUN, "'%s': no column is a parameter's (names that end in __ are none)", of->table->path);
  for (size_t k = 0; k < of->files && !f->exit_status; ++k) draws_bracket_names(&of->table[k], f);
  if (f->exit_status || draws_chains_gather(of->files, of->table, &chains, f)) return f->exit_status;
  for (size_t k = 0; k < of->files; ++k) out->own |= own_run_wrote(&of->table[k]);
  measure_columns(&chains, out, f);
  draws_chains_clear(&chains);
  return f->exit_status ? f->exit_status : summarised_doubt(out, f);
}

int summary_measure(summary_draws *of, summarised *out, failure *f) {
  *out = (summarised){.files = of->files, .first = of->table->path};
  return of->run.path ? take_run(of, out, f) : measure_order(of, out, f);
}
