/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a checkpoint keeps of a target: its counters, the point to report, and by what it is known again. */
#include <math.h>

#include "target/state.h"

void target_archive(archive *a, target *t) {
  target_counts counts = target_count(t);
  archive_uint64(a, &counts.evaluations);
  archive_uint64(a, &counts.gradients);
  archive_uint64(a, &counts.bad_density);
  archive_uint64(a, &counts.bad_gradient);
  archive_flag(a, &t->has_bad);
  archive_uint64(a, &t->bad_number);
  archive_doubles(a, t->user.dim, t->bad);
  if (!archive_reads(a)) return;
  const target_counts since = target_count(t);
  atomic_fetch_add(&t->evaluations, counts.evaluations - since.evaluations);
  atomic_fetch_add(&t->gradients, counts.gradients - since.gradients);
  atomic_store(&t->bad_density, counts.bad_density);
  atomic_store(&t->bad_gradient, counts.bad_gradient);
}

double target_look(target *t, const double *x) {
  const warp *const coordinates = t->warp;
  const uint64_t before = target_count(t).evaluations;
  double logp;
  t->warp = NULL;
  target_probe(t, 1, 1, x, &logp, NULL);
  t->warp = coordinates;
  atomic_fetch_sub(&t->evaluations, target_count(t).evaluations - before);
  return logp;
}
