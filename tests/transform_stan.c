/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transforms against Stan's own: natural values and log Jacobians that Stan Math 2.21 prints for the same u. */
#include <math.h>

#include "check_target.h"
#include "dilate.h"

static const double u[6] = {0.3, -0.7, 1.1, 0.2, -0.4, 0.9};

typedef struct answer {
  dilate_block block;
  double log_jacobian, x[16];
} answer;

static const answer answers[] = {
    {{DILATE_LOWER, 1, -1.5, 0}, 0.3, {-0.15014119242399682}},
    {{DILATE_UPPER, 1, 0, -1.5}, 0.3, {-2.8498588075760032}},
    {{DILATE_INTERVAL, 1, -1.5, 2.5}, -0.022416127817163733, {0.79777006724663613}},
    {{DILATE_ORDERED, 6, 0, 0},
     1.1,
     {0.3, 0.79658530379140946, 3.8007513277378431, 5.0221540858980127, 5.6924741319336523, 8.1520772430906021}},
    {{DILATE_POSITIVE_ORDERED, 6, 0, 0},
     1.4,
     {1.3498588075760032, 1.8464441113674126, 4.850610135313846, 6.0720128934740156, 6.7423329395096552, 9.201936050666605}},
    {{DILATE_SIMPLEX, 7, 0, 0},
     -14.684573205397399,
     {0.18365778757336282, 0.073751888336202012, 0.31850538860969135, 0.12270293539015704, 0.075654750251737748, 0.16048067600183968,
      0.065246573837009325}},
    /* Stan leaves the constant out that makes log Z an integral over the sphere: (1 - 6/2) log 2 - log Gamma(6/2) = -log 8. */
    {{DILATE_UNIT_VECTOR, 6, 0, 0},
     -1.4 - 2.0794415416798357,
     {0.17928429140015903, -0.41833001326703773, 0.65737573513391656, 0.11952286093343936, -0.23904572186687872, 0.53785287420047712}},
    {{DILATE_CHOLESKY_COVARIANCE, 9, 0, 0}, 2.3, {1.3498588075760032, -0.7, 0.2, 0, 3.0041660239464334, -0.4, 0, 0, 2.4596031111569499}},
    {{DILATE_COVARIANCE, 9, 0, 0},
     8.3794415416798369,
     {1.8221188003905091, -0.94490116530320212, 0.26997176151520064, -0.94490116530320212, 9.5150134994341222, -1.3416664095785733,
      0.26997176151520064, -1.3416664095785733, 6.2496474644129476}},
    {{DILATE_CHOLESKY_CORRELATION, 16, 0, 0},
     -2.8273581098006835,
     {1, 0.2913126124515909, -0.60436777711716361, 0.19737532022490401, 0, 0.95662791190024832, 0.6377619413556489, -0.37247460537485594, 0,
      0, 0.47749271841645108, 0.64954657532800419, 0, 0, 0, 0.63276764913878403}},
    {{DILATE_CORRELATION, 16, 0, 0},
     -4.1473140855885635,
     {1, 0.2913126124515909, -0.60436777711716361, 0.8004990217606297, 0.2913126124515909, 1, -0.025630221391986424, 0.015355640718922148,
      -0.60436777711716361, -0.025630221391986424, 1, -0.20945045002496848, 0.8004990217606297, 0.015355640718922148, -0.20945045002496848,
      1}},
};

START_TEST(values_and_log_jacobian) {
  const answer *a = &answers[_i];
  double x[16], log_jacobian = 0;
  dilate_constrain(&a->block, u, x, &log_jacobian);
  for (size_t i = 0; i < a->block.size; i++) ck_assert_double_eq_tol(x[i], a->x[i], 1e-14);
  ck_assert_double_eq_tol(log_jacobian, a->log_jacobian, 1e-14);
}
END_TEST

TCase *transform_stan_tests(void) {
  TCase *tests = tcase_create("transforms as Stan's");
  tcase_add_loop_test(tests, values_and_log_jacobian, 0, (int)(sizeof answers / sizeof *answers));
  return tests;
}
