/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the main function of every test program ends with. */
#ifndef DILATE_TESTS_RUNNER_H
#define DILATE_TESTS_RUNNER_H

#include <check.h>
#include <stdlib.h>

/* Runs all suites, and frees the runner.  Returns the program's exit status. */
static inline int run_all(SRunner *runner) {
  srunner_run_all(runner, CK_NORMAL);
  const int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
