/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of JSON that several writers need.  JSON has no NaN or infinity: such numbers become null. */
#ifndef DILATE_IO_JSON_PARTS_H
#define DILATE_IO_JSON_PARTS_H

#include "dilate.h"
#include "io/failure.h"
#include <jansson.h>
#include <stdio.h>

/* Each is NULL when out of memory. */
json_t *json_number(double value);
json_t *json_count(uint64_t value);
json_t *json_text(const char *value); /* NULL: null */
/* item(of, 0) ... item(of, n - 1) as an array. */
json_t *json_list(size_t n, json_t *(*item)(const void *of, size_t i), const void *of);
/* The members that a run's summary has: name to ess_tail, then the errors of sd and quantiles. */
json_t *json_of_parameter(const dilate_parameter *p);

/* The whole text to the stream; the value, which may be NULL, is given up.  0, or -1 when memory ran out or a write failed. */
int json_write_value(FILE *stream, json_t *value);

/* The stream as JSON; NULL where it is none (*wrong), or when memory ran out, which is a failure: jansson does not tell the two apart (of a
 * text that it could not keep it says that it is wrong, and some it loses without a word). */
json_t *json_read(FILE *stream, json_error_t *wrong, failure *f);

/* The other way: what is no number is NaN; name points into the object. */
void json_read_parameter(const json_t *object, dilate_parameter *out);

#endif
