/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tweedie's formula: all sixteen conversions between the four forms of one truth, for a Gaussian and a mixture on the three paths; round
 * trips; both ends; every refusal.  The truth is the law of x in closed form, each form of it computed by itself. */
#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dilate.h"
#include "runner.h"

#define DIM        2
#define POINTS     40
#define LD         43
#define FORMS      4
#define COMPONENTS 3
#define TOLERANCE  1e-10

typedef int (*convert_fn)(const dilate_tweedie *, dilate_tweedie_form, dilate_tweedie_form, size_t, size_t, size_t, const double *,
                          const double *, double *, dilate_error *);

/* ---- The truth: sum_k w_k N(m_k, S_k) in the plane ---- */

typedef struct law {
  size_t components;
  double weight[COMPONENTS], mean[COMPONENTS][DIM], covariance[COMPONENTS][3]; /* S: xx, xy, yy */
} law;

static const law gaussian = {1, {1}, {{1, -2}}, {{1, 0.9, 2}}};
static const law mixture = {3, {0.5, 0.3, 0.2}, {{-3, 0}, {1, 2}, {4, -1}}, {{1, 0, 1}, {0.5, 0.3, 2}, {0.2, -0.1, 0.3}}};

/* The four forms at x, by the rules for Gaussians: u given component k is N(c + a (m_k - c), a^2 S_k + b^2 I), and regressing X and E on
 * it gives their means. */
static void forms_at(const law *l, const dilate_tweedie *t, const double *x, double form[FORMS][DIM]) {
  const double a = t->a, b = t->b, c[DIM] = {t->centre ? t->centre[0] : 0, t->centre ? t->centre[1] : 0};
  double share[COMPONENTS], pull[COMPONENTS][DIM], total = 0;
  for (size_t k = 0; k < l->components; k++) {
    const double *s = l->covariance[k], xx = a * a * s[0] + b * b, xy = a * a * s[1], yy = a * a * s[2] + b * b, det = xx * yy - xy * xy;
    const double r0 = x[0] - c[0] - a * (l->mean[k][0] - c[0]), r1 = x[1] - c[1] - a * (l->mean[k][1] - c[1]);
    pull[k][0] = (yy * r0 - xy * r1) / det;
    pull[k][1] = (xx * r1 - xy * r0) / det;
    share[k] = l->weight[k] * exp(-0.5 * (r0 * pull[k][0] + r1 * pull[k][1])) / sqrt(det);
    total += share[k];
  }
  memset(form, 0, FORMS * sizeof *form);
  for (size_t k = 0; k < l->components; k++) {
    const double *s = l->covariance[k], w = share[k] / total;
    const double moved[DIM] = {s[0] * pull[k][0] + s[1] * pull[k][1], s[1] * pull[k][0] + s[2] * pull[k][1]};
    for (size_t j = 0; j < DIM; j++) {
      form[DILATE_TWEEDIE_SCORE][j] -= w * pull[k][j];
      form[DILATE_TWEEDIE_DENOISER][j] += w * (l->mean[k][j] + a * moved[j]);
      form[DILATE_TWEEDIE_NOISE][j] += w * b * pull[k][j];
      form[DILATE_TWEEDIE_VELOCITY][j] += w * (a * b * pull[k][j] - b * (l->mean[k][j] + a * moved[j] - c[j]));
    }
  }
}

/* ---- The paths ---- */

static const double centre[DIM] = {0.7, -1.3};

#define PATHS 9
static dilate_tweedie path_number(size_t i) {
  dilate_tweedie t;
  dilate_error err;
  dilate_error_init(&err);
  dilate_tweedie_init(&t);
  const int status = i < 3   ? dilate_tweedie_ve((double[]){0.1, 1, 20}[i], &t, &err)
                     : i < 6 ? dilate_tweedie_vp((double[]){0.01, 0.5, 0.99}[i - 3], &t, &err)
                             : dilate_tweedie_convolution((double[]){0.02, 0.4, 0.98}[i - 6], (double[]){5, 1, 3}[i - 6], centre, &t, &err);
  ck_assert_msg(status == DILATE_OK, "%s", err.message);
  return t;
}

/* Points that spread as the path's law does, and the four forms at them, in tiles of leading dimension LD. */
typedef struct sheet {
  double x[DIM * LD], form[FORMS][DIM * LD];
} sheet;

static void fill_sheet(const law *l, const dilate_tweedie *t, sheet *s) {
  for (size_t i = 0; i < POINTS; i++) {
    const double angle = 2.4 * (double)i, radius = (3 * t->a + 2 * t->b) * sqrt((double)(i + 1) / POINTS);
    const double x[DIM] = {radius * cos(angle), radius * sin(angle)};
    double form[FORMS][DIM];
    forms_at(l, t, x, form);
    for (size_t j = 0; j < DIM; j++) {
      s->x[j * LD + i] = x[j];
      for (size_t f = 0; f < FORMS; f++) s->form[f][j * LD + i] = form[f][j];
    }
  }
}

/* The largest error of the sixteen conversions, as a part of the largest value of the form. */
static double largest_error(convert_fn convert, const law *l, const dilate_tweedie *t) {
  static sheet s;
  double out[DIM * LD], worst = 0;
  fill_sheet(l, t, &s);
  for (unsigned from = 0; from < FORMS; from++)
    for (unsigned to = 0; to < FORMS; to++) {
      double size = 0, error = 0;
      ck_assert_int_eq(convert(t, from, to, DIM, POINTS, LD, s.x, s.form[from], out, NULL), DILATE_OK);
      for (size_t j = 0; j < DIM; j++)
        for (size_t i = 0; i < POINTS; i++) {
          size = fmax(size, fabs(s.form[to][j * LD + i]));
          error = fmax(error, fabs(out[j * LD + i] - s.form[to][j * LD + i]));
        }
      worst = fmax(worst, error / size);
    }
  return worst;
}

START_TEST(sixteen_conversions) {
  for (size_t i = 0; i < PATHS; i++) {
    const dilate_tweedie t = path_number(i);
    ck_assert_double_lt(largest_error(dilate_tweedie_convert, &gaussian, &t), TOLERANCE);
    ck_assert_double_lt(largest_error(dilate_tweedie_convert, &mixture, &t), TOLERANCE);
  }
}
END_TEST

/* The wrong one: the denoiser of the variance-exploding path, x + b^2 s, on every path. */
static int forgets_the_signal(const dilate_tweedie *t, dilate_tweedie_form from, dilate_tweedie_form to, size_t dim, size_t n, size_t ld,
                              const double *x, const double *in, double *out, dilate_error *err) {
  if (from != DILATE_TWEEDIE_SCORE || to != DILATE_TWEEDIE_DENOISER)
    return dilate_tweedie_convert(t, from, to, dim, n, ld, x, in, out, err);
  for (size_t j = 0; j < dim; j++)
    for (size_t i = 0; i < n; i++) out[j * ld + i] = x[j * ld + i] + t->b * t->b * in[j * ld + i];
  return DILATE_OK;
}

/* And one that takes the origin for the centre. */
static int forgets_the_centre(const dilate_tweedie *t, dilate_tweedie_form from, dilate_tweedie_form to, size_t dim, size_t n, size_t ld,
                              const double *x, const double *in, double *out, dilate_error *err) {
  dilate_tweedie wrong = *t;
  wrong.centre = NULL;
  return dilate_tweedie_convert(&wrong, from, to, dim, n, ld, x, in, out, err);
}

START_TEST(broken_twins_are_caught) {
  for (size_t i = 0; i < PATHS; i++) {
    const dilate_tweedie t = path_number(i);
    const double signal = largest_error(forgets_the_signal, &mixture, &t), origin = largest_error(forgets_the_centre, &mixture, &t);
    if (i < 3)
      ck_assert_double_lt(signal, TOLERANCE);
    else
      ck_assert_double_gt(signal, 1000 * TOLERANCE);
    if (i < 6)
      ck_assert_double_lt(origin, TOLERANCE);
    else
      ck_assert_double_gt(origin, 1000 * TOLERANCE);
  }
}
END_TEST

/* The closed form itself, against integrals: E[X given x] of a mixture on the line, by the trapezium rule on +-20, whose error is far
 * below rounding for such functions; and the score against differences of the log of the same integral. */
static double integral(const dilate_tweedie *t, double x, int power) {
  double sum = 0;
  for (int i = -20000; i <= 20000; i++) {
    const double at = 1e-3 * i, z = (x - t->a * at) / t->b;
    double density = 0;
    for (size_t k = 0; k < 3; k++) {
      const double r = at - mixture.mean[k][0], s = mixture.covariance[k][0];
      density += mixture.weight[k] * exp(-0.5 * r * r / s) / sqrt(s);
    }
    sum += (power ? at : 1) * density * exp(-0.5 * z * z);
  }
  return sum;
}

START_TEST(one_dimension_by_quadrature) {
  const double h = 1e-4;
  for (size_t i = 1; i < 6; i++) {
    const dilate_tweedie t = path_number(i);
    for (double x = -3; x <= 3; x += 1.5) {
      const double score = (log(integral(&t, x + h, 0)) - log(integral(&t, x - h, 0))) / (2 * h);
      double denoiser;
      ck_assert_int_eq(dilate_tweedie_convert(&t, DILATE_TWEEDIE_SCORE, DILATE_TWEEDIE_DENOISER, 1, 1, 1, &x, &score, &denoiser, NULL),
                       DILATE_OK);
      ck_assert_double_eq_tol(denoiser, integral(&t, x, 1) / integral(&t, x, 0), 1e-6 * (1 + t.b * t.b / t.a));
    }
  }
}
END_TEST

/* From each form through each to each and back, in place. */
START_TEST(round_trips_in_place) {
  static sheet s;
  for (size_t i = 0; i < PATHS; i++) {
    const dilate_tweedie t = path_number(i);
    fill_sheet(&mixture, &t, &s);
    for (unsigned k = 0; k < FORMS * FORMS * FORMS; k++) {
      const unsigned from = k % FORMS, by = k / FORMS % FORMS, over = k / FORMS / FORMS;
      double v[DIM * LD];
      memcpy(v, s.form[from], sizeof v);
      ck_assert_int_eq(dilate_tweedie_convert(&t, from, by, DIM, POINTS, LD, s.x, v, v, NULL), DILATE_OK);
      ck_assert_int_eq(dilate_tweedie_convert(&t, by, over, DIM, POINTS, LD, s.x, v, v, NULL), DILATE_OK);
      ck_assert_int_eq(dilate_tweedie_convert(&t, over, from, DIM, POINTS, LD, s.x, v, v, NULL), DILATE_OK);
      for (size_t j = 0; j < DIM; j++)
        for (size_t p = 0; p < POINTS; p++) ck_assert_double_eq_tol(v[j * LD + p], s.form[from][j * LD + p], TOLERANCE * (1 + t.b * t.b));
    }
  }
}
END_TEST

START_TEST(same_form_is_a_copy_and_gaps_stay) {
  const dilate_tweedie t = path_number(7);
  const double x[6] = {1, 2, 0, 3, 4, 0}, in[6] = {0.1, INFINITY, 7, -0.0, 0.3, 7};
  for (unsigned form = 0; form < FORMS; form++) {
    double out[6] = {9, 9, 9, 9, 9, 9};
    ck_assert_int_eq(dilate_tweedie_convert(&t, form, form, 2, 2, 3, x, in, out, NULL), DILATE_OK);
    ck_assert_mem_eq(out, in, 2 * sizeof *out);
    ck_assert_mem_eq(out + 3, in + 3, 2 * sizeof *out);
    ck_assert(out[2] == 9 && out[5] == 9);
  }
}
END_TEST

/* ---- The ends ---- */

static dilate_tweedie path_of(double a, double b, const double *c) {
  dilate_tweedie t;
  dilate_tweedie_init(&t);
  t.a = a;
  t.b = b;
  t.centre = c;
  return t;
}

/* A conversion at one point of the line; the status must be as told, with a message if it is a failure. */
static double one(const dilate_tweedie *t, dilate_tweedie_form from, dilate_tweedie_form to, double x, double in, int expected) {
  dilate_error err;
  double out = 12345;
  dilate_error_init(&err);
  ck_assert_int_eq(dilate_tweedie_convert(t, from, to, 1, 1, 1, &x, &in, &out, &err), expected);
  ck_assert_int_eq(err.status, expected);
  ck_assert(expected ? strlen(err.message) > 20 && out == 12345 : !err.message[0]);
  ck_assert_int_eq(dilate_tweedie_convert(t, from, to, 1, 1, 1, &x, &in, &out, NULL), expected);
  return out;
}

START_TEST(without_noise) {
  const double c = 0.3, x = 1.1;
  const dilate_tweedie t = path_of(1, 0, &c), scaled = path_of(0.5, 0, &c);
  const dilate_tweedie_form s = DILATE_TWEEDIE_SCORE, d = DILATE_TWEEDIE_DENOISER, e = DILATE_TWEEDIE_NOISE, v = DILATE_TWEEDIE_VELOCITY;
  ck_assert(one(&t, s, d, x, 5, 0) == x && one(&t, e, d, x, 5, 0) == x && one(&t, v, d, x, 5, 0) == x);
  ck_assert_double_eq_tol(one(&scaled, s, d, x, 5, 0), c + (x - c) / 0.5, 4 * DBL_EPSILON);
  ck_assert(one(&t, s, e, x, 5, 0) == 0 && one(&t, s, v, x, 5, 0) == 0);
  ck_assert(one(&t, e, v, x, 5, 0) == 5 && one(&t, v, e, x, 5, 0) == 5);
  one(&t, d, s, x, x, DILATE_EDOMAIN);
  one(&t, d, e, x, x, DILATE_EDOMAIN);
  one(&t, d, v, x, x, DILATE_EDOMAIN);
  one(&t, e, s, x, 0, DILATE_EDOMAIN);
  one(&t, v, s, x, 0, DILATE_EDOMAIN);
}
END_TEST

START_TEST(noise_alone) {
  const double c = 0.3, x = 1.1;
  const dilate_tweedie t = path_of(0, 2, &c);
  const dilate_tweedie_form s = DILATE_TWEEDIE_SCORE, d = DILATE_TWEEDIE_DENOISER, e = DILATE_TWEEDIE_NOISE, v = DILATE_TWEEDIE_VELOCITY;
  const double noise = (x - c) / 2;
  ck_assert_double_eq_tol(one(&t, d, e, x, 5, 0), noise, 4 * DBL_EPSILON);
  ck_assert_double_eq_tol(one(&t, d, s, x, 5, 0), -noise / 2, 4 * DBL_EPSILON);
  ck_assert_double_eq_tol(one(&t, d, v, x, 5, 0), -2 * (5 - c), 16 * DBL_EPSILON);
  ck_assert_double_eq_tol(one(&t, v, d, x, -2 * (5 - c), 0), 5, 16 * DBL_EPSILON);
  ck_assert_double_eq_tol(one(&t, v, e, x, 7, 0), noise, 4 * DBL_EPSILON);
  ck_assert_double_eq_tol(one(&t, v, s, x, 7, 0), -noise / 2, 4 * DBL_EPSILON);
  ck_assert(one(&t, s, e, x, 3, 0) == -6 && one(&t, e, s, x, -6, 0) == 3);
  one(&t, s, d, x, 3, DILATE_EDOMAIN);
  one(&t, s, v, x, 3, DILATE_EDOMAIN);
  one(&t, e, d, x, 3, DILATE_EDOMAIN);
  one(&t, e, v, x, 3, DILATE_EDOMAIN);
}
END_TEST

START_TEST(paths_have_their_ends) {
  dilate_tweedie t;
  dilate_tweedie_init(&t);
  ck_assert(t.a == 1 && t.b == 0 && t.centre == NULL && t.struct_size == sizeof t);
  ck_assert(dilate_tweedie_ve(0, &t, NULL) == DILATE_OK && t.a == 1 && t.b == 0);
  ck_assert(dilate_tweedie_vp(0, &t, NULL) == DILATE_OK && t.a == 0 && t.b == 1);
  ck_assert(dilate_tweedie_vp(1, &t, NULL) == DILATE_OK && t.a == 1 && t.b == 0);
  ck_assert(dilate_tweedie_convolution(0, 3, centre, &t, NULL) == DILATE_OK && t.a == 0 && t.b == 3 && t.centre == centre);
  ck_assert(dilate_tweedie_convolution(1, 3, NULL, &t, NULL) == DILATE_OK && t.a == 1 && t.b == 0 && !t.centre);
}
END_TEST

/* Far out nothing overflows that need not: sigma^2 is no double. */
START_TEST(huge_noise) {
  dilate_tweedie t;
  dilate_tweedie_init(&t);
  ck_assert_int_eq(dilate_tweedie_ve(1e200, &t, NULL), DILATE_OK);
  const double v = one(&t, DILATE_TWEEDIE_DENOISER, DILATE_TWEEDIE_VELOCITY, 2e200, 3, 0);
  ck_assert_double_eq_tol(v, -3e200, 1e186);
  ck_assert_double_eq_tol(one(&t, DILATE_TWEEDIE_VELOCITY, DILATE_TWEEDIE_NOISE, 2e200, v, 0), 2, 1e-14);
}
END_TEST

/* ---- Refusals ---- */

static void assert_refused(int status, const dilate_error *err, const char *text) {
  ck_assert_int_eq(status, DILATE_EINVAL);
  ck_assert_int_eq(err->status, DILATE_EINVAL);
  ck_assert_msg(strstr(err->message, text), "\"%s\" lacks \"%s\"", err->message, text);
}

#define REFUSED(call, text)                                                                                                                \
  do {                                                                                                                                     \
    dilate_error err;                                                                                                                      \
    dilate_error_init(&err);                                                                                                               \
    const int status = (call);                                                                                                             \
    assert_refused(status, &err, text);                                                                                                    \
  } while (0)

START_TEST(paths_refuse) {
  dilate_tweedie t, none = {.struct_size = 0};
  dilate_tweedie_init(&t);
  const double bad[] = {-1e-300, NAN, INFINITY, -INFINITY};
  for (int i = 0; i < 4; i++) {
    REFUSED(dilate_tweedie_ve(bad[i], &t, &err), "sigma");
    REFUSED(dilate_tweedie_vp(bad[i], &t, &err), "abar");
    REFUSED(dilate_tweedie_convolution(bad[i], 1, NULL, &t, &err), "lambda");
    REFUSED(dilate_tweedie_convolution(0.5, bad[i], NULL, &t, &err), "scale");
  }
  REFUSED(dilate_tweedie_vp(1.0000001, &t, &err), "from 0 to 1");
  REFUSED(dilate_tweedie_convolution(0.5, 0, NULL, &t, &err), "scale is 0");
  REFUSED(dilate_tweedie_ve(1, NULL, &err), "NULL");
  REFUSED(dilate_tweedie_vp(1, &none, &err), "dilate_tweedie_init");
  ck_assert(t.a == 1 && t.b == 0);
}
END_TEST

START_TEST(conversions_refuse) {
  const dilate_tweedie_form s = DILATE_TWEEDIE_SCORE, d = DILATE_TWEEDIE_DENOISER;
  const double x[2] = {1, 2};
  double out[2];
  dilate_tweedie t = path_number(1), none = {.struct_size = 0};
  REFUSED(dilate_tweedie_convert(NULL, s, d, 1, 2, 2, x, x, out, &err), "NULL");
  REFUSED(dilate_tweedie_convert(&none, s, d, 1, 2, 2, x, x, out, &err), "dilate_tweedie_init");
  REFUSED(dilate_tweedie_convert(&t, (dilate_tweedie_form)4, d, 1, 2, 2, x, x, out, &err), "form 4");
  REFUSED(dilate_tweedie_convert(&t, s, (dilate_tweedie_form)-1, 1, 2, 2, x, x, out, &err), "form -1");
  REFUSED(dilate_tweedie_convert(&t, s, d, 1, 2, 1, x, x, out, &err), "ld is 1");
  REFUSED(dilate_tweedie_convert(&t, s, d, 0, 2, 2, x, x, out, &err), "dim is 0");
  REFUSED(dilate_tweedie_convert(&t, s, d, 1, 2, 2, NULL, x, out, &err), "NULL");
  REFUSED(dilate_tweedie_convert(&t, s, d, 1, 2, 2, x, NULL, out, &err), "NULL");
  REFUSED(dilate_tweedie_convert(&t, s, d, 1, 2, 2, x, x, NULL, &err), "NULL");
  const double wrong[][2] = {{0, 0}, {-1, 1}, {1, -1}, {NAN, 1}, {1, INFINITY}};
  for (int i = 0; i < 5; i++) {
    t = path_of(wrong[i][0], wrong[i][1], NULL);
    REFUSED(dilate_tweedie_convert(&t, s, d, 1, 2, 2, x, x, out, &err), "a is");
  }
  t = path_number(1);
  ck_assert_int_eq(dilate_tweedie_convert(&t, s, d, 1, 0, 0, x, x, out, NULL), DILATE_OK);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("tweedie");
  TCase *tests = tcase_create("tweedie");
  tcase_add_test(tests, sixteen_conversions);
  tcase_add_test(tests, broken_twins_are_caught);
  tcase_add_test(tests, one_dimension_by_quadrature);
  tcase_add_test(tests, round_trips_in_place);
  tcase_add_test(tests, same_form_is_a_copy_and_gaps_stay);
  tcase_add_test(tests, without_noise);
  tcase_add_test(tests, noise_alone);
  tcase_add_test(tests, paths_have_their_ends);
  tcase_add_test(tests, huge_noise);
  tcase_add_test(tests, paths_refuse);
  tcase_add_test(tests, conversions_refuse);
  suite_add_tcase(suite, tests);
  return run_all(srunner_create(suite));
}
