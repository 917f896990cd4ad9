/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Declarations: checked, made into parts, and the names of all values.  Every message says which parameter, and what would be right. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "target/check.h"
#include "target/model.h"

#define FIRST_SIZE   (offsetof(dilate_declaration, shape) + DILATE_RANK_MAX * sizeof(size_t)) /* of the struct in its first version */
#define LARGEST_SIZE (16 * FIRST_SIZE)                                                        /* what is larger was never set */
#define DIGITS       21                                                                       /* of an index, and a comma */

/* The array is laid out by the caller's size of the struct. */
static dilate_declaration declaration_at(const dilate_declaration *declarations, size_t i) {
  dilate_declaration d = {0};
  const size_t size = declarations->struct_size;
  memcpy(&d, (const char *)declarations + i * size, size < sizeof d ? size : sizeof d);
  return d;
}

/* ---- Names ---- */

static int is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_name(const char *name) {
  size_t length = 0;
  if (!is_letter(name[0])) return 0;
  while (is_letter(name[length]) || (name[length] >= '0' && name[length] <= '9') || name[length] == '_') length++;
  return name[length] == '\0' && !(name[length - 1] == '_' && name[length - 2] == '_');
}

static int check_name(size_t i, const char *name, dilate_error *err) {
  if (!name || !name[0])
    return error_set(err, DILATE_EINVAL, "model: the name of declarations[%zu] is %s; give every parameter a name", i,
                     name ? "empty" : "NULL");
  if (is_name(name)) return DILATE_OK;
  return error_set(err, DILATE_EINVAL,
                   "model: the name of declarations[%zu] is \"%.64s\"; a name is a letter, then letters, digits and underscores, and does "
                   "not end in two underscores",
                   i, name);
}

typedef struct numbered {
  const char *name;
  size_t i;
} numbered;

static int by_name(const void *a, const void *b) {
  const numbered *p = a, *q = b;
  const int order = strcmp(p->name, q->name);
  return order ? order : (p->i > q->i) - (p->i < q->i);
}

static int check_unique(const dilate_declaration *declarations, size_t count, dilate_error *err) {
  numbered *sorted = NEW(numbered, count);
  int status = DILATE_OK;
  if (!sorted) return error_memory(err, "checking the model's names");
  for (size_t i = 0; i < count; i++) sorted[i] = (numbered){declaration_at(declarations, i).name, i};
  qsort(sorted, count, sizeof *sorted, by_name);
  for (size_t i = 1; i < count && status == DILATE_OK; i++)
    if (strcmp(sorted[i - 1].name, sorted[i].name) == 0)
      status =
          error_set(err, DILATE_EINVAL, "model: declarations[%zu] and declarations[%zu] are both named \"%.64s\"; names must be unique",
                    sorted[i - 1].i, sorted[i].i, sorted[i].name);
  memory_free(sorted);
  return status;
}

/* ---- Shapes and bounds ---- */

static int check_extents(const dilate_declaration *d, dilate_error *err) {
  if (d->rank > DILATE_RANK_MAX)
    return error_set(err, DILATE_EINVAL, "model: parameter \"%s\": rank is %zu; it must be from 0 to %d", d->name, d->rank,
                     DILATE_RANK_MAX);
  for (size_t k = 0; k < DILATE_RANK_MAX; k++) {
    if (k < d->rank && d->shape[k] == 0)
      return error_set(err, DILATE_EINVAL, "model: parameter \"%s\": shape[%zu] is 0; every extent must be at least 1", d->name, k);
    if (k >= d->rank && d->shape[k] != 0)
      return error_set(err, DILATE_EINVAL,
                       "model: parameter \"%s\": shape[%zu] is %zu, but rank is %zu; set rank to the number of extents, and the rest of "
                       "shape to 0",
                       d->name, k, d->shape[k], d->rank);
  }
  return DILATE_OK;
}

/* The extents that the constraint takes are there, large enough, and those of a square. */
static int check_shape(const dilate_declaration *d, const transform *t, dilate_error *err) {
  if (d->rank < t->rank)
    return error_set(err, DILATE_EINVAL, "model: parameter \"%s\": rank is %zu; %s takes the last %s of the shape", d->name, d->rank,
                     t->name, t->rank == 1 ? "extent" : "two extents");
  if (t->rank == 0) return DILATE_OK;
  const size_t last = d->shape[d->rank - 1], before = t->rank == 2 ? d->shape[d->rank - 2] : last;
  if (last != before)
    return error_set(err, DILATE_EINVAL, "model: parameter \"%s\": the last two extents are %zu and %zu; those of %s must be equal",
                     d->name, before, last, t->name);
  if (last < t->smallest)
    return error_set(err, DILATE_EINVAL, "model: parameter \"%s\": the last extent is %zu; that of %s must be at least %zu", d->name, last,
                     t->name, t->smallest);
  return DILATE_OK;
}

/* A bound that would do nothing is one whose constraint was forgotten. */
static int check_unread(const dilate_declaration *d, const transform *t, dilate_error *err) {
  if (!(t->bounds & TRANSFORM_READS_LOWER) && d->lower != 0)
    return error_set(err, DILATE_EINVAL,
                     "model: parameter \"%s\": lower is %g, but its constraint, %s, does not read it; set constraint to DILATE_LOWER or "
                     "DILATE_INTERVAL, or lower to 0",
                     d->name, d->lower, t->name);
  if (!(t->bounds & TRANSFORM_READS_UPPER) && d->upper != 0)
    return error_set(err, DILATE_EINVAL,
                     "model: parameter \"%s\": upper is %g, but its constraint, %s, does not read it; set constraint to DILATE_UPPER or "
                     "DILATE_INTERVAL, or upper to 0",
                     d->name, d->upper, t->name);
  return DILATE_OK;
}

static int check_bounds(const dilate_declaration *d, const transform *t, dilate_error *err) {
  if ((t->bounds & TRANSFORM_READS_LOWER) && !isfinite(d->lower))
    return error_set(err, DILATE_EINVAL, "model: parameter \"%s\": lower is %g; it must be finite", d->name, d->lower);
  if ((t->bounds & TRANSFORM_READS_UPPER) && !isfinite(d->upper))
    return error_set(err, DILATE_EINVAL, "model: parameter \"%s\": upper is %g; it must be finite", d->name, d->upper);
  if (t->bounds != (TRANSFORM_READS_LOWER | TRANSFORM_READS_UPPER)) return DILATE_OK;
  if (!(d->lower < d->upper))
    return error_set(err, DILATE_EINVAL, "model: parameter \"%s\": lower is %g and upper is %g; lower must be below upper", d->name,
                     d->lower, d->upper);
  if (!isfinite(d->upper - d->lower))
    return error_set(err, DILATE_EINVAL, "model: parameter \"%s\": the interval from %g to %g is too wide; its width must be finite",
                     d->name, d->lower, d->upper);
  return DILATE_OK;
}

static int check(size_t i, const dilate_declaration *d, dilate_error *err) {
  const transform *t = transform_of(d->constraint);
  int status = check_name(i, d->name, err);
  if (status == DILATE_OK && !t)
    status = error_set(err, DILATE_EINVAL, "model: parameter \"%s\": constraint is %d; dilate_constraint has those from 0 to %zu", d->name,
                       (int)d->constraint, transform_count() - 1);
  if (status == DILATE_OK) status = check_extents(d, err);
  if (status == DILATE_OK) status = check_shape(d, t, err);
  if (status == DILATE_OK) status = check_unread(d, t, err);
  return status == DILATE_OK ? check_bounds(d, t, err) : status;
}

static int check_all(const dilate_declaration *declarations, size_t count, dilate_error *err) {
  if (!declarations || count == 0) return error_set(err, DILATE_EINVAL, "model: there are no declarations; declare at least one parameter");
  for (size_t i = 0; i < count; i++) {
    const char *own = (const char *)declarations + i * declarations->struct_size; /* in reach, since those before it were right */
    size_t size;
    memcpy(&size, own, sizeof size);
    if (size < FIRST_SIZE || size > LARGEST_SIZE || size != declarations->struct_size)
      return error_set(err, DILATE_EINVAL, "model: struct_size of declarations[%zu] is %zu; set it to sizeof(dilate_declaration) in each",
                       i, size);
    const dilate_declaration d = declaration_at(declarations, i);
    const int status = check(i, &d, err);
    if (status != DILATE_OK) return status;
  }
  return check_unique(declarations, count, err);
}

/* ---- Parts ---- */

/* Product of the extents from `first` to before `last`; more than TARGET_DIM_MAX: some number that is. */
static size_t extent(const dilate_declaration *d, size_t first, size_t last) {
  size_t product = 1;
  for (size_t k = first; k < last && product <= TARGET_DIM_MAX; k++)
    product = d->shape[k] > TARGET_DIM_MAX ? TARGET_DIM_MAX + 1 : product * d->shape[k];
  return product;
}

/* Single values are one block; vectors and matrices are as many as the extents before theirs tell. */
static int make_part(dilate_model *m, const dilate_declaration *d, model_part *part, dilate_error *err) {
  const transform *t = transform_of(d->constraint);
  const size_t split = t->rank ? d->rank - t->rank : 0, values = extent(d, 0, d->rank);
  if (values > TARGET_DIM_MAX - m->natural.dim)
    return error_set(err, DILATE_EINVAL,
                     "model: with parameter \"%s\" there are more than %d values; there may be so many of all parameters", d->name,
                     TARGET_DIM_MAX);
  part->transform = t;
  part->block = (dilate_block){d->constraint, extent(d, split, d->rank), d->lower, d->upper};
  part->copies = values / part->block.size;
  part->dim = t->dim(part->block.size);
  part->natural = m->natural.dim;
  part->place = m->target.dim;
  m->natural.dim += values;
  m->target.dim += part->copies * part->dim;
  if (part->block.size > m->largest) m->largest = part->block.size;
  if (transform_scratch(&part->block) > m->scratch) m->scratch = transform_scratch(&part->block);
  part->name = memory_copy_text(d->name);
  return part->name ? DILATE_OK : error_memory(err, "the model's parameters");
}

int model_declare(dilate_model *m, const dilate_declaration *declarations, size_t count, dilate_error *err) {
  int status = check_all(declarations, count, err);
  if (status != DILATE_OK) return status;
  if (!(m->part = NEW(model_part, count))) return error_memory(err, "the model's parameters");
  m->count = count;
  m->natural.dim = m->target.dim = 0;
  for (size_t i = 0; i < count && status == DILATE_OK; i++) {
    const dilate_declaration d = declaration_at(declarations, i);
    status = make_part(m, &d, &m->part[i], err);
  }
  return status;
}

/* ---- Names of values ---- */

/* "theta", "theta[3]", "theta[2,1]": value i of the parameter, the first index running fastest. */
static char *name_value(const dilate_declaration *d, size_t i) {
  const size_t size = strlen(d->name) + DIGITS * d->rank + 2;
  char *text = NEW(char, size);
  if (!text) return NULL;
  int length = snprintf(text, size, "%s", d->name);
  for (size_t k = 0; k < d->rank; i /= d->shape[k++])
    length += snprintf(text + length, size - (size_t)length, "%c%zu", k ? ',' : '[', i % d->shape[k] + 1);
  if (d->rank) (void)snprintf(text + length, size - (size_t)length, "]");
  return text;
}

int model_name(dilate_model *m, const dilate_declaration *declarations) {
  if (!(m->names = NEW(char *, m->target.n_out))) return DILATE_ENOMEM;
  for (size_t p = 0; p < m->count; p++) {
    const dilate_declaration d = declaration_at(declarations, p);
    const size_t values = m->part[p].copies * m->part[p].block.size;
    for (size_t i = 0; i < values; i++)
      if (!(m->names[m->part[p].natural + i] = name_value(&d, i))) return DILATE_ENOMEM;
  }
  for (size_t i = m->natural.dim; i < m->target.n_out; i++)
    if (!(m->names[i] = memory_copy_text(m->natural.names[i - m->natural.dim]))) return DILATE_ENOMEM;
  m->target.names = (const char *const *)m->names;
  return DILATE_OK;
}
