/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of draws that a folder stands for. */
#define _POSIX_C_SOURCE 200809L
#include "io/draws.h"

#include "io/draw_formats.h"
#include "io/file.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int add(draws_files *to, char *path, failure *f) {
  char **const more = path ? realloc(to->path, (to->count + 1) * sizeof *more) : NULL;
  if (!more) {
    free(path);
    return fail_with(f, EXIT_RUN, "out of memory");
  }
  to->path = more;
  to->path[to->count++] = path;
  return 0;
}

/* Adds the file if it is there. */
static int add_present(draws_files *to, const char *folder, const char *name, failure *f) {
  char *const path = path_in(folder, name);
  if (!path || (access(path, F_OK) == 0 && !path_is_folder(path))) return add(to, path, f);
  free(path);
  return 0;
}

/* draws.csv, or else the files of Stan's format; the first is added where none is there, for its absence to be told. */
static int add_folder(draws_files *to, const char *folder, failure *f) {
  static const char *const whole[] = {"draws.csv", "draws_stan.csv"};
  char name[DRAW_FILE_ROOM];
  const size_t before = to->count;
  for (size_t k = 0; k < 2 && to->count == before && !f->exit_status; ++k) add_present(to, folder, whole[k], f);
  for (size_t chain = 1; to->count + 1 == before + chain && !f->exit_status; ++chain)
    add_present(to, folder, draw_chain_file(chain, name), f);
  return f->exit_status || to->count > before ? f->exit_status : add(to, path_in(folder, whole[0]), f);
}

/* A chain that counts twice would make every error look smaller than it is. */
static int check_twice(const draws_files *list, failure *f) {
  struct stat one, other;
  for (size_t k = 1; k < list->count; ++k)
    for (size_t i = 0; i < k && stat(list->path[k], &other) == 0; ++i)
      if (stat(list->path[i], &one) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino)
        return fail_with(f, EXIT_RUN, "'%s' is named twice, and a chain counts once: name each file of draws once", list->path[k]);
  return 0;
}

int draws_files_list(size_t count, char *const *path, draws_files *out, failure *f) {
  *out = (draws_files){0};
  for (size_t k = 0; k < count && !f->exit_status; ++k) {
    if (path_is_folder(path[k]))
      add_folder(out, path[k], f);
    else
      add(out, strdup(path[k]), f);
  }
  if (!f->exit_status) check_twice(out, f);
  if (f->exit_status) draws_files_clear(out);
  return f->exit_status;
}

void draws_files_clear(draws_files *files) {
  for (size_t k = 0; k < files->count; ++k) free(files->path[k]);
  free(files->path);
  *files = (draws_files){0};
}
