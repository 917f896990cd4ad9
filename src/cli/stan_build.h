/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Stan program made into a shared object: translated by rstan's stanc, compiled over Debian's headers. */
#ifndef DILATE_CLI_STAN_BUILD_H
#define DILATE_CLI_STAN_BUILD_H

#include "io/failure.h"
#include <stdio.h>

/* The folder that the work is done in, and its files. */
typedef struct stan_build {
  char folder[256], model[300], object[300], printed[300], complaints[300];
  const char *tools; /* the folder of the shim and of translate.R */
} stan_build;

/* Makes the folder in TMPDIR or /tmp. */
int stan_build_begin(stan_build *b, failure *f);
/* Removes it and what is in it. */
void stan_build_end(stan_build *b);

/* The program at `path`, whose models are called `name`, to C++. */
int stan_translate(const stan_build *b, const char *path, const char *name, failure *f);
/* That to b->object; path for messages. */
int stan_compile(const stan_build *b, const char *path, failure *f);

#endif
