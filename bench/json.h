/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures in JSON by jansson: a number that is not finite is null, and null is read as NaN.  No memory: the end of the program. */
#ifndef BENCH_JSON_H
#define BENCH_JSON_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Both take over the value. */
void put_value(json_t *object, const char *key, json_t *value);
void append_value(json_t *array, json_t *value);

json_t *number_value(double value);
json_t *count_value(uint64_t value);
json_t *numbers_value(size_t n, const double *x);

/* The value in a line of its own, with so many digits, or in a file of its own; both give it up. */
void write_line(FILE *file, json_t *value, int digits, int last);
void save_json(const char *path, json_t *root, int digits);

/* NaN where there is no number. */
double read_number(const json_t *object, const char *key);
double read_element(const json_t *array, size_t i);
/* The file's value, or the end of the program. */
json_t *open_json(const char *path);

#endif
