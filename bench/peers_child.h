/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chain of another sampler: a process of its own, which we talk to by its standard input and output.
 *
 * For every line that it is sent it goes on for a stage, each as long as all before, and answers with a line
 *   SECONDS EVALUATIONS GRADIENTS ROWS
 * (processor time and calls of the target since the first line came; a call with gradient counts in both) and ROWS x dim doubles as they
 * lie in memory: its draws so far, thinned, without warm-up.  It ends where its input ends. */
#ifndef BENCH_PEERS_CHILD_H
#define BENCH_PEERS_CHILD_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

typedef struct child {
  pid_t process;
  FILE *to, *from;
} child;

typedef struct answer {
  double seconds;
  uint64_t evaluations, gradients;
  size_t rows;
} answer;

/* [in] argv: as for execvp.  The kernel ends the process when it has used `seconds` of processor time. */
void child_start(const char *const *argv, double seconds, child *out);
/* One stage.  [out] x: the draws, at most `room` rows of dim.  0: the process is gone, or what it says makes no sense. */
int child_stage(child *c, size_t dim, size_t room, double *x, answer *out);
void child_end(child *c);

#endif
