/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One seed, one thread, and nothing else asked for. */
#include "bench/default_run.h"

#include "bench/support.h"

dilate_result *default_run(const dilate_target *target, uint64_t seed, double *seconds, char **failure) {
  dilate_options options;
  dilate_error err;
  dilate_result *result = NULL;
  dilate_options_init(&options);
  dilate_error_init(&err);
  options.seed = seed;
  options.threads = 1;
  const double start = thread_seconds();
  const int status = dilate_sample(target, &options, &result, &err);
  *seconds = thread_seconds() - start;
  *failure = status == DILATE_OK ? NULL : copy_text(status < 0 ? err.message : dilate_status_text(status));
  return result;
}

char **copy_warnings(const dilate_result *result, size_t *count) {
  *count = dilate_result_warning_count(result);
  char **const warning = ALLOCATE(char *, *count);
  for (size_t i = 0; i < *count; i++) warning[i] = copy_text(dilate_result_warning(result, i));
  return warning;
}
