/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of numbers that built-in targets read with --data, packed by gzip or not; and what two of them make of such a file. */
#include "fuzz.h"

#include <math.h>

#include "targets/table.h"
#include "targets/targets.h"

static void expect_told(int status, const dilate_error *err) {
  fuzz_expect(status <= 0 && status == err->status, "the status is the error's");
  fuzz_expect(status == 0 || *err->message, "an error has a message");
}

static void read_table(const char *path) {
  builtin_table t;
  dilate_error err;
  dilate_error_init(&err);
  const int status = builtin_table_read(path, &t, &err);
  expect_told(status, &err);
  fuzz_expect((status == 0) == (t.rows > 0), "rows");
  for (size_t i = 0; i < t.rows * t.columns; ++i) fuzz_expect(isfinite(t.value[i]) != 0, "finite numbers");
  builtin_table_free(&t);
}

static void make_target(const char *name, const char *path) {
  builtin b;
  dilate_error err;
  dilate_error_init(&err);
  const int status = builtin_create(name, path, &b, &err);
  expect_told(status, &err);
  fuzz_expect(status || b.target.dim > 0, "coordinates");
  builtin_destroy(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *const path = fuzz_file("table.csv", data, size);
  read_table(path);
  make_target("ionosphere", path);
  make_target("galaxies", path);
  return 0;
}
