/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dilation path, as in a lecture: Chehab & Korba (2024), "A practical diffusion path for sampling", arXiv 2406.14040.
 *
 * The target pi = pi~/Z can be evaluated, but not drawn from.  Shrink it towards a centre c: mu_lambda is the law of
 * c + sqrt(lambda) (X - c), X ~ pi.  At lambda = 0 that is the point c, from which anyone can draw; at lambda = 1 it is pi.  Langevin steps
 * follow mu_lambda as lambda grows.  The method needs nothing but gradients of log pi~, and from a centre amid the modes it finds them.
 * What it cannot find is how much each of them weighs, and the table at the end shows it. */
#include <dilate.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DIM       2
#define MODES     4
#define PARTICLES 4000
#define STEPS     1000

/* pi = sum_k w_k N(m_k, I), the shares unequal, and the largest mode not the nearest to the centre. */
static const double weight[MODES] = {0.55, 0.25, 0.15, 0.05};
static const double mean[MODES][DIM] = {{6, 0}, {-4, 4}, {-5, -3}, {0, 7}};

/* log pi~(x) = log sum_k w_k exp(-|x - m_k|^2 / 2), so that Z = 2 pi;  grad log pi~(x) = sum_k r_k(x) (m_k - x), where the
 * responsibility r_k is the share of term k in the sum. */
static int mixture(size_t dim, const double *x, double *logp, double *grad, void *params) {
  double term[MODES], top = -INFINITY, sum = 0;
  (void)dim, (void)params;
  for (size_t k = 0; k < MODES; k++) {
    term[k] = log(weight[k]);
    for (size_t j = 0; j < DIM; j++) term[k] -= 0.5 * pow(x[j] - mean[k][j], 2);
    top = fmax(top, term[k]);
  }
  for (size_t k = 0; k < MODES; k++) sum += exp(term[k] - top);
  *logp = top + log(sum);
  for (size_t j = 0; grad && j < DIM; j++) {
    grad[j] = 0;
    for (size_t k = 0; k < MODES; k++) grad[j] += exp(term[k] - *logp) * (mean[k][j] - x[j]);
  }
  return 0;
}

/* The paper's method.  Coordinate j of particle i is x[j*PARTICLES + i]. */
static int dilation_sampler(const dilate_target *target, double *x, dilate_error *err) {
  static double logp[PARTICLES], score[DIM * PARTICLES];
  const double delta = 0.1, bound = 5;

  /* t = 0: mu_0 is the point mass at c, here the origin, and every particle starts there. */
  for (size_t i = 0; i < DIM * PARTICLES; i++) x[i] = 0;

  for (uint32_t k = 1; k <= STEPS; k++) {
    /* The schedule: lambda(t) = t^2 at t = k/K.  Distances from c go as sqrt(lambda), so this one moves the modes outwards at a constant
     * speed. */
    const double lambda = dilate_schedule_lambda(DILATE_SCHEDULE_QUADRATIC, (double)k / STEPS);

    /* The score of the path, in closed form: with y = c + (x - c) / sqrt(lambda),
     *   log mu_lambda(x) = log pi(y) - (d/2) log lambda,   s(x) = grad log mu_lambda(x) = lambda^(-1/2) (grad log pi)(y). */
    const int status = dilate_dilation_evaluate(target, NULL, lambda, PARTICLES, PARTICLES, x, logp, score, err);
    if (status != DILATE_OK) return status;

    /* The Langevin step: x <- x + h b(x) + sqrt(2h) xi, xi ~ N(0, I), with a step h = lambda delta in proportion to lambda, since mu_lambda
     * is sqrt(lambda) times as wide as pi, and a bounded drift b = s / max(1, h |s| / bound). */
    dilate_langevin_step(DIM, PARTICLES, PARTICLES, x, score, lambda * delta, bound, 1, k);
  }
  return DILATE_OK;
}

/* The mode whose mean is nearest. */
static size_t nearest_mode(const double *x, size_t stride) {
  size_t best = 0;
  double least = INFINITY;
  for (size_t k = 0; k < MODES; k++) {
    const double distance = hypot(x[0] - mean[k][0], x[stride] - mean[k][1]);
    if (distance < least) {
      least = distance;
      best = k;
    }
  }
  return best;
}

/* Shares of the modes in n points: the answer of the paper's method, to be held against the truth. */
static void count_shares(size_t n, const double *x, double *share) {
  for (size_t k = 0; k < MODES; k++) share[k] = 0;
  for (size_t i = 0; i < n; i++) share[nearest_mode(x + i, n)] += 1.0 / (double)n;
}

/* The default sampler's weight and standard error of the mode at m_k. */
static void find_weight(const dilate_result *result, size_t k, double *share, double *se) {
  *share = *se = 0;
  for (size_t i = 0; i < dilate_result_mode_count(result); i++) {
    dilate_mode mode = {.struct_size = sizeof mode};
    dilate_result_mode_info(result, i, &mode);
    if (nearest_mode(mode.mean, 1) != k) continue;
    *share += mode.weight;
    *se = hypot(*se, mode.weight_se);
  }
}

static void print_table(const double *path_share, const dilate_result *result) {
  double log_z, se, df, distance[2] = {0, 0};
  printf("mode         share of pi   dilation path   default sampler\n");
  for (size_t k = 0; k < MODES; k++) {
    double share, share_se;
    find_weight(result, k, &share, &share_se);
    distance[0] += 0.5 * fabs(path_share[k] - weight[k]);
    distance[1] += 0.5 * fabs(share - weight[k]);
    printf("(%3g, %3g)   %11.3f   %13.3f   %6.3f +- %.3f\n", mean[k][0], mean[k][1], weight[k], path_share[k], share, share_se);
  }
  printf("in the wrong mode          %13.3f   %6.3f\n", distance[0], distance[1]);
  if (dilate_result_log_z(result, &log_z, &se, &df) == DILATE_OK)
    printf("log Z        %11.3f      not defined   %6.3f +- %.3f\n", log(2 * acos(-1)), log_z, se);
}

int main(void) {
  static double x[DIM * PARTICLES];
  double path_share[MODES];
  dilate_error err;
  dilate_target target;
  dilate_result *result = NULL;
  dilate_error_init(&err);
  dilate_target_init(&target);
  target.dim = DIM;
  target.logp = mixture;

  int status = dilation_sampler(&target, x, &err);
  if (status == DILATE_OK) status = dilate_sample(&target, NULL, &result, &err);
  if (status == DILATE_OK) {
    /* Z_lambda = lambda^(d/2) Z before the log-determinant: the path itself knows nothing of Z.  A particle that has fallen into a basin
     * stays there, so the shares are those of the basins as seen from c, not pi's. */
    count_shares(PARTICLES, x, path_share);
    print_table(path_share, result);
  } else {
    fprintf(stderr, "paper: %s\n", err.message);
  }
  dilate_result_free(result);
  return status == DILATE_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
