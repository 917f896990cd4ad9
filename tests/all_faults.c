/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Out of memory at every single allocation of all that chaos.h lists, whole runs of every method among them, and of the program's commands
 * of faults.h. */
#include "chaos.h"
#include "faults.h"
#include "heap.h"
#include "runner.h"

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

START_TEST(short_work) {
  ck_assert_int_eq(chaos_go_to_plugins(), 0);
  chaos_sweep(&chaos_parts[_i], SIZE_MAX, 1);
}
END_TEST

START_TEST(whole_runs) {
  chaos_sweep(&chaos_runs[_i], SIZE_MAX, 1);
}
END_TEST

START_TEST(more_runs) {
  chaos_sweep(&chaos_variants[_i], SIZE_MAX, 1);
}
END_TEST

START_TEST(commands) {
  faults_enter();
  faults_sweep(&fault_cases[_i], 0, 1);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("out of memory, everywhere");
  TCase *library = tcase_create("the library");
  tcase_add_loop_test(library, short_work, 0, (int)chaos_part_count);
  tcase_add_loop_test(library, whole_runs, 0, (int)chaos_run_count);
  tcase_add_loop_test(library, more_runs, 0, (int)chaos_variant_count);
  tcase_set_timeout(library, 0);
  suite_add_tcase(suite, library);
  TCase *program = tcase_create("the program");
  if (heap_works()) tcase_add_loop_test(program, commands, 0, (int)fault_case_count);
  tcase_set_timeout(program, 0);
  suite_add_tcase(suite, program);
  faults_prepare();
  const int status = run_all(srunner_create(suite));
  faults_leave();
  printf("counted: %zu faults injected\n", chaos_injected() + faults_injected());
  return status;
}
