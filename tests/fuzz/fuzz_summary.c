/* SPDX-License-Identifier: GPL-3.0-or-later */
/* summary.json beside a file of draws. */
#include "fuzz.h"

#include "io/own_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char path[128];
  own_run run;
  failure f = {0};
  (void)snprintf(path, sizeof path, "%s", fuzz_file("summary.json", data, size));
  const draws_table table = {.path = path};
  const int status = own_run_read(&table, &run, &f);
  fuzz_expect_told(status, &f);
  fuzz_expect(status || (run.method && run.islands && run.draws && run.parameters), "what a run's summary has");
  for (size_t i = 0; !status && i < run.parameters; ++i) fuzz_expect(run.parameter[i].name != NULL, "names");
  for (size_t i = 0; !status && i < run.warnings; ++i) fuzz_expect(run.warning[i] != NULL, "texts");
  own_run_clear(&run);
  return 0;
}
