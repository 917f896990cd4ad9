/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder for output.  Whether it can be written is tried rather than asked: access() tells root nothing, and a disk that is full takes
 * empty files. */
#define _POSIX_C_SOURCE 200809L
#include "io/folder.h"

#include "io/file.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* End of the path's next part, from `at`. */
static size_t part_end(const char *path, size_t at) {
  at += strspn(path + at, "/");
  return at + strcspn(path + at, "/");
}

static int make_part(folder *made, size_t end) {
  if (mkdir(made->path, 0777) == 0) return 0;
  const int reason = errno;
  if (!path_is_folder(made->path)) return reason == EEXIST ? ENOTDIR : reason;
  made->existing = end;
  return 0;
}

/* Makes what is absent of the path, part by part.  Returns 0 or an errno. */
static int make_parts(folder *made) {
  char *const path = made->path;
  int status = 0;
  size_t end = 0;
  do {
    end = part_end(path, end);
    const char kept = path[end];
    path[end] = '\0';
    status = make_part(made, end);
    path[end] = kept;
  } while (status == 0 && path[end]);
  return status;
}

static void strip_trailing_slashes(char *path) {
  for (size_t end = strlen(path); end > 1 && path[end - 1] == '/'; --end) path[end - 1] = '\0';
}

#define PROBE 65536 /* bytes: less than any run writes; zeros, which a disk must find room for all the same */

static int probe(const char *path, failure *f) {
  static const char zeros[PROBE];
  output_file file;
  if (output_open(path, "probe", &file, f)) return f->exit_status;
  fwrite(zeros, 1, sizeof zeros, file.stream);
  output_finish(&file, f);
  output_discard(&file);
  return f->exit_status;
}

/* ---- What killed runs left ---- */

#define STALE 3600 /* seconds: who writes a file for longer? */

static int is_temporary(const char *name) {
  static const char *const ours[] = {"draws", "summary.json.", "report.html.", "probe."};
  for (size_t i = 0; i < sizeof ours / sizeof *ours; ++i)
    if (output_is_temporary(name, ours[i])) return 1;
  return 0;
}

/* Takes away the temporary files of runs that were killed while they wrote; nothing depends on it. */
static void sweep(const char *path) {
  DIR *const all = opendir(path);
  const time_t now = time(NULL);
  struct dirent *entry;
  struct stat status;
  while (all && (entry = readdir(all)) != NULL)
    if (is_temporary(entry->d_name) && fstatat(dirfd(all), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
        now - status.st_mtime > STALE)
      unlinkat(dirfd(all), entry->d_name, 0);
  if (all) closedir(all);
}

/* ---- Preparing ---- */

int folder_prepare(const char *path, folder *out, failure *f) {
  *out = (folder){.path = strdup(path)};
  if (!out->path) return fail_with(f, EXIT_RUN, "out of memory");
  strip_trailing_slashes(out->path);
  const int status = make_parts(out);
  if (status) fail_with(f, EXIT_RUN, "cannot make the folder '%s': %s", path, strerror(status));
  if (!f->exit_status) sweep(path);
  if (!f->exit_status) probe(path, f);
  if (f->exit_status) {
    folder_withdraw(out);
    folder_clear(out);
  }
  return f->exit_status;
}

void folder_withdraw(folder *made) {
  size_t end = strlen(made->path);
  while (end > made->existing && (rmdir(made->path) == 0 || !path_is_folder(made->path))) {
    while (end > 0 && made->path[end - 1] != '/') --end;
    while (end > 0 && made->path[end - 1] == '/') --end;
    made->path[end] = '\0';
  }
}

void folder_clear(folder *made) {
  free(made->path);
  *made = (folder){0};
}
