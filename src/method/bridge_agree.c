/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Agreement of groups: see bridge_agree.h. */
#include "method/bridge_agree.h"

#include <math.h>

#include "base/memory.h"
#include "stage/bridge_apart.h"

#define BARE 4.605170185988091 /* log 100 */

/* Share of the population's states, of which some may stand with other ranks, that q leaves bare; logq: a double for each that is here.
 * Non-zero when out of memory. */
static int bare_share(const bridge *b, const mixture *q, double log_z, double *logq, double *share) {
  const particles *p = &b->population.pi;
  const size_t here = bridge_states_here(b);
  size_t bare = 0;
  const int failed = mixture_evaluate_all(q, (thread_team){target_threads(b->set.target), 0}, here, p->ld, p->x, logq, NULL);
  for (size_t i = 0; i < (failed ? 0 : here); i++) bare += p->logp[i] - log_z > logq[i] + BARE;
  if (b->set.apart) bare = share_sum(b->set.target, bare);
  *share = (double)bare / (double)b->n;
  return failed;
}

int agree_bare_share(bridge_group *const *group, size_t groups, double log_z, double *share, dilate_error *err) {
  *share = 0;
  for (size_t of = 0; of < groups; of++) {
    const mixture *q = group_reference(group[of]);
    for (size_t by = 0; by < groups; by++) {
      if (by == of) continue;
      const bridge *b = group[by]->bridge;
      double now, *logq = NEW(double, bridge_states_here(b));
      const int failed = !logq || bare_share(b, q, log_z, logq, &now);
      memory_free(logq);
      if (failed) return error_memory(err, "the comparison of the groups");
      *share = fmax(*share, now);
    }
  }
  return DILATE_OK;
}

/* Largest difference of the groups' log Z. */
static double difference(bridge_group *const *group, size_t groups) {
  double least = INFINITY, most = -INFINITY;
  for (size_t g = 0; g < groups; g++) {
    least = fmin(least, bridge_log_z(group[g]->bridge));
    most = fmax(most, bridge_log_z(group[g]->bridge));
  }
  return most - least;
}

agreement agree_groups(bridge_group *const *group, size_t groups, const evidence_total *total, double bare) {
  int hopeless = 0;
  for (size_t g = 0; g < groups; g++) hopeless = hopeless || group[g]->hopeless;
  if (total->effective < AGREE_EFFECTIVE_MIN) return GROUPS_DISAGREE;
  if (hopeless) return GROUPS_AGREE;
  const double spread = difference(group, groups) > AGREE_SPREAD_LEAST ? total->spread : 0;
  if (spread > AGREE_SPREAD_MAX || bare > AGREE_BARE_MAX) return GROUPS_DISAGREE;
  return spread > AGREE_SPREAD_FIRM || bare > AGREE_BARE_FIRM ? GROUPS_LOOSE : GROUPS_AGREE;
}
