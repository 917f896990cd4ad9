/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which predictors, and how large may their weights be?  Logistic regressions of 351 radar returns from the ionosphere (Sigillito, Wing,
 * Hutton & Baker 1989) on the real and imaginary parts of seventeen pulses, compared by their evidence:
 *
 *   class_n ~ Bernoulli(1 / (1 + exp(-x_n . w))), w_j ~ N(0, scale), x a one and the standardised features.
 *
 * Usage: regression [FILE [MODELS]]: the table, default targets/data/ionosphere.csv, or in the folder that DILATE_DATA names; how many
 * models. */
#include <dilate.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS     351
#define FEATURES 34
#define LOG_2PI  1.83787706640934548356

static double x[ROWS][FEATURES + 1]; /* a one, then the features */
static double label[ROWS];           /* 0 or 1 */

/* ---- Data ---- */

/* A row: the features, then 1 or -1. */
static int take_row(const char *text, size_t row) {
  char *end;
  x[row][0] = 1;
  for (size_t j = 1; j <= FEATURES + 1; j++) {
    const double value = strtod(text, &end);
    if (end == text) return 0;
    if (j <= FEATURES)
      x[row][j] = value;
    else
      label[row] = value > 0;
    text = end + (*end == ',');
  }
  return 1;
}

static int read_table(const char *path) {
  char line[4096];
  size_t rows = 0;
  FILE *const file = fopen(path, "r");
  if (file == NULL) return 0;
  while (rows < ROWS && fgets(line, sizeof line, file) != NULL)
    if (line[0] != '#' && take_row(line, rows)) rows++;
  fclose(file);
  return rows == ROWS;
}

/* A feature that is always the same becomes zeros. */
static void standardise(size_t j) {
  double mean = 0, variance = 0;
  for (size_t n = 0; n < ROWS; n++) mean += x[n][j] / ROWS;
  for (size_t n = 0; n < ROWS; n++) variance += (x[n][j] - mean) * (x[n][j] - mean) / ROWS;
  for (size_t n = 0; n < ROWS; n++) x[n][j] = variance > 0 ? (x[n][j] - mean) / sqrt(variance) : 0;
}

/* ---- Models ---- */

typedef struct model {
  const char *title;
  size_t features; /* the first so many, two a pulse */
  double scale;
} model;

static const model models[] = {{"all pulses, scale 1", FEATURES, 1}, {"all pulses, scale 1/4", FEATURES, 0.25},
                               {"all pulses, scale 4", FEATURES, 4}, {"first four, scale 1", 8, 1},
                               {"first two, scale 1", 4, 1},         {"no pulse, scale 1", 0, 1}};

static int evaluate(size_t dim, const double *w, double *logp, double *grad, void *params) {
  const double precision = 1 / (((const model *)params)->scale * ((const model *)params)->scale);
  *logp = 0.5 * (double)dim * (log(precision) - LOG_2PI);
  for (size_t j = 0; j < dim; j++) {
    *logp -= 0.5 * w[j] * w[j] * precision;
    if (grad) grad[j] = -w[j] * precision;
  }
  for (size_t n = 0; n < ROWS; n++) {
    double e = 0;
    for (size_t j = 0; j < dim; j++) e += x[n][j] * w[j];
    const double decay = exp(-fabs(e)), probability = (e > 0 ? 1 : decay) / (1 + decay);
    *logp += label[n] * e - fmax(e, 0) - log1p(decay);
    for (size_t j = 0; grad && j < dim; j++) grad[j] += (label[n] - probability) * x[n][j];
  }
  return 0;
}

static int run(const model *m, double *log_z, double *se, dilate_error *err) {
  dilate_target target;
  dilate_result *result;
  double df;
  dilate_target_init(&target);
  target.dim = m->features + 1;
  target.logp = evaluate;
  target.params = (void *)m;
  int status = dilate_sample(&target, NULL, &result, err);
  if (status == DILATE_OK) status = dilate_result_log_z(result, log_z, se, &df);
  dilate_result_free(result);
  return status;
}

static const char *table_path(int argc, char **argv, char *path, size_t size) {
  const char *const folder = getenv("DILATE_DATA");
  if (argc > 1) return argv[1];
  snprintf(path, size, "%s/ionosphere.csv", folder != NULL ? folder : "targets/data");
  return path;
}

int main(int argc, char **argv) {
  char room[4096];
  const char *const path = table_path(argc, argv, room, sizeof room);
  const size_t all = sizeof models / sizeof *models, wanted = argc > 2 ? strtoul(argv[2], NULL, 10) : all;
  double log_z, se, first = 0;
  dilate_error err;
  dilate_error_init(&err);
  if (!read_table(path)) {
    fprintf(stderr, "regression: %s: %d rows of %d features and a class were wanted\n", path, ROWS, FEATURES);
    return 1;
  }
  for (size_t j = 1; j <= FEATURES; j++) standardise(j);
  printf("model                    log evidence   less the first's\n");
  for (size_t i = 0; i < all && i < wanted; i++) {
    if (run(&models[i], &log_z, &se, &err) != DILATE_OK) {
      fprintf(stderr, "regression: %s\n", err.message);
      return 1;
    }
    if (i == 0) first = log_z;
    printf("%-22s %8.2f +- %.2f %10.2f\n", models[i].title, log_z, se, log_z - first);
  }
  return 0;
}
