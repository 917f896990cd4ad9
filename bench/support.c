/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the programs share.  Doubles sort like unsigned integers once the sign bit of the positive ones and every bit of
 * the negative ones is turned over.  Four passes over digits of eleven bits sort them by all but their last twenty bits, and insertion
 * puts in order what agrees so far. */
#define _GNU_SOURCE
#include "bench/support.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DIGIT_BITS 11
#define DIGITS     (1u << DIGIT_BITS)
#define FIRST_BIT  20 /* 64 less four digits */

void give_up(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "%s: ", program_invocation_short_name);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(2);
}

void *allocate(size_t count, size_t size) {
  void *const p = calloc(count > 0 ? count : 1, size);
  if (p == NULL) give_up("out of memory");
  return p;
}

char *copy_text(const char *text) {
  char *const copy = ALLOCATE(char, strlen(text) + 1);
  return strcpy(copy, text);
}

FILE *open_output(const char *path) {
  FILE *const file = path != NULL ? fopen(path, "w") : stdout;
  if (file == NULL) give_up("%s: cannot be written", path);
  return file;
}

void close_output(FILE *file, const char *path) {
  if ((path != NULL ? fclose(file) : fflush(file)) != 0) give_up("%s: cannot be written", path != NULL ? path : "standard output");
}

static double seconds_of(clockid_t clock) {
  struct timespec t = {0};
  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double processor_seconds(void) {
  return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

double thread_seconds(void) {
  return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

double wall_seconds(void) {
  return seconds_of(CLOCK_MONOTONIC);
}

static uint64_t key_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static double number_of(uint64_t key) {
  const uint64_t bits = key >> 63 ? key & ~((uint64_t)1 << 63) : ~key;
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static void sort_by_digit(size_t n, unsigned shift, const uint64_t *from, uint64_t *to) {
  uint32_t place[DIGITS] = {0}, before = 0;
  for (size_t i = 0; i < n; i++) place[from[i] >> shift & (DIGITS - 1)]++;
  for (size_t d = 0; d < DIGITS; d++) {
    const uint32_t count = place[d];
    place[d] = before;
    before += count;
  }
  for (size_t i = 0; i < n; i++) to[place[from[i] >> shift & (DIGITS - 1)]++] = from[i];
}

static void insert_in_order(size_t n, uint64_t *key) {
  for (size_t i = 1; i < n; i++) {
    const uint64_t moved = key[i];
    size_t k = i;
    for (; k > 0 && key[k - 1] > moved; k--) key[k] = key[k - 1];
    key[k] = moved;
  }
}

void sort_ascending(size_t n, double *x, uint64_t *work) {
  uint64_t *from = work, *to = work + n;
  for (size_t i = 0; i < n; i++) from[i] = key_of(x[i]);
  for (unsigned shift = FIRST_BIT; shift < 64; shift += DIGIT_BITS) {
    sort_by_digit(n, shift, from, to);
    uint64_t *const swapped = from;
    from = to;
    to = swapped;
  }
  insert_in_order(n, from);
  for (size_t i = 0; i < n; i++) x[i] = number_of(from[i]);
}

double median_of(size_t n, const double *x) {
  if (n == 0) return NAN;
  double *const sorted = ALLOCATE(double, n);
  uint64_t *const work = ALLOCATE(uint64_t, 2 * n);
  for (size_t i = 0; i < n; i++) sorted[i] = isnan(x[i]) ? INFINITY : x[i];
  sort_ascending(n, sorted, work);
  const double low = sorted[(n - 1) / 2], high = sorted[n / 2];
  free(sorted);
  free(work);
  return low + (high > low ? (high - low) / 2 : 0);
}

double largest_of(size_t n, const double *x) {
  double largest = n > 0 ? -INFINITY : NAN;
  for (size_t i = 0; i < n; i++) {
    if (isnan(x[i])) return INFINITY;
    if (x[i] > largest) largest = x[i];
  }
  return largest;
}

double mean_of(size_t n, const double *x) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += x[i];
  return n > 0 ? sum / (double)n : NAN;
}

double sd_of(size_t n, const double *x) {
  const double mean = mean_of(n, x);
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (x[i] - mean) * (x[i] - mean);
  return n > 1 ? sqrt(sum / (double)(n - 1)) : NAN;
}

double interpolate(size_t n, const double *level, const double *value, double p) {
  size_t i = 1;
  while (i + 1 < n && level[i] < p) i++;
  const double t = (p - level[i - 1]) / (level[i] - level[i - 1]);
  return value[i - 1] + (t < 0 ? 0 : t > 1 ? 1 : t) * (value[i] - value[i - 1]);
}

size_t csv_fields(FILE *file, char *line, size_t size, char *field[CSV_FIELDS]) {
  do {
    if (fgets(line, (int)size, file) == NULL) return 0;
    line[strcspn(line, "\r\n")] = '\0';
  } while (line[0] == '\0' || line[0] == '#');
  size_t n = 0;
  for (char *next = line; next != NULL && n < CSV_FIELDS; n++) {
    field[n] = next;
    next = strchr(next, ',');
    if (next != NULL) *next++ = '\0';
  }
  return n;
}

double csv_number(const char *path, const char *text) {
  char *end;
  const double value = strtod(text, &end);
  if (end == text || *end != '\0') give_up("%s: '%s' where a number is needed", path, text);
  return value;
}

FILE *csv_open(const char *folder, const char *name, char *path, size_t size) {
  snprintf(path, size, "%s/%s", folder, name);
  FILE *const file = fopen(path, "r");
  if (file == NULL) give_up("%s: cannot be read", path);
  return file;
}
