/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of built-in targets: "name=value,name=value". */
#ifndef DILATE_TARGETS_OPTIONS_H
#define DILATE_TARGETS_OPTIONS_H

#include "targets.h"

typedef enum builtin_option_kind {
  OPTION_COUNT, /* a whole number; value is a size_t */
  OPTION_REAL,  /* a finite number; value is a double */
  OPTION_WORD   /* one of words; value is a size_t, the word's index */
} builtin_option_kind;

typedef struct builtin_option {
  const char *name;
  builtin_option_kind kind;
  void *value;              /* holds the default */
  double lower, upper;      /* what a number may be, both ends included */
  const char *const *words; /* NULL-terminated */
} builtin_option;

/* Reads text into the n options' values.  An unknown name, a repeated one or a bad value fails with a message that says what the
 * target takes. */
int builtin_options_read(const builtin_type *type, const char *text, const builtin_option *options, size_t n, dilate_error *err);

#endif
