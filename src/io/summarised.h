/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `dilate summary` found, and how it is shown: as text, or as JSON. */
#ifndef DILATE_IO_SUMMARISED_H
#define DILATE_IO_SUMMARISED_H

#include "dilate.h"
#include "io/failure.h"
#include <stdio.h>

typedef struct summarised {
  size_t files, chains, draws; /* draws: a chain */
  const char *first;           /* file */
  const char *account;         /* the summary.json whose errors these are; NULL: they are those of the draws' order */
  const char *method;          /* of that run */
  int own;                     /* draws of `dilate sample` of which no summary.json tells */
  size_t divergent;            /* transitions */
  size_t parameters;
  dilate_parameter *parameter;
  size_t *not_finite; /* values of each parameter; NULL: none were counted */
  size_t warnings;
  char **warning;
} summarised;

/* Adds to the warnings what the numbers give rise to.  Each says what there is, why it matters and what to try. */
int summarised_doubt(summarised *s, failure *f);
int summarised_warn(summarised *s, failure *f, const char *format, ...) __attribute__((format(printf, 3, 4)));

void summarised_write(FILE *stream, const summarised *s);
/* 0, or -1 when memory ran out or a write failed. */
int summarised_write_json(FILE *stream, const summarised *s);
void summarised_clear(summarised *s);

#endif
