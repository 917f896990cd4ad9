/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suites of checkpoints, and the states that they share. */
#ifndef DILATE_TESTS_CHECK_CHECKPOINT_H
#define DILATE_TESTS_CHECK_CHECKPOINT_H

#include "check_sampler.h"

Suite *relay_suite(void);   /* what is saved goes on as if nothing had been */
Suite *refusal_suite(void); /* what is not right is refused, and what is wrong is noticed */

/* Places in the envelope (method/checkpoint.h). */
enum { AT_ORDER = 8, AT_FORMAT = 12, AT_SIZE = 16, AT_SUM = 24, AT_SECONDS = 32, ENVELOPE = 40 };

/* A run of the pair of normals, or of a funnel in three dimensions. */
typedef struct scene {
  const char *name;
  dilate_target target;
  dilate_options options;
} scene;

/* Every method, and the ways that methods have: count of them, and the i-th. */
size_t scene_count(void);
scene scene_at(size_t i);

typedef struct saved {
  unsigned char *bytes;
  size_t size;
} saved;

dilate_sampler *begin(const scene *s);
saved save(dilate_sampler *sampler);
/* Must succeed. */
dilate_sampler *load(const scene *s, const saved *from, size_t threads);
/* Steps to the end, and takes the result; the sampler is freed. */
dilate_result *finish(dilate_sampler *sampler);
/* A state after so many steps. */
saved save_after(const scene *s, size_t steps);
/* The checksum of what the bytes hold now. */
void mend(saved *of);

#endif
