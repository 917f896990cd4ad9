/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of draws, ours and Stan's: what is read has names and numbers, whatever the bytes. */
#include "fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/draws.h"
#include "io/own_run.h"

static void expect_table(const draws_table *t, int finite) {
  fuzz_expect(t->rows > 0 && t->columns > 0, "rows and columns");
  for (size_t j = 0; j < t->columns; ++j) fuzz_expect(*t->name[j] && draws_find(t, t->name[j]) == j, "names, each once");
  for (size_t i = 0; finite && i < t->rows * t->columns; ++i) fuzz_expect(isfinite(t->value[i]) != 0, "finite parameters");
}

static void read_parameters(const char *path) {
  draws_table t;
  failure f = {0};
  const int status = draws_read(path, &t, &f);
  fuzz_expect_told(status, &f);
  if (status) {
    fuzz_expect(t.columns == 0 && t.value == NULL, "an empty table after a failure");
    return;
  }
  expect_table(&t, 1);
  fuzz_expect(draws_bracket_names(&t, &f) == 0, "names in brackets");
  draws_clear(&t);
}

static void read_chains(const char *path) {
  draws_table t;
  draws_chains chains;
  failure f = {0};
  const int status = draws_read_all(path, &t, &f);
  fuzz_expect_told(status, &f);
  if (status) return;
  expect_table(&t, 0);
  (void)own_run_wrote(&t);
  const int gathered = draws_chains_gather(1, &t, &chains, &f);
  fuzz_expect_told(gathered, &f);
  fuzz_expect(gathered || chains.chains * chains.draws == t.rows, "every row is of a chain");
  draws_chains_clear(&chains);
  draws_clear(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *const path = fuzz_file("draws.csv", data, size);
  read_parameters(path);
  read_chains(path);
  return 0;
}
