/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes and pipes. */
#define _GNU_SOURCE
#include "bench/peers_child.h"

#include "bench/support.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the new process does until it is the sampler. */
_Noreturn static void become(const char *const *argv, double seconds, int input, int output) {
  const struct rlimit limit = {.rlim_cur = (rlim_t)seconds + 1, .rlim_max = (rlim_t)seconds + 2};
  setrlimit(RLIMIT_CPU, &limit);
  if (dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0) execvp(argv[0], (char *const *)(void *)argv);
  perror(argv[0]);
  _exit(2);
}

/* The pipes close in every other process, so that the end of input is seen. */
void child_start(const char *const *argv, double seconds, child *out) {
  int to[2], from[2];
  signal(SIGPIPE, SIG_IGN); /* a process that is gone is seen by its silence */
  if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) give_up("no pipe for %s", argv[0]);
  fflush(NULL);
  out->process = fork();
  if (out->process < 0) give_up("no process for %s", argv[0]);
  if (out->process == 0) become(argv, seconds, to[0], from[1]);
  close(to[0]);
  close(from[1]);
  out->to = fdopen(to[1], "w");
  out->from = fdopen(from[0], "r");
  if (out->to == NULL || out->from == NULL) give_up("out of memory");
}

int child_stage(child *c, size_t dim, size_t room, double *x, answer *out) {
  char line[256];
  unsigned long long evaluations, gradients;
  if (fputc('\n', c->to) == EOF || fflush(c->to) != 0 || fgets(line, sizeof line, c->from) == NULL) return 0;
  if (sscanf(line, "%lf %llu %llu %zu", &out->seconds, &evaluations, &gradients, &out->rows) != 4 || out->rows > room) return 0;
  out->evaluations = evaluations;
  out->gradients = gradients;
  return fread(x, dim * sizeof *x, out->rows, c->from) == out->rows;
}

void child_end(child *c) {
  fclose(c->to);
  fclose(c->from);
  waitpid(c->process, NULL, 0);
}
