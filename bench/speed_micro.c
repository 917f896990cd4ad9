/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random numbers, elementary functions, kernels and resampling, all in one race. */
#include "base/logsumexp.h"
#include "base/random.h"
#include "base/vmath.h"
#include "bench/speed_kernels.h"
#include "bench/speed_parts.h"
#include "bench/support.h"
#include "stage/resample.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <stdio.h>
#include <stdlib.h>

enum { TILE = 64, WIDEST = 100, NUMBERS = 4096, TERMS = 40 };

typedef struct bench {
  gsl_rng *rng;
  uint32_t particle[TILE], step;
  size_t dim; /* of the normals */
  double *x, *y;
  size_t *parent;
} bench;

static void normals(void *state) {
  bench *const b = state;
  stream_normals(stream_make(1, STREAM_USER, 0, 0), b->step++, b->dim, TILE, TILE, b->particle, b->y);
}

static void ziggurat(void *state) {
  bench *const b = state;
  for (size_t i = 0; i < NUMBERS; i++) b->y[i] = gsl_ran_gaussian_ziggurat(b->rng, 1);
}

static void exponentials(void *state) {
  bench *const b = state;
  vmath_exp(NUMBERS, b->x, b->y);
}

static void logarithms(void *state) {
  bench *const b = state;
  vmath_log(NUMBERS, b->x, b->y);
}

/* In place: the shares of one call are the terms of the next. */
static void log_sums(void *state) {
  bench *const b = state;
  double sum[TILE];
  log_sum_exp_columns(TERMS, TILE, TILE, b->x, sum);
}

static void resampling(void *state) {
  bench *const b = state;
  resample_systematic(NUMBERS, b->x, NULL, 0.5, NUMBERS, b->parent);
}

static bench *bench_create(size_t dim) {
  bench *const b = ALLOCATE(bench, 1);
  const size_t room = NUMBERS > TILE * WIDEST ? NUMBERS : TILE * WIDEST;
  b->rng = gsl_rng_alloc(gsl_rng_mt19937);
  b->x = ALLOCATE(double, room);
  b->y = ALLOCATE(double, room);
  b->parent = ALLOCATE(size_t, NUMBERS);
  b->dim = dim;
  for (size_t i = 0; i < TILE; i++) b->particle[i] = (uint32_t)i;
  for (size_t i = 0; i < room; i++) b->x[i] = 0.01 + gsl_rng_uniform(b->rng);
  return b;
}

static void bench_free(bench *b) {
  gsl_rng_free(b->rng);
  free(b->x);
  free(b->y);
  free(b->parent);
  free(b);
}

static void contend(rival *r, const char *name, bench *b, double amount, void (*work)(void *)) {
  *r = (rival){.work = work, .state = b, .amount = amount};
  snprintf(r->name, sizeof r->name, "micro.%s", name);
}

void speed_micro(const speed_plan *plan, figures *out) {
  bench *const narrow = bench_create(10), *const wide = bench_create(WIDEST);
  rival rivals[7 + 2 * KERNEL_RIVALS];
  contend(&rivals[0], "ziggurat", narrow, NUMBERS, ziggurat);
  contend(&rivals[1], "normals.10", narrow, TILE * 10, normals);
  contend(&rivals[2], "normals.100", wide, TILE * WIDEST, normals);
  contend(&rivals[3], "exp", narrow, NUMBERS, exponentials);
  contend(&rivals[4], "log", narrow, NUMBERS, logarithms);
  contend(&rivals[5], "log-sum-exp", wide, TILE * TERMS, log_sums);
  contend(&rivals[6], "resampling", narrow, NUMBERS, resampling);
  kernel_bench *const ten = kernel_bench_create(10, rivals + 7), *const hundred = kernel_bench_create(WIDEST, rivals + 7 + KERNEL_RIVALS);
  fputs("micro: random numbers, functions, kernels\n", stderr);
  race(&plan->pace, sizeof rivals / sizeof *rivals, rivals, out);
  kernel_bench_free(ten);
  kernel_bench_free(hundred);
  bench_free(narrow);
  bench_free(wide);
}
