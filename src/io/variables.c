/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names as Stan writes them, and the shapes that they tell. */
#define _POSIX_C_SOURCE 200809L
#include "io/variables.h"

#include <stdlib.h>
#include <string.h>

static const size_t most_index = 1000000000; /* beyond any array in memory, below any overflow */

static int is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* A whole number from 1 without leading zeros; *at moves behind it.  0: there is none. */
static size_t take_index(const char **at) {
  size_t value = 0;
  if (**at == '0') return 0;
  for (; is_digit(**at) && value <= most_index; ++*at) value = 10 * value + (size_t)(**at - '0');
  return value <= most_index ? value : 0;
}

/* The indices from `at` on, separated by `comma` and ended by `end`; rank 0 where they are anything else. */
static element_name take_indices(const char *name, const char *at, char comma, char end) {
  element_name out = {.base = (size_t)(at - name)};
  const char *start = at + 1;
  for (;;) {
    const size_t index = take_index(&start);
    if (index == 0 || out.rank == VARIABLE_RANK) break;
    out.index[out.rank++] = index;
    if (*start == end && (end == '\0' || start[1] == '\0')) return out;
    if (*start++ != comma) break;
  }
  return (element_name){.base = strlen(name)};
}

/* Where the dotted indices at the end of the name begin; its end where there are none. */
static const char *first_dot(const char *name) {
  const char *const end = name + strlen(name), *at = end, *dot = end;
  while (at > name && (is_digit(at[-1]) || at[-1] == '.')) {
    --at;
    if (*at == '.') dot = at;
  }
  return dot;
}

element_name element_name_of(const char *name) {
  const char *const bracket = strchr(name, '['), *const dot = first_dot(name);
  if (bracket && bracket > name) return take_indices(name, bracket, ',', ']');
  if (*dot == '.' && dot > name) return take_indices(name, dot, '.', '\0');
  return (element_name){.base = strlen(name)};
}

/* All that is known while the columns are gone over. */
typedef struct finder {
  const char *const *name;
  element_name *element; /* columns */
  char *taken;           /* columns: 1 where a variable has it */
  size_t used;           /* of the list's column array */
  variable_list *list;
} finder;

static int same_base(const finder *w, size_t a, size_t b) {
  return w->element[a].base == w->element[b].base && memcmp(w->name[a], w->name[b], w->element[a].base) == 0;
}

/* Extents of the block that column `first` is of, and how many columns have its name; 0 where no block can be made of them. */
static size_t measure(const finder *w, size_t first, variable *out) {
  size_t members = 0;
  out->rank = w->element[first].rank;
  for (size_t c = 0; c < w->list->columns; ++c) {
    if (!same_base(w, first, c)) continue;
    if (w->element[c].rank != out->rank) return 0;
    for (size_t k = 0; k < out->rank; ++k)
      if (w->element[c].index[k] > out->extent[k]) out->extent[k] = w->element[c].index[k];
    ++members;
  }
  out->size = 1;
  for (size_t k = 0; k < out->rank; ++k) {
    if (out->extent[k] > members / out->size) return 0;
    out->size *= out->extent[k];
  }
  return out->size == members ? members : 0;
}

static size_t place_of(const variable *v, const element_name *element) {
  size_t at = 0;
  for (size_t k = 0; k < v->rank; ++k) at = at * v->extent[k] + element->index[k] - 1;
  return at;
}

/* Puts each column of the block at its element's place; 0 where two are at the same. */
static int place(finder *w, size_t first, const variable *v, size_t *column) {
  for (size_t at = 0; at < v->size; ++at) column[at] = w->list->columns;
  for (size_t c = 0; c < w->list->columns; ++c) {
    if (!same_base(w, first, c)) continue;
    size_t *const at = &column[place_of(v, &w->element[c])];
    if (*at != w->list->columns) return 0;
    *at = c;
  }
  for (size_t at = 0; at < v->size; ++at) w->taken[column[at]] = 1;
  return 1;
}

/* The next variable, which begins with column `first`. */
static int add_variable(finder *w, size_t first) {
  variable v = {.size = 1};
  size_t *const column = w->list->column + w->used;
  const int is_block = w->element[first].rank > 0 && measure(w, first, &v) > 0 && place(w, first, &v, column);
  if (!is_block) {
    v = (variable){.size = 1};
    *column = first;
    w->taken[first] = 1;
  }
  v.column = column;
  v.name = is_block ? strndup(w->name[first], w->element[first].base) : strdup(w->name[first]);
  w->used += v.size;
  w->list->item[w->list->count++] = v;
  return v.name ? 0 : -1;
}

int variables_find(size_t columns, const char *const *name, variable_list *out, failure *f) {
  *out = (variable_list){.columns = columns};
  finder w = {.name = name, .list = out};
  w.element = calloc(columns + 1, sizeof *w.element);
  w.taken = calloc(columns + 1, 1);
  out->item = calloc(columns + 1, sizeof *out->item);
  out->column = calloc(2 * columns + 1, sizeof *out->column); /* twice: a block that cannot be is tried at each of its columns */
  int status = w.element && w.taken && out->item && out->column ? 0 : -1;
  for (size_t c = 0; !status && c < columns; ++c) w.element[c] = element_name_of(name[c]);
  for (size_t c = 0; !status && c < columns; ++c)
    if (!w.taken[c]) status = add_variable(&w, c);
  free(w.element);
  free(w.taken);
  if (!status) return 0;
  variables_clear(out);
  return fail_with(f, EXIT_RUN, "out of memory");
}

void variables_clear(variable_list *list) {
  for (size_t i = 0; list->item && i < list->count; ++i) free(list->item[i].name);
  free(list->item);
  free(list->column);
  *list = (variable_list){0};
}

size_t variable_index(const variable *v, size_t at, size_t k) {
  for (size_t j = v->rank - 1; j > k; --j) at /= v->extent[j];
  return at % v->extent[k] + 1;
}

size_t variable_first_fastest(const variable *v, size_t at) {
  size_t out = 0, stride = v->size;
  for (size_t k = 0; k < v->rank; ++k) {
    stride /= v->extent[k];
    out += at % v->extent[k] * stride;
    at /= v->extent[k];
  }
  return out;
}
