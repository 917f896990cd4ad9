/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program `dilate-mpi`: what `dilate sample` does, by all processes that mpirun or srun started. */
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/ranks.h"
#include "dilate_mpi.h"
#include "mpi/traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATIENCE 50 /* tenths of a second that a process which failed waits for the others */

/* Waits for all the others, and returns the largest status; those that do not come, since they wait for what a failed process will never
 * send, are taken down. */
static int meet(int status) {
  MPI_Request request;
  int come = 0, largest = status;
  MPI_Iallreduce(&status, &largest, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD, &request);
  for (int k = 0; status && !come && k < PATIENCE; ++k) {
    MPI_Test(&request, &come, MPI_STATUS_IGNORE);
    if (!come) nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
  }
  if (status && !come) MPI_Abort(MPI_COMM_WORLD, status);
  if (!come) MPI_Wait(&request, MPI_STATUS_IGNORE);
  return largest;
}

static int leave(int status) {
  meet(status);
  MPI_Finalize();
  return status;
}

static int is_ours(const char *command) {
  static const char *const ours[] = {"sample", "resume", "help", "--help", "-h", "--version"};
  for (size_t i = 0; i < sizeof ours / sizeof *ours; ++i)
    if (strcmp(command, ours[i]) == 0) return 1;
  return 0;
}

static int say(const char *text) {
  if (ranks_lead()) fprintf(stderr, "dilate-mpi: %s\n", text);
  return 1;
}

static int run(int argc, char **argv, dilate_ranks *ranks, int counted) {
  ranks_set(ranks, counted ? traffic_watch : NULL);
  if (argc > 1 && !is_ours(argv[1])) {
    say("many processes sample and resume: for all else take the program dilate");
    return EXIT_USAGE;
  }
  traffic_begin(ranks);
  const int status = program_run("dilate-mpi", argc, argv);
  ranks_set(NULL, NULL);
  return status;
}

/* Where all of them are well: both are for all to call. */
static void finish(dilate_ranks *ranks, int counted) {
  if (counted) traffic_write(stderr);
  dilate_mpi_close(ranks);
}

int main(int argc, char **argv) {
  int level;
  dilate_ranks *ranks;
  dilate_error err;
  dilate_error_init(&err);
  if (MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS) return say("MPI does not start");
  if (level < MPI_THREAD_FUNNELED) return leave(say("this MPI allows no threads"));
  if (dilate_mpi_open(MPI_COMM_WORLD, &ranks, &err)) return leave(say(err.message));
  const int counted = getenv("DILATE_MPI_COUNT") != NULL, status = run(argc, argv, ranks, counted);
  if (!meet(status)) finish(ranks, counted);
  MPI_Finalize();
  interrupt_end();
  return status;
}
