/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Out of memory, quickly: every allocation of all that is short fails once; of a whole run of the default sampler every one of the
 * first, and a sample of the others (all_faults.c has them all).  The sweep itself is tried on cases that are wrong on purpose. */
#include "chaos.h"

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "runner.h"

#define RUN_DENSE  150
#define RUN_STRIDE 31

/* ---- The sweep finds what it is for ---- */

static int keeps_the_rules(dilate_error *err) {
  void *first = NEW(char, 1), *second = NEW(char, 1);
  const int status = first && second ? DILATE_OK : error_memory(err, "a case");
  memory_free(first);
  memory_free(second);
  return status;
}

static void *forgotten;

static int leaks(dilate_error *err) {
  void *second;
  forgotten = NEW(char, 1);
  second = NEW(char, 1);
  if (!second) return error_memory(err, "a case");
  memory_free(second);
  memory_free(forgotten);
  return forgotten ? DILATE_OK : error_memory(err, "a case");
}

static int goes_on(dilate_error *err) {
  (void)err;
  memory_free(NEW(char, 1));
  return DILATE_OK;
}

static int says_nothing(dilate_error *err) {
  (void)err;
  void *block = NEW(char, 1);
  memory_free(block);
  return block ? DILATE_OK : DILATE_ENOMEM;
}

static int blames_the_user(dilate_error *err) {
  void *block = NEW(char, 1);
  memory_free(block);
  return block ? DILATE_OK : error_set(err, DILATE_EINVAL, "an argument is wrong");
}

static const struct {
  chaos_case what;
  size_t k; /* the allocation that brings it to light */
  const char *fault;
} judged[] = {{{"leaks", leaks}, 1, "it leaks"},
              {{"goes on", goes_on}, 0, "not the status"},
              {{"says nothing", says_nothing}, 0, "does not say so"},
              {{"blames the user", blames_the_user}, 0, "status -1"},
              {{"keeps the rules", keeps_the_rules}, 2, "no such allocation"}};

START_TEST(sweep_finds_faults) {
  const char *fault = chaos_fault(&judged[_i].what, judged[_i].k, 0);
  ck_assert_msg(fault && strstr(fault, judged[_i].fault), "%s gives \"%s\"", judged[_i].what.name, fault ? fault : "no fault");
  if (judged[_i].what.run == leaks) memory_free(forgotten);
}
END_TEST

START_TEST(sweep_passes_what_is_right) {
  const chaos_case right = {"keeps the rules", keeps_the_rules};
  ck_assert_uint_eq(chaos_total(&right), 2);
  chaos_sweep(&right, SIZE_MAX, 1);
}
END_TEST

/* ---- The library ---- */

START_TEST(short_work) {
  chaos_sweep(&chaos_parts[_i], SIZE_MAX, 1);
}
END_TEST

START_TEST(whole_runs) {
  chaos_sweep(&chaos_runs[_i], RUN_DENSE, RUN_STRIDE);
}
END_TEST

int main(void) {
  if (chaos_go_to_plugins()) return 1;
  Suite *suite = suite_create("out of memory");
  TCase *sweep = tcase_create("the sweep"), *library = tcase_create("the library");
  tcase_add_loop_test(sweep, sweep_finds_faults, 0, (int)(sizeof judged / sizeof *judged));
  tcase_add_test(sweep, sweep_passes_what_is_right);
  suite_add_tcase(suite, sweep);
  tcase_add_loop_test(library, short_work, 0, (int)chaos_part_count);
  tcase_add_loop_test(library, whole_runs, 0, (int)chaos_run_count);
  tcase_set_timeout(library, 0);
  suite_add_tcase(suite, library);
  return run_all(srunner_create(suite));
}
