/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of checkpoints: see checkpoint.h. */
#define _POSIX_C_SOURCE 200809L
#include "io/checkpoint.h"

#include "io/file.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const names[CHECKPOINT_FILES] = {"checkpoint", "checkpoint.1"};

char *checkpoint_path(const char *folder, size_t i) {
  return path_in(folder, names[i]);
}

/* ---- Writing ---- */

static void remove_file(const char *folder, size_t i) {
  char *const path = checkpoint_path(folder, i);
  if (path) unlink(path);
  free(path);
}

/* Makes way for the new file. */
static int turn_files(const char *folder, checkpoint_turn turn, failure *f) {
  if (turn == CHECKPOINT_MENDS) return 0;
  if (turn == CHECKPOINT_FIRST) {
    for (size_t i = 0; i < CHECKPOINT_FILES; ++i) remove_file(folder, i);
    return 0;
  }
  char *const last = checkpoint_path(folder, 0), *const before = checkpoint_path(folder, 1);
  if (!last || !before)
    fail_with(f, EXIT_RUN, "out of memory");
  else if (rename(last, before) != 0 && errno != ENOENT)
    fail_with(f, EXIT_RUN, "cannot rename '%s': %s", last, strerror(errno));
  free(last);
  free(before);
  return f->exit_status;
}

int checkpoint_store(const char *folder, checkpoint_turn turn, const void *bytes, size_t size, failure *f) {
  output_file file;
  if (output_open(folder, names[0], &file, f)) return f->exit_status;
  fwrite(bytes, 1, size, file.stream);
  if (!output_finish(&file, f) && !turn_files(folder, turn, f)) output_publish(&file, f);
  output_discard(&file);
  return f->exit_status;
}

/* ---- Reading ---- */

static int read_all(FILE *stream, const char *path, void **bytes, size_t *size, failure *f) {
  struct stat status;
  if (fstat(fileno(stream), &status) != 0 || !S_ISREG(status.st_mode))
    return fail_with(f, EXIT_RUN, "cannot read '%s': it is no file", path);
  const size_t length = (size_t)status.st_size;
  if (!(*bytes = malloc(length + 1))) return fail_with(f, EXIT_RUN, "out of memory");
  *size = fread(*bytes, 1, length, stream);
  if (!ferror(stream)) return 0;
  free(*bytes);
  *bytes = NULL;
  return fail_with(f, EXIT_RUN, "cannot read '%s': %s", path, strerror(errno ? errno : EIO));
}

int checkpoint_fetch(const char *path, void **bytes, size_t *size, failure *f) {
  *bytes = NULL;
  *size = 0;
  errno = 0;
  FILE *const stream = fopen(path, "r");
  if (!stream) return errno == ENOENT ? 0 : fail_with(f, EXIT_RUN, "cannot read '%s': %s", path, strerror(errno));
  read_all(stream, path, bytes, size, f);
  fclose(stream);
  return f->exit_status;
}

/* ---- Removing ---- */

static void remove_left_over(const char *folder) {
  DIR *const all = opendir(folder);
  const struct dirent *entry;
  while (all && (entry = readdir(all)) != NULL)
    if (output_is_temporary(entry->d_name, "checkpoint.")) unlinkat(dirfd(all), entry->d_name, 0);
  if (all) closedir(all);
}

void checkpoint_remove(const char *folder) {
  for (size_t i = CHECKPOINT_FILES; i-- > 0;) remove_file(folder, i);
  remove_left_over(folder);
}
