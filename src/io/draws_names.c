/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of array elements: Stan's CSV files have theta.1.2 for theta[1,2], and z.1.real for the real part of z[1]. */
#define _POSIX_C_SOURCE 200809L
#include "io/draws.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int is_index(const char *part, size_t length) {
  for (size_t i = 0; i < length; ++i)
    if (!isdigit((unsigned char)part[i])) return 0;
  return length > 0;
}

static int is_index_or_half(const char *part) {
  return is_index(part, strlen(part)) || strcmp(part, "real") == 0 || strcmp(part, "imag") == 0;
}

/* Where the indices begin: the dot before the first of those that the name ends in; NULL when it ends in none. */
static char *first_index(char *name) {
  char *first = NULL;
  for (char *dot = strrchr(name, '.'); dot && dot > name; dot = strrchr(name, '.')) {
    const int is = first ? is_index(dot + 1, strlen(dot + 1)) : is_index_or_half(dot + 1);
    if (!is) break;
    first = dot;
    *dot = '\0'; /* for the search of the next one; put back below */
  }
  return first;
}

/* Puts the dots back, as commas behind the first. */
static void join(char *first, const char *end) {
  for (char *at = first; at < end; ++at)
    if (!*at) *at = at == first ? '[' : ',';
}

int draws_bracket_names(draws_table *table, failure *f) {
  for (size_t j = 0; j < table->columns; ++j) {
    const size_t length = strlen(table->name[j]);
    char *const longer = realloc(table->name[j], length + 2);
    if (!longer) return fail_with(f, EXIT_RUN, "out of memory");
    table->name[j] = longer;
    char *const first = first_index(longer);
    if (!first) continue;
    join(first, longer + length);
    strcpy(longer + length, "]");
  }
  return 0;
}
