/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of the command line, read strictly: the whole argument, inside the range; whole numbers in digits only. */
#ifndef DILATE_CLI_NUMBER_H
#define DILATE_CLI_NUMBER_H

#include "io/failure.h"
#include <stddef.h>
#include <stdint.h>

/* A whole number from `least` to `most`; the message names the option and says what would be right. */
int number_read(const char *option, const char *argument, uint64_t least, uint64_t most, uint64_t *out, failure *f);
int number_read_size(const char *option, const char *argument, size_t least, size_t most, size_t *out, failure *f);
/* Of --threads, and --seed. */
int number_read_threads(const char *argument, size_t *out, failure *f);
int number_read_seed(const char *argument, uint64_t *out, failure *f);
/* A finite number above 0, or from `least` to `most`: 0.5, 1e-3. */
int number_read_positive(const char *option, const char *argument, double *out, failure *f);
int number_read_real(const char *option, const char *argument, double least, double most, double *out, failure *f);

#endif
