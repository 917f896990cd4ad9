/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structs that grow: see sized.h. */
#include "base/sized.h"

#include <omp.h>
#include <string.h>

#define STRUCT_SIZE_MAX 65536 /* no options struct will ever be so long: what is longer was never set */

void sized_init(void *user, size_t struct_size, const void *defaults, size_t size) {
  if (!user || struct_size < sizeof struct_size) return;
  memset(user, 0, struct_size);
  memcpy(user, defaults, struct_size < size ? struct_size : size);
  memcpy(user, &struct_size, sizeof struct_size);
}

int sized_read(const void *user, void *full, const void *defaults, size_t size, const char *init, dilate_error *err) {
  size_t struct_size;
  memcpy(full, defaults, size);
  if (!user) return DILATE_OK;
  memcpy(&struct_size, user, sizeof struct_size);
  if (struct_size < sizeof struct_size || struct_size > STRUCT_SIZE_MAX)
    return error_set(err, DILATE_EINVAL, "options.struct_size is %zu: %s was not called", struct_size, init);
  memcpy(full, user, struct_size < size ? struct_size : size);
  memcpy(full, &size, sizeof size);
  return DILATE_OK;
}

int sized_write(void *user, const void *ours, size_t size) {
  size_t struct_size;
  memcpy(&struct_size, user, sizeof struct_size);
  if (struct_size < sizeof struct_size) return DILATE_EINVAL;
  memcpy(user, ours, struct_size < size ? struct_size : size);
  memcpy(user, &struct_size, sizeof struct_size);
  return DILATE_OK;
}

size_t threads_or_default(size_t asked) {
  const size_t threads = asked ? asked : (size_t)omp_get_max_threads();
  return threads < THREADS_MAX ? threads : THREADS_MAX;
}
