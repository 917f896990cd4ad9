/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arguments that the programs have in common. */
#ifndef BENCH_ARGUMENTS_H
#define BENCH_ARGUMENTS_H

#include <stddef.h>
#include <stdint.h>

/* A number from 1 to 1024; 0 for anything else. */
int arguments_count(const char *text);
/* "A-B", or "N" for 1 to N; 0 for anything else. */
int arguments_seeds(const char *text, uint64_t *first, uint64_t *last);
/* Whether the name stands in a list separated by commas; NULL has all. */
int arguments_selected(const char *name, const char *list);

#endif
