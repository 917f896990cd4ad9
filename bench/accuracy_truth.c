/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws against stored moments or quantiles.
 *
 * Quantiles are compared as probabilities: the share of the draws below a reference quantile of level p has standard error
 * sqrt(p (1 - p) / ess), the reference itself sqrt(p (1 - p) / draws), and no density has to be estimated.  The effective sample size is
 * the one that the run reports, of the tails for levels beyond 0.1 and 0.9. */
#include "bench/accuracy_truth.h"

#include "bench/support.h"
#include <math.h>
#include <string.h>

static size_t rows_of(const dilate_result *result) {
  return dilate_result_islands(result) * dilate_result_draws(result);
}

void truth_moments(const char *folder, const char *name, size_t rows, size_t dim, const double *x, double *means, double *sds) {
  char path[4096], line[4096], *field[CSV_FIELDS];
  double from_mean = 0, from_sd = 0, count = 0;
  FILE *const file = csv_open(folder, name, path, sizeof path);
  if (csv_fields(file, line, sizeof line, field) != 4) give_up("%s: four columns are needed", path);
  while (csv_fields(file, line, sizeof line, field) == 4) {
    const size_t j = (size_t)csv_number(path, field[0]);
    const double truth = csv_number(path, field[2]), scale = csv_number(path, field[3]);
    if (j >= dim) give_up("%s: coordinate %zu where the target has %zu", path, j, dim);
    double mean = 0, square = 0;
    for (size_t i = 0; i < rows; i++) mean += x[i * dim + j] / (double)rows;
    for (size_t i = 0; i < rows; i++) square += (x[i * dim + j] - mean) * (x[i * dim + j] - mean);
    from_mean += pow((mean - truth) / scale, 2);
    from_sd += pow(sqrt(square / (double)(rows - 1)) / scale - 1, 2);
    count++;
  }
  fclose(file);
  *means = sqrt(from_mean / count);
  *sds = sqrt(from_sd / count);
}

static dilate_parameter parameter_named(const char *path, const char *name, const dilate_result *result, size_t *column) {
  dilate_parameter p = {.struct_size = sizeof p};
  for (*column = 0; *column < dilate_result_n_out(result); ++*column)
    if (strcmp(dilate_result_name(result, *column), name) == 0) {
      dilate_result_parameter(result, *column, &p);
      return p;
    }
  give_up("%s: the target has no parameter %s", path, name);
}

static double share_below(size_t rows, size_t columns, const double *x, size_t column, double value) {
  size_t below = 0;
  for (size_t i = 0; i < rows; i++) below += x[i * columns + column] <= value;
  return (double)below / (double)rows;
}

static double effective_draws(const dilate_parameter *p, double level) {
  const double ess = level < 0.1 || level > 0.9 ? p->ess_tail : p->ess_bulk;
  return ess >= 1 ? ess : 1;
}

/* A file of stored quantiles, and its line: a parameter, number of draws, and from the third field on a quantile a level. */
typedef struct quantiles {
  char path[4096], line[4096], *field[CSV_FIELDS];
  FILE *file;
  size_t columns;
  double level[CSV_FIELDS];
} quantiles;

static void quantiles_open(const char *folder, const char *name, quantiles *q) {
  q->file = csv_open(folder, name, q->path, sizeof q->path);
  q->columns = csv_fields(q->file, q->line, sizeof q->line, q->field);
  for (size_t l = 2; l < q->columns; l++) q->level[l] = csv_number(q->path, q->field[l]);
}

/* 0 at the end, where the file is closed. */
static int quantiles_next(quantiles *q) {
  if (csv_fields(q->file, q->line, sizeof q->line, q->field) == q->columns) return 1;
  fclose(q->file);
  return 0;
}

double truth_quantiles(const char *folder, const char *name, const dilate_result *result, profile *out) {
  quantiles q;
  double largest = 0;
  quantiles_open(folder, name, &q);
  out->n = 0;
  while (quantiles_next(&q)) {
    size_t column;
    const dilate_parameter p = parameter_named(q.path, q.field[0], result, &column);
    const double draws = csv_number(q.path, q.field[1]);
    for (size_t l = 2; l < q.columns && out->n < PROFILE_MAX; l++, out->n++) {
      const double share =
          share_below(rows_of(result), dilate_result_n_out(result), dilate_result_values(result), column, csv_number(q.path, q.field[l]));
      const double spread = q.level[l] * (1 - q.level[l]);
      const double ess = effective_draws(&p, q.level[l]);
      out->level[out->n] = q.level[l];
      out->share[out->n] = share;
      out->se[out->n] = sqrt(spread / ess);
      largest = fmax(largest, fabs(share - q.level[l]) / sqrt(spread * (1 / ess + 1 / draws)));
    }
  }
  return largest;
}

static size_t column_named(const char *path, const char *name, const dilate_target *target) {
  for (size_t j = 0; target->names != NULL && j < target->n_out; j++)
    if (strcmp(target->names[j], name) == 0) return j;
  give_up("%s: the target has no parameter %s", path, name);
}

double truth_shares(const char *folder, const char *name, const dilate_target *target, size_t rows, const double *values) {
  quantiles q;
  double sum = 0, count = 0;
  quantiles_open(folder, name, &q);
  while (quantiles_next(&q)) {
    const size_t column = column_named(q.path, q.field[0], target);
    for (size_t l = 2; l < q.columns; l++, count++) {
      const double share = share_below(rows, target->n_out, values, column, csv_number(q.path, q.field[l]));
      sum += pow(share - q.level[l], 2) / (q.level[l] * (1 - q.level[l]));
    }
  }
  return sqrt(sum / count);
}
