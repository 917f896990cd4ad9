/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The TARGET argument of a command: a built-in target with options, or a plug-in. */
#ifndef DILATE_CLI_SUBJECT_H
#define DILATE_CLI_SUBJECT_H

#include "io/failure.h"
#include "targets/targets.h"

typedef struct subject {
  int is_builtin;
  builtin builtin;
  dilate_plugin *plugin;
  const dilate_target *target;
  const char *label; /* for files and tables */
} subject;

/* data_path: NULL when there is no --data.  On failure *out is empty.  *out must not be moved while it is in use. */
int subject_open(const char *argument, const char *data_path, subject *out, failure *f);
void subject_close(subject *s);

#endif
