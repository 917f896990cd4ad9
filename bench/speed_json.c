/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures into JSON and out of it. */
#include "bench/json.h"
#include "bench/speed_figures.h"
#include "bench/support.h"
#include "dilate.h"

#include <stdio.h>
#include <string.h>

static const char *const kind_names[] = {"repeats", "seeds", "fact"};

static json_t *figure_object(const figure *f) {
  json_t *const object = json_object();
  put_value(object, "name", json_string(f->name));
  put_value(object, "unit", json_string(f->unit));
  put_value(object, "kind", json_string(kind_names[f->kind]));
  put_value(object, "median", number_value(median_of(f->n, f->value)));
  put_value(object, "spread", number_value(robust_spread(f->n, f->value)));
  put_value(object, "values", numbers_value(f->n, f->value));
  return object;
}

void figures_save(const char *path, const figures *all) {
  FILE *const file = open_output(path);
  fprintf(file, "{\"version\":\"%s\",\"isa\":\"%s\",\"figures\":[\n", dilate_version(), dilate_isa());
  for (size_t i = 0; i < all->n; i++) write_line(file, figure_object(&all->figure[i]), 9, i + 1 == all->n);
  fputs("]}\n", file);
  close_output(file, path);
}

static const char *text_of(const char *path, const json_t *object, const char *key) {
  const char *const text = json_string_value(json_object_get(object, key));
  if (text == NULL) give_up("%s: a figure without %s", path, key);
  return text;
}

static figure_kind kind_of(const char *path, const char *name) {
  for (size_t k = 0; k < sizeof kind_names / sizeof *kind_names; k++)
    if (strcmp(kind_names[k], name) == 0) return (figure_kind)k;
  give_up("%s: '%s' is no kind of figure", path, name);
}

void figures_load(const char *path, figures *all) {
  json_t *const root = open_json(path), *const list = json_object_get(root, "figures");
  if (!json_is_array(list)) give_up("%s: no list of figures, as bench/speed --json writes", path);
  *all = (figures){0};
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *const object = json_array_get(list, i), *const values = json_object_get(object, "values");
    for (size_t k = 0; k < json_array_size(values); k++)
      figures_add(all, kind_of(path, text_of(path, object, "kind")), text_of(path, object, "unit"), read_element(values, k), "%s",
                  text_of(path, object, "name"));
  }
  json_decref(root);
}
