/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parameters of a run as the variables of a file. */
#ifndef DILATE_IO_LAYOUT_H
#define DILATE_IO_LAYOUT_H

#include "io/identifiers.h"
#include "io/outcome.h"
#include "io/variables.h"

typedef struct layout {
  variable_list variables;
  char **identifier; /* of each variable, by the file's rule */
} layout;

/* On failure *out is empty. */
int layout_make(const outcome *o, identifier_rule rule, layout *out, failure *f);
void layout_clear(layout *l);

#endif
