/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Planted faults: small targets with something wrong that a run must warn of, and sound ones that look like them and must be left alone. */
#ifndef DILATE_TESTS_PLANTED_H
#define DILATE_TESTS_PLANTED_H

#include "dilate.h"

typedef enum planted_fault {
  PLANTED_NONE,
  PLANTED_GRADIENT, /* contradicts the log-density */
  PLANTED_IMPROPER,
  PLANTED_GROUPS, /* modes of which a group finds some */
  PLANTED_BUDGET, /* more basins than the batches of exploration find */
  PLANTED_TAIL    /* the reference leaves a tail bare */
} planted_fault;

typedef struct planted {
  const char *name;
  planted_fault fault;
  size_t dim;
  dilate_logp_fn logp;
  double (*lost)(const dilate_result *result); /* share of the mass that the draws are short of; NULL: not known */
} planted;

extern const planted planted_list[]; /* ends with a NULL name */

const planted *planted_find(const char *name);
dilate_target planted_target(const planted *p);

#endif
