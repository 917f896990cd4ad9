/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of the command line.  Read by hand, since strtoull() takes "-1", " 7" and "7x". */
#include "cli/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 1 when text is a decimal number that fits. */
static int read_digits(const char *text, uint64_t *out) {
  uint64_t value = 0;
  if (!*text) return 0;
  for (; *text; ++text) {
    if (*text < '0' || *text > '9') return 0;
    const uint64_t digit = (uint64_t)(*text - '0');
    if (value > (UINT64_MAX - digit) / 10) return 0;
    value = 10 * value + digit;
  }
  *out = value;
  return 1;
}

int number_read(const char *option, const char *argument, uint64_t least, uint64_t most, uint64_t *out, failure *f) {
  uint64_t value = 0;
  if (!read_digits(argument, &value) || value < least || value > most)
    return fail_with(f, EXIT_USAGE, "%s wants a whole number from %" PRIu64 " to %" PRIu64 ", not '%s'", option, least, most, argument);
  *out = value;
  return 0;
}

int number_read_size(const char *option, const char *argument, size_t least, size_t most, size_t *out, failure *f) {
  uint64_t value = 0;
  if (number_read(option, argument, least, most, &value, f)) return f->exit_status;
  *out = (size_t)value;
  return 0;
}

int number_read_threads(const char *argument, size_t *out, failure *f) {
  return number_read_size("--threads", argument, 1, 1024, out, f);
}

/* What summary.json can hold. */
int number_read_seed(const char *argument, uint64_t *out, failure *f) {
  return number_read("--seed", argument, 0, INT64_MAX, out, f);
}

/* 1 when text is a finite decimal number and nothing else: strtod() alone takes "nan", "0x10" and " 7". */
static int read_decimal(const char *text, double *out) {
  char *end;
  if (!*text || text[strspn(text, "0123456789+-.eE")]) return 0;
  *out = strtod(text, &end);
  return end != text && !*end && isfinite(*out);
}

int number_read_positive(const char *option, const char *argument, double *out, failure *f) {
  double value = 0;
  if (!read_decimal(argument, &value) || !(value > 0))
    return fail_with(f, EXIT_USAGE, "%s wants a finite number above 0, not '%s'", option, argument);
  *out = value;
  return 0;
}

int number_read_real(const char *option, const char *argument, double least, double most, double *out, failure *f) {
  double value = 0;
  if (!read_decimal(argument, &value) || value < least || value > most)
    return fail_with(f, EXIT_USAGE, "%s wants a number from %g to %g, not '%s'", option, least, most, argument);
  *out = value;
  return 0;
}
