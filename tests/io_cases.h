/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The test cases of what the program reads and writes, one file each, and what they share. */
#ifndef DILATE_TESTS_IO_CASES_H
#define DILATE_TESTS_IO_CASES_H

#include "io/outcome.h"
#include "method/result.h"

#include <check.h>
#include <stdio.h>

TCase *io_text_case(void);      /* numbers, names, draws.csv, summary.json, the table */
TCase *io_draws_case(void);     /* draws that are read, and compared */
TCase *io_summary_case(void);   /* what `dilate summary` reads, and says */
TCase *io_files_case(void);     /* whole files or none, folders, the three files of a run */
TCase *io_plots_case(void);     /* axes, histograms, curves, scatters */
TCase *io_report_case(void);    /* the page: well-formed, escaped, what it warns of */
TCase *io_sections_case(void);  /* its sections, and its size */
TCase *io_ranks_case(void);     /* rank histograms */
TCase *io_formats_case(void);   /* draws in the formats of others, data as arrays */
TCase *io_netcdf_case(void);    /* draws.nc by its own library */
TCase *io_spread_case(void);    /* draws that several processes hold */
TCase *io_variables_case(void); /* names with indices, and the shapes they tell */
TCase *io_arguments_case(void); /* the command line, targets by name, truth */

enum { MADE_ISLANDS = 2, MADE_DRAWS = 50, MADE_ROWS = 100, MADE_WIDTH = 3, MADE_MODES = 2, MADE_TRACES = 6 };

/* A result made up by hand, with two modes, awkward names and a path of log Z; static, never to be freed. */
dilate_result made_result(void);

/* The report of a result, to be freed; and that it is well-formed and fetches nothing. */
char *page_of(const char *label, dilate_result *r, const truth *t);
void assert_sound_page(const char *page);

/* What is written to a stream, as a string to be freed. */
typedef struct capture {
  FILE *stream;
  char *text;
  size_t size;
} capture;
void capture_begin(capture *c);
char *capture_end(capture *c);

size_t occurrences(const char *text, const char *part);
void assert_holds(const char *text, const char *part);
void assert_lacks(const char *text, const char *part);

/* Gives each test of the case a new empty folder, `scratch`, which goes with all that is in it. */
extern char scratch[64];
void add_scratch(TCase *test);
const char *inside(const char *name); /* scratch/name; lasts until the next call but three */
void put(const char *name, const char *content);
void put_bytes(const char *name, const char *content, size_t length);
int exists(const char *name);
char *file_text(const char *name); /* the whole file, to be freed; NULL when there is none */
void assert_content(const char *name, const char *content);

#endif
