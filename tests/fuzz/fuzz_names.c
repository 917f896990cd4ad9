/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names, a line each, as plug-ins and headers of files bring them: as elements of variables, as identifiers of formats, in BridgeStan's
 * spelling.  Whether bytes are UTF-8 is compared with what jansson says. */
#include "fuzz.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "io/identifiers.h"
#include "io/variables.h"
#include "target/stan.h"

enum { NAMES = 16 };

static void expect_variables(size_t n, const char *const *name) {
  variable_list list;
  size_t columns = 0, seen[NAMES] = {0};
  failure f = {0};
  fuzz_expect(variables_find(n, name, &list, &f) == 0, "variables");
  for (size_t i = 0; i < list.count; ++i) {
    const variable *const v = &list.item[i];
    for (size_t at = 0; at < v->size; ++at) {
      fuzz_expect(v->column[at] < n && seen[v->column[at]]++ == 0, "each column in one place");
      fuzz_expect(variable_first_fastest(v, at) < v->size, "a place of the other order");
    }
    columns += v->size;
  }
  fuzz_expect(columns == n, "all columns");
  variables_clear(&list);
}

static void expect_identifiers(identifier_rule rule, size_t n, const char *const *name) {
  failure f = {0};
  char **const made = identifiers_make(rule, n, name, &f);
  fuzz_expect(made != NULL, "identifiers");
  for (size_t i = 0; i < n; ++i) {
    fuzz_expect(*made[i] && is_utf8(made[i]), "an identifier is UTF-8");
    for (size_t k = 0; k < i; ++k) fuzz_expect(strcmp(made[i], made[k]) != 0, "identifiers differ");
  }
  identifiers_free(n, made);
}

static void expect_utf8(const char *name) {
  json_t *const json = json_string(name);
  fuzz_expect((json != NULL) == (is_utf8(name) != 0), "jansson's opinion of UTF-8");
  json_decref(json);
}

static void expect_stan_names(const char *list) {
  char **name;
  const size_t n = stan_names(list, &name);
  fuzz_expect(name != NULL, "names of a list");
  for (size_t i = 0; i < n; ++i) fuzz_expect(strlen(name[i]) <= 2 * strlen(list) + 1, "a name within the block");
  memory_free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *const text = fuzz_text(data, size), *name[NAMES];
  expect_stan_names(text);
  size_t n = fuzz_lines(text, NAMES, name);
  if (n > NAMES) n = NAMES;
  for (size_t i = 0; i < n; ++i) expect_utf8(name[i]);
  expect_variables(n, (const char *const *)name);
  expect_identifiers(IDENTIFIER_STAN, n, (const char *const *)name);
  expect_identifiers(IDENTIFIER_NETCDF, n, (const char *const *)name);
  free(text);
  return 0;
}
