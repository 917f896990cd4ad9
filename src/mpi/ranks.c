/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranks over MPI: the one exchange that the library asks for, as MPI_Allgatherv on a communicator of our own.
 *
 * Errors are returned, not fatal, so that the library can end the run with a text where MPI survives them. */
#include "dilate_mpi.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORD 8 /* bytes: blocks are whole words, so that counts of int reach 16 GB */

typedef struct mpi_ranks {
  dilate_ranks ranks; /* the first: what users hold */
  MPI_Comm communicator;
  int *count, *place; /* words of each rank's block, and before it */
  int lost;
  dilate_mpi_traffic traffic;
} mpi_ranks;

static int fail(dilate_error *err, int status, const char *text) {
  if (err && err->struct_size >= sizeof *err && !err->status) {
    err->status = status;
    snprintf(err->message, sizeof err->message, "%s", text);
  }
  return status;
}

static void count_traffic(mpi_ranks *m, const size_t *bytes, uint64_t all) {
  m->traffic.exchanges++;
  m->traffic.sent += bytes[m->ranks.rank];
  m->traffic.received += all - bytes[m->ranks.rank];
}

static int gather(void *data, const size_t *bytes, void *all) {
  mpi_ranks *m = data;
  uint64_t words = 0;
  if (m->lost) return 1;
  for (size_t i = 0; i < m->ranks.count; i++) {
    if (words > INT_MAX || bytes[i] / WORD > INT_MAX) return m->lost = 1;
    m->place[i] = (int)words;
    m->count[i] = (int)(bytes[i] / WORD);
    words += bytes[i] / WORD;
  }
  count_traffic(m, bytes, WORD * words);
  const clock_t begun = clock();
  m->lost |= MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_UINT64_T, all, m->count, m->place, MPI_UINT64_T, m->communicator) != MPI_SUCCESS;
  m->traffic.seconds += (double)(clock() - begun) / CLOCKS_PER_SEC;
  return m->lost;
}

static void destroy(mpi_ranks *m) {
  free(m->count);
  free(m->place);
  free(m);
}

static int duplicate(MPI_Comm communicator, mpi_ranks *m) {
  int rank, count;
  if (MPI_Comm_dup(communicator, &m->communicator) != MPI_SUCCESS) return 1;
  if (MPI_Comm_set_errhandler(m->communicator, MPI_ERRORS_RETURN) != MPI_SUCCESS) return 1;
  if (MPI_Comm_rank(m->communicator, &rank) != MPI_SUCCESS || MPI_Comm_size(m->communicator, &count) != MPI_SUCCESS) return 1;
  m->ranks.rank = (size_t)rank;
  m->ranks.count = (size_t)count;
  return 0;
}

/* Whether all ranks have what they need. */
static int all_well(const mpi_ranks *m, int well) {
  int all = 0;
  return MPI_Allreduce(&well, &all, 1, MPI_INT, MPI_MIN, m->communicator) == MPI_SUCCESS && all;
}

int dilate_mpi_open(MPI_Comm communicator, dilate_ranks **out, dilate_error *err) {
  if (!out) return fail(err, DILATE_EINVAL, "dilate_mpi_open: ranks is NULL: there is nowhere to put them");
  *out = NULL;
  int on = 0;
  if (MPI_Initialized(&on) != MPI_SUCCESS || !on)
    return fail(err, DILATE_EINVAL, "dilate_mpi_open: MPI is not initialised; call MPI_Init_thread first");
  mpi_ranks *m = calloc(1, sizeof *m);
  if (!m) return fail(err, DILATE_ENOMEM, "out of memory in dilate_mpi_open");
  dilate_ranks_init(&m->ranks);
  m->ranks.gather = gather;
  m->ranks.data = m;
  if (duplicate(communicator, m)) {
    destroy(m);
    return fail(err, DILATE_ERANKS, "dilate_mpi_open: the communicator could not be duplicated");
  }
  m->count = calloc(m->ranks.count, sizeof *m->count);
  m->place = calloc(m->ranks.count, sizeof *m->place);
  if (!all_well(m, m->count && m->place)) {
    dilate_mpi_close(&m->ranks);
    return fail(err, DILATE_ENOMEM, "out of memory in dilate_mpi_open");
  }
  *out = &m->ranks;
  return DILATE_OK;
}

void dilate_mpi_close(dilate_ranks *ranks) {
  mpi_ranks *m = ranks ? ranks->data : NULL;
  if (!m) return;
  if (!m->lost) MPI_Comm_free(&m->communicator);
  destroy(m);
}

void dilate_mpi_count(const dilate_ranks *ranks, dilate_mpi_traffic *traffic) {
  if (!ranks || !traffic || traffic->struct_size < sizeof traffic->struct_size) return;
  dilate_mpi_traffic now = ((const mpi_ranks *)ranks->data)->traffic;
  const size_t size = traffic->struct_size;
  now.struct_size = size;
  memcpy(traffic, &now, size < sizeof now ? size : sizeof now);
}
