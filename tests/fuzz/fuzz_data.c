/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data in JSON: arrays whose extents multiply to their size. */
#include "fuzz.h"

#include "io/data_arrays.h"

static volatile double seen;

static void expect_array(const builtin_array *a) {
  size_t size = 1;
  for (size_t k = 0; k < a->rank; ++k) size *= a->extent[k];
  for (size_t i = 0; i < size; ++i) seen = a->value[i]; /* a sanitizer sees what lies outside */
  fuzz_expect(a->name != NULL && size > 0, "an array with a name and numbers");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const outcome o = {.data = fuzz_file("data.json", data, size)};
  data_arrays arrays;
  failure f = {0};
  fuzz_expect_told(data_arrays_read(&o, &arrays, &f), &f);
  for (size_t i = 0; i < arrays.count; ++i) expect_array(&arrays.array[i]);
  data_arrays_clear(&arrays);
  return 0;
}
