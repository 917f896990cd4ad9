/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the harnesses share.  A harness is a file fuzz_NAME.c with libFuzzer's entry point, and a corpus corpus/NAME/.  It is linked with
 * libFuzzer's main() (make fuzz), or with that of driver.c, which any compiler makes: it replays a corpus and mutates it blindly. */
#ifndef DILATE_TESTS_FUZZ_FUZZ_H
#define DILATE_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "io/failure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Aborts, having said what does not hold. */
void fuzz_expect(int holds, const char *what);
/* Of a reader's status: where it is not 0 there is a message, of one line. */
void fuzz_expect_told(int status, const failure *f);
/* Writes the bytes into a file of that name, in a folder of this process that is removed at its end.  Returns its path. */
const char *fuzz_file(const char *name, const uint8_t *data, size_t size);
/* The bytes as a text, to be freed: up to the first zero byte. */
char *fuzz_text(const uint8_t *data, size_t size);
/* Cuts the text at line ends; returns how many parts there are, of which the first `most` are in part[]. */
size_t fuzz_lines(char *text, size_t most, char **part);

#endif
