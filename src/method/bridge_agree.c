/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Agreement of groups: see bridge_agree.h. */
#include "method/bridge_agree.h"

#include <math.h>

#include "base/memory.h"

#define BARE 4.605170185988091 /* log 100 */

/* Share of the population's states that q leaves bare; logq: as many doubles.  Non-zero when out of memory. */
static int bare_share(const bridge *b, const mixture *q, double log_z, double *logq, double *share) {
  const particles *p = &b->population.pi;
  size_t bare = 0;
  if (mixture_evaluate_all(q, (thread_team){target_threads(b->set.target), 0}, b->n, p->ld, p->x, logq, NULL)) return 1;
  for (size_t i = 0; i < b->n; i++) bare += p->logp[i] - log_z > logq[i] + BARE;
  *share = (double)bare / (double)b->n;
  return 0;
}

int agree_bare_share(bridge_group *const *group, size_t groups, double log_z, double *share, dilate_error *err) {
  *share = 0;
  for (size_t of = 0; of < groups; of++) {
    const mixture *q = group_reference(group[of]);
    for (size_t by = 0; by < groups; by++) {
      if (by == of) continue;
      const bridge *b = group[by]->bridge;
      double now, *logq = NEW(double, b->n);
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
