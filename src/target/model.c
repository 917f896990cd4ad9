/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models: a density of named parameters on their natural scale, made into a target in unconstrained coordinates. */
#include "target/model.h"

#include <string.h>

#include "base/memory.h"
#include "target/check.h"

/* The user's struct as it is, complete to our size. */
static int copy_natural(const dilate_target *natural, dilate_target *copy, dilate_error *err) {
  if (!natural) return error_set(err, DILATE_EINVAL, "model: natural is NULL; pass a dilate_target with the density on the natural scale");
  if (natural->struct_size < offsetof(dilate_target, params))
    return error_set(err, DILATE_EINVAL,
                     "model: struct_size of natural is %zu; call dilate_target_init(&natural) before setting its members",
                     natural->struct_size);
  memset(copy, 0, sizeof *copy);
  memcpy(copy, natural, natural->struct_size < sizeof *copy ? natural->struct_size : sizeof *copy);
  copy->struct_size = sizeof *copy;
  return DILATE_OK;
}

/* Derived values are all named and computed, or there are none. */
static int check_derived(const dilate_target *natural, dilate_error *err) {
  if (natural->constrain && (natural->n_out == 0 || !natural->names))
    return error_set(err, DILATE_EINVAL, "model: natural.constrain computes derived values, but %s; set both n_out and names",
                     natural->n_out == 0 ? "n_out is 0" : "names is NULL");
  if (!natural->constrain && (natural->n_out != 0 || natural->names))
    return error_set(
        err, DILATE_EINVAL,
        "model: natural has %s but no constrain, which computes derived values; the parameters are named by their declarations",
        natural->names ? "names" : "n_out");
  return DILATE_OK;
}

/* [in] dim: as the user gave it. */
static int check_natural(dilate_model *m, size_t dim, dilate_error *err) {
  dilate_target full;
  if (dim != 0 && dim != m->natural.dim)
    return error_set(err, DILATE_EINVAL, "model: natural.dim is %zu, but the declarations have %zu values; set it to that, or to 0", dim,
                     m->natural.dim);
  int status = check_derived(&m->natural, err);
  if (status == DILATE_OK) status = target_check(&m->natural, &full, err);
  return status;
}

static void make_target(dilate_model *m) {
  const dilate_target *natural = &m->natural;
  m->target = (dilate_target){.struct_size = sizeof m->target,
                              .dim = m->target.dim,
                              .logp = natural->logp ? model_point : NULL,
                              .batch = natural->batch ? model_batch : NULL,
                              .params = m,
                              .flags = natural->flags,
                              .n_out = natural->dim + natural->n_out,
                              .constrain = model_constrain};
}

static int build(dilate_model *m, const dilate_declaration *declarations, size_t count, dilate_error *err) {
  const size_t dim = m->natural.dim;
  dilate_target full;
  int status = model_declare(m, declarations, count, err);
  if (status == DILATE_OK) status = check_natural(m, dim, err);
  if (status != DILATE_OK) return status;
  make_target(m);
  if (model_name(m, declarations) != DILATE_OK) return error_memory(err, "the model's names");
  m->natural.names = NULL;
  if (!(m->places = places_create(model_work_doubles(m)))) return error_memory(err, "the model's scratch");
  return target_check(&m->target, &full, err); /* derived values may have the name of a parameter */
}

int dilate_model_create(const dilate_target *natural, const dilate_declaration *declarations, size_t count, dilate_model **out,
                        dilate_error *err) {
  dilate_target copy;
  if (!out) return error_set(err, DILATE_EINVAL, "model: the address of the model's pointer is NULL: there is nowhere to put the model");
  *out = NULL;
  int status = copy_natural(natural, &copy, err);
  if (status != DILATE_OK) return status;
  dilate_model *m = NEW(dilate_model, 1);
  if (!m) return error_memory(err, "the model");
  m->natural = copy;
  status = build(m, declarations, count, err);
  if (status != DILATE_OK) {
    dilate_model_free(m);
    return status;
  }
  *out = m;
  return DILATE_OK;
}

const dilate_target *dilate_model_target(const dilate_model *m) {
  return m ? &m->target : NULL;
}

void dilate_model_free(dilate_model *m) {
  if (!m) return;
  for (size_t i = 0; m->names && i < m->target.n_out; i++) memory_free(m->names[i]);
  for (size_t i = 0; m->part && i < m->count; i++) memory_free(m->part[i].name);
  memory_free(m->names);
  memory_free(m->part);
  places_free(m->places);
  memory_free(m);
}
