/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the harnesses share: see fuzz.h.  Files go where memory is, when there is such a place. */
#define _GNU_SOURCE
#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES = 4 };

static char folder[64], made[FILES][128];

void fuzz_expect(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "expected: %s\n", what);
  abort();
}

void fuzz_expect_told(int status, const failure *f) {
  fuzz_expect((status != 0) == (f->exit_status != 0), "the status is the failure's");
  fuzz_expect(status == 0 || *f->message, "a failure has a message");
  for (const char *at = f->message; status && *at; ++at) fuzz_expect((unsigned char)*at >= ' ' && *at != 0x7f, "a message is one line");
}

static void remove_folder(void) {
  for (size_t i = 0; i < FILES; ++i)
    if (*made[i]) unlink(made[i]);
  rmdir(folder);
}

static void make_folder(void) {
  (void)snprintf(folder, sizeof folder, "%s/fuzz.XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
  fuzz_expect(mkdtemp(folder) != NULL, "a temporary folder");
  atexit(remove_folder);
}

static const char *path_of(const char *name) {
  char path[128];
  size_t i = 0;
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  while (*made[i] && strcmp(made[i], path) != 0) ++i;
  return strcpy(made[i], path);
}

const char *fuzz_file(const char *name, const uint8_t *data, size_t size) {
  if (!*folder) make_folder();
  const char *const path = path_of(name);
  const int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  fuzz_expect(descriptor >= 0 && write(descriptor, data, size) == (ssize_t)size && close(descriptor) == 0, "a temporary file");
  return path;
}

char *fuzz_text(const uint8_t *data, size_t size) {
  char *const out = malloc(size + 1);
  fuzz_expect(out != NULL, "memory");
  memcpy(out, data, size);
  out[size] = '\0';
  return out;
}

size_t fuzz_lines(char *text, size_t most, char **part) {
  size_t n = 0;
  for (char *at = text; at; ++n) {
    char *const end = strchr(at, '\n');
    if (end) *end = '\0';
    if (n < most) part[n] = at;
    at = end ? end + 1 : NULL;
  }
  return n;
}
