/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the final bridges know of the errors of means over their draws (stage/evidence.h): the account that a result's errors are made of.
 */
#ifndef DILATE_METHOD_BRIDGE_ACCOUNT_H
#define DILATE_METHOD_BRIDGE_ACCOUNT_H

#include "method/bridge_group.h"
#include "method/result.h"
#include "stats/summary.h"

typedef struct bridge_account {
  bridge_group *const *list;
  size_t draws;        /* an island */
  const size_t *chain; /* of each draw, among the last chains of its bridge */
  double *count;       /* of each chain's draws, group after group */
  double *mean;        /* over a chain's draws, of EVIDENCE_TOGETHER columns, one thread's; the next's follow `stride` doubles on */
  double *work;        /* likewise */
  size_t threads, stride;
} bridge_account;

/* For the draws that bridge_draws() made of these groups, which must stay, and for so many threads.  Non-zero when out of memory. */
int bridge_account_create(bridge_group *const *list, size_t count, const dilate_result *draws, size_t threads, bridge_account *out);
void bridge_account_clear(bridge_account *a);

summary_account bridge_account_of(bridge_account *a);

#endif
