/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of the distances: their defaults, and the refusal of what a user got wrong. */
#include <math.h>
#include <stdint.h>

#include "base/sized.h"
#include "diag/draw_set.h"

#define DIRECTIONS_MAX INT32_MAX /* a direction is a particle of a random stream */

static const dilate_distance_options defaults = {.struct_size = sizeof(dilate_distance_options),
                                                 .seed = 1,
                                                 .directions = 128,
                                                 .kernel = DILATE_KERNEL_IMQ,
                                                 .iterations = 10000,
                                                 .tolerance = 1e-3};

void dilate_distance_options_init_sized(dilate_distance_options *options, size_t struct_size) {
  sized_init(options, struct_size, &defaults, sizeof defaults);
}

static int check_kernels(const dilate_distance_options *o, dilate_error *err) {
  if (!(o->bandwidth >= 0 && isfinite(o->bandwidth)))
    return error_set(err, DILATE_EINVAL, "options.bandwidth is %g: it must be a positive length, or 0 for the median distance",
                     o->bandwidth);
  if (o->kernel != DILATE_KERNEL_IMQ && o->kernel != DILATE_KERNEL_GAUSSIAN)
    return error_set(err, DILATE_EINVAL, "options.kernel is %d: it must be DILATE_KERNEL_IMQ or DILATE_KERNEL_GAUSSIAN", (int)o->kernel);
  return 0;
}

static int check_transport(const dilate_distance_options *o, dilate_error *err) {
  if (!(o->epsilon >= 0 && isfinite(o->epsilon)))
    return error_set(err, DILATE_EINVAL,
                     "options.epsilon is %g: it must be a positive squared length, or 0 for a share of the median squared distance",
                     o->epsilon);
  if (o->iterations == 0 || o->iterations > INT32_MAX)
    return error_set(err, DILATE_EINVAL, "options.iterations is %zu: it must be 1 to %d", o->iterations, INT32_MAX);
  if (!(o->tolerance > 0 && o->tolerance < 1))
    return error_set(err, DILATE_EINVAL, "options.tolerance is %g: it must be between 0 and 1", o->tolerance);
  return 0;
}

static int check_counts(const dilate_distance_options *o, dilate_error *err) {
  if (o->directions < 1 || o->directions > DIRECTIONS_MAX)
    return error_set(err, DILATE_EINVAL, "options.directions is %zu: it must be 1 to %d", o->directions, DIRECTIONS_MAX);
  if (o->threads > THREADS_MAX)
    return error_set(err, DILATE_EINVAL, "options.threads is %zu: it must be at most %d", o->threads, THREADS_MAX);
  return 0;
}

/* An older caller's struct is shorter: what it does not have keeps its default. */
int settings_make(const dilate_distance_options *options, dilate_distance_options *out, dilate_error *err) {
  int status = sized_read(options, out, &defaults, sizeof *out, "dilate_distance_options_init", err);
  if (!status) status = check_counts(out, err);
  if (!status) status = check_kernels(out, err);
  if (!status) status = check_transport(out, err);
  out->threads = threads_or_default(out->threads);
  return status;
}
