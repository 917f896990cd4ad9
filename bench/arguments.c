/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options, numbers, ranges of seeds, lists of names. */
#define _GNU_SOURCE
#include "bench/arguments.h"

#include "bench/support.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

_Noreturn static void end_with(const char *usage, int status) {
  fputs(usage, status == 0 ? stdout : stderr);
  exit(status);
}

static int take_text(const arguments_text *texts, int letter, const char *value, void *to) {
  for (const arguments_text *t = texts; t != NULL && t->letter != 0; t++)
    if (t->letter == letter) {
      *(const char **)((char *)to + t->offset) = value;
      return 1;
    }
  return 0;
}

char **arguments_read(int argc, char **argv, const arguments_syntax *s, void *to) {
  for (int letter; (letter = getopt_long(argc, argv, "", s->options, NULL)) != -1;) {
    if (letter == 'h') end_with(s->usage, 0);
    if (letter == '?' || !(take_text(s->texts, letter, optarg, to) || s->take(letter, optarg, to))) end_with(s->usage, 2);
  }
  if (argc - optind != s->operands) end_with(s->usage, 2);
  return argv + optind;
}

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

double arguments_number(const char *text) {
  char *end;
  const double number = strtod(text, &end);
  return end != text && *end == '\0' && number >= 0 && number <= 1e6 ? number : (double)NAN;
}

int arguments_selected(const char *name, const char *list) {
  for (const char *word = list; word != NULL;) {
    const size_t length = strcspn(word, ",");
    if (strlen(name) == length && strncmp(name, word, length) == 0) return 1;
    word = word[length] == ',' ? word + length + 1 : NULL;
  }
  return list == NULL;
}

void arguments_check(const char *list, const char *what, int (*known)(const char *name)) {
  for (const char *word = list; word != NULL;) {
    char name[64];
    const size_t length = strcspn(word, ",");
    snprintf(name, sizeof name, "%.*s", (int)length, word);
    if (length >= sizeof name || !known(name)) give_up("there is no %s \"%.*s\"", what, (int)length, word);
    word = word[length] == ',' ? word + length + 1 : NULL;
  }
}
