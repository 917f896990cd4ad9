/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names with indices, and the variables that columns are elements of. */
#include "io_cases.h"

#include "io/variables.h"
#include <string.h>

static variable_list found;

static void find(size_t columns, const char *const *name) {
  failure f = {0};
  ck_assert_int_eq(variables_find(columns, name, &found, &f), 0);
}
#define FIND(...) find(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), (const char *const[]){__VA_ARGS__})

static void assert_variable(size_t i, const char *name, size_t rank, size_t first, size_t second) {
  ck_assert_uint_lt(i, found.count);
  const variable *const v = &found.item[i];
  ck_assert_str_eq(v->name, name);
  ck_assert_uint_eq(v->rank, rank);
  if (rank > 0) ck_assert_uint_eq(v->extent[0], first);
  if (rank > 1) ck_assert_uint_eq(v->extent[1], second);
}

/* Every column belongs to exactly one variable, whatever the names. */
static void assert_partition(void) {
  size_t seen[64] = {0}, elements = 0;
  for (size_t i = 0; i < found.count; ++i)
    for (size_t at = 0; at < found.item[i].size; ++at, ++elements) ++seen[found.item[i].column[at]];
  ck_assert_uint_eq(elements, found.columns);
  for (size_t c = 0; c < found.columns; ++c) ck_assert_uint_eq(seen[c], 1);
}

START_TEST(indices_are_read_in_both_forms) {
  static const char *const forms[] = {"L[12,3]", "L.12.3"};
  for (size_t i = 0; i < 2; ++i) {
    const element_name e = element_name_of(forms[i]);
    ck_assert_uint_eq(e.base, 1);
    ck_assert_uint_eq(e.rank, 2);
    ck_assert_uint_eq(e.index[0], 12);
    ck_assert_uint_eq(e.index[1], 3);
  }
  const element_name dotted = element_name_of("a.b2.1");
  ck_assert_uint_eq(dotted.base, 4);
  ck_assert_uint_eq(dotted.rank, 1);
}
END_TEST

START_TEST(other_names_have_no_indices) {
  static const char *const names[] = {"",
                                      "x",
                                      "x[]",
                                      "x[0]",
                                      "x[01]",
                                      "x[1",
                                      "x[1]y",
                                      "x[1,]",
                                      "x[,1]",
                                      "x[1][2]",
                                      "[1]",
                                      "x[a]",
                                      "x[-1]",
                                      "x[1, 2]",
                                      "x[1.5]",
                                      "x[99999999999999999999]",
                                      "x.",
                                      "x.0",
                                      ".1",
                                      "x..1",
                                      "x.1.",
                                      "v1.0",
                                      "x[1,1,1,1,1,1,1,1,1]"};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    const element_name e = element_name_of(names[i]);
    ck_assert_msg(e.rank == 0 && e.base == strlen(names[i]), "'%s' has rank %zu", names[i], e.rank);
  }
  ck_assert_uint_eq(element_name_of("x[1,1,1,1,1,1,1,1]").rank, 8);
}
END_TEST

START_TEST(blocks_are_found_in_any_order) {
  FIND("mu", "L[2,1]", "theta.2", "L[1,1]", "theta.1", "L[1,3]", "L[2,3]", "L[1,2]", "L[2,2]", "one[1]");
  ck_assert_uint_eq(found.count, 4);
  assert_variable(0, "mu", 0, 0, 0);
  assert_variable(1, "L", 2, 2, 3);
  assert_variable(2, "theta", 1, 2, 0);
  assert_variable(3, "one", 1, 1, 0);
  static const size_t rows[] = {3, 7, 5, 1, 8, 6};
  for (size_t at = 0; at < 6; ++at) ck_assert_uint_eq(found.item[1].column[at], rows[at]);
  assert_partition();
  variables_clear(&found);
}
END_TEST

START_TEST(what_is_no_full_block_stays_apart) {
  FIND("a[1]", "a[3]", "b[1]", "b[1,1]", "c", "c[1]", "d[1,1]", "d[1,1]", "d[2,2]", "d[2,1]", "e[1000000000]", "f[1,1]", "f[2,2]");
  ck_assert_uint_eq(found.count, 13);
  for (size_t i = 0; i < found.count; ++i) ck_assert_uint_eq(found.item[i].rank, 0);
  assert_variable(1, "a[3]", 0, 0, 0);
  assert_variable(10, "e[1000000000]", 0, 0, 0);
  assert_partition();
  variables_clear(&found);
}
END_TEST

START_TEST(no_columns_are_no_variables) {
  failure f = {0};
  ck_assert_int_eq(variables_find(0, NULL, &found, &f), 0);
  ck_assert_uint_eq(found.count, 0);
  variables_clear(&found);
  variables_clear(&found);
}
END_TEST

START_TEST(elements_are_counted_both_ways) {
  FIND("t[1,1,1]", "t[1,1,2]", "t[1,2,1]", "t[1,2,2]", "t[1,3,1]", "t[1,3,2]", "t[2,1,1]", "t[2,1,2]", "t[2,2,1]", "t[2,2,2]", "t[2,3,1]",
       "t[2,3,2]");
  const variable *const v = &found.item[0];
  ck_assert_uint_eq(v->rank, 3);
  size_t count = 0;
  for (size_t k = 1; k <= 2; ++k)
    for (size_t j = 1; j <= 3; ++j)
      for (size_t i = 1; i <= 2; ++i, ++count) { /* the first index fastest */
        const size_t at = variable_first_fastest(v, count);
        ck_assert_uint_eq(variable_index(v, at, 0), i);
        ck_assert_uint_eq(variable_index(v, at, 1), j);
        ck_assert_uint_eq(variable_index(v, at, 2), k);
        ck_assert_uint_eq(at, (i - 1) * 6 + (j - 1) * 2 + k - 1);
      }
  variables_clear(&found);
}
END_TEST

TCase *io_variables_case(void) {
  TCase *const test = tcase_create("variables");
  tcase_add_test(test, indices_are_read_in_both_forms);
  tcase_add_test(test, other_names_have_no_indices);
  tcase_add_test(test, blocks_are_found_in_any_order);
  tcase_add_test(test, what_is_no_full_block_stays_apart);
  tcase_add_test(test, no_columns_are_no_variables);
  tcase_add_test(test, elements_are_counted_both_ways);
  return test;
}
