/* SPDX-License-Identifier: GPL-3.0-or-later */
/* perf_event_open(2) of Linux, user space only; nothing elsewhere, nor where perf_event_paranoid or a container forbids it. */
#define _DEFAULT_SOURCE
#include "bench/speed_count.h"

#include <math.h>
#include <stdint.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/perf_event.h>
#include <sys/syscall.h>

int instructions_begin(void) {
  struct perf_event_attr what = {.type = PERF_TYPE_HARDWARE, .size = sizeof what, .config = PERF_COUNT_HW_INSTRUCTIONS};
  what.inherit = 1;
  what.exclude_kernel = 1;
  what.exclude_hv = 1;
  return (int)syscall(SYS_perf_event_open, &what, 0, -1, -1, 0);
}
#else
int instructions_begin(void) {
  return -1;
}
#endif

double instructions_end(int descriptor) {
  uint64_t count = 0;
  if (descriptor < 0) return (double)NAN;
  const int complete = read(descriptor, &count, sizeof count) == (ssize_t)sizeof count;
  close(descriptor);
  return complete && count > 0 ? (double)count : (double)NAN;
}
