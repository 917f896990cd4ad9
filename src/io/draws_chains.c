/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of draws as chains: one a file, or those that a file's column chain__ or .chain tells apart. */
#include "io/draws.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The chain of each row of a table, numbered from 0 in the order in which they begin. */
typedef struct numbering {
  size_t chains;
  size_t *of;    /* rows */
  double *label; /* chains; as many as there are rows have room */
} numbering;

static void numbering_clear(numbering *n) {
  free(n->of);
  free(n->label);
}

static size_t number_of(numbering *n, double label) {
  size_t c = n->chains;
  while (c > 0 && n->label[c - 1] != label) --c; /* the last ones first: rows of a chain mostly stand together */
  if (c > 0) return c - 1;
  n->label[n->chains] = label;
  return n->chains++;
}

/* chain__, or .chain as R's package posterior has it; the number of columns where there is neither. */
static size_t chain_column(const draws_table *t) {
  const size_t column = draws_find(t, "chain__");
  return column < t->columns ? column : draws_find(t, ".chain");
}

static int number_chains(const draws_table *t, numbering *out, failure *f) {
  const size_t column = chain_column(t);
  *out = (numbering){.of = calloc(t->rows, sizeof *out->of), .label = calloc(t->rows, sizeof *out->label)};
  if (!out->of || !out->label) return fail_with(f, EXIT_RUN, "out of memory");
  if (column == t->columns) out->chains = 1;
  for (size_t i = 0; i < t->rows && column < t->columns; ++i) {
    const double label = t->value[i * t->columns + column];
    if (!isfinite(label))
      return fail_with(f, EXIT_RUN, "'%s': the %s of draw %zu is not a number of a chain", t->path, t->name[column], i + 1);
    out->of[i] = number_of(out, label);
  }
  return 0;
}

/* Counts the table's chains, which must all be as long as those before. */
static int count(const draws_table *t, const draws_table *first, const numbering *n, draws_chains *out, failure *f) {
  size_t *const length = calloc(n->chains, sizeof *length);
  if (!length) return fail_with(f, EXIT_RUN, "out of memory");
  for (size_t i = 0; i < t->rows; ++i) ++length[n->of[i]];
  for (size_t c = 0; c < n->chains; ++c) {
    if (out->draws == 0) out->draws = length[c];
    if (length[c] == out->draws) continue;
    fail_with(f, EXIT_RUN, "chains must be equally long: chain %zu of '%s' has %zu draws, and the first of '%s' has %zu", c + 1, t->path,
              length[c], first->path, out->draws);
    break;
  }
  out->chains += n->chains;
  free(length);
  return f->exit_status;
}

/* next[c]: draws of the table's chain c so far. */
static void fill(const draws_table *t, const numbering *n, size_t before, size_t *next, draws_chains *out) {
  for (size_t i = 0; i < t->rows; ++i) {
    const size_t c = before + n->of[i], draw = next[n->of[i]]++;
    for (size_t j = 0; j < t->columns; ++j) out->value[(j * out->chains + c) * out->draws + draw] = t->value[i * t->columns + j];
  }
}

static int fill_all(size_t tables, const draws_table *table, const numbering *n, draws_chains *out, failure *f) {
  size_t *const next = calloc(out->chains, sizeof *next);
  out->value = calloc(out->columns * out->chains, out->draws * sizeof *out->value);
  if (!next || !out->value) fail_with(f, EXIT_RUN, "out of memory");
  for (size_t k = 0, before = 0; k < tables && !f->exit_status; before += n[k++].chains) {
    memset(next, 0, n[k].chains * sizeof *next);
    fill(&table[k], &n[k], before, next, out);
  }
  free(next);
  return f->exit_status;
}

static int arrange(size_t tables, draws_table *table, failure *f) {
  char whose[1024];
  snprintf(whose, sizeof whose, "'%s'", table->path);
  for (size_t k = 1; k < tables && !f->exit_status; ++k)
    draws_arrange(&table[k], table->columns, (const char *const *)table->name, whose, f);
  return f->exit_status;
}

int draws_chains_gather(size_t tables, draws_table *table, draws_chains *out, failure *f) {
  *out = (draws_chains){.columns = table->columns, .name = table->name};
  numbering *const n = calloc(tables, sizeof *n);
  if (!n) fail_with(f, EXIT_RUN, "out of memory");
  if (!f->exit_status) arrange(tables, table, f);
  for (size_t k = 0; k < tables && !f->exit_status; ++k)
    if (!number_chains(&table[k], &n[k], f)) count(&table[k], table, &n[k], out, f);
  if (!f->exit_status) fill_all(tables, table, n, out, f);
  for (size_t k = 0; n && k < tables; ++k) numbering_clear(&n[k]);
  free(n);
  if (f->exit_status) draws_chains_clear(out);
  return f->exit_status;
}

void draws_chains_clear(draws_chains *chains) {
  free(chains->value);
  *chains = (draws_chains){0};
}
