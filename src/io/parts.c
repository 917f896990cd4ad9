/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of draws.csv: see parts.h.  Whoever joins them has a block of bytes in memory, whatever the run. */
#define _POSIX_C_SOURCE 200809L
#include "io/parts.h"

#include "io/csv.h"
#include "io/file.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_ROOM = 48, COPY_BYTES = 1 << 16 };

static const char *part_name(size_t rank, char name[NAME_ROOM]) {
  snprintf(name, NAME_ROOM, "draws.csv.%zu", rank);
  return name;
}

static char *part_path(const char *folder, size_t rank) {
  char name[NAME_ROOM];
  return path_in(folder, part_name(rank, name));
}

int64_t part_write(const char *folder, size_t rank, const dilate_result *result) {
  char name[NAME_ROOM];
  output_file file;
  failure f = {0};
  int64_t bytes = -1;
  if (output_open(folder, part_name(rank, name), &file, &f)) return -1;
  csv_write_rows(file.stream, result);
  bytes = ftello(file.stream);
  if (output_finish(&file, &f) || output_publish(&file, &f)) bytes = -1;
  output_discard(&file);
  return bytes;
}

int parts_are_there(const char *folder, size_t count, const int64_t *bytes) {
  int there = 1;
  for (size_t k = 0; k < count && there; ++k) {
    struct stat status;
    char *const path = part_path(folder, k);
    there = path && bytes[k] >= 0 && stat(path, &status) == 0 && status.st_size == bytes[k];
    free(path);
  }
  return there;
}

static int append(const char *path, FILE *to) {
  char block[COPY_BYTES];
  size_t n;
  FILE *const from = path ? fopen(path, "r") : NULL;
  if (!from) return -1;
  while ((n = fread(block, 1, sizeof block, from)) > 0) fwrite(block, 1, n, to);
  const int failed = ferror(from);
  fclose(from);
  return failed ? -1 : 0;
}

int parts_append(const char *folder, size_t count, FILE *to) {
  int status = 0;
  for (size_t k = 0; k < count && status == 0; ++k) {
    char *const path = part_path(folder, k);
    status = append(path, to);
    free(path);
  }
  return status;
}

void parts_remove(const char *folder, size_t count) {
  int removed = 1;
  for (size_t k = 0; k < count || removed; ++k) {
    char *const path = part_path(folder, k);
    removed = path && unlink(path) == 0;
    free(path);
  }
}
