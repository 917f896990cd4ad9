/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two normals whose names nothing fixes: the posterior has two modes, each other's mirror image, of weight 1/2 each.
 *
 *   y_n ~ theta N(mu_1, sigma_1) + (1 - theta) N(mu_2, sigma_2), mu_k ~ N(0, 2), sigma_k ~ half-normal(2), theta ~ Beta(5, 5).
 *
 * A chain stays in the mode that it began in, and reports half of the posterior as if it were all.  Here both are there: that mu_1 > mu_2
 * has probability 1/2, and what does not depend on the names, such as the mean of a new datum, may be read off at once. Usage: labels FILE,
 * data in JSON with an array "y", such as low_dim_gauss_mix.json of posteriordb. */
#include <dilate.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST    10000
#define LOG_2PI 1.83787706640934548356

enum { MU = 0, SIGMA = 2, THETA = 4, VALUES = 5 };

typedef struct data {
  size_t n;
  double y[MOST];
} data;

/* The numbers between the brackets after "y". */
static int read_data(const char *path, data *d) {
  static char text[1 << 18];
  FILE *const file = fopen(path, "r");
  if (file == NULL) return 0;
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  fclose(file);
  const char *at = strstr(text, "\"y\"");
  char *end;
  if (at != NULL) at = strchr(at, '[');
  for (d->n = 0; at != NULL && d->n < MOST; at = end) {
    d->y[d->n] = strtod(at + 1, &end); /* behind the bracket or a comma */
    if (end == at + 1) break;
    d->n++;
  }
  return d->n > 0;
}

/* The datum's log-density, and its derivatives with respect to p added to slope.  [in] constant: log weight less log sigma of each. */
static double log_mixture(double datum, const double *p, const double *constant, double *slope) {
  const double z1 = (datum - p[MU]) / p[SIGMA], z2 = (datum - p[MU + 1]) / p[SIGMA + 1];
  const double first = constant[0] - 0.5 * z1 * z1, second = constant[1] - 0.5 * z2 * z2;
  const double decay = exp(-fabs(first - second)), share = (first > second ? 1 : decay) / (1 + decay);
  slope[MU] += share * z1 / p[SIGMA];
  slope[MU + 1] += (1 - share) * z2 / p[SIGMA + 1];
  slope[SIGMA] += share * (z1 * z1 - 1) / p[SIGMA];
  slope[SIGMA + 1] += (1 - share) * (z2 * z2 - 1) / p[SIGMA + 1];
  slope[THETA] += share / p[THETA] - (1 - share) / (1 - p[THETA]);
  return fmax(first, second) + log1p(decay) - 0.5 * LOG_2PI;
}

/* Of natural values p = (mu, sigma, theta). */
static int evaluate(size_t values, const double *p, double *logp, double *grad, void *params) {
  const data *const d = params;
  const double theta = p[THETA], constant[2] = {log(theta / p[SIGMA]), log((1 - theta) / p[SIGMA + 1])};
  double slope[VALUES] = {0};
  *logp = 2 * log(2) + lgamma(10) - 2 * lgamma(5) + 4 * log(theta * (1 - theta)); /* two half-normals; Beta(5, 5) */
  slope[THETA] = 4 / theta - 4 / (1 - theta);
  for (size_t k = 0; k < 4; k++) {
    *logp -= 0.5 * (p[k] * p[k] / 4 + LOG_2PI) + log(2);
    slope[k] = -p[k] / 4;
  }
  for (size_t n = 0; n < d->n; n++) *logp += log_mixture(d->y[n], p, constant, slope);
  for (size_t i = 0; i < values; i++) {
    if (!isfinite(slope[i])) return 1; /* a scale so small that numbers end: outside the support */
    if (grad) grad[i] = slope[i];
  }
  return isfinite(*logp) ? 0 : 1;
}

static void print_result(const dilate_result *result) {
  const size_t rows = dilate_result_islands(result) * dilate_result_draws(result), n = dilate_result_n_out(result);
  const double *const p = dilate_result_values(result);
  double log_z, se, df, mean = 0;
  size_t above = 0;
  dilate_result_log_z(result, &log_z, &se, &df);
  printf("log evidence %.3f +- %.3f; of one labelling alone %.3f\n", log_z, se, log_z - log(2));
  for (size_t i = 0; i < dilate_result_mode_count(result); i++) {
    dilate_mode mode = {.struct_size = sizeof mode};
    dilate_result_mode_info(result, i, &mode);
    printf("mode of weight %.3f +- %.3f: mu %.3f and %.3f, theta %.3f\n", mode.weight, mode.weight_se, mode.mean[MU], mode.mean[MU + 1],
           mode.mean[THETA]);
  }
  for (size_t i = 0; i < rows; i++) {
    const double *const at = p + i * n;
    above += at[MU] > at[MU + 1];
    mean += (at[THETA] * at[MU] + (1 - at[THETA]) * at[MU + 1]) / (double)rows;
  }
  printf("mu[1] > mu[2] with probability %.3f; mean of a new datum %.3f\n", (double)above / (double)rows, mean);
}

static int run(data *d, dilate_error *err) {
  const dilate_declaration declarations[] = {
      {.struct_size = sizeof *declarations, .name = "mu", .rank = 1, .shape = {2}},
      {.struct_size = sizeof *declarations, .name = "sigma", .constraint = DILATE_POSITIVE, .rank = 1, .shape = {2}},
      {.struct_size = sizeof *declarations, .name = "theta", .constraint = DILATE_INTERVAL, .upper = 1}};
  dilate_target natural;
  dilate_model *model = NULL;
  dilate_result *result = NULL;
  dilate_target_init(&natural);
  natural.logp = evaluate;
  natural.params = d;
  int status = dilate_model_create(&natural, declarations, 3, &model, err);
  if (status == DILATE_OK) status = dilate_sample(dilate_model_target(model), NULL, &result, err);
  if (status == DILATE_OK) print_result(result);
  dilate_result_free(result);
  dilate_model_free(model);
  return status;
}

int main(int argc, char **argv) {
  static data d;
  dilate_error err;
  dilate_error_init(&err);
  if (argc != 2 || !read_data(argv[1], &d)) {
    fprintf(stderr, "usage: labels FILE, in which JSON has an array \"y\" of numbers\n");
    return 2;
  }
  if (run(&d, &err) == DILATE_OK) return 0;
  fprintf(stderr, "labels: %s\n", err.message);
  return 1;
}
