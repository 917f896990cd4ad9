/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An exploration in an archive.  What is there of it tells its age: all while it goes on, less when it has ended, least when it has
 * settled. Scratch is made by explore_create(), and given up by the same functions as in a run. */
#include "stage/explore.h"

typedef enum explore_age { AGE_EXPLORING, AGE_ENDED, AGE_SETTLED, AGES } explore_age;

static void age_archive(archive *a, explore *e) {
  int age = e->centre ? AGE_EXPLORING : e->kernel_work ? AGE_ENDED : AGE_SETTLED;
  archive_choice(a, &age, AGES);
  if (archive_reads(a) && age == AGE_ENDED) explore_end(e);
  if (archive_reads(a) && age == AGE_SETTLED && explore_give_up(e)) archive_fail(a, DILATE_ENOMEM, "out of memory");
}

/* Labels of particles that are not kept may be of clusters that are no more. */
static void check_labels(archive *a, const explore *e, size_t all) {
  for (size_t i = 0; i < all && archive_reads(a) && !archive_failed(a); i++)
    if (e->kept[i] && e->label[i] >= e->clusters) archive_fail(a, DILATE_ECHECKPOINT, "a particle is of a cluster that is not there");
}

void explore_archive(archive *a, explore *e) {
  const size_t all = EXPLORE_BATCH * e->batches_max, d = e->dim;
  archive_size(a, &e->batches, e->batches_max);
  age_archive(a, e);
  archive_size(a, &e->quiet, e->batches_max);
  if (e->centre) archive_doubles(a, d, e->centre);
  if (e->shape) archive_doubles(a, d * d, e->shape);
  archive_double(a, &e->isotropic);
  metric_archive(a, &e->metric);
  archive_double(a, &e->floor);
  particles_archive(a, &e->settled);
  particles_archive(a, &e->ascended);
  particles_archive(a, &e->now);
  archive_bytes(a, all, e->kept);
  archive_size(a, &e->clusters, all);
  archive_sizes(a, all, e->label, all);
  archive_double(a, &e->new_share);
  archive_double(a, &e->singles);
  archive_flag(a, &e->uncountable);
  archive_flag(a, &e->converged);
  archive_double(a, &e->acceptance);
  check_labels(a, e, all);
}
