/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stan CSV (CmdStan's guide, "Stan CSV File Format"): settings as comments, a header, one row a draw, times as comments.
 *
 * No trajectory leads from a draw to the next one here, so the settings name the algorithm for which readers look for no adaptation,
 * fixed_param (with a metric all the same, which cmdstanpy asks for before it knows), and the sampler's columns say that nothing was
 * integrated: accept_stat__ 1, stepsize__, treedepth__, n_leapfrog__ and divergent__ 0; energy__ is the potential energy, -lp__.  rstan
 * shows sampler_t as what drew. */
#define _POSIX_C_SOURCE 200809L
#include "io/stan_csv.h"

#include "io/draw_formats.h"
#include "io/format.h"
#include "io/layout.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The parameter's own name, in one line. */
static void write_comment(FILE *stream, const char *line) {
  for (; *line; ++line) fputc((unsigned char)*line < ' ' || *line == 0x7f ? '?' : *line, stream);
  fputc('\n', stream);
}

/* "./models/two-normals.so" is the model two_normals, "gmm40:dim=50" gmm40_dim_50. */
static int write_model(FILE *stream, const outcome *o, failure *f) {
  const char *const slash = strrchr(o->target, '/');
  char *const name = strdup(slash && slash[1] ? slash + 1 : o->target);
  if (!name) return fail_with(f, EXIT_RUN, "out of memory");
  const size_t length = strlen(name);
  if (length > 3 && strcmp(name + length - 3, ".so") == 0) name[length - 3] = '\0';
  char **const identifier = identifiers_make(IDENTIFIER_STAN, 1, (const char *const[]){name}, f);
  if (identifier) fprintf(stream, "# model = %s_model\n", *identifier);
  identifiers_free(1, identifier);
  free(name);
  return f->exit_status;
}

static void write_evidence(FILE *stream, const dilate_result *result) {
  double log_z, se, df;
  text number;
  if (dilate_result_log_z(result, &log_z, &se, &df) != DILATE_OK || isnan(log_z)) return;
  fprintf(stream, "# log_z = %s\n", text_exact(log_z, number));
  fprintf(stream, "# log_z_se = %s\n", text_exact(se, number));
}

static int write_settings(FILE *stream, const outcome *o, size_t chain, size_t draws, failure *f) {
  const dilate_result *const result = o->result;
  char file[DRAW_FILE_ROOM];
  fputs("# stan_version_major = 2\n# stan_version_minor = 32\n# stan_version_patch = 0\n", stream);
  if (write_model(stream, o, f)) return f->exit_status;
  fprintf(stream, "# dilate_version = %s\n# target = ", dilate_version());
  write_comment(stream, o->target);
  write_evidence(stream, result);
  fprintf(stream, "# sampler_t = dilate(%s)\n", dilate_result_method(result));
  fprintf(stream, "# method = sample (Default)\n#   sample\n#     num_samples = %zu\n", draws);
  fputs("#     num_warmup = 0\n#     save_warmup = 0 (Default)\n#     thin = 1 (Default)\n", stream);
  fputs("#     adapt\n#       engaged = 0\n#     algorithm = fixed_param\n#       metric = unit_e\n", stream);
  fprintf(stream, "# id = %zu\n# data\n#   file = ", chain ? chain : 1);
  write_comment(stream, o->data ? o->data : "");
  fprintf(stream, "# random\n#   seed = %" PRIu64 "\n# output\n", dilate_result_seed(result));
  fprintf(stream, "#   file = %s\n", chain ? draw_chain_file(chain, file) : "draws_stan.csv");
  return 0;
}

static void write_own_names(FILE *stream, const layout *l) {
  for (size_t i = 0; i < l->variables.count; ++i) {
    if (strcmp(l->identifier[i], l->variables.item[i].name) == 0) continue;
    fprintf(stream, "# parameter %s = ", l->identifier[i]);
    write_comment(stream, l->variables.item[i].name);
  }
}

static void write_header(FILE *stream, const layout *l) {
  fputs("lp__,accept_stat__,stepsize__,treedepth__,n_leapfrog__,divergent__,energy__", stream);
  for (size_t i = 0; i < l->variables.count; ++i) {
    const variable *const v = &l->variables.item[i];
    for (size_t at = 0; at < v->size; ++at) {
      fprintf(stream, ",%s", l->identifier[i]);
      for (size_t k = 0; k < v->rank; ++k) fprintf(stream, ".%zu", variable_index(v, variable_first_fastest(v, at), k));
    }
  }
  fputc('\n', stream);
}

static void write_row(FILE *stream, const layout *l, double logp, const double *value) {
  text number;
  fputs(text_exact(logp, number), stream);
  fprintf(stream, ",1,0,0,0,0,%s", text_exact(-logp, number));
  for (size_t i = 0; i < l->variables.count; ++i) {
    const variable *const v = &l->variables.item[i];
    for (size_t at = 0; at < v->size; ++at) fprintf(stream, ",%s", text_exact(value[v->column[variable_first_fastest(v, at)]], number));
  }
  fputc('\n', stream);
}

/* The chain's share of the run's time. */
static void write_times(FILE *stream, double seconds) {
  fputs("# \n#  Elapsed Time: 0 seconds (Warm-up)\n", stream);
  fprintf(stream, "#                %.6g seconds (Sampling)\n#                %.6g seconds (Total)\n# \n", seconds, seconds);
}

int stan_csv_write(FILE *stream, const outcome *o, size_t chain, failure *f) {
  const dilate_result *const result = o->result;
  const size_t draws = dilate_result_draws(result), islands = dilate_result_islands(result);
  const size_t first = chain ? (chain - 1) * draws : 0, rows = chain ? draws : islands * draws;
  const double *const logp = dilate_result_log_density(result);
  row_reader values;
  layout l;
  if (layout_make(o, IDENTIFIER_STAN, &l, f)) return f->exit_status;
  if (rows_begin(result, o->spread, ROWS_VALUES, &values)) fail_with(f, EXIT_RUN, "out of memory");
  if (!f->exit_status && !write_settings(stream, o, chain, rows, f)) {
    write_own_names(stream, &l);
    write_header(stream, &l);
    for (size_t row = first; row < first + rows; ++row) write_row(stream, &l, logp[row], rows_at(&values, row));
    write_times(stream, dilate_result_seconds(result) / (double)(chain ? islands : 1));
  }
  rows_end(&values);
  layout_clear(&l);
  return f->exit_status;
}
