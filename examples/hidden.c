/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hidden Markov model: were some years better for great inventions and discoveries than others?
 *
 *   state_t given state_{t-1} ~ row of the transition matrix, state_1 uniform, y_t ~ Poisson(rate of state_t),
 *   rates ~ Gamma(2, rate 1/2), rows ~ Dirichlet(1, .., 1).
 *
 * The states are summed out by the forward algorithm, backwards for the gradient (Baum et al. 1970).  Nothing tells one state from another
 * but the data: K states have K! labellings, modes of equal weight, none of which a chain leaves once it is there.
 * Usage: hidden [K], the largest number of states. */
#include <dilate.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define YEARS 100
#define MOST  3

/* Discoveries of the years 1860 to 1959: The World Almanac and Book of Facts, 1975 edition (McNeil 1977; the data set of R). */
static const int y[YEARS] = {5, 3, 0, 2, 0, 3, 2, 3, 6, 1, 2, 1, 2, 1, 3, 3, 3, 5, 2, 4, 4, 0, 2, 3, 7, 12, 3, 10, 9, 2, 3, 7, 7, 2,
                             3, 3, 6, 2, 4, 3, 5, 2, 2, 4, 0, 4, 2, 5, 2, 3, 3, 6, 5, 8, 3, 6, 6, 0, 5, 2,  2, 2,  6, 3, 4, 4, 2, 2,
                             4, 7, 5, 3, 3, 0, 2, 2, 2, 1, 3, 4, 2, 2, 1, 1, 1, 2, 1, 4, 4, 3, 2, 1, 4, 1,  1, 1,  0, 0, 2, 0};

static double log_factorial[13]; /* up to the largest count */

typedef struct forward {
  double emission[YEARS][MOST], state[YEARS][MOST]; /* state: its probability given y up to the year */
  double scale[YEARS];                              /* probability of the year's count given those before */
} forward;

/* Natural values: the k rates, then transition[i,j] at i + k j. */
static double move(size_t k, const double *transition, size_t i, size_t j) {
  return k > 1 ? transition[i + k * j] : 1;
}

static double filter(size_t k, const double *rate, const double *transition, forward *f) {
  double log_likelihood = 0;
  double log_rate[MOST];
  for (size_t j = 0; j < k; j++) log_rate[j] = log(rate[j]);
  for (size_t t = 0; t < YEARS; t++) {
    f->scale[t] = 0;
    for (size_t j = 0; j < k; j++) {
      double before = t == 0 ? 1 / (double)k : 0;
      for (size_t i = 0; t > 0 && i < k; i++) before += f->state[t - 1][i] * move(k, transition, i, j);
      f->emission[t][j] = exp(y[t] * log_rate[j] - rate[j] - log_factorial[y[t]]);
      f->state[t][j] = f->emission[t][j] * before;
      f->scale[t] += f->state[t][j];
    }
    for (size_t j = 0; j < k; j++) f->state[t][j] /= f->scale[t];
    log_likelihood += log(f->scale[t]);
  }
  return log_likelihood;
}

/* Adds the derivatives of the log-likelihood with respect to rates and transitions. */
static void smooth(size_t k, const double *rate, const double *transition, const forward *f, double *grad) {
  double after[MOST] = {1, 1, 1};
  for (size_t t = YEARS; t-- > 0;) {
    double earlier[MOST] = {0};
    for (size_t j = 0; j < k; j++) {
      const double ahead = f->emission[t][j] * after[j] / f->scale[t];
      grad[j] += f->state[t][j] * after[j] * (y[t] / rate[j] - 1);
      for (size_t i = 0; t > 0 && i < k; i++) {
        earlier[i] += move(k, transition, i, j) * ahead;
        if (k > 1) grad[k + i + k * j] += f->state[t - 1][i] * ahead;
      }
    }
    for (size_t i = 0; i < k; i++) after[i] = earlier[i];
  }
}

/* The density of the natural values p. */
static int evaluate(size_t values, const double *p, double *logp, double *grad, void *params) {
  const size_t k = *(const size_t *)params;
  double slope[MOST + MOST * MOST] = {0};
  forward f;
  *logp = filter(k, p, p + k, &f) + (double)k * lgamma((double)k);
  for (size_t j = 0; j < k; j++) {
    *logp += log(p[j]) - 0.5 * p[j] - 2 * log(2);
    slope[j] = 1 / p[j] - 0.5;
  }
  smooth(k, p, p + k, &f, slope);
  for (size_t i = 0; grad && i < values; i++) grad[i] = slope[i];
  return isfinite(*logp) ? 0 : 1; /* no state gives a year's count a probability that is a number */
}

static void print_modes(size_t k, const dilate_result *result) {
  for (size_t i = 0; i < dilate_result_mode_count(result); i++) {
    dilate_mode mode = {.struct_size = sizeof mode};
    dilate_result_mode_info(result, i, &mode);
    if (mode.weight < 0.01) continue;
    printf("  mode of weight %.3f +- %.3f: rates", mode.weight, mode.weight_se);
    for (size_t j = 0; j < k; j++) printf(" %5.2f", mode.mean[j]);
    printf("%s", k > 1 ? ", state kept with probability" : "");
    for (size_t j = 0; k > 1 && j < k; j++) printf(" %.2f", mode.mean[k + j + k * j]);
    printf("\n");
  }
}

/* Samples k states, prints, and gives the log evidence. */
static int run(size_t k, double *log_z, dilate_error *err) {
  const dilate_declaration declarations[] = {
      {.struct_size = sizeof *declarations, .name = "rate", .constraint = DILATE_POSITIVE, .rank = 1, .shape = {k}},
      {.struct_size = sizeof *declarations, .name = "transition", .constraint = DILATE_SIMPLEX, .rank = 2, .shape = {k, k}}};
  dilate_target natural;
  dilate_model *model = NULL;
  dilate_result *result = NULL;
  double se, df;
  dilate_target_init(&natural);
  natural.logp = evaluate;
  natural.params = &k;
  int status = dilate_model_create(&natural, declarations, k > 1 ? 2 : 1, &model, err); /* the one row of k = 1 is no parameter */
  if (status == DILATE_OK) status = dilate_sample(dilate_model_target(model), NULL, &result, err);
  if (status == DILATE_OK) status = dilate_result_log_z(result, log_z, &se, &df);
  if (status == DILATE_OK) {
    printf("%zu states: log evidence %.2f +- %.2f\n", k, *log_z, se);
    print_modes(k, result);
  }
  dilate_result_free(result);
  dilate_model_free(model);
  return status;
}

int main(int argc, char **argv) {
  double log_z[MOST + 1], sum = 0;
  dilate_error err;
  const int most = argc > 1 ? atoi(argv[1]) : MOST;
  if (most < 1 || most > MOST) {
    fprintf(stderr, "usage: hidden [K], K from 1 to %d\n", MOST);
    return 2;
  }
  dilate_error_init(&err);
  for (int count = 0; count < 13; count++) log_factorial[count] = lgamma(count + 1);
  for (size_t k = 1; k <= (size_t)most; k++)
    if (run(k, &log_z[k], &err) != DILATE_OK) {
      fprintf(stderr, "hidden: %s\n", err.message);
      return 1;
    }
  for (size_t k = 1; k <= (size_t)most; k++) sum += exp(log_z[k] - log_z[1]);
  for (size_t k = 1; k <= (size_t)most; k++) printf("posterior probability of %zu states: %.3f\n", k, exp(log_z[k] - log_z[1]) / sum);
  return 0;
}
