/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See streams.h.  Where one of the three descriptors is closed, the first file that is opened would take its place, and be written to by
 * whoever means the stream: so they are filled, standard output by what cannot be written, which then is reported. */
#define _POSIX_C_SOURCE 200809L
#include "cli/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void fill(int descriptor, int flags) {
  if (fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) return;
  const int opened = open("/dev/null", flags);
  if (opened < 0 || opened == descriptor) return;
  dup2(opened, descriptor);
  close(opened);
}

void streams_begin(void) {
  fill(STDIN_FILENO, O_RDONLY);
  fill(STDOUT_FILENO, O_RDONLY);
  fill(STDERR_FILENO, O_WRONLY);
  signal(SIGPIPE, SIG_IGN); /* a write then fails with EPIPE, */
  signal(SIGXFSZ, SIG_IGN); /* and with EFBIG */
}

int streams_finish(failure *f) {
  const int lost = ferror(stdout);
  errno = 0;
  if (lost) fputc('\n', stdout); /* why is asked again: errno was of that moment */
  if (fflush(stdout) == 0 && !lost) return 0;
  return fail_with(f, EXIT_RUN, "cannot write to standard output: %s", strerror(errno ? errno : EIO));
}
