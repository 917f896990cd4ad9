/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Combining the islands' evidence: see bridge_error.h. */
#include "method/bridge_error.h"

#include <math.h>

#include "stats/summary.h"

double excess_variance(size_t blocks, const double *value, double within) {
  if (blocks < 2) return 0;
  return fmax(0, summary_variance(blocks, value) / (double)blocks - within);
}

/* Mean of Zhat relative to exp(most) over the islands of a block (block = blocks: all of them). */
static double mean_relative(size_t islands, const island_evidence *island, double most, size_t block, size_t blocks) {
  double sum = 0;
  size_t n = 0;
  for (size_t i = 0; i < islands; i++)
    if (block == blocks || island[i].block == block) {
      sum += exp(island[i].log_z - most);
      n++;
    }
  return n ? sum / (double)n : 0;
}

static double total_df(double within, double within_df, double excess, double blocks) {
  double total = within + excess;
  if (!(total > 0)) return INFINITY;
  double inverse = within * within / within_df + excess * excess / fmax(1, blocks - 1);
  return inverse > 0 ? fmax(1, total * total / inverse) : INFINITY;
}

evidence_total evidence_combine(size_t islands, const island_evidence *island, size_t blocks) {
  double most = -INFINITY, square = 0, within = 0, quartic = 0, value[EVIDENCE_BLOCKS_MAX] = {0}, n = (double)islands;
  for (size_t i = 0; i < islands; i++) most = fmax(most, island[i].log_z);
  if (islands == 0 || most == -INFINITY) return (evidence_total){NAN, NAN, NAN, 0, 0};
  double mean = mean_relative(islands, island, most, blocks, blocks);
  for (size_t i = 0; i < islands; i++) {
    double z = exp(island[i].log_z - most), part = z * z * island[i].variance / (n * n * mean * mean);
    square += z * z;
    within += part;
    quartic += part * part / island[i].df;
  }
  for (size_t b = 0; b < blocks; b++) value[b] = mean_relative(islands, island, most, b, blocks) / mean;
  double within_df = quartic > 0 ? within * within / quartic : INFINITY, excess = excess_variance(blocks, value, within);
  double spread = blocks > 1 && within > 0 ? sqrt(summary_variance(blocks, value) / ((double)blocks * within)) : 0;
  double df = total_df(within, within_df, excess, (double)blocks);
  return (evidence_total){.log_z = most + log(mean),
                          .se = sqrt(within + excess) * summary_t_factor(df),
                          .df = df,
                          .effective = n * mean * mean / square,
                          .spread = spread};
}
