/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of built-in targets; see options.h. */
#include "options.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEM_SIZE   64
#define OPTIONS_MAX 16

/* Copies the item that starts at text, up to a comma or the end; returns what follows it, NULL when the item is too long. */
static const char *next_item(const char *text, char item[ITEM_SIZE]) {
  const size_t length = strcspn(text, ",");
  if (length >= ITEM_SIZE) return NULL;
  memcpy(item, text, length);
  item[length] = '\0';
  return text + length + (text[length] == ',');
}

static size_t find_option(const char *name, const builtin_option *options, size_t n) {
  size_t i = 0;
  while (i < n && strcmp(name, options[i].name) != 0) i++;
  return i;
}

static int read_number(const builtin_type *type, const builtin_option *option, const char *text, dilate_error *err) {
  char *end;
  const double number = strtod(text, &end);
  if (end == text || *end != '\0' || !isfinite(number))
    return builtin_fail(err, DILATE_EINVAL, "%s: %s=%s: '%s' is not a number", type->name, option->name, text, text);
  const int whole = option->kind == OPTION_COUNT;
  if ((whole && number != floor(number)) || number < option->lower || number > option->upper)
    return builtin_fail(err, DILATE_EINVAL, "%s: %s=%s: %s must be a %snumber from %g to %g", type->name, option->name, text, option->name,
                        whole ? "whole " : "", option->lower, option->upper);
  if (whole)
    *(size_t *)option->value = (size_t)number;
  else
    *(double *)option->value = number;
  return DILATE_OK;
}

static int read_word(const builtin_type *type, const builtin_option *option, const char *text, dilate_error *err) {
  char list[128] = "";
  for (size_t i = 0; option->words[i] != NULL; i++) {
    if (strcmp(text, option->words[i]) == 0) {
      *(size_t *)option->value = i;
      return DILATE_OK;
    }
    const size_t used = strlen(list);
    snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : " or ", option->words[i]);
  }
  return builtin_fail(err, DILATE_EINVAL, "%s: %s=%s: %s must be %s", type->name, option->name, text, option->name, list);
}

static int unknown_option(const builtin_type *type, const char *name, dilate_error *err) {
  if (type->options[0] == '\0')
    return builtin_fail(err, DILATE_EINVAL, "%s: unknown option '%s': %s takes no options", type->name, name, type->name);
  return builtin_fail(err, DILATE_EINVAL, "%s: unknown option '%s': %s takes %s", type->name, name, type->name, type->options);
}

int builtin_options_read(const builtin_type *type, const char *text, const builtin_option *options, size_t n, dilate_error *err) {
  int given[OPTIONS_MAX] = {0};
  while (*text != '\0') {
    char item[ITEM_SIZE];
    const char *const rest = next_item(text, item);
    if (rest == NULL) return builtin_fail(err, DILATE_EINVAL, "%s: option too long: '%.32s...'", type->name, text);
    char *const equals = strchr(item, '=');
    if (equals == NULL) {
      if (find_option(item, options, n) == n) return unknown_option(type, item, err);
      return builtin_fail(err, DILATE_EINVAL, "%s: option '%s' needs a value: %s=...", type->name, item, item);
    }
    *equals = '\0';
    const size_t i = find_option(item, options, n);
    if (i == n) return unknown_option(type, item, err);
    if (given[i]++) return builtin_fail(err, DILATE_EINVAL, "%s: option '%s' is given twice", type->name, item);
    const int status =
        options[i].kind == OPTION_WORD ? read_word(type, &options[i], equals + 1, err) : read_number(type, &options[i], equals + 1, err);
    if (status < 0) return status;
    text = rest;
  }
  return DILATE_OK;
}
