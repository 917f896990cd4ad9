/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact samplers against the densities they claim to draw from.
 *
 * Stein's identities hold for draws of f: E grad log f = 0 and E x . grad log f = -dim; they tie the sampler to the gradient, which has
 * tests of its own.  They are blind to the shares of separated modes, so these are compared as well, with the grid where the target is
 * planar.  Seeds are fixed.  A z-score beyond 5 has probability 6e-7; with fewer than 400 of them a correct sampler fails with
 * probability below 3e-4. */
#include "targets_cases.h"
#include "targets_grid.h"

#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <math.h>

#define DIM_MAX 100
#define DRAWS   20000
#define Z_MAX   5.0

/* Mean and variance as they run (Welford). */
typedef struct running {
  double n, mean, square;
} running;

static void add(running *r, double value) {
  r->n++;
  const double from_mean = value - r->mean;
  r->mean += from_mean / r->n;
  r->square += from_mean * (value - r->mean);
}

static double z_score(const running *r, double truth) {
  return (r->mean - truth) / sqrt(r->square / (r->n * (r->n - 1)));
}

double targets_stein_score(const builtin *b, int draws, double stretch, gsl_rng *rng) {
  const size_t dim = b->target.dim;
  running slope[DIM_MAX] = {{0}}, virial = {0};
  double x[DIM_MAX], grad[DIM_MAX];
  for (int draw = 0; draw < draws; draw++) {
    b->draw(b, rng, x);
    for (size_t j = 0; j < dim; j++) x[j] *= stretch;
    ck_assert(isfinite(targets_logp(b, x, grad)));
    double product = 0;
    for (size_t j = 0; j < dim; j++) {
      add(&slope[j], grad[j]);
      product += x[j] * grad[j];
    }
    add(&virial, product);
  }
  double worst = fabs(z_score(&virial, -(double)dim));
  for (size_t j = 0; j < dim; j++) worst = fmax(worst, fabs(z_score(&slope[j], 0)));
  return worst;
}

static const char *const specs[] = {"gauss",
                                    "gauss:dim=100,cond=1e6",
                                    "gmm40",
                                    "gmm40:dim=50",
                                    "gmm40:weights=unequal,shift1=-50",
                                    "gmm40:scale2=100",
                                    "gmm4",
                                    "narrow3",
                                    "digits:sd=0.7",
                                    "mos",
                                    "mos:dim=50",
                                    "rings",
                                    "two_moons",
                                    "banana",
                                    "himmelblau",
                                    "rosenbrock",
                                    "double_well2",
                                    "manywell32"};
#define SPECS (int)(sizeof specs / sizeof *specs)

START_TEST(draws_obey_steins_identities) {
  builtin b = targets_make(specs[_i], NULL);
  gsl_rng *const rng = targets_rng(11);
  const double exact = targets_stein_score(&b, DRAWS, 1, rng), broken = targets_stein_score(&b, DRAWS, 1.05, rng);
  ck_assert_msg(exact < Z_MAX, "%s: z = %g", specs[_i], exact);
  ck_assert_msg(broken > Z_MAX, "%s: draws five per cent too wide pass with z = %g", specs[_i], broken);
  gsl_rng_free(rng);
  builtin_destroy(&b);
}
END_TEST

/* Shares of the components among DRAWS draws as z-scores; `moved` of 1000 draws are put where the first component is. */
static double share_score(const builtin *b, const double *share, int moved, gsl_rng *rng) {
  double count[40] = {0}, x[DIM_MAX], worst = 0;
  for (int draw = 0; draw < DRAWS; draw++) {
    b->draw(b, rng, x);
    count[draw % 1000 < moved ? 0 : b->component(b, x)]++;
  }
  for (size_t k = 0; k < b->components; k++)
    worst = fmax(worst, fabs(count[k] - DRAWS * share[k]) / sqrt(DRAWS * share[k] * (1 - share[k])));
  return worst;
}

static void check_shares(const builtin *b, const double *share) {
  gsl_rng *const rng = targets_rng(12);
  const double exact = share_score(b, share, 0, rng), broken = share_score(b, share, 80, rng);
  ck_assert_msg(exact < Z_MAX, "%s: z = %g", b->label, exact);
  ck_assert_msg(broken > Z_MAX, "%s: eight per cent in the wrong mode pass with z = %g", b->label, broken);
  gsl_rng_free(rng);
}

START_TEST(draws_have_the_shares_of_the_grid) {
  static const struct {
    const char *spec;
    grid_range range;
  } planar[] = {{"rings", {-9.005, 9.005, 0.01}},        {"two_moons", {-7.005, 7.005, 0.01}}, {"himmelblau", {-7.005, 7.005, 0.01}},
                {"double_well2", {-4.005, 4.005, 0.01}}, {"gmm40", {-55, 55, 0.25}},           {"gmm40:weights=unequal", {-55, 55, 0.25}},
                {"gmm40:means=jax", {-55, 55, 0.25}}};
  for (size_t s = 0; s < sizeof planar / sizeof *planar; s++) {
    builtin b = targets_make(planar[s].spec, NULL);
    const grid_moments m = targets_grid(&b, planar[s].range, planar[s].range);
    check_shares(&b, m.share);
    builtin_destroy(&b);
  }
}
END_TEST

/* Far apart, components are told from each other without error, and their shares are their weights. */
START_TEST(draws_have_the_weights_of_separated_components) {
  static const char *const separated[] = {"gmm4",    "gmm4:dim=100", "gmm40:dim=50", "gmm40:dim=50,weights=unequal",
                                          "narrow3", "edges",        "digits"};
  for (size_t s = 0; s < sizeof separated / sizeof *separated; s++) {
    builtin b = targets_make(separated[s], NULL);
    check_shares(&b, b.component_weight);
    builtin_destroy(&b);
  }
}
END_TEST

/* Stein's identity has no variance in the funnel's tails; its laws are normal in closed form. */
START_TEST(funnel_draws_are_normal) {
  builtin b = targets_make("funnel10", NULL);
  gsl_rng *const rng = targets_rng(13);
  running mean = {0}, square = {0}, whitened = {0};
  double x[10];
  for (int draw = 0; draw < DRAWS; draw++) {
    b.draw(&b, rng, x);
    add(&mean, x[0]);
    add(&square, x[0] * x[0]);
    double sum = 0;
    for (size_t j = 1; j < 10; j++) sum += x[j] * x[j] * exp(-x[0]);
    add(&whitened, sum);
  }
  ck_assert_double_lt(fabs(z_score(&mean, 0)), Z_MAX);
  ck_assert_double_lt(fabs(z_score(&square, 9)), Z_MAX);
  ck_assert_double_gt(fabs(z_score(&square, 3)), Z_MAX); /* the other funnel, of variance 3 */
  ck_assert_double_lt(fabs(z_score(&whitened, 9)), Z_MAX);
  gsl_rng_free(rng);
  builtin_destroy(&b);
}
END_TEST

START_TEST(manywell_draws_have_their_right_wells) {
  builtin b = targets_make("manywell32", NULL);
  gsl_rng *const rng = targets_rng(14);
  running right = {0}, well = {0}, square = {0};
  double x[32];
  for (int draw = 0; draw < 5000; draw++) {
    b.draw(&b, rng, x);
    for (size_t j = 0; j < 32; j += 2) {
      add(&right, x[j] > 0);
      add(&well, x[j]);
      add(&square, x[j + 1] * x[j + 1]);
    }
  }
  ck_assert_double_lt(fabs(z_score(&right, 0.844307096211)), Z_MAX);
  ck_assert_double_gt(fabs(z_score(&right, 0.834)), Z_MAX);
  ck_assert_double_lt(fabs(z_score(&well, 1.187960983376)), Z_MAX);
  ck_assert_double_lt(fabs(z_score(&square, 1)), Z_MAX);
  gsl_rng_free(rng);
  builtin_destroy(&b);
}
END_TEST

/* Stein's identity has terms of the border where the density jumps to 0; the parts' own moments are known. */
START_TEST(edges_draws_have_the_moments_of_their_parts) {
  builtin b = targets_make("edges", NULL);
  gsl_rng *const rng = targets_rng(16);
  running square[4] = {{0}}, half[4] = {{0}};
  double x[2];
  for (int draw = 0; draw < DRAWS; draw++) {
    b.draw(&b, rng, x);
    running *const part = b.component(&b, x) == 0 ? square : half;
    const double u = part == half ? x[0] - 3 : x[0];
    ck_assert(u >= 0 && (part == half || (u <= 1 && x[1] >= 0 && x[1] <= 1)));
    add(&part[0], u);
    add(&part[1], u * u);
    add(&part[2], x[1]);
    add(&part[3], x[1] * x[1]);
  }
  const double square_truth[4] = {0.5, 1.0 / 3, 0.5, 1.0 / 3}, half_truth[4] = {sqrt(2 / M_PI), 1, 0, 1};
  for (size_t m = 0; m < 4; m++) {
    ck_assert_double_lt(fabs(z_score(&square[m], square_truth[m])), Z_MAX);
    ck_assert_double_lt(fabs(z_score(&half[m], half_truth[m])), Z_MAX);
  }
  ck_assert_double_gt(fabs(z_score(&half[0], 0.7)), Z_MAX); /* a mean that is twelve per cent too small */
  gsl_rng_free(rng);
  builtin_destroy(&b);
}
END_TEST

/* Which targets have an exact sampler, components and a log Z, and that one seed gives one stream. */
START_TEST(what_is_known_is_said) {
  static const struct {
    const char *spec;
    int draw, log_z;
    size_t components;
  } known[] = {{"gauss", 1, 1, 0},         {"gmm40", 1, 1, 40},     {"gmm4", 1, 1, 4},         {"narrow3", 1, 1, 3},
               {"mos", 1, 1, 10},          {"digits", 1, 1, 20},    {"funnel10", 1, 1, 0},     {"rings", 1, 1, 2},
               {"two_moons", 1, 1, 2},     {"himmelblau", 1, 1, 4}, {"double_well2", 1, 1, 4}, {"edges", 1, 1, 2},
               {"banana", 1, 1, 0},        {"rosenbrock", 1, 1, 0}, {"manywell32", 1, 1, 0},   {"phi4", 0, 0, 2},
               {"eight_schools", 0, 1, 0}, {"brownian32", 0, 1, 0}, {"seeds", 0, 1, 0},        {"ionosphere", 0, 1, 0},
               {"galaxies", 0, 0, 6}};
  for (size_t s = 0; s < sizeof known / sizeof *known; s++) {
    builtin b = targets_make(known[s].spec, NULL);
    ck_assert_int_eq(b.draw != NULL, known[s].draw);
    ck_assert_int_eq(!isnan(b.log_z), known[s].log_z);
    ck_assert_uint_eq(b.components, known[s].components);
    ck_assert_int_eq(b.component != NULL && b.component_weight != NULL, known[s].components > 0);
    ck_assert_str_eq(builtin_list[s]->name, known[s].spec);
    ck_assert_str_eq(b.label, known[s].spec);
    if (b.draw != NULL) {
      double x[DIM_MAX], y[DIM_MAX];
      gsl_rng *const first = targets_rng(15), *const second = targets_rng(15);
      b.draw(&b, first, x);
      b.draw(&b, second, y);
      for (size_t j = 0; j < b.target.dim; j++) ck_assert(x[j] == y[j]);
      gsl_rng_free(first);
      gsl_rng_free(second);
    }
    builtin_destroy(&b);
  }
  ck_assert_ptr_null(builtin_list[sizeof known / sizeof *known]);
}
END_TEST

TCase *targets_draw_case(void) {
  TCase *const c = tcase_create("draw");
  tcase_set_timeout(c, 120);
  tcase_add_loop_test(c, draws_obey_steins_identities, 0, SPECS);
  tcase_add_test(c, draws_have_the_shares_of_the_grid);
  tcase_add_test(c, draws_have_the_weights_of_separated_components);
  tcase_add_test(c, funnel_draws_are_normal);
  tcase_add_test(c, manywell_draws_have_their_right_wells);
  tcase_add_test(c, edges_draws_have_the_moments_of_their_parts);
  tcase_add_test(c, what_is_known_is_said);
  return c;
}
