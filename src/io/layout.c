/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parameters of a run as the variables of a file. */
#include "io/layout.h"

#include <stdlib.h>

static int find_variables(const outcome *o, layout *out, failure *f) {
  const size_t columns = dilate_result_n_out(o->result);
  const char **const name = calloc(columns + 1, sizeof *name);
  if (!name) return fail_with(f, EXIT_RUN, "out of memory");
  for (size_t j = 0; j < columns; ++j) name[j] = dilate_result_name(o->result, j);
  variables_find(columns, name, &out->variables, f);
  free(name);
  return f->exit_status;
}

static int name_variables(identifier_rule rule, layout *out, failure *f) {
  const size_t count = out->variables.count;
  const char **const name = calloc(count + 1, sizeof *name);
  if (!name) return fail_with(f, EXIT_RUN, "out of memory");
  for (size_t i = 0; i < count; ++i) name[i] = out->variables.item[i].name;
  out->identifier = identifiers_make(rule, count, name, f);
  free(name);
  return f->exit_status;
}

int layout_make(const outcome *o, identifier_rule rule, layout *out, failure *f) {
  *out = (layout){0};
  if (!find_variables(o, out, f)) name_variables(rule, out, f);
  if (f->exit_status) layout_clear(out);
  return f->exit_status;
}

void layout_clear(layout *l) {
  identifiers_free(l->variables.count, l->identifier);
  variables_clear(&l->variables);
  *l = (layout){0};
}
