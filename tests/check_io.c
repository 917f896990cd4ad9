/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of what the program reads and writes: the runner, a made-up result, and what the cases share. */
#define _POSIX_C_SOURCE 200809L
#include "io_cases.h"
#include "runner.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static double value[MADE_ROWS * MADE_WIDTH], logp[MADE_ROWS], mode_mean[MADE_MODES * MADE_WIDTH] = {-2, 1, 0, 2, 1, 0};
static double weight[MADE_MODES] = {0.6, 0.4}, weight_se[MADE_MODES] = {0.02, 0.02}, peak[MADE_MODES * MADE_WIDTH], peak_logp[MADE_MODES];
static size_t mode_draws[MADE_MODES] = {60, 39};
static int mode_of[MADE_ROWS];
static char plain[] = "plain", comma[] = "b,c", markup[] = "say \"<i>\" & 'y'";
static char *names[MADE_WIDTH] = {plain, comma, markup};
static char first_warning[] = "the groups <1> & <2> disagree";
static char *warnings[] = {first_warning};
static dilate_parameter parameters[MADE_WIDTH];
static dilate_trace traces[MADE_TRACES];

static void fill_draws(void) {
  for (size_t i = 0; i < MADE_ROWS; ++i) {
    const int second = i % 5 >= 3;
    const double offset = ((double)(i % 7) - 3) / 10;
    mode_of[i] = i == 99 ? -1 : second;
    logp[i] = -offset * offset;
    value[i * MADE_WIDTH] = (second ? 2 : -2) + offset;
    value[i * MADE_WIDTH + 1] = 1 + offset / 3;
    value[i * MADE_WIDTH + 2] = 0;
  }
}

static void fill_tables(void) {
  for (size_t j = 0; j < MADE_WIDTH; ++j)
    parameters[j] = (dilate_parameter){.name = names[j],
                                       .mean = 0.123456,
                                       .mcse = 0.0234,
                                       .sd = j == 2 ? 0 : 1.5,
                                       .q5 = -2.3,
                                       .q50 = 0.5,
                                       .q95 = 2.3,
                                       .rhat = j == 0   ? 1.034
                                               : j == 1 ? 1.001
                                                        : NAN,
                                       .ess_bulk = j == 0 ? 150 : 900,
                                       .ess_tail = 800};
  for (size_t i = 0; i < MADE_TRACES; ++i)
    traces[i] = (dilate_trace){.stage = i < 3 ? "pilot" : "bridge",
                               .group = 1,
                               .round = 0,
                               .temperature = (double)(i % 3) / 2,
                               .ess = 0.5,
                               .log_z = -3 * (double)(i % 3),
                               .acceptance = 0.8,
                               .evaluations = 100 * i};
}

dilate_result made_result(void) {
  fill_draws();
  fill_tables();
  return (dilate_result){.dim = MADE_WIDTH,
                         .n_out = MADE_WIDTH,
                         .islands = MADE_ISLANDS,
                         .groups = 2,
                         .draws = MADE_DRAWS,
                         .seed = 7,
                         .method = "bridge",
                         .name = names,
                         .x = value,
                         .logp = logp,
                         .complete = 1,
                         .log_z = -1.25,
                         .log_z_se = 0.031,
                         .log_z_df = 12,
                         .mode = mode_of,
                         .modes = MADE_MODES,
                         .modes_countable = 1,
                         .peak = peak,
                         .peak_logp = peak_logp,
                         .unseen_mass = 0.001,
                         .value = value,
                         .mode_weight = weight,
                         .mode_se = weight_se,
                         .mode_mean = mode_mean,
                         .mode_draws = mode_draws,
                         .parameter = parameters,
                         .evaluations = 1234567,
                         .gradients = 1000000,
                         .seconds = 0.5,
                         .warning = warnings,
                         .warnings = 1,
                         .trace = traces,
                         .traces = MADE_TRACES};
}

void capture_begin(capture *c) {
  c->stream = open_memstream(&c->text, &c->size);
  ck_assert_ptr_nonnull(c->stream);
}

char *capture_end(capture *c) {
  ck_assert_int_eq(fclose(c->stream), 0);
  return c->text;
}

size_t occurrences(const char *text, const char *part) {
  size_t n = 0;
  for (const char *at = strstr(text, part); at; at = strstr(at + strlen(part), part)) ++n;
  return n;
}

void assert_holds(const char *text, const char *part) {
  ck_assert_msg(strstr(text, part) != NULL, "no '%s' in: %.2000s", part, text);
}

void assert_lacks(const char *text, const char *part) {
  ck_assert_msg(strstr(text, part) == NULL, "'%s' in: %.2000s", part, text);
}

char scratch[64];

static void scratch_make(void) {
  strcpy(scratch, "/tmp/dilate_check_io_XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(scratch));
}

static void remove_folder(const char *path) {
  DIR *folder = opendir(path);
  ck_assert_ptr_nonnull(folder);
  for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
    char entry_path[512];
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    snprintf(entry_path, sizeof entry_path, "%s/%s", path, entry->d_name);
    if (unlink(entry_path) != 0) remove_folder(entry_path);
  }
  closedir(folder);
  ck_assert_int_eq(rmdir(path), 0);
}

static void scratch_remove(void) {
  remove_folder(scratch);
}

void add_scratch(TCase *test) {
  tcase_add_checked_fixture(test, scratch_make, scratch_remove);
}

const char *inside(const char *name) {
  static char path[4][512];
  static size_t turn;
  char *const out = path[turn++ % 4];
  snprintf(out, sizeof path[0], "%s/%s", scratch, name);
  return out;
}

int exists(const char *name) {
  return access(inside(name), F_OK) == 0;
}

void put_bytes(const char *name, const char *content, size_t length) {
  FILE *const stream = fopen(inside(name), "w");
  ck_assert_ptr_nonnull(stream);
  ck_assert_uint_eq(fwrite(content, 1, length, stream), length);
  ck_assert_int_eq(fclose(stream), 0);
}

void put(const char *name, const char *content) {
  put_bytes(name, content, strlen(content));
}

char *file_text(const char *name) {
  FILE *stream = fopen(inside(name), "r");
  if (!stream) return NULL;
  capture c;
  capture_begin(&c);
  for (int byte = fgetc(stream); byte != EOF; byte = fgetc(stream)) fputc(byte, c.stream);
  fclose(stream);
  return capture_end(&c);
}

void assert_content(const char *name, const char *content) {
  char *const found = file_text(name);
  ck_assert_ptr_nonnull(found);
  ck_assert_str_eq(found, content);
  free(found);
}

int main(void) {
  Suite *const suite = suite_create("io");
  suite_add_tcase(suite, io_text_case());
  suite_add_tcase(suite, io_files_case());
  suite_add_tcase(suite, io_draws_case());
  suite_add_tcase(suite, io_summary_case());
  suite_add_tcase(suite, io_plots_case());
  suite_add_tcase(suite, io_report_case());
  suite_add_tcase(suite, io_sections_case());
  suite_add_tcase(suite, io_ranks_case());
  suite_add_tcase(suite, io_formats_case());
  suite_add_tcase(suite, io_netcdf_case());
  suite_add_tcase(suite, io_spread_case());
  suite_add_tcase(suite, io_variables_case());
  suite_add_tcase(suite, io_arguments_case());
  return run_all(srunner_create(suite));
}
