/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of JSON that several writers need.  JSON has no NaN or infinity: such numbers become null. */
#ifndef DILATE_IO_JSON_PARTS_H
#define DILATE_IO_JSON_PARTS_H

#include "dilate.h"
#include <jansson.h>

/* Each is NULL when out of memory. */
json_t *json_number(double value);
json_t *json_text(const char *value); /* NULL: null */
/* The members that a run's summary has: name to ess_tail, then the errors of sd and quantiles. */
json_t *json_of_parameter(const dilate_parameter *p);

/* The other way: what is no number is NaN; name points into the object. */
void json_read_parameter(const json_t *object, dilate_parameter *out);

#endif
