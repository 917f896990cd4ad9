/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Out of memory in the program, quickly: a sample of the allocations of every command line of faults.c (all_faults.c has them all). */
#include "faults.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "heap.h"
#include "runner.h"

enum { STRIDE = 97 };

START_TEST(commands_without_memory) {
  faults_enter();
  faults_sweep(&fault_cases[_i], (size_t)(31 * _i) % STRIDE, STRIDE);
}
END_TEST

int main(void) {
  if (!heap_works()) {
    puts("skipped: the C library's allocator cannot be stood in front of here");
    return 77;
  }
  faults_prepare();
  Suite *suite = suite_create("out of memory, in the program");
  TCase *commands = tcase_create("commands");
  tcase_add_loop_test(commands, commands_without_memory, 0, (int)fault_case_count);
  tcase_set_timeout(commands, 0);
  suite_add_tcase(suite, commands);
  const int status = run_all(srunner_create(suite));
  faults_leave();
  return status;
}
