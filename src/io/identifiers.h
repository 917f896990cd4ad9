/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of variables as a format of files allows them. */
#ifndef DILATE_IO_IDENTIFIERS_H
#define DILATE_IO_IDENTIFIERS_H

#include "io/failure.h"
#include <stddef.h>

typedef enum identifier_rule {
  IDENTIFIER_STAN,  /* letters of ASCII, digits and _, a letter first, not __ last: a name in a Stan program */
  IDENTIFIER_NETCDF /* UTF-8 without / and control characters, a letter, a digit or _ first, and no dimension's name */
} identifier_rule;

/* `count` distinct names, in an array to be freed by identifiers_free(); NULL on failure.  A name that the rule allows stays, unless it
 * stands there twice; in others what is not allowed becomes _, and a number at the end tells those apart that become the same. */
char **identifiers_make(identifier_rule rule, size_t count, const char *const *name, failure *f);
void identifiers_free(size_t count, char **identifier); /* NULL is allowed */

int is_utf8(const char *string); /* takes no memory */

#endif
