/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A main() for the harnesses where there is no libFuzzer: see fuzz.h.
 *
 *   fuzz_NAME CORPUS [SECONDS [SEED]]
 *
 * runs every file of the corpus once, and then, for SECONDS (default 0), blind mutations of them: bytes changed, removed, put in, copied
 * from elsewhere, numbers made extreme, files joined.  The same seed gives the same inputs.  At the end: "counted: N executions fuzzed".  An
 * input that crashes is in the file "crash-input" of the working folder. */
#define _GNU_SOURCE
#include "fuzz.h"

#ifndef FUZZ_ENGINE

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LARGEST = 8192, FILES = 4096 };

typedef struct input {
  size_t size;
  uint8_t *data;
} input;

static input corpus[FILES];
static size_t files;

/* ---- The corpus ---- */

static void read_input(const char *path) {
  FILE *const stream = fopen(path, "rb");
  input in = {.data = malloc(LARGEST)};
  fuzz_expect(stream && in.data, path);
  in.size = fread(in.data, 1, LARGEST, stream);
  fclose(stream);
  corpus[files++] = in;
}

static int is_visible(const struct dirent *entry) {
  return entry->d_name[0] != '.';
}

static void read_corpus(const char *folder) {
  struct dirent **entry;
  const int n = scandir(folder, &entry, is_visible, alphasort); /* in the same order everywhere */
  fuzz_expect(n > 0 && n < FILES, "a corpus of some files");
  for (int i = 0; i < n; ++i) {
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
    read_input(path);
    free(entry[i]);
  }
  free(entry);
}

/* ---- Mutations ---- */

static uint64_t state;

/* Xorshift64*; a number below n > 0. */
static size_t below(size_t n) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (size_t)((state * 0x2545f4914f6cdd1du >> 32) % n);
}

/* Room for `more` bytes at `at`. */
static void open_gap(input *in, size_t at, size_t more) {
  memmove(in->data + at + more, in->data + at, in->size - at);
  in->size += more;
}

static void put_in(input *in, const void *bytes, size_t n) {
  const size_t at = below(in->size + 1);
  if (in->size + n > LARGEST) return;
  open_gap(in, at, n);
  memcpy(in->data + at, bytes, n);
}

static void put_in_word(input *in) {
  static const char *const words[] = {"0", "-1", "1e309", "nan", "inf", "-", "18446744073709551616", "9223372036854775807", "1e-320",
                                      "\"", ",", "\n", "\r\n", "[", "]", "{", "}", ":", "=", "#", ".", "\xff", "\xc3\xa9", "\\u0000"};
  const char *const word = words[below(sizeof words / sizeof *words)];
  put_in(in, word, strlen(word));
}

static void copy_some(input *in) {
  const input *const from = &corpus[below(files)];
  if (from->size == 0) return;
  const size_t at = below(from->size), n = 1 + below(from->size - at);
  put_in(in, from->data + at, n);
}

static void remove_some(input *in) {
  if (in->size == 0) return;
  const size_t at = below(in->size), n = 1 + below(in->size - at);
  memmove(in->data + at, in->data + at + n, in->size - at - n);
  in->size -= n;
}

static void mutate(input *in) {
  for (size_t steps = 1 + below(6); steps > 0; --steps) {
    const size_t kind = below(6);
    if (kind == 0) remove_some(in);
    if (kind == 1) copy_some(in);
    if (kind == 2) put_in_word(in);
    if (kind > 2 && in->size > 0) in->data[below(in->size)] ^= (uint8_t)(kind == 3 ? 1u << below(8) : below(256));
  }
}

/* ---- The run ---- */

static uint8_t tried[LARGEST];
static size_t tried_size;

/* Keeps the input that ends the program, by functions that a handler may call. */
static void keep_input(int number) {
  const int file = open("crash-input", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file >= 0 && write(file, tried, tried_size) == (ssize_t)tried_size) close(file);
  (void)signal(number, SIG_DFL);
  (void)raise(number);
}

static void try(const input *in) {
  memcpy(tried, in->data, tried_size = in->size);
  (void)LLVMFuzzerTestOneInput(in->data, in->size);
}

static size_t fuzz_for(double seconds) {
  static uint8_t room[LARGEST];
  const time_t end = time(NULL) + (time_t)seconds;
  size_t n = 0;
  for (; n % 64 || time(NULL) < end; ++n) {
    const input *const from = &corpus[below(files)];
    input in = {.size = from->size, .data = room};
    memcpy(room, from->data, from->size);
    mutate(&in);
    try(&in);
  }
  return n;
}

int main(int argc, char **argv) {
  static const int ends[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGALRM};
  if (argc < 2) return fprintf(stderr, "usage: %s CORPUS [SECONDS [SEED]]\n", argv[0]), 2;
  const double seconds = argc > 2 ? strtod(argv[2], NULL) : 0;
  state = (argc > 3 ? strtoull(argv[3], NULL, 10) : 1) * 0x9e3779b97f4a7c15u + 1;
  for (size_t i = 0; i < sizeof ends / sizeof *ends; ++i) (void)signal(ends[i], keep_input);
  read_corpus(argv[1]);
  for (size_t i = 0; i < files; ++i) try(&corpus[i]);
  printf("counted: %zu executions fuzzed\n", files + fuzz_for(seconds));
  for (size_t i = 0; i < files; ++i) free(corpus[i].data);
  return 0;
}

#endif
