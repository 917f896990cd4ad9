/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of `dilate sample`, a word a line, and hints for a target of two coordinates. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/hints.h"
#include "io/draw_formats.h"

enum { WORDS = 64 };

static void read_hints(arguments *a) {
  hint_numbers hints;
  failure f = {0};
  a->hint_points = NULL; /* a file, of which any name could stand there: fuzz_points.c */
  fuzz_expect_told(hints_read(a, 2, &hints, &f), &f);
  hints_clear(&hints);
}

static void expect_arguments(const arguments *a) {
  fuzz_expect(a->target && a->options.method, "a target and a method");
  fuzz_expect(a->options.islands > 0 && a->options.groups > 0 && a->options.islands % a->options.groups == 0, "islands of groups");
  fuzz_expect(a->options.draws > 0 && a->formats > 0 && a->formats < 1u << DRAW_FORMATS, "draws and their formats");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *const text = fuzz_text(data, size), *word[WORDS + 2] = {"sample"};
  const size_t words = fuzz_lines(text, WORDS, word + 1);
  arguments a;
  failure f = {0};
  word[1 + (words < WORDS ? words : WORDS)] = NULL;
  const int status = arguments_read(1 + (int)(words < WORDS ? words : WORDS), word, &a, &f);
  fuzz_expect_told(status, &f);
  if (!status && !a.help) {
    expect_arguments(&a);
    read_hints(&a);
  }
  free(text);
  return 0;
}
