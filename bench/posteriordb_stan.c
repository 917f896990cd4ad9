/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stan programs made into shared objects, and Stan's NUTS on them. */
#define _GNU_SOURCE
#include "bench/posteriordb_work.h"

#include "bench/peers_child.h"
#include "bench/support.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHAINS  4    /* Stan's defaults */
#define DRAWS   1000 /* a chain, after as many of warm-up: the first stage of peer_nuts */
#define PATIENT 7200 /* seconds of the processor that a chain may take */

/* ---- Shared objects ---- */

static int newer(const char *path, const char *than) {
  struct stat a, b;
  return stat(path, &a) == 0 && stat(than, &b) == 0 && a.st_mtime >= b.st_mtime;
}

const char *stan_make(const posteriordb_work *w, const char *name, char *path, size_t size) {
  char program[4096], command[16384];
  snprintf(path, size, "%s/stan/%s.so", w->build, name);
  snprintf(program, sizeof program, "%s/stan/%s.stan", w->source, name);
  if (newer(path, program)) return NULL;
  fprintf(stderr, "dilate stan %s.stan\n", name);
  snprintf(command, sizeof command, "mkdir -p '%s/stan' && cd '%s/stan' && '%s/../dilate' stan '%s' >&2", w->build, w->build, w->build,
           program);
  return system(command) == 0 && access(path, R_OK) == 0 ? NULL : "skipped: dilate stan makes no model here (it needs r-cran-rstan)";
}

/* ---- NUTS ---- */

const char *nuts_missing(const posteriordb_work *w) {
  char path[4096];
  snprintf(path, sizeof path, "%s/peer_nuts", w->build);
  return access(path, X_OK) == 0 ? NULL : "skipped: bench/peer_nuts is not made: make posteriordb, with r-cran-rstan";
}

/* One chain's draws to x, DRAWS rows of dim; costs are added to out. */
static int run_chain(const posteriordb_work *w, const char *object, const char *data, uint64_t seed, size_t chain, size_t dim, double *x,
                     run *out) {
  char program[4096], seed_text[32], chain_text[32];
  child c;
  answer a;
  snprintf(program, sizeof program, "%s/peer_nuts", w->build);
  snprintf(seed_text, sizeof seed_text, "%llu", (unsigned long long)seed);
  snprintf(chain_text, sizeof chain_text, "%zu", chain + 1);
  child_start((const char *const[]){program, object, data, seed_text, chain_text, NULL}, PATIENT, &c);
  const int ok = child_stage(&c, dim, DRAWS, x, &a) && a.rows == DRAWS;
  child_end(&c);
  if (!ok) return 0;
  out->seconds += a.seconds;
  out->evaluations += (double)a.evaluations;
  out->gradients += (double)a.gradients;
  return 1;
}

/* Values on the natural scale, rows x n; then of each parameter what Markov chains' order tells. */
static void summarise(const dilate_target *target, const double *x, const reference *truth, run *out) {
  const size_t rows = CHAINS * DRAWS, n = target->n_out;
  double *const value = ALLOCATE(double, rows *n), *const column = ALLOCATE(double, rows);
  dilate_parameter *const p = ALLOCATE(dilate_parameter, n);
  for (size_t i = 0; i < rows; i++)
    if (target->constrain(target->dim, x + i * target->dim, value + i * n, target->params) != 0) give_up("a draw of NUTS has no values");
  for (size_t j = 0; j < n; j++) {
    for (size_t i = 0; i < rows; i++) column[i] = value[i * n + j];
    p[j].struct_size = sizeof *p;
    if (dilate_summarise(CHAINS, DRAWS, column, &p[j], NULL) != DILATE_OK) give_up("draws of NUTS have no summary");
    p[j].name = target->names[j];
  }
  run_compare(truth, n, p, rows, value, out);
  free(p);
  free(column);
  free(value);
}

void nuts_make(const posteriordb_work *w, const char *object, const char *data, const dilate_target *target, const reference *truth,
               uint64_t seed, run *out) {
  double *const x = ALLOCATE(double, CHAINS *DRAWS * target->dim);
  *out = (run){.seed = seed, .log_z = NAN, .log_z_se = NAN, .share = NAN};
  for (size_t c = 0; c < CHAINS && out->failure == NULL; c++)
    if (!run_chain(w, object, data, seed, c, target->dim, x + c * DRAWS * target->dim, out)) out->failure = copy_text("a chain broke off");
  if (out->failure == NULL) summarise(target, x, truth, out);
  free(x);
}
