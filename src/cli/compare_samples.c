/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is compared: the files, the target whose parameters they are to have, and exact draws where it has a sampler. */
#include "cli/compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows of draws are points of the target only where its parameters are its coordinates. */
static int check_target(const subject *t, const draws_table *a, failure *f) {
  if (t->target->constrain)
    return fail_with(
        f, EXIT_USAGE,
        "the target '%s' reports values on their natural scale, and its scores are those of unconstrained coordinates, which the "
        "draws do not hold: compare two files without --target",
        t->label);
  if (t->target->dim != a->columns)
    return fail_with(f, EXIT_RUN, "the target '%s' has %zu parameters, and '%s' has %zu", t->label, t->target->dim, a->path, a->columns);
  return 0;
}

/* The target's names, those of the library's default where it has none, in one block to be freed. */
static char **target_names(const dilate_target *t) {
  enum { ROOM = 64 };
  char **const name = malloc(t->dim * (sizeof *name + ROOM));
  if (!name) return NULL;
  char *const text = (char *)(name + t->dim);
  for (size_t j = 0; j < t->dim; ++j) {
    name[j] = text + j * ROOM;
    if (t->names)
      snprintf(name[j], ROOM, "%s", t->names[j]);
    else
      snprintf(name[j], ROOM, "x[%zu]", j + 1);
  }
  return name;
}

/* A's columns in the target's order; in their own where it knows none of the names. */
static int arrange_by_target(compare_samples *s, failure *f) {
  const size_t dim = s->target.target->dim;
  char **const name = target_names(s->target.target);
  char whose[256];
  size_t known = 0;
  if (!name) return fail_with(f, EXIT_RUN, "out of memory");
  for (size_t j = 0; j < dim; ++j) known += draws_find(&s->a, name[j]) < s->a.columns;
  s->by_position = known == 0;
  snprintf(whose, sizeof whose, "the target '%s'", s->target.label);
  if (known) draws_arrange(&s->a, dim, (const char *const *)name, whose, f);
  free(name);
  return f->exit_status;
}

static int open_target(const compare_arguments *request, compare_samples *s, failure *f) {
  if (subject_open(request->target, request->data, &s->target, f)) return f->exit_status;
  if (check_target(&s->target, &s->a, f) || arrange_by_target(s, f)) return f->exit_status;
  const int exact = s->target.is_builtin && s->target.builtin.draw;
  if (!exact)
    return request->b ? 0 : fail_with(f, EXIT_USAGE, "the target '%s' has no exact draws: name another file of draws", s->target.label);
  s->rng = (gsl_rng){gsl_rng_mt19937, malloc(gsl_rng_mt19937->size)}; /* GSL's own allocation aborts when there is no memory */
  if (!s->rng.state) return fail_with(f, EXIT_RUN, "out of memory");
  gsl_rng_set(&s->rng, (unsigned long)request->options.seed);
  return 0;
}

/* B is as many exact draws, under A's names. */
static int take_exact(compare_samples *s, failure *f) {
  s->b.value = compare_exact(s, s->a.rows);
  if (!s->b.value) return fail_with(f, EXIT_RUN, "out of memory");
  s->b.rows = s->a.rows;
  return 0;
}

/* Names as they are in our own files, so that Stan's can be compared with them. */
static int read_draws(const char *path, draws_table *out, failure *f) {
  return draws_read(path, out, f) ? f->exit_status : draws_bracket_names(out, f);
}

int compare_open(const compare_arguments *request, compare_samples *out, failure *f) {
  memset(out, 0, sizeof *out);
  if (read_draws(request->a, &out->a, f)) return f->exit_status;
  if (request->b && read_draws(request->b, &out->b, f)) return f->exit_status;
  if (request->target && open_target(request, out, f)) return f->exit_status;
  if (!request->b) return take_exact(out, f);
  char whose[1024];
  snprintf(whose, sizeof whose, "'%s'", out->a.path);
  return draws_arrange(&out->b, out->a.columns, (const char *const *)out->a.name, whose, f);
}

void compare_close(compare_samples *s) {
  draws_clear(&s->a);
  draws_clear(&s->b);
  subject_close(&s->target);
  free(s->rng.state);
}

double *compare_exact(const compare_samples *s, size_t rows) {
  const size_t dim = s->target.target->dim;
  double *const x = calloc(rows * dim, sizeof *x);
  gsl_rng rng = s->rng; /* the same state */
  for (size_t i = 0; x && i < rows; ++i) s->target.builtin.draw(&s->target.builtin, &rng, x + i * dim);
  return x;
}

double *compare_thin(size_t width, size_t *rows, const double *value, size_t most) {
  const size_t all = *rows, kept = all < most ? all : most;
  double *const out = calloc(kept * width, sizeof *out);
  for (size_t i = 0; out && i < kept; ++i) memcpy(out + i * width, value + (i * all / kept) * width, width * sizeof *out);
  *rows = kept;
  return out;
}
