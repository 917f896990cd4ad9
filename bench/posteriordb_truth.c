/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two tables. */
#include "bench/posteriordb_truth.h"

#include "bench/support.h"
#include <string.h>

/* Names have brackets, no commas. */
static void take_parameter(const char *path, char *const *field, reference *out) {
  if (out->n == REFERENCE_PARAMETERS) give_up("%s: more than %d parameters of %s", path, REFERENCE_PARAMETERS, field[0]);
  reference_parameter *const p = &out->parameter[out->n++];
  double *const number[] = {&p->mean, &p->sd, &p->kurtosis, &p->q5, &p->q95, &p->mean_se, &p->sd_se, &p->q5_se, &p->q95_se};
  snprintf(p->name, sizeof p->name, "%s", field[1]);
  for (size_t i = 0; i < sizeof number / sizeof *number; i++) *number[i] = csv_number(path, field[2 + i]);
}

static void take_log_z(const char *path, char *const *field, reference *out) {
  out->log_z = csv_number(path, field[1]);
  out->tolerance = csv_number(path, field[3]);
  out->modes = (size_t)csv_number(path, field[4]);
}

static void read_rows(const char *folder, const char *file, size_t fields, const char *posterior,
                      void (*take)(const char *path, char *const *field, reference *out), reference *out) {
  char path[4096], line[1024], *field[CSV_FIELDS];
  FILE *const stream = csv_open(folder, file, path, sizeof path);
  size_t n;
  while ((n = csv_fields(stream, line, sizeof line, field)) > 0) {
    if (n != fields) give_up("%s: a line of %zu fields, not %zu", path, n, fields);
    if (strcmp(field[0], posterior) == 0) take(path, field, out);
  }
  fclose(stream);
}

void reference_read(const char *folder, const char *posterior, reference *out) {
  *out = (reference){0};
  read_rows(folder, "reference.csv", 11, posterior, take_parameter, out);
  read_rows(folder, "log_z.csv", 5, posterior, take_log_z, out);
  if (out->n == 0 || !(out->tolerance > 0)) give_up("%s: there are no reference figures of %s", folder, posterior);
}

const reference_parameter *reference_named(const reference *r, const char *name) {
  for (size_t i = 0; i < r->n; i++)
    if (strcmp(r->parameter[i].name, name) == 0) return &r->parameter[i];
  return NULL;
}
