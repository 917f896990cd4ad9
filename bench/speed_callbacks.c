/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vectorised gmm40 against the same density by a point callback, both as the library calls them, at exact draws. */
#include "bench/speed_parts.h"
#include "bench/speed_point.h"
#include "bench/support.h"
#include "target/target.h"
#include "targets/table.h"
#include "targets/targets.h"

#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { POINTS = 1024 };

typedef struct caller {
  target *target;
  const double *x;
  double *logp, *grad; /* grad: NULL where it is not asked for */
} caller;

static void evaluate(void *state) {
  const caller *const c = state;
  target_evaluate(c->target, 0, POINTS, POINTS, c->x, c->logp, c->grad);
}

/* The point callback's means, from the same file. */
static void read_means(point_mixture *m) {
  builtin_table table;
  dilate_error err;
  dilate_error_init(&err);
  if (builtin_table_read_own("gmm40_means_fab.csv", &table, &err) < 0) give_up("%s", err.message);
  m->sd = log1p(exp(1));
  for (size_t k = 0; k < POINT_COMPONENTS; k++)
    for (size_t j = 0; j < 2; j++) m->mean[k][j] = table.value[2 * k + j];
  builtin_table_free(&table);
}

static void draw_points(const builtin *b, double *x) {
  gsl_rng *const rng = gsl_rng_alloc(gsl_rng_mt19937);
  for (size_t i = 0; i < POINTS; i++) {
    double at[2];
    b->draw(b, rng, at);
    x[i] = at[0];
    x[POINTS + i] = at[1];
  }
  gsl_rng_free(rng);
}

/* Both ways to the same number, or what is compared is not the same density. */
static void check_same(const caller *batch, const caller *point) {
  for (size_t i = 0; i < POINTS; i++) {
    int same = fabs(batch->logp[i] - point->logp[i]) <= 1e-9 * (1 + fabs(point->logp[i]));
    for (size_t j = 0; j < 2; j++) same &= fabs(batch->grad[j * POINTS + i] - point->grad[j * POINTS + i]) <= 1e-9;
    if (!same) give_up("gmm40: the batch's log-density %.15g is not the point's %.15g", batch->logp[i], point->logp[i]);
  }
}

static caller caller_create(const dilate_target *user, const double *x) {
  caller c = {.x = x, .logp = ALLOCATE(double, POINTS), .grad = ALLOCATE(double, 2 * POINTS)};
  if (target_create(user, 1, &c.target, NULL) < 0) give_up("out of memory");
  evaluate(&c);
  return c;
}

static void caller_free(caller *c) {
  target_free(c->target);
  free(c->logp);
  free(c->grad);
}

void speed_callbacks(const speed_plan *plan, figures *out) {
  point_mixture means;
  builtin b;
  dilate_error err;
  dilate_error_init(&err);
  fputs("micro: gmm40 by batch and by point\n", stderr);
  if (builtin_create("gmm40", NULL, &b, &err) < 0) give_up("%s", err.message);
  dilate_target user = b.target;
  user.batch = NULL;
  user.logp = point_density;
  user.params = &means;
  read_means(&means);
  double *const x = ALLOCATE(double, 2 * POINTS);
  draw_points(&b, x);
  caller batch = caller_create(&b.target, x), point = caller_create(&user, x);
  check_same(&batch, &point);
  caller batch_alone = batch, point_alone = point;
  batch_alone.grad = point_alone.grad = NULL;
  rival rivals[] = {{"micro.gmm40.batch.gradient", evaluate, &batch, POINTS},
                    {"micro.gmm40.point.gradient", evaluate, &point, POINTS},
                    {"micro.gmm40.batch.density", evaluate, &batch_alone, POINTS},
                    {"micro.gmm40.point.density", evaluate, &point_alone, POINTS}};
  race(&plan->pace, 4, rivals, out);
  caller_free(&batch);
  caller_free(&point);
  free(x);
  builtin_destroy(&b);
}
