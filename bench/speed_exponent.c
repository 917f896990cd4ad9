/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How figures grow. */
#include "bench/speed_lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MEGABYTE 0x1p20

/* N of a name "growth.KIND.METHOD.N.seconds"; 0 for any other. */
static size_t number_of(const char *name, const char *kind, const char *method) {
  char beginning[FIGURE_NAME], *end;
  const int length = snprintf(beginning, sizeof beginning, "growth.%s.%s.", kind, method);
  if (strncmp(name, beginning, (size_t)length) != 0) return 0;
  const size_t n = strtoul(name + length, &end, 10);
  return strcmp(end, ".seconds") == 0 ? n : 0;
}

size_t growth_number(const figures *all, const char *kind, const char *method, size_t i) {
  size_t number = 0;
  for (size_t k = 0; k <= i; k++) {
    size_t next = 0;
    for (size_t f = 0; f < all->n; f++) {
      const size_t n = number_of(all->figure[f].name, kind, method);
      if (n > number && (next == 0 || n < next)) next = n;
    }
    if (next == 0) return 0;
    number = next;
  }
  return number;
}

double growth_exponent(const figures *all, const char *kind, const char *method, double least) {
  double count = 0, x = 0, y = 0, xx = 0, xy = 0;
  size_t n;
  for (size_t i = 0; (n = growth_number(all, kind, method, i)) != 0; i++) {
    if ((double)n < least) continue;
    const double u = log((double)n), v = log(figures_median(all, "growth.%s.%s.%zu.seconds", kind, method, n));
    count++;
    x += u;
    y += v;
    xx += u * u;
    xy += u * v;
  }
  return count < 3 ? NAN : (count * xy - x * y) / (count * xx - x * x);
}

double memory_allowed(double particles, double dim) {
  return 32 * MEGABYTE + 6 * particles * dim * 8;
}
