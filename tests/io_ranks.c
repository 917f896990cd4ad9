/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rank histograms: against counting, with ties, and how often islands of one law, and of two, leave the band. */
#include "io_cases.h"

#include "io/histogram.h"
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { ISLANDS = 4, DRAWS = 200, ROWS = ISLANDS * DRAWS, BINS = HISTOGRAM_RANK_BINS };

/* Uniform numbers in (0, 1), by a linear congruence. */
static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return ((double)(*state >> 11) + 0.5) / 9007199254740992.0;
}

static void fill(double *value, uint64_t seed, double shift) {
  for (size_t i = 0; i < ROWS; ++i) value[i] = uniform(&seed) + (i < DRAWS ? shift : 0);
}

/* The rank of a value is the number of values below it. */
static void count_naively(const double *value, double *density) {
  for (size_t k = 0; k < ISLANDS * BINS; ++k) density[k] = 0;
  for (size_t i = 0; i < ROWS; ++i) {
    size_t rank = 0;
    for (size_t k = 0; k < ROWS; ++k) rank += value[k] < value[i];
    density[i / DRAWS * BINS + rank * BINS / ROWS] += (double)BINS / DRAWS;
  }
}

START_TEST(ranks_are_those_of_counting) {
  static double value[ROWS], density[ISLANDS * BINS], expected[ISLANDS * BINS];
  fill(value, 3, 0.2);
  ck_assert_int_eq(histogram_ranks(value, 1, ISLANDS, DRAWS, BINS, density), 0);
  count_naively(value, expected);
  for (size_t k = 0; k < ISLANDS * BINS; ++k) ck_assert_double_eq_tol(density[k], expected[k], 1e-9);
}
END_TEST

START_TEST(equal_values_share_their_ranks) {
  static double value[2 * 30], density[2 * 6];
  for (size_t i = 0; i < 30; ++i) value[i] = 0, value[30 + i] = i < 15 ? 0 : 1;
  ck_assert_int_eq(histogram_ranks(value, 1, 2, 30, 6, density), 0);
  for (size_t b = 0; b < 6; ++b) {
    ck_assert_double_eq_tol(density[b], b < 4 ? 4.0 / 3 : b == 4 ? 2.0 / 3 : 0, 1e-9);
    ck_assert_double_eq_tol(density[b] + density[6 + b], 2, 1e-9);
  }
}
END_TEST

START_TEST(ranks_of_what_is_no_number_do_no_harm) {
  const double value[10] = {NAN, 1, INFINITY, 2, -INFINITY, 3, NAN, 4, 5, 6};
  double density[2 * 3];
  ck_assert_int_eq(histogram_ranks(value, 1, 2, 5, 3, density), 0);
  for (size_t b = 0; b < 3; ++b) ck_assert_double_eq_tol(density[b] + density[3 + b], 2, 1e-9);
}
END_TEST

START_TEST(bins_hold_five_draws_of_an_island) {
  ck_assert_uint_eq(histogram_rank_bins(1), 2);
  ck_assert_uint_eq(histogram_rank_bins(16), 3);
  ck_assert_uint_eq(histogram_rank_bins(1000), HISTOGRAM_RANK_BINS);
}
END_TEST

/* In how many of 400 samples a bar leaves the band, when the first island is shifted by so much. */
static int count_alarms(double shift) {
  static double value[ROWS], density[ISLANDS * BINS];
  const double half = histogram_rank_band(ISLANDS, BINS, DRAWS);
  int alarms = 0;
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    int outside = 0;
    fill(value, seed * 1000003, shift);
    ck_assert_int_eq(histogram_ranks(value, 1, ISLANDS, DRAWS, BINS, density), 0);
    for (size_t k = 0; k < ISLANDS * BINS; ++k) outside |= fabs(density[k] - 1) > half;
    alarms += outside;
  }
  return alarms;
}

/* At most 0.05 of the samples would be 20 +- 4.4; counts of about ten a bar are skewed, which the normal quantile does not know, so that
 * twice as many are allowed (40 or more have probability 1e-5 at 0.05).  A shift by a third of the width is the twin that is wrong. */
START_TEST(the_band_holds_islands_of_one_law_and_not_of_two) {
  const int sound = count_alarms(0), shifted = count_alarms(1.0 / 3);
  ck_assert_msg(sound < 40, "%d of 400 samples of one law leave the band", sound);
  ck_assert_msg(shifted > 395, "only %d of 400 samples of two laws leave the band", shifted);
}
END_TEST

START_TEST(the_band_is_the_normal_quantile) {
  const double z = 3.4205263, sd = sqrt(19.0 / 1000 * 3 / 4); /* of 0.025/80 above; 20 bins, 1000 draws, 4 islands */
  ck_assert_double_eq_tol(histogram_rank_band(4, 20, 1000) / sd, z, 1e-4);
}
END_TEST

TCase *io_ranks_case(void) {
  TCase *const test = tcase_create("ranks");
  tcase_add_test(test, ranks_are_those_of_counting);
  tcase_add_test(test, equal_values_share_their_ranks);
  tcase_add_test(test, ranks_of_what_is_no_number_do_no_harm);
  tcase_add_test(test, bins_hold_five_draws_of_an_island);
  tcase_add_test(test, the_band_holds_islands_of_one_law_and_not_of_two);
  tcase_add_test(test, the_band_is_the_normal_quantile);
  return test;
}
