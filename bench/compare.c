/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench/compare: two files of bench/speed --json.  Exit status 0: nothing slowed; 1: something did; 2: it could not be done. */
#include "bench/arguments.h"
#include "bench/speed_compare.h"

#define TOLERANCE 0.05

static const char usage[] = "usage: compare [OPTION...] OLD.json NEW.json\n"
                            "  --tolerance T  the share that a figure may cost more; default 0.05\n"
                            "  --help         this text\n";

static int take(int letter, const char *value, void *to) {
  (void)letter;
  return (*(double *)to = arguments_number(value)) >= 0;
}

int main(int argc, char **argv) {
  static const struct option options[] = {
      {"tolerance", required_argument, NULL, 't'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
  figures old, new;
  double tolerance = TOLERANCE;
  char **const files =
      arguments_read(argc, argv, &(arguments_syntax){.usage = usage, .options = options, .operands = 2, .take = take}, &tolerance);
  figures_load(files[0], &old);
  figures_load(files[1], &new);
  const size_t slowed = changes_print(stdout, &old, &new, tolerance);
  figures_free(&old);
  figures_free(&new);
  return slowed > 0 ? 1 : 0;
}
