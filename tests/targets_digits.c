/* SPDX-License-Identifier: GPL-3.0-or-later */
/* digits against a plain sum over its table, on twenty images of random pixels and on the real file where it is installed; its data,
 * packed or not, and every message about them. */
#define _POSIX_C_SOURCE 200809L
#include "targets/digits.h"
#include "targets/table.h"
#include "targets_cases.h"

#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define DIM  64
#define LD   75
#define REAL "/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz"

static builtin_table read_table(const char *path) {
  builtin_table table;
  ck_assert_int_eq(builtin_table_read(path, &table, NULL), DILATE_OK);
  return table;
}

/* log(1/K sum_k N(x | m_k, sd^2 I)) and its gradient, in long double and from the definition. */
static double stated_density(const builtin_table *table, double sd, const double *x, double *score) {
  long double top = -HUGE_VALL, sum = 0, drift[DIM] = {0};
  for (int pass = 0; pass < 2; pass++)
    for (size_t k = 0; k < table->rows; k++) {
      const double *const pixel = table->value + k * table->columns;
      long double square = 0;
      for (size_t j = 0; j < DIM; j++) square += (x[j] - pixel[j] / 16.0L) * (x[j] - pixel[j] / 16.0L);
      const long double term = -square / (2 * (long double)sd * sd);
      if (pass == 0) top = fmaxl(top, term);
      if (pass == 0) continue;
      const long double share = expl(term - top);
      sum += share;
      for (size_t j = 0; j < DIM; j++) drift[j] += share * (pixel[j] / 16.0L - x[j]);
    }
  for (size_t j = 0; j < DIM; j++) score[j] = (double)(drift[j] / (sum * sd * sd));
  return (double)(top + logl(sum / (long double)table->rows) - 0.5L * DIM * logl(2 * 3.141592653589793238462643383279502884L * sd * sd));
}

/* Draws, the middle between two images, far away and near a corner, by turns. */
static void choose_point(const builtin *b, const builtin_table *table, size_t i, gsl_rng *rng, double *x) {
  const double *const one = table->value + i % table->rows * table->columns, *const other =
                                                                                 table->value + (7 * i + 1) % table->rows * table->columns;
  b->draw(b, rng, x);
  for (size_t j = 0; j < DIM; j++) {
    if (i % 5 == 1) x[j] = (one[j] + other[j]) / 32;
    if (i % 5 == 2) x[j] = 1e3 * gsl_ran_ugaussian(rng);
    if (i % 5 == 3) x[j] = -3;
  }
}

/* The largest error of the convolution callback against the stated density of spread sqrt(sd^2 + sigma^2) * wrong, in units of 1e-12 of
 * the value (of the largest derivative). */
static double convolution_error(const builtin *b, const builtin_table *table, double sd, double sigma, double wrong) {
  gsl_rng *const rng = targets_rng(32);
  double point[DIM], truth[DIM], worst = 0;
  static double x[DIM * LD], score[DIM * LD], logp[LD], logp_only[LD];
  for (size_t i = 0; i < 70; i++) {
    choose_point(b, table, i, rng, point);
    for (size_t j = 0; j < DIM; j++) x[j * LD + i] = point[j];
  }
  ck_assert_int_eq(b->target.convolve(DIM, sigma, 70, LD, x, logp, score, b->target.params), 0);
  ck_assert_int_eq(b->target.convolve(DIM, sigma, 70, LD, x, logp_only, NULL, b->target.params), 0);
  ck_assert_int_eq(memcmp(logp, logp_only, 70 * sizeof *logp), 0);
  for (size_t i = 0; i < 70; i++) {
    double largest = 1;
    for (size_t j = 0; j < DIM; j++) point[j] = x[j * LD + i];
    const double stated = stated_density(table, hypot(sd, sigma) * wrong, point, truth);
    worst = fmax(worst, fabs(logp[i] - stated) / (1e-12 * (1 + fabs(stated))));
    for (size_t j = 0; j < DIM; j++) largest = fmax(largest, fabs(truth[j]));
    for (size_t j = 0; j < DIM; j++) worst = fmax(worst, fabs(score[j * LD + i] - truth[j]) / (1e-12 * largest));
  }
  gsl_rng_free(rng);
  return worst;
}

static const double sigmas[] = {0, 0.03, 0.3, 2, 50};

START_TEST(density_and_convolution_are_the_stated_ones) {
  static const double sd[] = {0.01, 0.1, 1};
  builtin_table table = read_table(targets_digits_file());
  for (size_t s = 0; s < sizeof sd / sizeof *sd; s++) {
    char spec[32];
    snprintf(spec, sizeof spec, "digits:sd=%g", sd[s]);
    builtin b = targets_make(spec, NULL);
    const double error = convolution_error(&b, &table, sd[s], sigmas[_i], 1),
                 broken = convolution_error(&b, &table, sd[s], sigmas[_i], 1 + 1e-9);
    ck_assert_msg(error < 1, "%s, sigma = %g: error %g", spec, sigmas[_i], error);
    ck_assert_msg(broken > 1, "%s, sigma = %g: a spread that is off by 1e-9 passes with %g", spec, sigmas[_i], broken);
    builtin_destroy(&b);
  }
  builtin_table_free(&table);
}
END_TEST

/* The same bits for every number of points, by either callback, by the convolution with nothing, and in every instruction set. */
START_TEST(bits_do_not_depend_on_the_call) {
  static const size_t counts[] = {1, 7, 8, 9, 31, 32, 33, 70};
  builtin b = targets_make("digits:sd=0.5", NULL);
  builtin_table table = read_table(targets_digits_file());
  gsl_rng *const rng = targets_rng(33);
  double point[DIM], alone[DIM], grad[DIM * 70], x[DIM * 70], logp[70];
  for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
    const size_t n = counts[c];
    for (size_t i = 0; i < n; i++) {
      choose_point(&b, &table, i, rng, point);
      for (size_t j = 0; j < DIM; j++) x[j * n + i] = point[j];
    }
    for (int callback = 0; callback < 2; callback++) {
      if (callback == 0) ck_assert_int_eq(b.target.batch(DIM, n, n, x, logp, grad, b.target.params), 0);
      if (callback == 1) ck_assert_int_eq(b.target.convolve(DIM, 0, n, n, x, logp, grad, b.target.params), 0);
      for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < DIM; j++) point[j] = x[j * n + i];
        ck_assert(targets_logp(&b, point, alone) == logp[i]);
        for (size_t j = 0; j < DIM; j++) ck_assert(alone[j] == grad[j * n + i]);
      }
    }
  }
  gsl_rng_free(rng);
  builtin_table_free(&table);
  builtin_destroy(&b);
}
END_TEST

START_TEST(bits_do_not_depend_on_the_instruction_set) {
  static const char *const sets[] = {"generic", "sse2", "avx2", "avx512"}; /* each has those before it */
  builtin b = targets_make("digits:sd=0.5", NULL);
  gsl_rng *const rng = targets_rng(34);
  static double x[DIM * 32], logp[2][32], grad[2][DIM * 32];
  double point[DIM];
  for (size_t i = 0; i < 32; i++) {
    b.draw(&b, rng, point);
    for (size_t j = 0; j < DIM; j++) x[j * 32 + i] = point[j];
  }
  digits_density_for("generic")(b.data, 0.25, 32, 32, x, logp[0], grad[0]);
  for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
    digits_density_for(sets[s])(b.data, 0.25, 32, 32, x, logp[1], grad[1]);
    ck_assert_msg(memcmp(logp[0], logp[1], sizeof *logp) == 0, "%s has other bits", sets[s]);
    ck_assert_msg(memcmp(grad[0], grad[1], sizeof *grad) == 0, "%s has other bits", sets[s]);
    if (strcmp(sets[s], dilate_isa()) == 0) break;
  }
  gsl_rng_free(rng);
  builtin_destroy(&b);
}
END_TEST

/* A single image, and points so far away that the density is 0 in the numbers we have. */
START_TEST(a_single_image) {
  char text[3 * 65 + 1], path[64];
  size_t used = 0;
  for (int j = 0; j < 65; j++) used += (size_t)snprintf(text + used, sizeof text - used, "%d%c", j % 17, j < 64 ? ' ' : '\n');
  targets_write_file(text, path);
  builtin b = targets_make("digits:sd=2", path);
  double x[DIM], grad[DIM];
  ck_assert_uint_eq(b.components, 1);
  ck_assert(b.component_weight[0] == 1);
  for (int j = 0; j < DIM; j++) x[j] = j % 17 / 16.0 + 1;
  ck_assert_double_eq_tol(targets_logp(&b, x, grad), -0.5 * DIM * (log(8 * M_PI) + 0.25), 1e-12);
  for (int j = 0; j < DIM; j++) ck_assert_double_eq_tol(grad[j], -0.25, 1e-15);
  x[5] = 1e200;
  ck_assert(targets_logp(&b, x, grad) == -INFINITY);
  for (int j = 0; j < DIM; j++) ck_assert(grad[j] == 0);
  builtin_destroy(&b);
  unlink(path);
}
END_TEST

/* ---- Data ------------------------------------------------------------------------------------------------------------- */

static void refuse(const char *spec, const char *content, size_t size, const char *text) {
  char path[64];
  builtin b;
  dilate_error err;
  dilate_error_init(&err);
  targets_write_file("", path);
  FILE *const file = fopen(path, "wb");
  ck_assert_ptr_nonnull(file);
  ck_assert_uint_eq(fwrite(content, 1, size, file), size);
  fclose(file);
  ck_assert_int_eq(builtin_create(spec, path, &b, &err), DILATE_EINVAL);
  ck_assert_msg(strstr(err.message, text) != NULL, "'%s' where '%s' is expected", err.message, text);
  ck_assert_ptr_null(b.data);
  unlink(path);
}

static void refuse_row(double pixel, const char *text) {
  char rows[2 * 65 * 6] = "";
  for (int k = 0; k < 2; k++)
    for (int j = 0; j < 65; j++) {
      const size_t used = strlen(rows);
      snprintf(rows + used, sizeof rows - used, "%g%c", k == 1 && j == 2 ? pixel : 3, j < 64 ? ',' : '\n');
    }
  refuse("digits", rows, strlen(rows), text);
}

START_TEST(bad_images) {
  static const char columns[] = "1,2,3\n", words[] = "1,2,three\n";
  refuse("digits", columns, strlen(columns), ": 3 columns where digits needs 64 pixels and a label");
  refuse("digits", words, strlen(words), ", line 1: 'three' is not a finite number");
  refuse("digits", "", 0, ": no numbers in it");
  refuse_row(16.5, ", row 2: pixel 3 is 16.5 where a number from 0 to 16 is needed");
  refuse_row(-1, ", row 2: pixel 3 is -1 where a number from 0 to 16 is needed");
  refuse("digits:sd=0.009", "", 0, "digits: sd=0.009: sd must be a number from 0.01 to 1e+06");
  refuse("digits:dim=64", "", 0, "digits: unknown option 'dim': digits takes sd=0.1");
}
END_TEST

/* The whole of a file, up to room bytes. */
static size_t read_bytes(const char *path, char *bytes, size_t room) {
  FILE *const file = fopen(path, "rb");
  ck_assert_ptr_nonnull(file);
  const size_t size = fread(bytes, 1, room, file);
  fclose(file);
  return size;
}

/* The content of the file at path, packed, in a new file. */
static void write_packed(const char *path, char *packed) {
  static char text[20 * 65 * 3 + 1];
  const size_t size = read_bytes(path, text, sizeof text);
  targets_write_file("", packed);
  const gzFile file = gzopen(packed, "wb");
  ck_assert_ptr_nonnull(file);
  ck_assert_int_eq(gzwrite(file, text, (unsigned)size), (int)size);
  ck_assert_int_eq(gzclose(file), Z_OK);
}

START_TEST(packed_files) {
  char packed[64];
  static char bytes[20 * 65 * 3];
  write_packed(targets_digits_file(), packed);
  builtin_table one = read_table(packed), other = read_table(targets_digits_file());
  ck_assert_uint_eq(one.rows, 20);
  ck_assert_uint_eq(one.columns, 65);
  ck_assert_int_eq(memcmp(one.value, other.value, 20 * 65 * sizeof *one.value), 0);
  builtin_table_free(&one);
  builtin_table_free(&other);
  builtin b = targets_make("digits", packed);
  ck_assert_uint_eq(b.components, 20);
  builtin_destroy(&b);
  const size_t size = read_bytes(packed, bytes, sizeof bytes);
  ck_assert(size > 500 && size < sizeof bytes);
  refuse("digits", bytes, size - 4, ": cannot be read"); /* cut short, in its end and in its middle */
  refuse("digits", bytes, size / 2, ": cannot be read");
  bytes[size / 2] ^= 0x55;
  refuse("digits", bytes, size, ": cannot be read");
  unlink(packed);
}
END_TEST

/* A file of a package: DILATE_DATA comes first, then the folders; one that is nowhere names the package. */
START_TEST(files_of_packages) {
  const char *const before = getenv("DILATE_DATA");
  char *const saved = before != NULL ? strdup(before) : NULL;
  char folder[] = "/tmp/dilate_check_XXXXXX", path[96];
  const char *const there[] = {"/nonexistent/first", folder, NULL}, *const nowhere[] = {"/nonexistent/first", NULL};
  builtin_table table;
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_ptr_nonnull(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/pixels.csv", folder);
  FILE *const file = fopen(path, "w");
  ck_assert_ptr_nonnull(file);
  fputs("1 2 3\n", file);
  fclose(file);
  unsetenv("DILATE_DATA");
  ck_assert_int_eq(builtin_table_read_installed("pixels.csv", "python3-pixels", nowhere, &table, &err), DILATE_EINVAL);
  ck_assert_ptr_null(table.value);
  ck_assert_str_eq(err.message,
                   "pixels.csv: found neither in DILATE_DATA (not set) nor where Debian's python3-pixels puts it ('/nonexistent/first'): "
                   "install the package python3-pixels, or give the file with --data");
  ck_assert_int_eq(builtin_table_read_installed("pixels.csv", "python3-pixels", there, &table, NULL), DILATE_OK);
  ck_assert_uint_eq(table.columns, 3);
  builtin_table_free(&table);
  setenv("DILATE_DATA", folder, 1);
  ck_assert_int_eq(builtin_table_read_installed("pixels.csv", "python3-pixels", nowhere, &table, NULL), DILATE_OK);
  builtin_table_free(&table);
  unlink(path);
  rmdir(folder);
  if (saved != NULL)
    setenv("DILATE_DATA", saved, 1);
  else
    unsetenv("DILATE_DATA");
  free(saved);
}
END_TEST

/* ---- The real images ---------------------------------------------------------------------------------------------------- */

/* Chi-square of the shares of the images among 20000 draws, standardised; `moved` of 1000 draws are put where the first image is. */
static double share_score(const builtin *b, int moved, gsl_rng *rng) {
  double *const count = calloc(b->components, sizeof *count), x[DIM], chi_square = 0;
  ck_assert_ptr_nonnull(count);
  for (int draw = 0; draw < 20000; draw++) {
    b->draw(b, rng, x);
    count[draw % 1000 < moved ? 0 : b->component(b, x)]++;
  }
  for (size_t k = 0; k < b->components; k++) {
    const double expected = 20000 * b->component_weight[k];
    chi_square += (count[k] - expected) * (count[k] - expected) / expected;
  }
  free(count);
  const double freedom = (double)(b->components - 1);
  return (chi_square - freedom) / sqrt(2 * freedom);
}

/* A z-score beyond 5 has probability 6e-7 (65 of them here, and a chi-square that is nearly normal: below 1e-4 in all). */
static void check_draws(const builtin *b) {
  gsl_rng *const rng = targets_rng(35);
  const double exact = share_score(b, 0, rng), moved = share_score(b, 10, rng);
  ck_assert_msg(exact < 5, "shares: z = %g", exact);
  ck_assert_msg(moved > 5, "one per cent in the wrong image passes with z = %g", moved);
  const double stein = targets_stein_score(b, 5000, 1, rng), stretched = targets_stein_score(b, 5000, 1.05, rng);
  ck_assert_msg(stein < 5, "Stein: z = %g", stein);
  ck_assert_msg(stretched > 5, "draws five per cent too wide pass with z = %g", stretched);
  gsl_rng_free(rng);
}

static int is_installed(void) {
  if (access(REAL, R_OK) == 0) return 1;
  printf("digits: skipped, for want of python3-sklearn's %s\n", REAL);
  return 0;
}

START_TEST(the_real_images) {
  if (!is_installed()) return;
  builtin b;
  ck_assert_int_eq(builtin_create("digits", NULL, &b, NULL), DILATE_OK);
  builtin_table table = read_table(REAL);
  ck_assert_uint_eq(b.target.dim, DIM);
  ck_assert_uint_eq(b.components, 1797);
  ck_assert(b.log_z == 0 && b.component_weight[1796] == 1.0 / 1797);
  for (size_t k = 0; k < 1797; k += 100) {
    double x[DIM];
    for (size_t j = 0; j < DIM; j++) x[j] = table.value[k * table.columns + j] / 16;
    ck_assert_uint_eq(b.component(&b, x), k);
  }
  targets_check_gradient(&b);
  targets_check_batch(&b);
  for (size_t s = 0; s < sizeof sigmas / sizeof *sigmas; s++) {
    const double error = convolution_error(&b, &table, 0.1, sigmas[s], 1);
    ck_assert_msg(error < 1, "sigma = %g: error %g", sigmas[s], error);
  }
  check_draws(&b);
  builtin_table_free(&table);
  builtin_destroy(&b);
}
END_TEST

TCase *targets_digits_case(void) {
  TCase *const c = tcase_create("digits");
  tcase_set_timeout(c, 120);
  tcase_add_loop_test(c, density_and_convolution_are_the_stated_ones, 0, (int)(sizeof sigmas / sizeof *sigmas));
  tcase_add_test(c, bits_do_not_depend_on_the_call);
  tcase_add_test(c, bits_do_not_depend_on_the_instruction_set);
  tcase_add_test(c, a_single_image);
  tcase_add_test(c, bad_images);
  tcase_add_test(c, packed_files);
  tcase_add_test(c, files_of_packages);
  tcase_add_test(c, the_real_images);
  return c;
}
