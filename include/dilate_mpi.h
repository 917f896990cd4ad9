/* dilate_mpi.h: libdilate over MPI.
 *
 * Copyright (C) 2026 the libdilate authors.  GPL-3.0-or-later.
 *
 * The processes of a communicator as the ranks of one run:
 *
 *   dilate_ranks *ranks;
 *   dilate_mpi_open(MPI_COMM_WORLD, &ranks, &err);
 *   options.ranks = ranks;
 *   dilate_sample(&target, &options, &result, &err);   // on every process, with the same target, options and seed
 *   dilate_mpi_close(ranks);
 *
 * Every process gets the result that one process alone would have got, bit for bit.  Link with -ldilate_mpi -ldilate.
 */
#ifndef DILATE_MPI_H
#define DILATE_MPI_H

#include <dilate.h>
#include <mpi.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Collective.  MPI must have been initialised, at least at MPI_THREAD_FUNNELED where the run has several threads; the library is to be
 * called from the thread that did that.  [in] communicator: duplicated, so that no message of the caller's meets ours.  [out] *ranks: to be
 * closed after the samplers that use it are freed; NULL on failure: DILATE_EINVAL, DILATE_ENOMEM, DILATE_ERANKS. */
int dilate_mpi_open(MPI_Comm communicator, dilate_ranks **ranks, dilate_error *err);
/* Collective, unless a rank was lost.  NULL is allowed. */
void dilate_mpi_close(dilate_ranks *ranks);

/* What went over the communicator so far: exchanges, bytes that this rank gave to and got from the others in them, and the processor time
 * that they took, waiting included. */
typedef struct dilate_mpi_traffic {
  size_t struct_size;
  uint64_t exchanges, sent, received;
  double seconds;
} dilate_mpi_traffic;
/* [out] *traffic, with its struct_size set. */
void dilate_mpi_count(const dilate_ranks *ranks, dilate_mpi_traffic *traffic);

#ifdef __cplusplus
}
#endif

#endif
