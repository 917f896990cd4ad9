/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the built-in targets: the runner and what the cases share. */
#define _POSIX_C_SOURCE 200809L
#include "runner.h"
#include "targets_cases.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the twenty images are, once they were needed. */
static char digits_path[64];

static void write_digits(void) {
  char text[20 * 65 * 3 + 1];
  gsl_rng *const rng = targets_rng(31);
  size_t used = 0;
  for (int k = 0; k < 20; k++)
    for (int j = 0; j < 65; j++)
      used += (size_t)snprintf(text + used, sizeof text - used, "%lu%c", gsl_rng_uniform_int(rng, j < 64 ? 17 : 10), j < 64 ? ',' : '\n');
  gsl_rng_free(rng);
  targets_write_file(text, digits_path);
}

const char *targets_digits_file(void) {
  if (*digits_path == '\0') write_digits();
  return digits_path;
}

builtin targets_make(const char *spec, const char *data_path) {
  builtin b;
  dilate_error err;
  dilate_error_init(&err);
  if (data_path == NULL && strncmp(spec, "digits", 6) == 0) data_path = targets_digits_file();
  ck_assert_msg(builtin_create(spec, data_path, &b, &err) == DILATE_OK, "%s: %s", spec, err.message);
  return b;
}

gsl_rng *targets_rng(unsigned long seed) {
  gsl_rng *const rng = gsl_rng_alloc(gsl_rng_mt19937);
  ck_assert_ptr_nonnull(rng);
  gsl_rng_set(rng, seed);
  return rng;
}

void targets_typical_point(const builtin *b, gsl_rng *rng, double *x) {
  if (b->draw != NULL) {
    b->draw(b, rng, x);
    return;
  }
  for (size_t j = 0; j < b->target.dim; j++) x[j] = 0.7 * gsl_ran_ugaussian(rng);
  if (strncmp(b->label, "galaxies", 8) == 0)
    for (size_t j = 0; j < b->target.dim / 3; j++) x[j] = 21 + 6 * gsl_ran_ugaussian(rng);
}

double targets_logp(const builtin *b, const double *x, double *grad) {
  double logp;
  const int status = b->target.logp(b->target.dim, x, &logp, grad, b->target.params);
  ck_assert_int_eq(status, logp == -INFINITY);
  return logp;
}

void targets_write_file(const char *text, char *path) {
  strcpy(path, "/tmp/dilate_check_XXXXXX");
  const int file = mkstemp(path);
  ck_assert_int_ge(file, 0);
  ck_assert_int_eq((int)write(file, text, strlen(text)), (int)strlen(text));
  close(file);
}

int main(void) {
  Suite *const suite = suite_create("targets");
  suite_add_tcase(suite, targets_density_case());
  suite_add_tcase(suite, targets_batch_case());
  suite_add_tcase(suite, targets_truth_case());
  suite_add_tcase(suite, targets_models_case());
  suite_add_tcase(suite, targets_draw_case());
  suite_add_tcase(suite, targets_galaxies_case());
  suite_add_tcase(suite, targets_digits_case());
  suite_add_tcase(suite, targets_options_case());
  suite_add_tcase(suite, targets_paths_case());
  const int status = run_all(srunner_create(suite));
  if (*digits_path != '\0') unlink(digits_path);
  return status;
}
