/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole numbers, ranges of seeds, lists of names. */
#include "bench/arguments.h"

#include <stdlib.h>
#include <string.h>

/* 0: there is none. */
static uint64_t whole(const char *text, const char **end) {
  char *stop;
  const unsigned long long value = strtoull(text, &stop, 10);
  *end = stop;
  return stop == text ? 0 : value;
}

int arguments_count(const char *text) {
  const char *end;
  const uint64_t count = whole(text, &end);
  return *end != '\0' || count > 1024 ? 0 : (int)count;
}

int arguments_seeds(const char *text, uint64_t *first, uint64_t *last) {
  const char *end;
  *first = 1;
  *last = whole(text, &end);
  if (*end == '-') {
    *first = *last;
    *last = whole(end + 1, &end);
  }
  return *end == '\0' && *first > 0 && *last >= *first;
}

int arguments_selected(const char *name, const char *list) {
  for (const char *word = list; word != NULL;) {
    const size_t length = strcspn(word, ",");
    if (strlen(name) == length && strncmp(name, word, length) == 0) return 1;
    word = word[length] == ',' ? word + length + 1 : NULL;
  }
  return list == NULL;
}
