/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the programs share: memory that never fails to come and files that never fail (the program ends instead), clocks, sorting,
 * order statistics, and the lines of small CSV files. */
#ifndef BENCH_SUPPORT_H
#define BENCH_SUPPORT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Prints the message and ends the program with status 2. */
_Noreturn void give_up(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* count*size zeroed bytes, to be freed by free(). */
void *allocate(size_t count, size_t size) __attribute__((malloc));
#define ALLOCATE(type, count) ((type *)allocate((count), sizeof(type)))
char *copy_text(const char *text);

/* A file to be written, for NULL the standard output. */
FILE *open_output(const char *path);
void close_output(FILE *file, const char *path);

double processor_seconds(void); /* of all threads of this process, user and system */
double thread_seconds(void);    /* of the calling one */
double wall_seconds(void);

/* Sorts n numbers, the smallest first, by their bits (a radix sort).  [in] work: room for 2n. */
void sort_ascending(size_t n, double *x, uint64_t *work);

/* Median of n numbers, the mean of the middle two when n is even; a NaN counts as +infinity.  NaN when n = 0. */
double median_of(size_t n, const double *x);
double largest_of(size_t n, const double *x);
double mean_of(size_t n, const double *x);
double sd_of(size_t n, const double *x); /* NaN when n < 2 */
/* The p-quantile, linear between the values of a quantile function at the given levels, both ascending. */
double interpolate(size_t n, const double *level, const double *value, double p);

#define CSV_FIELDS 64
/* The next line of a CSV file that is neither empty nor a comment (#), split in place at its commas: the number of fields, 0 at the
 * end.  [out] field: pointers into line. */
size_t csv_fields(FILE *file, char *line, size_t size, char *field[CSV_FIELDS]);
/* A number, or the end of the program. */
double csv_number(const char *path, const char *text);
FILE *csv_open(const char *folder, const char *name, char *path, size_t size);

#endif
