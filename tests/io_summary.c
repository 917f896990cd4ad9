/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `dilate summary` reads: settings, warm-up, names, chains, the summary of a run; and its warnings. */
#define _POSIX_C_SOURCE 200809L
#include "io_cases.h"

#include "cli/summary.h"
#include "io/json.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A file of draws; its path. */
static const char *put_csv(const char *name, const char *content) {
  put(name, content);
  return inside(name);
}

static void reads(const char *content, draws_table *out) {
  failure f = {0};
  ck_assert_msg(draws_read_all(put_csv("a.csv", content), out, &f) == 0, "%s", f.message);
}

/* What is found of the draws of a file draws.csv; both need forget(). */
static int measure(const char *draws, summary_draws *of, summarised *out, failure *f) {
  static draws_table table;
  *of = (summary_draws){.files = 1, .table = &table};
  *out = (summarised){0};
  if (draws_read_all(put_csv("draws.csv", draws), &table, f)) return f->exit_status;
  if (own_run_wrote(&table) && own_run_read(&table, &of->run, f)) return f->exit_status;
  return summary_measure(of, out, f);
}

static void forget(summary_draws *of, summarised *found) {
  draws_clear(of->table);
  own_run_clear(&of->run);
  summarised_clear(found);
}

/* ---- Stan's files ---- */

/* The rows that are left of ten, and the first of them. */
static void leaves(const char *settings, size_t rows, double first) {
  char content[1024];
  draws_table t;
  size_t used = (size_t)snprintf(content, sizeof content, "%s\nlp__,x\n", settings);
  for (int i = 0; i < 10; ++i) used += (size_t)snprintf(content + used, sizeof content - used, "%d,%d\n", -i, i);
  reads(content, &t);
  ck_assert_uint_eq(t.rows, rows);
  ck_assert_double_eq(t.value[1], first);
  draws_clear(&t);
}

START_TEST(warmup_is_left_out) {
  leaves("#     num_warmup = 4\n#     save_warmup = 1", 6, 4);
  leaves("#     num_warmup = 4\n#     save_warmup = true\n#     thin = 3", 8, 2);
  leaves("#     num_warmup = 1000 (Default)\n#     save_warmup = 0 (Default)", 10, 0);
  leaves("#     num_warmup = 1000 (Default)\n#     save_warmup = false (Default)", 10, 0);
  leaves("# iter=14\n# warmup=4\n# save_warmup=1\n# thin=2", 8, 2);
  leaves("# save_warmup = 1", 10, 0);
  leaves("#     num_warmup = 1000 (Default)\n#     save_warmup = 1\n#     algorithm = fixed_param", 10, 0);
  leaves("#     num_warmup = 4\n#     save_warmup = 1\n#     algorithm = hmc (Default)", 6, 4);
  failure f = {0};
  draws_table t;
  ck_assert_int_eq(draws_read_all(put_csv("b.csv", "# num_warmup = 2\n# save_warmup = 1\nx\n1\n2\n"), &t, &f), EXIT_RUN);
  assert_holds(f.message, "has 2 rows, all of them of the 2 of warm-up");
  ck_assert(!t.value && !t.name);
}
END_TEST

START_TEST(dotted_names_get_brackets) {
  static const char *const names[][2] = {{"theta.1", "theta[1]"},
                                         {"Sigma.10.2", "Sigma[10,2]"},
                                         {"a.b", "a.b"},
                                         {"z.real", "z[real]"},
                                         {"z.3.imag", "z[3,imag]"},
                                         {"a.b.1", "a.b[1]"},
                                         {"x[1]", "x[1]"},
                                         {"lp__", "lp__"},
                                         {".1", ".1"},
                                         {"t.1.x.2", "t.1.x[2]"},
                                         {"v.", "v."},
                                         {"w.1.", "w.1."},
                                         {"y.real.1", "y.real[1]"},
                                         {"s:1.2", "s:1[2]"}};
  enum { COUNT = sizeof names / sizeof *names };
  char *copy[COUNT];
  draws_table t = {.columns = COUNT, .name = copy};
  failure f = {0};
  for (size_t k = 0; k < COUNT; ++k) copy[k] = strdup(names[k][0]);
  ck_assert_int_eq(draws_bracket_names(&t, &f), 0);
  for (size_t k = 0; k < COUNT; ++k) {
    ck_assert_str_eq(copy[k], names[k][1]);
    free(copy[k]);
  }
}
END_TEST

START_TEST(all_columns_are_read_as_they_are) {
  draws_table t;
  reads("lp__,x,divergent__\n-inf,nan,1\n2,NA,0\n", &t);
  ck_assert_uint_eq(t.columns, 3);
  ck_assert(isinf(t.value[0]) && isnan(t.value[1]) && t.value[2] == 1 && isnan(t.value[4]) && t.value[5] == 0);
  draws_clear(&t);
}
END_TEST

/* ---- Files ---- */

START_TEST(folders_stand_for_their_files) {
  static const char *const made[] = {"draws_1.csv", "draws_2.csv", "draws_4.csv", "draws.csv"};
  char other[] = "other.csv", *arguments[] = {scratch, other};
  char wanted[160];
  for (size_t k = 0; k <= 4; ++k) { /* files in the folder */
    draws_files list;
    failure f = {0};
    if (k) put(made[k - 1], "x\n1\n");
    ck_assert_int_eq(draws_files_list(2, arguments, &list, &f), 0);
    ck_assert_uint_eq(list.count, k == 2 || k == 3 ? 3 : 2);
    snprintf(wanted, sizeof wanted, "%s/%s", scratch, k == 0 || k == 4 ? "draws.csv" : "draws_1.csv");
    ck_assert_str_eq(list.path[0], wanted);
    ck_assert_str_eq(list.path[list.count - 1], other);
    draws_files_clear(&list);
  }
}
END_TEST

START_TEST(a_file_named_twice_is_refused) {
  char file[128], *arguments[] = {scratch, file};
  draws_files list;
  failure f = {0};
  snprintf(file, sizeof file, "%s", put_csv("draws.csv", "x\n1\n"));
  ck_assert_int_eq(draws_files_list(2, arguments, &list, &f), EXIT_RUN);
  assert_holds(f.message, "draws.csv' is named twice");
  ck_assert(!list.path && list.count == 0);
}
END_TEST

/* ---- Chains ---- */

START_TEST(chains_are_gathered) {
  draws_table t[2];
  draws_chains c;
  failure f = {0};
  ck_assert_int_eq(draws_read_all(put_csv("a.csv", "chain__,x,y\n7,1,10\n3,2,20\n7,3,30\n3,4,40\n"), &t[0], &f), 0);
  ck_assert_int_eq(draws_read_all(put_csv("b.csv", "y,x,chain__\n50,5,1\n60,6,1\n"), &t[1], &f), 0);
  ck_assert_int_eq(draws_chains_gather(2, t, &c, &f), 0);
  const double wanted[] = {7, 7, 3, 3, 1, 1, 1, 3, 2, 4, 5, 6, 10, 30, 20, 40, 50, 60};
  ck_assert(c.chains == 3 && c.draws == 2 && c.columns == 3);
  ck_assert_mem_eq(c.value, wanted, sizeof wanted);
  ck_assert_str_eq(c.name[2], "y");
  draws_chains_clear(&c);
  for (int k = 0; k < 2; ++k) draws_clear(&t[k]);
}
END_TEST

START_TEST(draws_of_rs_posterior_are_chains) {
  summary_draws of;
  summarised found;
  failure f = {0};
  ck_assert_int_eq(measure(".chain,.iteration,.draw,x\n1,1,1,5\n1,2,2,6\n2,1,3,7\n2,2,4,9\n", &of, &found, &f), 0);
  ck_assert(found.chains == 2 && found.draws == 2 && found.parameters == 1);
  ck_assert_str_eq(found.parameter[0].name, "x");
  forget(&of, &found);
}
END_TEST

static void does_not_gather(const char *a, const char *b, const char *part) {
  draws_table t[2];
  draws_chains c;
  failure f = {0};
  ck_assert_int_eq(draws_read_all(put_csv("a.csv", a), &t[0], &f), 0);
  ck_assert_int_eq(draws_read_all(put_csv("b.csv", b), &t[1], &f), 0);
  ck_assert_int_eq(draws_chains_gather(2, t, &c, &f), EXIT_RUN);
  assert_holds(f.message, part);
  ck_assert(!c.value);
  for (int k = 0; k < 2; ++k) draws_clear(&t[k]);
}

START_TEST(chains_that_do_not_fit_are_named) {
  does_not_gather("x\n1\n2\n", "x\n1\n", "chains must be equally long: chain 1 of '");
  does_not_gather("x\n1\n2\n", "x\n1\n", "b.csv' has 1 draws, and the first of '");
  does_not_gather("chain__,x\n1,1\n1,2\n2,3\n", "chain__,x\n1,1\n", "chain 2 of '");
  does_not_gather("x\n1\n", "y\n1\n", "the parameter 'x' of '");
  does_not_gather("x\n1\n", "x,y\n1,2\n", "the parameter 'y' of '");
  does_not_gather("chain__,x\nnan,1\n", "chain__,x\n1,1\n", "the chain__ of draw 1 is not a number");
}
END_TEST

/* ---- A run of ours ---- */

/* The two files of a made-up run. */
static void put_run(void) {
  const dilate_result result = made_result();
  const outcome o = {.target = "made", .result = &result};
  capture out;
  capture_begin(&out);
  ck_assert_int_eq(json_write(out.stream, &o), 0);
  char *const text = capture_end(&out);
  put("summary.json", text);
  free(text);
}

static void put_draws(size_t rows, char *content, size_t size) {
  size_t used = (size_t)snprintf(content, size, "lp__,chain__,mode__,a,b,c\n");
  for (size_t i = 0; i < rows; ++i) used += (size_t)snprintf(content + used, size - used, "0,%zu,1,1,2,%zu\n", i / MADE_DRAWS + 1, i);
}

START_TEST(a_run_of_ours_has_its_own_errors) {
  static char content[8192];
  const dilate_result result = made_result();
  summary_draws of;
  summarised found;
  failure f = {0}, g = {0};
  put_run();
  put_draws(MADE_ROWS, content, sizeof content);
  ck_assert_msg(measure(content, &of, &found, &f) == 0, "%s", f.message);
  ck_assert_uint_eq(found.parameters, MADE_WIDTH);
  for (size_t j = 0; j < MADE_WIDTH; ++j) {
    ck_assert_str_eq(found.parameter[j].name, dilate_result_name(&result, j));
    ck_assert_double_eq(found.parameter[j].mcse, result.parameter[j].mcse);
    ck_assert_double_eq(found.parameter[j].ess_tail, result.parameter[j].ess_tail);
  }
  ck_assert_uint_eq(found.warnings, result.warnings);
  ck_assert_str_eq(found.method, result.method);
  forget(&of, &found);
  put_draws(MADE_ROWS - 1, content, sizeof content);
  ck_assert_int_eq(measure(content, &of, &found, &g), EXIT_RUN);
  assert_holds(g.message, "99 draws were read from '");
  assert_holds(g.message, "is of a run of 100");
  forget(&of, &found);
}
END_TEST

START_TEST(a_summary_that_is_none_is_refused) {
  static char content[8192];
  static const struct {
    const char *json, *part;
  } wrong[] = {{"{", "summary.json', line 1"}, {"{}", "is not the summary of a run"}, {"[1]", "is not the summary of a run"}};
  put_draws(MADE_ROWS, content, sizeof content);
  for (size_t k = 0; k < sizeof wrong / sizeof *wrong; ++k) {
    summary_draws of;
    summarised found;
    failure f = {0};
    put("summary.json", wrong[k].json);
    ck_assert_int_eq(measure(content, &of, &found, &f), EXIT_RUN);
    assert_holds(f.message, wrong[k].part);
    forget(&of, &found);
  }
}
END_TEST

/* ---- Warnings ---- */

/* The text of the summary of draws, to be freed. */
static char *text_of(const char *draws) {
  summary_draws of;
  summarised found;
  failure f = {0};
  capture out;
  ck_assert_msg(measure(draws, &of, &found, &f) == 0, "%s", f.message);
  capture_begin(&out);
  summarised_write(out.stream, &found);
  ck_assert_int_eq(summarised_write_json(out.stream, &found), 0);
  forget(&of, &found);
  return capture_end(&out);
}

START_TEST(what_is_doubted_is_said) {
  static char content[200000];
  size_t used = (size_t)snprintf(content, sizeof content, "chain__,divergent__,good,apart,cauchy,broken\n");
  unsigned state = 1;
  for (int i = 0; i < 2000; ++i) {
    state = state * 1664525u + 1013904223u;
    const double u = ((double)(state >> 8) + 0.5) / 16777216;
    used += (size_t)snprintf(content + used, sizeof content - used, "%d,%d,%.9g,%.9g,%.9g,%s\n", i / 500, i % 500 == 7, u, u + (i < 500),
                             tan(3.141592653589793 * (u - 0.5)), i ? "1" : "nan");
  }
  char *const text = text_of(content);
  assert_holds(text, "draws.csv: 4 chains of 500\n");
  assert_holds(text, "warning: 1 of the 2000 values of broken are not finite, and so for 1 of 4 parameters");
  assert_holds(text, "warning: R-hat of apart is ");
  assert_holds(text, "and above 1.01 for 1 of 4 parameters");
  assert_holds(text, "warning: the 2000 draws of apart are worth only ");
  assert_holds(text, "warning: the tails of cauchy have a Pareto k of ");
  assert_holds(text, "warning: 4 of 2000 transitions diverged");
  assert_holds(text, "\"errors_from\": \"order\"");
  assert_lacks(text, "there is one chain");
  assert_lacks(text, "dilate sample");
  free(text);
}
END_TEST

START_TEST(chains_too_short_for_diagnostics_are_doubted) {
  char *text = text_of("chain__,x\n1,1\n1,2\n1,4\n1,3\n1,7\n2,6\n2,1\n2,5\n2,2\n2,9\n");
  assert_holds(text, "warning: a chain has 5 draws: R-hat and ESS need 6");
  free(text);
  text = text_of("chain__,x\n1,1\n2,2\n");
  assert_holds(text, "warning: a chain has 1 draw: R-hat");
  free(text);
  text = text_of("chain__,x\n1,1\n1,2\n1,4\n1,3\n1,7\n1,6\n2,6\n2,1\n2,5\n2,2\n2,9\n2,3\n");
  assert_lacks(text, "R-hat and ESS need");
  free(text);
}
END_TEST

START_TEST(draws_that_lost_their_run_are_doubted) {
  static char content[8192];
  put_draws(MADE_ROWS, content, sizeof content);
  char *const text = text_of(content);
  assert_holds(text, "is of dilate sample, and the summary.json of its run is not beside it");
  free(text);
}
END_TEST

TCase *io_summary_case(void) {
  TCase *const tests = tcase_create("summary");
  add_scratch(tests);
  tcase_add_test(tests, warmup_is_left_out);
  tcase_add_test(tests, dotted_names_get_brackets);
  tcase_add_test(tests, all_columns_are_read_as_they_are);
  tcase_add_test(tests, folders_stand_for_their_files);
  tcase_add_test(tests, a_file_named_twice_is_refused);
  tcase_add_test(tests, chains_are_gathered);
  tcase_add_test(tests, draws_of_rs_posterior_are_chains);
  tcase_add_test(tests, chains_that_do_not_fit_are_named);
  tcase_add_test(tests, a_run_of_ours_has_its_own_errors);
  tcase_add_test(tests, a_summary_that_is_none_is_refused);
  tcase_add_test(tests, what_is_doubted_is_said);
  tcase_add_test(tests, chains_too_short_for_diagnostics_are_doubted);
  tcase_add_test(tests, draws_that_lost_their_run_are_doubted);
  return tests;
}
