/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files or none: write, fsync, rename (POSIX makes the rename atomic), fsync of the folder so that the name lasts too. */
#define _POSIX_C_SOURCE 200809L
#include "io/file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *text_of(const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  const int length = vsnprintf(NULL, 0, format, arguments);
  char *out = length < 0 ? NULL : malloc((size_t)length + 1);
  if (out) vsnprintf(out, (size_t)length + 1, format, again);
  va_end(again);
  va_end(arguments);
  return out;
}

static void clear(output_file *file) {
  free(file->temporary);
  free(file->earlier);
  free(file->name);
  *file = (output_file){0};
}

int path_is_folder(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

char *path_in(const char *folder, const char *name) {
  return text_of("%s/%s", folder, name);
}

int path_check_readable(const char *what, const char *path, failure *f) {
  FILE *const stream = fopen(path, "r");
  if (!stream) return fail_with(f, EXIT_RUN, "cannot read the %s '%s': %s", what, path, strerror(errno));
  fclose(stream);
  return path_is_folder(path) ? fail_with(f, EXIT_RUN, "cannot read the %s '%s': it is a folder", what, path) : 0;
}

/* What would be right. */
static const char *advice(int reason) {
  switch (reason) {
  case ENOSPC:
  case EDQUOT:
    return ": make room there, or name another place";
  case EFBIG:
    return ": raise the limit (ulimit -f), or name another place";
  case EROFS:
  case EACCES:
  case EPERM:
    return ": name a folder that may be written to";
  default:
    return "";
  }
}

int output_failed(const char *name, int reason, failure *f) {
  if (!reason) reason = EIO;
  return fail_with(f, EXIT_RUN, "cannot write '%s': %s%s", name, strerror(reason), advice(reason));
}

/* ".draws.csv.1234.tmp" */
int output_is_temporary(const char *name, const char *beginning) {
  const size_t length = strlen(name), end = length > 4 ? length - 4 : 0;
  size_t at = end;
  if (name[0] != '.' || strncmp(name + 1, beginning, strlen(beginning)) != 0) return 0;
  while (at > 0 && isdigit((unsigned char)name[at - 1])) --at;
  return at > 0 && at < end && name[at - 1] == '.' && (strcmp(name + end, ".tmp") == 0 || strcmp(name + end, ".old") == 0);
}

int output_open(const char *folder, const char *name, output_file *out, failure *f) {
  *out = (output_file){.temporary = text_of("%s/.%s.%ld.tmp", folder, name, (long)getpid()),
                       .earlier = text_of("%s/.%s.%ld.old", folder, name, (long)getpid()),
                       .name = path_in(folder, name)};
  if (!out->temporary || !out->earlier || !out->name) {
    clear(out);
    return fail_with(f, EXIT_RUN, "out of memory");
  }
  if (path_is_folder(out->name)) {
    fail_with(f, EXIT_RUN, "cannot write '%s': it is a folder", out->name);
    clear(out);
    return f->exit_status;
  }
  const int descriptor = open(out->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  out->stream = descriptor < 0 ? NULL : fdopen(descriptor, "w");
  if (out->stream) {
    errno = 0; /* so that output_finish() finds the reason of a failed write there */
    return 0;
  }
  fail_with(f, EXIT_RUN, "cannot write into '%s': %s%s", folder, strerror(errno), advice(errno));
  if (descriptor >= 0) {
    close(descriptor);
    unlink(out->temporary);
  }
  clear(out);
  return f->exit_status;
}

int output_finish(output_file *file, failure *f) {
  int lost = ferror(file->stream), reason = lost ? errno : 0; /* of the last write that failed */
  errno = 0;
  if (fflush(file->stream) != 0 || (!lost && fsync(fileno(file->stream)) != 0)) lost = 1, reason = errno;
  if (fclose(file->stream) != 0 && !lost) lost = 1, reason = errno;
  file->stream = NULL;
  return lost ? output_failed(file->name, reason, f) : 0;
}

static void sync_folder(const output_file *file) {
  char *const path = strdup(file->name);
  const int descriptor = path ? open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  free(path);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

/* A second name for what stands under the name, by which it can come back.  Not every file system has such. */
static void keep_earlier(output_file *file) {
  unlink(file->earlier);
  file->before = link(file->name, file->earlier) == 0 ? OUTPUT_KEPT : errno == ENOENT ? OUTPUT_NONE : OUTPUT_UNKEPT;
}

static void take_back(const output_file *file) {
  if (file->before == OUTPUT_KEPT) rename(file->earlier, file->name);
  if (file->before == OUTPUT_NONE) unlink(file->name);
}

int outputs_publish(size_t n, output_file *file, failure *f) {
  size_t done = 0;
  for (size_t i = 0; i < n; ++i) keep_earlier(&file[i]);
  while (done < n && rename(file[done].temporary, file[done].name) == 0) ++done;
  if (done < n) output_failed(file[done].name, errno, f);
  for (size_t i = done; f->exit_status && i-- > 0;) take_back(&file[i]);
  for (size_t i = 0; i < n; ++i)
    if (file[i].before == OUTPUT_KEPT) unlink(file[i].earlier);
  if (n) sync_folder(file);
  for (size_t i = 0; i < n && !f->exit_status; ++i) clear(&file[i]);
  return f->exit_status;
}

int output_publish(output_file *file, failure *f) {
  return outputs_publish(1, file, f);
}

void output_discard(output_file *file) {
  if (file->stream) fclose(file->stream);
  if (file->temporary) unlink(file->temporary);
  clear(file);
}
