/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rounds of a group decide, on groups made by hand. */
#include "check_stage.h"
#include "method/bridge_rounds.h"
#include "method/bridge_warp.h"

/* The verdict on a group in this round with a reference of this cost. */
static int tries_coordinates(bridge_group g, size_t round, double cost) {
  reference now = {.cost = cost};
  g.round = round;
  g.tried[round] = &now;
  return warp_worth_trying(&g);
}

/* Early rounds try wherever a reference could be better, later ones where it is still mediocre: then its coordinates were wrong. */
START_TEST(coordinates_are_tried_as_long_as_the_reference_is_mediocre) {
  const bridge_group g = {0};
  for (size_t round = 0; round < 2; round++) {
    ck_assert(tries_coordinates(g, round, 0.5));
    ck_assert(!tries_coordinates(g, round, 0.3));
  }
  for (size_t round = 2; round < 5; round++) {
    ck_assert(tries_coordinates(g, round, 1.1 * COST_PATIENT));
    ck_assert(!tries_coordinates(g, round, 0.9 * COST_PATIENT));
  }
}
END_TEST

/* Coordinates are the first group's to choose, not in haste, not without end, and not between a surprise and the reference that it is
 * joined with. */
START_TEST(coordinates_are_not_tried) {
  const bridge_group second = {.number = 1}, hasty = {.hasty = 1}, tired = {.straightened = 8}, surprised = {.surprises = 1};
  for (size_t round = 0; round < 4; round++) {
    ck_assert(!tries_coordinates(second, round, 5));
    ck_assert(!tries_coordinates(hasty, round, 5));
    ck_assert(!tries_coordinates(tired, round, 5));
  }
  ck_assert(!tries_coordinates(surprised, 3, 5));
}
END_TEST

Suite *rounds_suite(void) {
  Suite *suite = suite_create("rounds");
  TCase *tests = tcase_create("coordinates");
  tcase_add_test(tests, coordinates_are_tried_as_long_as_the_reference_is_mediocre);
  tcase_add_test(tests, coordinates_are_not_tried);
  suite_add_tcase(suite, tests);
  return suite;
}
