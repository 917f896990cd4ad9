/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checkpoints: a sampler between two steps as bytes, and back.
 *
 *   magic, byte-order mark, format, size, checksum, seconds      the envelope, 40 bytes
 *   note                                                         the caller's
 *   library, instruction set, target, two of its log-densities   what it can be resumed by, and with
 *   options, records, state                                      run_archive.c, and the method's own
 *
 * The envelope is looked at before anything else, so that what is parsed is what was written; and yet nothing is trusted (archive.h).
 * Threads are no part of it. */
#ifndef DILATE_METHOD_CHECKPOINT_H
#define DILATE_METHOD_CHECKPOINT_H

#include "method/method.h"

#define CHECKPOINT_FORMAT 4u /* goes up with every change of what any archive function visits */

struct dilate_sampler {
  run *run;
  const method *method;
  void *state;
  int status;      /* of the last step: DILATE_CONTINUE until the run is over or stopped */
  size_t warnings; /* of a run that was stopped: those before the one that says so */
  int cut;         /* the last step was given up in its midst: there is a result, but no state to go on from */
};

/* *bytes: new memory; NULL: of a spread run, all of whose ranks call it, this one only takes part. */
int checkpoint_write(dilate_sampler *s, void **bytes, size_t *size, dilate_error *err);
/* now: complete options, of which threads, callbacks, and budgets where there are any, are taken.  s: zeroed; to be freed after a failure,
 * too. */
int checkpoint_read(const dilate_target *user, size_t size, const void *bytes, const dilate_options *now, dilate_sampler *s,
                    dilate_error *err);
/* The note alone, or NULL where there is none: new memory. */
int checkpoint_note(size_t size, const void *bytes, char **note, dilate_error *err);

#endif
