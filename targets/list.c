/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of built-in targets, and making one from its specification "name:option=value,...". */
#include "families.h"
#include "support.h"

#include <stdio.h>
#include <string.h>

const builtin_type *const builtin_list[] = {&builtin_gauss,         &builtin_gmm40,
                                            &builtin_gmm4,          &builtin_narrow3,
                                            &builtin_mos,           &builtin_digits,
                                            &builtin_funnel10,      &builtin_rings,
                                            &builtin_two_moons,     &builtin_himmelblau,
                                            &builtin_double_well2,  &builtin_edges,
                                            &builtin_banana,        &builtin_rosenbrock,
                                            &builtin_manywell32,    &builtin_phi4,
                                            &builtin_eight_schools, &builtin_brownian32,
                                            &builtin_seeds,         &builtin_ionosphere,
                                            &builtin_galaxies,      NULL};

static const builtin_type *find_type(const char *spec, size_t length) {
  for (size_t i = 0; builtin_list[i] != NULL; i++)
    if (strlen(builtin_list[i]->name) == length && strncmp(builtin_list[i]->name, spec, length) == 0) return builtin_list[i];
  return NULL;
}

static int unknown_target(const char *spec, size_t length, dilate_error *err) {
  char names[256] = "";
  for (size_t i = 0; builtin_list[i] != NULL; i++) {
    const size_t used = strlen(names);
    snprintf(names + used, sizeof names - used, "%s%s", i == 0 ? "" : ", ", builtin_list[i]->name);
  }
  return builtin_fail(err, DILATE_EINVAL, "unknown target '%.*s': the built-in targets are %s", length < 64 ? (int)length : 64, spec,
                      names);
}

int builtin_create(const char *spec, const char *data_path, builtin *out, dilate_error *err) {
  memset(out, 0, sizeof *out);
  const size_t length = strcspn(spec, ":");
  const builtin_type *const type = find_type(spec, length);
  if (type == NULL) return unknown_target(spec, length, err);
  if (data_path != NULL && !type->takes_data) return builtin_fail(err, DILATE_EINVAL, "%s: takes no data file", type->name);
  const char *const text = spec[length] == ':' ? spec + length + 1 : "";
  dilate_target_init(&out->target);
  out->log_z = NAN;
  const int status = type->create(text, data_path, out, err);
  if (status < 0) {
    builtin_destroy(out);
    return status;
  }
  snprintf(out->label, sizeof out->label, "%s%s%s", type->name, *text != '\0' ? ":" : "", text);
  return DILATE_OK;
}

void builtin_destroy(builtin *b) {
  if (b->destroy != NULL) b->destroy(b);
  memset(b, 0, sizeof *b);
}
