/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench/compare: two files of bench/speed --json.  Exit status 0: nothing slowed; 1: something did; 2: it could not be done. */
#include "bench/speed_compare.h"

#include "bench/support.h"
#include <stdlib.h>
#include <string.h>

#define TOLERANCE 0.05

int main(int argc, char **argv) {
  figures old, new;
  double tolerance = TOLERANCE;
  if (argc == 5 && strcmp(argv[1], "--tolerance") == 0) {
    tolerance = strtod(argv[2], NULL);
    argv += 2;
    argc -= 2;
  }
  if (argc != 3 || argv[1][0] == '-') {
    fprintf(stderr, "usage: compare [--tolerance %g] OLD.json NEW.json\n", TOLERANCE);
    return 2;
  }
  figures_load(argv[1], &old);
  figures_load(argv[2], &new);
  const size_t slowed = changes_print(stdout, &old, &new, tolerance);
  figures_free(&old);
  figures_free(&new);
  return slowed > 0 ? 1 : 0;
}
