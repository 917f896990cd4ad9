/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers and text as the files and tables show them.  The text_ functions return the buffer they were given. */
#ifndef DILATE_IO_FORMAT_H
#define DILATE_IO_FORMAT_H

#include <stdint.h>
#include <stdio.h>

enum { TEXT_ROOM = 40 };
typedef char text[TEXT_ROOM];

const char *text_exact(double value, text out);                    /* shortest that reads back as the same bits */
const char *text_short(double value, text out);                    /* four significant digits; "-" for NaN */
const char *text_with_error(double value, double error, text out); /* two digits of the error's size; "-" for NaN */
const char *text_count(uint64_t count, text out);                  /* 12 345 678 */
const char *text_seconds(double seconds, text out);                /* 0.42 s, 12.3 s, 4 min 10 s, 2 h 5 min */
const char *text_percent(double share, text out);                  /* 16.7 % */
void html_escape(FILE *stream, const char *string);                /* for element content and quoted attributes */

#endif
