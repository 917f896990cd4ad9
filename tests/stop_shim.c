/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For check-stop.sh, by LD_PRELOAD: the k-th call (SHIM_FAIL_AT, from 1) that concerns files fails with SHIM_ERRNO, and with SHIM_ON=1 so do
 * all writes after it, as on a disk that is full.  SHIM_LOG names a file that is told which call it was; SHIM_COUNT one that is told how
 * many there were.
 *
 * The C library's streams write without calling what a program calls, so streams that are opened on a descriptor are made streams of ours. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STREAMS = 64 };

static struct {
  FILE *stream;
  int descriptor;
} streams[STREAMS];
static long calls, failing, error_number, on;
static int ready;

static long number_of(const char *name, long otherwise) {
  const char *text = getenv(name);
  return text ? atol(text) : otherwise;
}

static void note(const char *variable, const char *text, long number) {
  char line[64];
  const char *path = getenv(variable);
  const int length = snprintf(line, sizeof line, "%s %ld\n", text, number);
  const int to = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0666) : -1;
  if (to < 0) return;
  if (syscall(SYS_write, to, line, length) < 0) _exit(99);
  syscall(SYS_close, to);
}

/* Whether this call is to fail. */
static int fails(const char *what, int writes) {
  if (!ready) {
    failing = number_of("SHIM_FAIL_AT", 0);
    error_number = number_of("SHIM_ERRNO", EIO);
    on = number_of("SHIM_ON", 0);
    ready = 1;
  }
  ++calls;
  if (calls != failing && !(on && failing && writes && calls > failing)) return 0;
  if (calls == failing) note("SHIM_LOG", what, calls);
  errno = (int)error_number;
  return 1;
}

__attribute__((destructor)) static void tell(void) {
  note("SHIM_COUNT", "calls", calls);
}

int open(const char *path, int flags, ...) {
  static int (*next)(const char *, int, ...);
  va_list more;
  va_start(more, flags);
  const int mode = va_arg(more, int);
  va_end(more);
  if (!next) *(void **)&next = dlsym(RTLD_NEXT, "open");
  return (flags & O_CREAT || flags & O_DIRECTORY) && fails("open", 0) ? -1 : next(path, flags, mode);
}

static ssize_t write_ours(void *cookie, const char *from, size_t size) {
  return fails("write", 1) ? 0 : write((int)(size_t)cookie, from, size);
}

static int close_ours(void *cookie) {
  const int failed = fails("close", 0), reason = errno;
  for (int i = 0; i < STREAMS; i++)
    if (streams[i].stream && streams[i].descriptor == (int)(size_t)cookie) streams[i].stream = NULL;
  close((int)(size_t)cookie);
  errno = reason;
  return failed ? -1 : 0;
}

FILE *fdopen(int descriptor, const char *mode) {
  const cookie_io_functions_t ours = {.write = write_ours, .close = close_ours};
  if (fails("fdopen", 0)) return NULL;
  FILE *stream = fopencookie((void *)(size_t)descriptor, mode, ours);
  for (int i = 0; stream && i < STREAMS; i++)
    if (!streams[i].stream) {
      streams[i].stream = stream;
      streams[i].descriptor = descriptor;
      break;
    }
  return stream;
}

int fileno(FILE *stream) {
  static int (*next)(FILE *);
  for (int i = 0; i < STREAMS; i++)
    if (streams[i].stream == stream) return streams[i].descriptor;
  if (!next) *(void **)&next = dlsym(RTLD_NEXT, "fileno");
  return next(stream);
}

int fsync(int descriptor) {
  static int (*next)(int);
  if (!next) *(void **)&next = dlsym(RTLD_NEXT, "fsync");
  return fails("fsync", 1) ? -1 : next(descriptor);
}

#define OF_PATHS(name, arguments, given)                                                                                                   \
  int name arguments {                                                                                                                     \
    static int(*next) arguments;                                                                                                           \
    if (!next) *(void **)&next = dlsym(RTLD_NEXT, #name);                                                                                  \
    return fails(#name, 0) ? -1 : next given;                                                                                              \
  }

OF_PATHS(rename, (const char *from, const char *to), (from, to))
OF_PATHS(link, (const char *from, const char *to), (from, to))
OF_PATHS(unlink, (const char *path), (path))
OF_PATHS(rmdir, (const char *path), (path))
OF_PATHS(mkdir, (const char *path, mode_t mode), (path, mode))
