/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Warps: forwards and backwards are inverse; log |dx/dz| and gradients against finite differences, inside the range in which a layer was
 * fitted and far beyond it; copies.  Layers that forget a term are caught by the same checks. */
#include "warp_cases.h"

#include <gsl/gsl_linalg.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "check_target.h"

enum { POINTS = 24, LD = 24, DIM_MAX = 5, KINDS = 5, REPEATS = 6 };

static gsl_rng *rng;

static void set_up(void) {
  rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, 20261122);
}

static void tear_down(void) {
  gsl_rng_free(rng);
}

typedef void (*forward_fn)(const warp *w, size_t n, size_t ld, double *x, double *log_det);
typedef void (*backward_fn)(const warp *w, size_t n, size_t ld, double *x, double *grad, double *log_det);

/* Points in the middle, about the ends of what a layer was fitted to, and far beyond. */
static void fill_points(size_t dim, double *z) {
  static const double sizes[] = {0.5, 3, 30};
  for (size_t j = 0; j < dim; j++)
    for (size_t i = 0; i < POINTS; i++) z[j * LD + i] = gsl_ran_gaussian(rng, sizes[i % 3]);
}

/* ---- The checks: each gives the largest error that it met ---- */

/* x(z(x)) and z(x(z)) against where they came from; log |dx/dz| of both ways. */
static double inverse_error(const warp *w, forward_fn forward, backward_fn backward) {
  double z[DIM_MAX * LD], x[DIM_MAX * LD], again[DIM_MAX * LD], there[LD] = {0}, back[LD] = {0}, worst = 0;
  fill_points(w->dim, z);
  memcpy(x, z, sizeof x);
  forward(w, POINTS, LD, x, there);
  memcpy(again, x, sizeof again);
  backward(w, POINTS, LD, again, NULL, back);
  for (size_t i = 0; i < POINTS; i++) worst = fmax(worst, fabs(there[i] - back[i]) / (1 + fabs(there[i])));
  for (size_t j = 0; j < w->dim; j++)
    for (size_t i = 0; i < POINTS; i++) worst = fmax(worst, fabs(again[j * LD + i] - z[j * LD + i]) / (1 + fabs(z[j * LD + i])));
  forward(w, POINTS, LD, again, NULL);
  for (size_t j = 0; j < w->dim; j++)
    for (size_t i = 0; i < POINTS; i++) worst = fmax(worst, fabs(again[j * LD + i] - x[j * LD + i]) / (1 + fabs(x[j * LD + i])));
  return worst;
}

static double difference_step(double z) {
  return 1e-6 * fmax(1, fabs(z));
}

/* log of the determinant of dx/dz by central differences. */
static double numerical_log_det(const warp *w, forward_fn forward, const double *z) {
  const size_t dim = w->dim;
  double jacobian[DIM_MAX * DIM_MAX];
  for (size_t j = 0; j < dim; j++) {
    double above[DIM_MAX], below[DIM_MAX];
    memcpy(above, z, dim * sizeof *z);
    memcpy(below, z, dim * sizeof *z);
    above[j] += difference_step(z[j]);
    below[j] -= difference_step(z[j]);
    const double width = above[j] - below[j];
    forward(w, 1, 1, above, NULL);
    forward(w, 1, 1, below, NULL);
    for (size_t i = 0; i < dim; i++) jacobian[i * dim + j] = (above[i] - below[i]) / width;
  }
  size_t order[DIM_MAX];
  int sign;
  gsl_matrix_view m = gsl_matrix_view_array(jacobian, dim, dim);
  gsl_permutation p = {dim, order};
  gsl_linalg_LU_decomp(&m.matrix, &p, &sign);
  return gsl_linalg_LU_lndet(&m.matrix);
}

static double determinant_error(const warp *w, forward_fn forward) {
  double z[DIM_MAX * LD], worst = 0;
  fill_points(w->dim, z);
  for (size_t i = 0; i < POINTS; i++) {
    double point[DIM_MAX], log_det = 0.25; /* it is added to */
    for (size_t j = 0; j < w->dim; j++) point[j] = z[j * LD + i];
    const double truth = 0.25 + numerical_log_det(w, forward, point);
    forward(w, 1, 1, point, &log_det);
    worst = fmax(worst, fabs(log_det - truth));
  }
  return worst;
}

/* A function without any symmetry, of bounded derivatives. */
static double wave(size_t dim, const double *x, double *grad) {
  double sum = 0;
  for (size_t j = 0; j < dim; j++) {
    const double of_j = 1 + 0.3 * (double)j, phase = of_j * x[j] + 0.4 * x[(j + 1) % dim];
    sum += sin(phase);
    if (!grad) continue;
    grad[j] += of_j * cos(phase);
    grad[(j + 1) % dim] += 0.4 * cos(phase);
  }
  return sum;
}

static double wave_at(const warp *w, const double *z) {
  double x[DIM_MAX], log_det = 0;
  memcpy(x, z, w->dim * sizeof *x);
  warp_forward(w, 1, 1, x, &log_det);
  return wave(w->dim, x, NULL) + log_det;
}

/* The gradient of f(x(z)) + log |dx/dz|, relative to its size. */
static double gradient_error(const warp *w, backward_fn backward) {
  const size_t dim = w->dim;
  double z[DIM_MAX * LD], x[DIM_MAX * LD], grad[DIM_MAX * LD] = {0}, worst = 0;
  fill_points(dim, z);
  memcpy(x, z, sizeof x);
  warp_forward(w, POINTS, LD, x, NULL);
  for (size_t i = 0; i < POINTS; i++) {
    double point[DIM_MAX], slope[DIM_MAX] = {0};
    for (size_t j = 0; j < dim; j++) point[j] = x[j * LD + i];
    wave(dim, point, slope);
    for (size_t j = 0; j < dim; j++) grad[j * LD + i] = slope[j];
  }
  backward(w, POINTS, LD, x, grad, NULL);
  for (size_t i = 0; i < POINTS; i++) {
    double size = 1, error = 0;
    for (size_t j = 0; j < dim; j++) {
      double above[DIM_MAX], below[DIM_MAX];
      for (size_t k = 0; k < dim; k++) above[k] = below[k] = z[k * LD + i];
      above[j] += difference_step(z[j * LD + i]);
      below[j] -= difference_step(z[j * LD + i]);
      const double truth = (wave_at(w, above) - wave_at(w, below)) / (above[j] - below[j]);
      size = fmax(size, fabs(truth));
      error = fmax(error, fabs(truth - grad[j * LD + i]));
    }
    worst = fmax(worst, error / size);
  }
  return worst;
}

/* ---- What is right ---- */

#define INVERSE_TOLERANCE     1e-9 /* a spline's root loses digits where it is steep */
#define DETERMINANT_TOLERANCE 1e-4
#define GRADIENT_TOLERANCE    1e-4

static void assert_right(const warp *w, const char *what) {
  const double inverse = inverse_error(w, warp_forward, warp_backward), determinant = determinant_error(w, warp_forward),
               gradient = gradient_error(w, warp_backward);
  ck_assert_msg(inverse < INVERSE_TOLERANCE, "%s, %zu dimensions: inverse off by %g", what, w->dim, inverse);
  ck_assert_msg(determinant < DETERMINANT_TOLERANCE, "%s, %zu dimensions: determinant off by %g", what, w->dim, determinant);
  ck_assert_msg(gradient < GRADIENT_TOLERANCE, "%s, %zu dimensions: gradient off by %g", what, w->dim, gradient);
}

/* One layer of each kind, and seven mixed ones. */
static warp *random_warp(int kind, size_t dim) {
  warp *w = warp_create(dim);
  ck_assert_ptr_nonnull(w);
  if (kind == 0) random_conditional(w, rng);
  if (kind == 1) random_marginal(w, rng);
  if (kind == 3) random_linear(w, rng);
  if (kind == 4) random_surface(w, rng);
  for (int k = 0; kind == 2 && k < 7; k++)
    if (k % 3 == 1)
      random_marginal(w, rng);
    else if (k == 5)
      random_surface(w, rng);
    else if (k % 3 == 2)
      random_linear(w, rng);
    else
      random_conditional(w, rng);
  return w;
}

START_TEST(layers_are_right) {
  static const char *const kinds[KINDS] = {"conditional", "marginal", "seven layers", "linear", "surface"};
  for (size_t dim = 2; dim <= DIM_MAX; dim++)
    for (int k = 0; k < REPEATS; k++) {
      warp *w = random_warp(_i, dim);
      assert_right(w, kinds[_i]);
      warp_free(w);
    }
}
END_TEST

START_TEST(the_identity) {
  warp *w = warp_create(3);
  assert_right(w, "identity");
  ck_assert_ptr_null(warp_last_marginal(w));
  ck_assert_ptr_null(warp_last_marginal(NULL));
  warp_free(w);
  warp_free(NULL);
}
END_TEST

/* Beyond its range a conditional layer is what it is at the range's end: the other coordinates move with z alone. */
START_TEST(dependence_ends_with_its_range) {
  warp *w = warp_create(2);
  warp_conditional *c = random_conditional(w, rng);
  double end[2], far[2], log_det[2] = {0};
  const size_t other = 1 - c->hyper;
  end[other] = far[other] = 0.7;
  end[c->hyper] = c->centre + c->high;
  far[c->hyper] = c->centre + 50 * c->high;
  warp_forward(w, 1, 1, end, &log_det[0]);
  warp_forward(w, 1, 1, far, &log_det[1]);
  ck_assert(c->parents == 0 && c->depends[other]);
  ck_assert_double_eq_tol(end[other], far[other], 1e-14);
  ck_assert_double_eq_tol(log_det[0], log_det[1], 1e-14);
  warp_free(w);
}
END_TEST

/* So do surfaces, in the plane of their coordinates, whatever its slope. */
START_TEST(surfaces_end_with_their_range) {
  warp *w = warp_create(3);
  warp_surface *s = random_surface(w, rng);
  const size_t other = 3 - s->hyper[0] - s->hyper[1];
  double x[2][3], log_det[2] = {0};
  for (int far = 0; far < 2; far++) {
    const double t = far ? 50 * s->high[0] : s->high[0], u = far ? 70 * s->low[1] : s->low[1];
    x[far][other] = 0.7;
    x[far][s->hyper[0]] = s->centre[0] + s->unit[0] * t;
    x[far][s->hyper[1]] = s->centre[1] + s->unit[1] * (u + s->slope * t);
    warp_forward(w, 1, 1, x[far], &log_det[far]);
  }
  ck_assert_double_eq_tol(x[0][other], x[1][other], 1e-9);
  ck_assert_double_eq_tol(log_det[0], log_det[1], 1e-9);
  warp_free(w);
}
END_TEST

/* A spline's values at its knots, its slopes there, and straight lines beyond them. */
START_TEST(splines_go_through_their_knots) {
  warp *w = warp_create(2);
  const warp_marginal *m = random_marginal(w, rng);
  const size_t last = WARP_KNOTS - 1;
  for (size_t k = 0; k < WARP_KNOTS; k++) {
    double x[2] = {m->z[k], 0.3}, log_det = 0;
    warp_forward(w, 1, 1, x, &log_det);
    ck_assert_double_eq_tol(x[0], m->x[k], 1e-12);
    ck_assert_double_eq(x[1], 0.3); /* not used */
    ck_assert_double_eq_tol(log_det, log(m->slope[k]), 1e-9);
  }
  double below[2] = {m->z[0] - 100, 0}, above[2] = {m->z[last] + 100, 0};
  warp_forward(w, 1, 1, below, NULL);
  warp_forward(w, 1, 1, above, NULL);
  ck_assert_double_eq_tol(below[0], m->x[0] - 100 * m->slope[0], 1e-9);
  ck_assert_double_eq_tol(above[0], m->x[last] + 100 * m->slope[last], 1e-9);
  warp_free(w);
}
END_TEST

/* ---- What is wrong ---- */

/* The gradient by which terms do not know of their hyper-coordinates. */
static void backward_without_terms(const warp *w, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  warp *deaf = warp_copy(w, w->layers);
  warp_backward(w, n, ld, x, NULL, log_det);
  warp_forward(w, n, ld, x, NULL);
  for (size_t k = 0; k < deaf->layers; k++)
    for (size_t i = 0; i < deaf->layer[k].conditional.terms; i++) deaf->layer[k].conditional.term[i].rate = 0;
  warp_backward(deaf, n, ld, x, grad, NULL);
  warp_free(deaf);
}

/* Layers in which what the parents add to locations is forgotten. */
static warp *without_parents(const warp *w) {
  warp *orphan = warp_copy(w, w->layers);
  ck_assert_ptr_nonnull(orphan);
  for (size_t k = 0; k < w->layers; k++)
    if (w->layer[k].kind == WARP_CONDITIONAL) memset(orphan->layer[k].conditional.weight, 0, w->dim * w->dim * sizeof(double));
  return orphan;
}

/* The gradient that the same z has under layers without the parents' term. */
static void backward_without_parents(const warp *w, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  warp *orphan = without_parents(w);
  warp_backward(w, n, ld, x, NULL, log_det);
  warp_forward(orphan, n, ld, x, NULL);
  warp_backward(orphan, n, ld, x, grad, NULL);
  warp_free(orphan);
}

/* The gradient of f(x(z)) alone. */
static void backward_without_scales(const warp *w, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  double zero[DIM_MAX * LD] = {0}, copy[DIM_MAX * LD];
  memcpy(copy, x, w->dim * ld * sizeof *x);
  warp_backward(w, n, ld, copy, zero, NULL);
  warp_backward(w, n, ld, x, grad, log_det);
  for (size_t j = 0; grad && j < w->dim * ld; j++) grad[j] -= zero[j];
}

static void backward_forgetful(const warp *w, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  warp *orphan = without_parents(w);
  warp_backward(orphan, n, ld, x, grad, log_det);
  warp_free(orphan);
}

/* The gradient by which surfaces are flat. */
static void backward_without_slopes(const warp *w, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  double hypers[2 * LD];
  for (size_t e = 0; e < 2; e++) memcpy(hypers + e * LD, grad + w->layer[0].surface.hyper[e] * ld, n * sizeof *grad);
  warp_backward(w, n, ld, x, grad, log_det);
  for (size_t e = 0; e < 2; e++) memcpy(grad + w->layer[0].surface.hyper[e] * ld, hypers + e * LD, n * sizeof *grad);
}

/* The one that forgets what coordinates add to those before them. */
static void backward_without_weights(const warp *w, size_t n, size_t ld, double *x, double *grad, double *log_det) {
  warp *apart = warp_copy(w, w->layers);
  memset(apart->layer[0].surface.weight, 0, w->dim * w->dim * WARP_SURFACE * sizeof(double));
  warp_backward(apart, n, ld, x, grad, log_det);
  warp_free(apart);
}

static void forward_without_determinant(const warp *w, size_t n, size_t ld, double *x, double *log_det) {
  (void)log_det;
  warp_forward(w, n, ld, x, NULL);
}

START_TEST(flat_surfaces_are_caught) {
  warp *w = warp_create(4);
  random_surface(w, rng);
  ck_assert_double_gt(inverse_error(w, warp_forward, backward_without_weights), 100 * INVERSE_TOLERANCE);
  ck_assert_double_gt(determinant_error(w, forward_without_determinant), 100 * DETERMINANT_TOLERANCE);
  ck_assert_double_gt(gradient_error(w, backward_without_weights), 100 * GRADIENT_TOLERANCE);
  ck_assert_double_gt(gradient_error(w, backward_without_slopes), 100 * GRADIENT_TOLERANCE);
  ck_assert_double_gt(gradient_error(w, backward_without_scales), 100 * GRADIENT_TOLERANCE);
  warp_free(w);
}
END_TEST

START_TEST(forgetful_layers_are_caught) {
  warp *w = warp_create(4);
  const warp_conditional *c = random_conditional(w, rng);
  ck_assert_uint_gt(c->parents, 0);
  ck_assert_double_gt(inverse_error(w, warp_forward, backward_forgetful), 100 * INVERSE_TOLERANCE);
  ck_assert_double_gt(determinant_error(w, forward_without_determinant), 100 * DETERMINANT_TOLERANCE);
  ck_assert_double_gt(gradient_error(w, backward_without_parents), 100 * GRADIENT_TOLERANCE);
  ck_assert_double_gt(gradient_error(w, backward_without_scales), 100 * GRADIENT_TOLERANCE);
  ck_assert_double_gt(gradient_error(w, backward_without_terms), 100 * GRADIENT_TOLERANCE);
  warp_free(w);
  w = warp_create(4);
  random_linear(w, rng)->log_det += 0.1;
  ck_assert_double_gt(determinant_error(w, warp_forward), 100 * DETERMINANT_TOLERANCE);
  warp_free(w);
  w = warp_create(4);
  random_marginal(w, rng);
  ck_assert_double_gt(determinant_error(w, forward_without_determinant), 100 * DETERMINANT_TOLERANCE);
  ck_assert_double_gt(gradient_error(w, backward_without_scales), 100 * GRADIENT_TOLERANCE);
  warp_free(w);
}
END_TEST

/* ---- Copies, and how many layers there may be ---- */

static void assert_equal_maps(const warp *a, const warp *b) {
  double z[DIM_MAX * LD], x[2][DIM_MAX * LD], log_det[2][LD] = {{0}};
  fill_points(a->dim, z);
  for (int k = 0; k < 2; k++) {
    memcpy(x[k], z, sizeof z);
    warp_forward(k ? b : a, POINTS, LD, x[k], log_det[k]);
  }
  ck_assert_mem_eq(x[0], x[1], a->dim * LD * sizeof(double));
  ck_assert_mem_eq(log_det[0], log_det[1], sizeof log_det[0]);
}

START_TEST(copies_are_equal) {
  warp *w = random_warp(2, DIM_MAX), *copy = warp_copy(w, w->layers), *part = warp_copy(w, 2);
  ck_assert(copy && part && part->layers == 2);
  assert_equal_maps(w, copy);
  ck_assert_ptr_nonnull(warp_last_marginal(part));
  ck_assert_ptr_null(warp_last_marginal(copy));
  while (w->layers > 2) warp_drop_last(w);
  assert_equal_maps(w, part);
  warp_free(w); /* a copy has memory of its own */
  assert_equal_maps(copy, copy);
  warp_free(copy);
  warp_free(part);
}
END_TEST

START_TEST(layers_come_to_an_end) {
  warp *w = warp_create(2);
  for (size_t k = 0; k < WARP_LAYERS_MAX; k++) ck_assert_ptr_nonnull(warp_add_marginal(w));
  ck_assert_ptr_null(warp_add_marginal(w));
  ck_assert_ptr_null(warp_add_conditional(w));
  ck_assert_ptr_null(warp_add_linear(w));
  ck_assert_ptr_null(warp_add_surface(w));
  ck_assert_uint_eq(w->layers, WARP_LAYERS_MAX);
  warp_drop_last(w);
  ck_assert_ptr_nonnull(warp_add_conditional(w));
  warp_free(w);
  w = warp_create(WARP_LINEAR_DIM_MAX + 1);
  ck_assert_ptr_null(warp_add_linear(w));
  ck_assert_ptr_null(warp_add_surface(w));
  warp_free(w);
}
END_TEST

TCase *warp_tests(void) {
  TCase *tests = tcase_create("warps");
  tcase_add_checked_fixture(tests, set_up, tear_down);
  tcase_add_loop_test(tests, layers_are_right, 0, KINDS);
  tcase_add_test(tests, the_identity);
  tcase_add_test(tests, dependence_ends_with_its_range);
  tcase_add_test(tests, surfaces_end_with_their_range);
  tcase_add_test(tests, splines_go_through_their_knots);
  tcase_add_test(tests, forgetful_layers_are_caught);
  tcase_add_test(tests, flat_surfaces_are_caught);
  tcase_add_test(tests, copies_are_equal);
  tcase_add_test(tests, layers_come_to_an_end);
  return tests;
}
