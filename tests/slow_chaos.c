/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Out of memory at every single allocation of whole runs of the default sampler: see chaos.h. */
#include "chaos.h"
#include "runner.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>

START_TEST(whole_runs) {
  chaos_sweep(&chaos_runs[_i], SIZE_MAX, 1);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("out of memory, everywhere");
  TCase *runs = tcase_create("whole runs");
  tcase_add_loop_test(runs, whole_runs, 0, (int)chaos_run_count);
  tcase_set_timeout(runs, 0);
  suite_add_tcase(suite, runs);
  return run_all(srunner_create(suite));
}
