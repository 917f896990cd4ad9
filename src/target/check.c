/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a user hands over: made empty, and checked.  Every message says what is wrong, where, and what would be right. */
#include "target/check.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define KNOWN_FLAGS (DILATE_TARGET_SERIAL | DILATE_TARGET_NO_GRADIENT)

void dilate_target_init_sized(dilate_target *target, size_t struct_size) {
  if (!target || struct_size < sizeof target->struct_size) return;
  memset(target, 0, struct_size < sizeof *target ? struct_size : sizeof *target);
  target->struct_size = struct_size;
}

static int by_text(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int check_unique(size_t n, const char *const *names, dilate_error *err) {
  const char **sorted = NEW(const char *, n);
  if (!sorted) return error_memory(err, "checking the target's names");
  memcpy(sorted, names, n * sizeof *sorted);
  qsort(sorted, n, sizeof *sorted, by_text);
  int status = DILATE_OK;
  for (size_t i = 1; i < n && status == DILATE_OK; i++)
    if (strcmp(sorted[i - 1], sorted[i]) == 0)
      status = error_set(err, DILATE_EINVAL, "target: two parameters are named \"%s\"; names must be unique", sorted[i]);
  memory_free(sorted);
  return status;
}

/* What draws.csv has beside the parameters. */
static int is_column(const char *name) {
  return strcmp(name, "lp__") == 0 || strcmp(name, "chain__") == 0 || strcmp(name, "mode__") == 0;
}

static int check_names(size_t n, const char *const *names, dilate_error *err) {
  if (!names) return DILATE_OK;
  for (size_t i = 0; i < n; i++) {
    if (!names[i] || !names[i][0])
      return error_set(err, DILATE_EINVAL, "target: names[%zu] is %s; give all %zu names, or leave names NULL", i,
                       names[i] ? "empty" : "NULL", n);
    if (is_column(names[i]))
      return error_set(err, DILATE_EINVAL, "target: names[%zu] is \"%s\", which is a column of draws.csv; give another name", i, names[i]);
  }
  return check_unique(n, names, err);
}

static int check_values(const dilate_target *t, dilate_error *err) {
  if (t->dim < 1 || t->dim > TARGET_DIM_MAX)
    return error_set(err, DILATE_EINVAL, "target: dim is %zu; it must be from 1 to %d", t->dim, TARGET_DIM_MAX);
  if (!t->logp && !t->batch)
    return error_set(err, DILATE_EINVAL, "target: neither logp nor batch is set; give one callback for the log-density");
  if (t->n_out > TARGET_OUT_MAX)
    return error_set(err, DILATE_EINVAL, "target: n_out is %zu; it must be at most %d", t->n_out, TARGET_OUT_MAX);
  if (t->flags & ~KNOWN_FLAGS)
    return error_set(err, DILATE_EINVAL,
                     "target: flags are 0x%x; only DILATE_TARGET_SERIAL (0x%x) and DILATE_TARGET_NO_GRADIENT (0x%x) exist", t->flags,
                     DILATE_TARGET_SERIAL, DILATE_TARGET_NO_GRADIENT);
  if (!t->constrain && t->n_out != 0 && t->n_out != t->dim)
    return error_set(err, DILATE_EINVAL,
                     "target: n_out is %zu but dim is %zu; set constrain, which computes the reported values, or n_out = 0", t->n_out,
                     t->dim);
  return DILATE_OK;
}

int target_check(const dilate_target *user, dilate_target *full, dilate_error *err) {
  if (!user) return error_set(err, DILATE_EINVAL, "target: NULL; pass a dilate_target");
  if (user->struct_size < offsetof(dilate_target, params))
    return error_set(err, DILATE_EINVAL, "target: struct_size is %zu; call dilate_target_init(&target) before setting its members",
                     user->struct_size);
  memset(full, 0, sizeof *full);
  memcpy(full, user, user->struct_size < sizeof *full ? user->struct_size : sizeof *full);
  full->struct_size = sizeof *full;
  const int status = check_values(full, err);
  if (status != DILATE_OK) return status;
  if (full->n_out == 0) full->n_out = full->dim;
  return check_names(full->n_out, full->names, err);
}
