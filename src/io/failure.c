/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line for the user; line ends and control characters in quoted input become '?', so that it stays one line. */
#include "io/failure.h"

#include <stdarg.h>

static void keep_one_line(char *text) {
  for (; *text; ++text)
    if ((unsigned char)*text < ' ' || *text == 0x7f) *text = '?';
}

int fail_with(failure *f, int exit_status, const char *format, ...) {
  if (f->exit_status) return f->exit_status;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(f->message, sizeof f->message, format, arguments);
  va_end(arguments);
  keep_one_line(f->message);
  f->exit_status = exit_status;
  return exit_status;
}

int fail_to_write(failure *f, FILE *stream, const char *what) {
  return fail_with(f, EXIT_RUN, ferror(stream) ? "cannot write %s" : "out of memory while writing %s", what);
}
