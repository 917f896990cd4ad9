/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stan models: shared objects with BridgeStan's C interface, version 2. */
#ifndef DILATE_TARGET_STAN_H
#define DILATE_TARGET_STAN_H

#include "base/status.h"

typedef struct stan_model stan_model;

/* Whether the shared object (of dlopen) has any of the interface: it is then a Stan model, maybe a broken one. */
int stan_is_model(void *handle);

/* Constructs the model with the JSON file at data_path (NULL: no data) and fills *target, which the model owns what it points to.  path is
 * for messages.  The object must stay loaded until stan_close(). */
int stan_open(void *handle, const char *path, const char *data_path, stan_model **out, dilate_target *target, dilate_error *err);
void stan_close(stan_model *m); /* NULL is allowed */

/* What the program said the first time that it refused a point, or (at_draw) could not compute what it reports of a draw; NULL: never. */
const char *stan_complaint(const stan_model *m, int at_draw);

/* Stan's names from the interface's comma-separated list, in brackets: a.1 is a[1], L.2.1 is L[2,1], t:1.2 is t:1[2].  *out: one block, the
 * pointers and then their texts; NULL when out of memory.  Returns how many there are. */
size_t stan_names(const char *list, char ***out);

#endif
