/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Warnings of whole runs: planted faults are told of, sound targets are not. */
#include <math.h>
#include <string.h>

#include "check_sampler.h"
#include "check_warnings.h"
#include "planted.h"

/* A run of the planted target; NULL when it failed, and *err says why. */
static dilate_result *run_planted(const planted *p, uint64_t seed, size_t draws, dilate_error *err) {
  const dilate_target target = planted_target(p);
  dilate_options options = small_options("bridge");
  options.seed = seed;
  options.draws = draws;
  dilate_result *result = NULL;
  dilate_error_init(err);
  dilate_sample(&target, &options, &result, err);
  return result;
}

static const char *const all_texts[] = {
    "gradient contradicts", "improper",      "groups disagree", "had not found",     "found different",      "islands disagree",
    "no reference covers",  "its budget of", "Pareto k",        "temperatures were", "log evidences differ", "of all mass is near"};
#define TEXTS (sizeof all_texts / sizeof *all_texts)

/* The sound ones whose runs are short; of the other checks' error probabilities the islands' is the largest: 1e-3 a group. */
START_TEST(sound_runs) {
  const char *const sound[] = {"wells", "laplace1", "stiff", "floor", "rounded"};
  dilate_error err;
  for (uint64_t seed = 1; seed <= 2; seed++) {
    dilate_result *result = run_planted(planted_find(sound[_i]), seed, 64, &err);
    ck_assert_msg(result != NULL, "%s: %s", sound[_i], err.message);
    for (size_t k = 0; k < TEXTS; k++) ck_assert_msg(!has_warning(result, all_texts[k]), "%s: %s", sound[_i], all_texts[k]);
    dilate_result_free(result);
  }
}
END_TEST

/* What a planted run must say: in a warning, or in the error where nothing can be returned. */
static const struct {
  const char *name, *text;
} faults[] = {{"sign", "gradient contradicts"},
              {"factor", "gradient contradicts"},
              {"partial", "gradient contradicts"},
              {"prior", "gradient contradicts"},
              {"flat1", "improper"},
              {"missing", "improper"},
              {"separated", "improper"}};

#define IMPROPER_MOST 1000000 /* evaluations: a run that knows that there are no draws soon ends */

START_TEST(faulty_runs) {
  dilate_error err;
  for (uint64_t seed = 1; seed <= 2; seed++) {
    dilate_result *result = run_planted(planted_find(faults[_i].name), seed, 64, &err);
    ck_assert_msg(result ? has_warning(result, faults[_i].text) : strstr(err.message, faults[_i].text) != NULL, "%s: %s", faults[_i].name,
                  result ? "not said" : err.message);
    if (result && planted_find(faults[_i].name)->fault == PLANTED_IMPROPER)
      ck_assert_uint_lt(dilate_result_evaluations(result, NULL), IMPROPER_MOST);
    dilate_result_free(result);
  }
}
END_TEST

/* Needles that a group finds some of: of the runs that lost more than 5 % of the mass, at least 80 % say so. */
START_TEST(lost_modes_are_told) {
  dilate_error err;
  double lost = 0, told = 0;
  for (uint64_t seed = 1; seed <= 6; seed++) {
    const planted *p = planted_find("needles");
    dilate_result *result = run_planted(p, seed, 64, &err);
    ck_assert_ptr_nonnull(result);
    int said = 0;
    for (size_t k = 2; k < TEXTS; k++) said = said || has_warning(result, all_texts[k]);
    if (p->lost(result) > 0.05) {
      lost += 1;
      told += said;
    }
    dilate_result_free(result);
  }
  ck_assert_double_ge(told, 0.8 * lost);
}
END_TEST

Suite *warned_runs_suite(void) {
  Suite *suite = suite_create("warnings of runs");
  TCase *runs = tcase_create("runs");
  tcase_set_timeout(runs, 0);
  tcase_add_loop_test(runs, sound_runs, 0, 5);
  tcase_add_loop_test(runs, faulty_runs, 0, (int)(sizeof faults / sizeof *faults));
  tcase_add_test(runs, lost_modes_are_told);
  suite_add_tcase(suite, runs);
  return suite;
}
