/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status codes and caller-owned error texts.  The first error wins. */
#ifndef DILATE_BASE_STATUS_H
#define DILATE_BASE_STATUS_H

#include "dilate.h"

/* Fills err (which may be NULL, or shorter than ours) unless it already holds an error; returns status. */
int error_set(dilate_error *err, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* error_set with "out of memory in WHERE". */
int error_memory(dilate_error *err, const char *where);

#endif
