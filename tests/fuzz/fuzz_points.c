/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of --hint-points, for targets of one coordinate and of three. */
#include "fuzz.h"

#include <math.h>

#include "cli/hints.h"

static void read_points(const char *path, size_t dim) {
  arguments a = {.hint_points = path};
  hint_numbers hints;
  failure f = {0};
  const int status = hints_read(&a, dim, &hints, &f);
  fuzz_expect_told(status, &f);
  fuzz_expect(status || (a.options.hint_points == hints.point && a.options.hint_points_count > 0), "points");
  for (size_t i = 0; !status && i < a.options.hint_points_count * dim; ++i) fuzz_expect(isfinite(hints.point[i]) != 0, "finite numbers");
  hints_clear(&hints);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *const path = fuzz_file("points.csv", data, size);
  read_points(path, 1);
  read_points(path, 3);
  return 0;
}
