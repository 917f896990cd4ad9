/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Another program, run to its end.  It has a process group of its own, so that Ctrl-C, which then reaches us alone, can end all of it. */
#define _POSIX_C_SOURCE 200809L
#include "cli/process.h"

#include "cli/interrupt.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const struct timespec a_moment = {.tv_nsec = 20000000};

static int spawn(const char *const argv[], const char *out_path, const char *err_path, pid_t *child) {
  const int write_flags = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t not_ours; /* what we ignore for ourselves (streams.c) */
  sigemptyset(&not_ours);
  sigaddset(&not_ours, SIGPIPE);
  sigaddset(&not_ours, SIGXFSZ);
  int reason = posix_spawn_file_actions_init(&files);
  if (reason) return reason;
  if ((reason = posix_spawnattr_init(&attributes)) == 0) {
    reason = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!reason) reason = posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out_path, write_flags, 0600);
    if (!reason) reason = posix_spawn_file_actions_addopen(&files, STDERR_FILENO, err_path, write_flags, 0600);
    if (!reason) reason = posix_spawnattr_setsigdefault(&attributes, &not_ours);
    if (!reason) reason = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    if (!reason) reason = posix_spawnp(child, argv[0], &files, &attributes, (char *const *)argv, environ);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&files);
  return reason;
}

/* Asked to end, it has three seconds to take its temporary files away. */
static void end(pid_t child, int *how) {
  kill(-child, SIGTERM);
  for (int i = 0; i < 150; ++i) {
    if (waitpid(child, how, WNOHANG) != 0) return;
    nanosleep(&a_moment, NULL);
  }
  kill(-child, SIGKILL);
  waitpid(child, how, 0);
}

/* 0 when the child ended, and 1 when it was made to. */
static int wait_for(pid_t child, int *how) {
  while (waitpid(child, how, WNOHANG) == 0) {
    if (interrupt_asked()) {
      end(child, how);
      return 1;
    }
    nanosleep(&a_moment, NULL);
  }
  return 0;
}

int process_run(const char *const argv[], const char *out_path, const char *err_path, int *status, failure *f) {
  pid_t child = 0;
  int how = 0;
  signal(SIGCHLD, SIG_DFL); /* who started us may have had it ignored, and then no status could be waited for */
  const int reason = spawn(argv, out_path, err_path, &child);
  *status = 127;
  if (reason == ENOENT) return 0;
  if (reason) return fail_with(f, EXIT_RUN, "cannot run '%s': %s", argv[0], strerror(reason));
  if (wait_for(child, &how)) return fail_with(f, EXIT_RUN, "stopped by %s", interrupt_name());
  if (!WIFEXITED(how)) return fail_with(f, EXIT_RUN, "'%s' was ended by signal %d", argv[0], WIFSIGNALED(how) ? WTERMSIG(how) : 0);
  *status = WEXITSTATUS(how);
  return 0;
}
