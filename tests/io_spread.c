/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writers of a result of which this process has some rows only: what they fetch makes the files of one that is whole. */
#include <stdlib.h>
#include <string.h>

#include "io/csv.h"
#include "io/npy.h"
#include "io/parts.h"
#include "io/report.h"
#include "io/stan_csv.h"
#include "io_cases.h"

/* What the other processes have; off: the row that they begin with by mistake. */
typedef struct elsewhere {
  const dilate_result *whole;
  size_t off, fetched;
} elsewhere;

static int fetch(void *data, row_part part, size_t first, size_t n, double *out) {
  elsewhere *const e = data;
  const dilate_result *const r = e->whole;
  ck_assert_int_ne(part, ROWS_POINTS);
  ++e->fetched;
  if (part == ROWS_VALUES) memcpy(out, r->value + (first + e->off) % MADE_ROWS * MADE_WIDTH, (n - e->off) * MADE_WIDTH * sizeof *out);
  for (size_t i = 0; part == ROWS_COLUMN && i < MADE_ROWS; ++i) out[i] = r->value[(i + e->off) % MADE_ROWS * MADE_WIDTH + first];
  return 0;
}

static int no_parts(void *data, FILE *to) {
  (void)data;
  (void)to;
  return 1;
}

static int write_stan(FILE *stream, const outcome *o) {
  failure f = {0};
  return stan_csv_write(stream, o, 2, &f);
}

static int (*const writer[])(FILE *, const outcome *) = {csv_write, npy_write, write_stan, report_write};

static char *written(int (*write)(FILE *, const outcome *), const outcome *o, size_t *size) {
  capture c;
  capture_begin(&c);
  ck_assert_int_eq(write(c.stream, o), 0);
  char *const bytes = capture_end(&c);
  *size = c.size;
  return bytes;
}

/* The result without its values is written as the whole one, and not where the rows are others. */
START_TEST(fetched_rows_make_the_same_file) {
  const dilate_result whole = made_result();
  dilate_result empty = whole;
  elsewhere e = {.whole = &whole};
  row_spread spread = {.fetch = fetch, .join = no_parts, .data = &e};
  size_t size[3];
  empty.value = NULL;
  const outcome alone = {.target = "made", .result = &whole}, apart = {.target = "made", .result = &empty, .spread = &spread};
  char *const expected = written(writer[_i], &alone, &size[0]), *const same = written(writer[_i], &apart, &size[1]);
  ck_assert_uint_gt(e.fetched, 0);
  ck_assert_uint_eq(size[1], size[0]);
  ck_assert_mem_eq(same, expected, size[0]);
  e.off = 1;
  char *const other = written(writer[_i], &apart, &size[2]);
  ck_assert(size[2] != size[0] || memcmp(other, expected, size[0]) != 0);
  free(expected);
  free(same);
  free(other);
}
END_TEST

/* Two processes' parts of draws.csv, one behind the other, are its lines; one that is shorter than was said is not there. */
START_TEST(parts_are_joined) {
  dilate_result r = made_result();
  const outcome o = {.target = "made", .result = &r};
  double *const value = r.value;
  int64_t bytes[2];
  capture c;
  size_t size;
  char *const whole = written(csv_write, &o, &size);
  for (size_t k = 0; k < 2; ++k) {
    r.first = k * 37;
    r.held = k ? MADE_ROWS - 37 : 37;
    r.value = value + r.first * MADE_WIDTH;
    bytes[k] = part_write(scratch, k, &r);
    ck_assert_int_gt(bytes[k], 0);
  }
  ck_assert(parts_are_there(scratch, 2, bytes));
  capture_begin(&c);
  ck_assert_int_eq(parts_append(scratch, 2, c.stream), 0);
  char *const joined = capture_end(&c), *const lines = strchr(whole, '\n') + 1;
  ck_assert_str_eq(joined, lines);
  ++bytes[1];
  ck_assert(!parts_are_there(scratch, 2, bytes));
  parts_remove(scratch, 1); /* and what a run of more processes left */
  ck_assert(!exists("draws.csv.0") && !exists("draws.csv.1"));
  ck_assert_int_eq(part_write(inside("nowhere"), 0, &r), -1);
  free(whole);
  free(joined);
}
END_TEST

TCase *io_spread_case(void) {
  TCase *const test = tcase_create("spread");
  add_scratch(test);
  tcase_add_loop_test(test, fetched_rows_make_the_same_file, 0, (int)(sizeof writer / sizeof *writer));
  tcase_add_test(test, parts_are_joined);
  return test;
}
