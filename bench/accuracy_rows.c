/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of the accuracy table.  Where the sources of a truth are not exact, truth_se says how far it may be off. */
#include "bench/accuracy_rows.h"

#include <math.h>
#include <string.h>

#define W2(n)                                                                                                                              \
  { .kind = MEASURE_SLICED_W2, .worth = (n) }
#define SHARES                                                                                                                             \
  { .kind = MEASURE_SHARES, .worth = 2500 }
#define CALIBRATED(k)                                                                                                                      \
  { .kind = (k), .worth = 2500 }
#define MISSED(except)                                                                                                                     \
  { .kind = MEASURE_MISSED, .median = 0, .worst = 0, .exceptions = (except) }
#define MOMENTS                                                                                                                            \
  {.kind = MEASURE_MEANS, .median = 0.08, .worst = 0.16}, {                                                                                \
    .kind = MEASURE_SDS, .median = 0.03, .worst = 0.06                                                                                     \
  }
#define SHARE_MEDIAN                                                                                                                       \
  { .kind = MEASURE_LARGEST_SHARE, .median = 0.02, .worst = INFINITY }

const row row_list[] = {
    {"gmm40", "gmm40", .tolerance = 0.02, .evaluations = 2e5, .most = 3e5, .measures = {W2(2500), SHARES, MISSED(0)}},
    {"gmm40-shift", "gmm40:shift=1000", "gmm40", .tolerance = 0.02, .evaluations = 2e5, .most = 3e5,
     .measures = {W2(2500), SHARES, MISSED(0)}},
    {"gmm40-small", "gmm40:scale=0.001", "gmm40", .tolerance = 0.02, .evaluations = 2e5, .most = 3e5,
     .measures = {W2(2500), SHARES, MISSED(0)}},
    {"gmm40-large", "gmm40:scale=1000", "gmm40", .tolerance = 0.02, .evaluations = 2e5, .most = 3e5,
     .measures = {W2(2500), SHARES, MISSED(0)}},
    {"gmm40-anisotropic", "gmm40:scale2=100", "gmm40", .tolerance = 0.02, .evaluations = 2e5, .most = 3e5,
     .measures = {W2(2500), SHARES, MISSED(0)}},
    {"gmm40-unequal", "gmm40:weights=unequal,shift1=-50", .tolerance = 0.02, .evaluations = 2e5, .most = 3e5,
     .measures = {W2(2500), SHARES, MISSED(0)}},
    {"gmm4-10", "gmm4:dim=10", .tolerance = 0.01, .evaluations = 1e5, .measures = {W2(2500), SHARES}},
    {"gmm4-20", "gmm4:dim=20", .tolerance = 0.01, .evaluations = 1e5, .measures = {W2(2500), SHARES}},
    {"gmm4-50", "gmm4:dim=50", .tolerance = 0.01, .evaluations = 1e5, .measures = {W2(2500), SHARES}},
    {"gmm4-100", "gmm4:dim=100", .tolerance = 0.01, .evaluations = 1e5, .measures = {W2(2500), SHARES}},
    {"gmm40-50", "gmm40:dim=50", .tolerance = 0.02, .evaluations = 3e5, .most = 5e6, .measures = {W2(2500), SHARES, MISSED(0.05)}},
    {"gmm40-50-unequal", "gmm40:dim=50,weights=unequal", .tolerance = 0.02, .evaluations = 3e5, .most = 5e6,
     .measures = {W2(2500), SHARES, MISSED(0.05)}},
    {"narrow3", "narrow3", .tolerance = 0.02, .evaluations = 2e5, .most = 3e5, .measures = {W2(2500), SHARES, MISSED(0)}},
    {"rings", "rings", .tolerance = 0.02, .evaluations = 2e5, .most = 3e5, .measures = {W2(2500)}},
    {"two_moons", "two_moons", .tolerance = 0.02, .evaluations = 2e5, .most = 3e5, .measures = {W2(2500)}},
    {"himmelblau", "himmelblau", .tolerance = 0.02, .evaluations = 2e5, .most = 3e5, .measures = {W2(2500)}},
    {"double_well2", "double_well2", .tolerance = 0.02, .evaluations = 2e5, .most = 3e5, .measures = {W2(2500)}},
    {"banana", "banana", .tolerance = 0.02, .evaluations = 2e5, .most = 3e5, .measures = {W2(2500)}},
    {"rosenbrock", "rosenbrock", .tolerance = 0.02, .evaluations = 2e5, .most = 3e5, .measures = {W2(2500)}},
    {"edges", "edges", .tolerance = 0.02, .evaluations = 2e5, .most = 3e5, .measures = {W2(2500), SHARES}},
    {"funnel10", "funnel10", .tolerance = 0.03, .evaluations = 8e5, .measures = {CALIBRATED(MEASURE_KOLMOGOROV_FIRST)}},
    {"mos-2", "mos:dim=2", .tolerance = 0.05, .evaluations = 1e6, .measures = {CALIBRATED(MEASURE_SLICED_KOLMOGOROV), SHARES, MISSED(0)}},
    {"mos-10", "mos:dim=10", .tolerance = 0.05, .evaluations = 1e6, .measures = {CALIBRATED(MEASURE_SLICED_KOLMOGOROV), SHARES, MISSED(0)}},
    {"mos-50", "mos:dim=50", .tolerance = 0.05, .evaluations = 1e6, .measures = {CALIBRATED(MEASURE_SLICED_KOLMOGOROV), SHARES, MISSED(0)}},
    {"manywell32", "manywell32", .tolerance = 0.05, .evaluations = 2e6,
     .measures = {CALIBRATED(MEASURE_KOLMOGOROV_WELLS), {.kind = MEASURE_RIGHT_WELLS, .median = 0.01, .worst = 0.01}}},
    {"phi4", "phi4", .rule = LOG_Z_SPREAD, .tolerance = 0.03, .evaluations = 1e6, .measures = {SHARE_MEDIAN}},
    {"ionosphere", "ionosphere", .tolerance = 0.02, .truth_se = 0.0030, .evaluations = 1.2e5, .most = 1e6, .truth = "ionosphere.csv",
     .measures = {MOMENTS}},
    {"brownian32", "brownian32", .tolerance = 0.03, .evaluations = 8e5, .truth = "brownian32.csv", .measures = {MOMENTS}},
    {"seeds", "seeds", .tolerance = 0.03, .truth_se = 0.0006, .evaluations = 8e5, .truth = "seeds.csv", .measures = {MOMENTS}},
    {"eight_schools", "eight_schools", .tolerance = 0.03, .evaluations = 3e5, .truth = "eight_schools.csv",
     .measures = {{.kind = MEASURE_QUANTILES, .median = 4, .worst = 4}}},
    {"eight_schools-centered", "eight_schools:form=centered", .tolerance = 0.03, .evaluations = 3e5, .truth = "eight_schools.csv",
     .twin = "eight_schools", .measures = {{.kind = MEASURE_QUANTILES, .median = 4, .worst = 4}}},
    {"galaxies", "galaxies", .rule = LOG_Z_CHI_SQUARE, .tolerance = 0.03, .evaluations = 1.2e6, .measures = {SHARE_MEDIAN}},
    {"gauss-10", "gauss:dim=10,cond=1e4", .tolerance = 0.01, .evaluations = 1e5, .measures = {W2(4000)}},
    {"gauss-100", "gauss:dim=100,cond=1e6", .tolerance = 0.01, .evaluations = 4e5, .measures = {W2(4000)}},
};
const size_t row_count = sizeof row_list / sizeof *row_list;

const row *row_named(const char *name) {
  for (size_t i = 0; i < row_count; i++)
    if (strcmp(row_list[i].name, name) == 0) return &row_list[i];
  return NULL;
}

/* A name that is a row's own means that row alone; otherwise it means the rows that begin with it. */
int row_selected(const row *r, const char *text) {
  if (text == NULL || *text == '\0') return 1;
  for (const char *word = text; *word != '\0';) {
    const size_t length = strcspn(word, ",");
    const int begins = strncmp(r->name, word, length) == 0;
    int names_a_row = 0;
    for (size_t i = 0; i < row_count; i++)
      names_a_row |= strlen(row_list[i].name) == length && strncmp(row_list[i].name, word, length) == 0;
    if (length > 0 && begins && (!names_a_row || r->name[length] == '\0')) return 1;
    word += length + (word[length] == ',');
  }
  return 0;
}

const char *measure_name(measure_kind kind) {
  static const char *const names[] = {"none",  "W2",  "K",         "K(v)",   "K(wells)",    "TV",
                                      "means", "sds", "quantiles", "missed", "right wells", "shares"};
  return names[kind];
}

int measure_is_calibrated(measure_kind kind) {
  return kind >= MEASURE_SLICED_W2 && kind <= MEASURE_SHARES;
}

int row_is_there(const char *name) {
  for (size_t r = 0; r < row_count; r++)
    if (row_selected(&row_list[r], name)) return 1;
  return 0;
}
