/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run's options: their defaults, and the refusal of every one that a user got wrong, with what would be right.
 *
 * Arrays whose length is the dimension are checked once it is known; all arrays are copied into one block of memory. */
#include "method/run.h"

#include "base/memory.h"
#include "base/sized.h"
#include "method/method.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ISLANDS_MAX 4095      /* 12 bits of a random stream's tag */
#define DRAWS_MAX   INT32_MAX /* rows of a result are numbered by 32-bit integers */
#define STEPS_MAX   INT32_MAX
#define EFFORT_MIN  0.1
#define EFFORT_MAX  1000

static const dilate_options option_defaults = {.struct_size = sizeof(dilate_options),
                                               .seed = 1,
                                               .islands = 4,
                                               .groups = 2,
                                               .draws = 1000,
                                               .method = "bridge",
                                               .steps = 250,
                                               .effort = 1,
                                               .score_samples = 64,
                                               .guidance_scale = 1,
                                               .checkpoint_seconds = 60};

void dilate_options_init_sized(dilate_options *options, size_t struct_size) {
  sized_init(options, struct_size, &option_defaults, sizeof option_defaults);
}

static int check_method(const dilate_options *o, dilate_error *err) {
  if (o->method && method_find(o->method)) return 0;
  char known[256] = "";
  size_t used = 0;
  for (size_t i = 0; method_list[i] && used < sizeof known; i++)
    used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", method_list[i]->name);
  return error_set(err, DILATE_EINVAL, "options.method: there is no method \"%.64s\"; known are %s", o->method ? o->method : "NULL", known);
}

static int check_shape(const dilate_options *o, dilate_error *err) {
  if (o->groups < 1) return error_set(err, DILATE_EINVAL, "options.groups is 0: at least 1 is needed");
  if (o->islands < 1 || o->islands > ISLANDS_MAX)
    return error_set(err, DILATE_EINVAL, "options.islands is %zu: it must be 1 to %d", o->islands, ISLANDS_MAX);
  if (o->islands % o->groups)
    return error_set(err, DILATE_EINVAL, "options.islands is %zu: it must be a multiple of options.groups, %zu", o->islands, o->groups);
  if (o->draws < 16) return error_set(err, DILATE_EINVAL, "options.draws is %zu: at least 16 draws an island are needed", o->draws);
  if (o->draws > DRAWS_MAX / o->islands)
    return error_set(err, DILATE_EINVAL, "options.draws is %zu: %zu islands may have at most %zu draws each", o->draws, o->islands,
                     DRAWS_MAX / o->islands);
  return 0;
}

static int check_budgets(const dilate_options *o, dilate_error *err) {
  if (!(o->max_seconds >= 0 && isfinite(o->max_seconds)))
    return error_set(err, DILATE_EINVAL, "options.max_seconds is %g: it must be a finite number of seconds, or 0 for no budget",
                     o->max_seconds);
  if (!(o->checkpoint_seconds >= 0 && isfinite(o->checkpoint_seconds)))
    return error_set(err, DILATE_EINVAL, "options.checkpoint_seconds is %g: it must be a finite number of seconds, or 0 for every step",
                     o->checkpoint_seconds);
  if (!(o->effort >= EFFORT_MIN && o->effort <= EFFORT_MAX))
    return error_set(err, DILATE_EINVAL, "options.effort is %g: it must be %g to %d; 1 is the default", o->effort, EFFORT_MIN, EFFORT_MAX);
  if (!(o->target_se >= 0 && isfinite(o->target_se)))
    return error_set(err, DILATE_EINVAL, "options.target_se is %g: it must be a finite positive number, or 0 for no target", o->target_se);
  return 0;
}

static int check_options(dilate_options *o, dilate_error *err) {
  int status = check_shape(o, err);
  if (!status) status = check_budgets(o, err);
  if (status) return status;
  if (o->steps < 1 || o->steps > STEPS_MAX)
    return error_set(err, DILATE_EINVAL, "options.steps is %zu: it must be 1 to %d", o->steps, STEPS_MAX);
  if (o->threads > THREADS_MAX)
    return error_set(err, DILATE_EINVAL, "options.threads is %zu: at most %d are allowed", o->threads, THREADS_MAX);
  status = check_method(o, err);
  return status ? status : options_check_path(o, err);
}

/* The user's options over the defaults, nothing beyond struct_size read. */
int options_read(const dilate_options *user, dilate_options *o, dilate_error *err) {
  return sized_read(user, o, &option_defaults, sizeof *o, "dilate_options_init", err);
}

int options_take(const dilate_options *user, dilate_options *o, dilate_error *err) {
  int status = options_read(user, o, err);
  if (!status) status = check_options(o, err);
  if (status) return status;
  o->method = method_find(o->method)->name;
  o->threads = threads_or_default(o->threads);
  return 0;
}

size_t options_first_not_finite(size_t n, const double *x) {
  size_t i = 0;
  while (i < n && isfinite(x[i])) i++;
  return i;
}

int options_check_finite(const char *name, size_t dim, const double *x, dilate_error *err) {
  const size_t bad = x ? options_first_not_finite(dim, x) : dim;
  if (bad == dim) return 0;
  return error_set(err, DILATE_EINVAL, "options.%s[%zu] is %g: it must be finite", name, bad, x[bad]);
}

static int check_points(const dilate_options *o, size_t dim, dilate_error *err) {
  if (!o->hint_points_count) return 0;
  if (!o->hint_points)
    return error_set(err, DILATE_EINVAL, "options.hint_points is NULL: hint_points_count is %zu; give the points, or 0 of them",
                     o->hint_points_count);
  if (o->hint_points_count > DRAWS_MAX / dim)
    return error_set(err, DILATE_EINVAL, "options.hint_points_count is %zu: at most %zu points of %zu coordinates are allowed",
                     o->hint_points_count, DRAWS_MAX / dim, dim);
  const size_t n = o->hint_points_count * dim, bad = options_first_not_finite(n, o->hint_points);
  if (bad == n) return 0;
  return error_set(err, DILATE_EINVAL, "options.hint_points: coordinate %zu of point %zu is %g: it must be finite", bad % dim, bad / dim,
                   o->hint_points[bad]);
}

static int check_box(const dilate_options *o, size_t dim, dilate_error *err) {
  if (!o->hint_lower != !o->hint_upper)
    return error_set(err, DILATE_EINVAL, "options.hint_%s is NULL: a box needs both hint_lower and hint_upper, or neither",
                     o->hint_lower ? "upper" : "lower");
  for (size_t j = 0; o->hint_lower && j < dim; j++)
    if (!(o->hint_lower[j] < o->hint_upper[j]))
      return error_set(err, DILATE_EINVAL, "options.hint_lower[%zu] is %g: it must be below hint_upper[%zu], which is %g", j,
                       o->hint_lower[j], j, o->hint_upper[j]);
  return 0;
}

static int check_hints(const dilate_options *o, size_t dim, dilate_error *err) {
  int status = check_points(o, dim, err);
  if (!status) status = options_check_finite("hint_centre", dim, o->hint_centre, err);
  if (!status) status = options_check_finite("hint_scale", dim, o->hint_scale, err);
  if (!status) status = options_check_finite("hint_lower", dim, o->hint_lower, err);
  if (!status) status = options_check_finite("hint_upper", dim, o->hint_upper, err);
  for (size_t j = 0; o->hint_scale && j < dim && !status; j++)
    if (o->hint_scale[j] <= 0)
      status = error_set(err, DILATE_EINVAL, "options.hint_scale[%zu] is %g: it must be positive", j, o->hint_scale[j]);
  if (!status) status = options_check_finite("path_centre", dim, o->path_centre, err);
  return status ? status : check_box(o, dim, err);
}

/* Copies n numbers to *room, which moves on behind them, and points *hint to the copy. */
static void copy_array(size_t n, const double **hint, double **room) {
  if (!*hint) return;
  memcpy(*room, *hint, n * sizeof **room);
  *hint = *room;
  *room += n;
}

int options_own_arrays(dilate_options *o, size_t dim, double **storage, dilate_error *err) {
  *storage = NULL;
  const int status = check_hints(o, dim, err);
  if (status) return status;
  if (!o->hint_points_count) o->hint_points = NULL;
  double *room = NEW(double, (o->hint_points_count + 5) * dim + o->schedule_count + 3 * o->walk_count);
  if (!room) return error_memory(err, "the options' arrays");
  *storage = room;
  copy_array(o->hint_points_count * dim, &o->hint_points, &room);
  copy_array(dim, &o->hint_centre, &room);
  copy_array(dim, &o->hint_scale, &room);
  copy_array(dim, &o->hint_lower, &room);
  copy_array(dim, &o->hint_upper, &room);
  copy_array(dim, &o->path_centre, &room);
  copy_array(o->schedule_count, &o->schedule_lambda, &room);
  copy_array(o->walk_count, &o->walk_sigma, &room);
  copy_array(o->walk_count, &o->walk_tau, &room);
  copy_array(o->walk_count, &o->walk_temperature, &room);
  return 0;
}
