/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Doubts of the target itself: gradients that are not its own, an integral that is infinite (see doubts.h). */
#include "method/doubts.h"

#include <math.h>

#include "stage/probe_gradient.h"
#include "stage/probe_tails.h"

#define IMPROPER "the target is improper, its integral is infinite, and so has no draws and no evidence; "

static int doubt_gradient(const bridge_group *g, run *r, dilate_error *err) {
  if (!target_has_gradient(r->target)) return DILATE_OK;
  gradient_probe probe;
  const stream s = stream_make(r->options.seed, STREAM_PROBE, 0, g->number);
  int status = probe_gradient(r->target, &g->sample.points, g->explore.metric.c, s, &probe, err);
  if (status || !probe_gradient_contradicts(&probe)) return status;
  return run_warn(
      r, err,
      "the gradient contradicts the log-density at %zu of %zu points (at one of them, in one direction, it says %.4g, differences "
      "of the log-density say %.4g): draws stay those of the log-density, but modes are easily missed and moves are poor.  "
      "Compare the derivatives with finite differences, or set DILATE_TARGET_NO_GRADIENT.",
      probe.wrong, probe.points, probe.told, probe.measured);
}

static int warn_improper(const tail_probe *probe, run *r, dilate_error *err) {
  switch (probe->verdict) {
  case TAILS_LINE:
    return run_warn(r, err,
                    IMPROPER "along unconstrained coordinate %zu, to the %s, the density falls no faster than 1/r, as far as %.0e.  Is a "
                             "prior missing?  Give the parameters that it depends on proper priors.",
                    probe->coordinate + 1, probe->sign > 0 ? "right" : "left", probe->reach);
  case TAILS_RAYS:
    return run_warn(r, err,
                    IMPROPER "in random directions the density falls no faster than r^-%zu, as far as %.0e.  Are priors missing, or are "
                             "their tails too heavy for the dimension?  Give every parameter a proper "
                             "prior.",
                    target_dim(r->target), probe->reach);
  case TAILS_RIDGE:
    return run_warn(r, err,
                    IMPROPER "it has a direction in which its density does not change.  Do parameters enter only together, as a sum or a "
                             "product?  Fix one of them, or give it a prior.");
  default:
    return DILATE_OK;
  }
}

int doubt_target(const bridge_group *g, run *r, int *improper, dilate_error *err) {
  tail_probe probe;
  int status = doubt_gradient(g, r, err);
  if (!status) status = probe_tails(r->target, &g->sample.points, stream_make(r->options.seed, STREAM_PROBE, 1, g->number), &probe, err);
  if (status) return status;
  *improper = probe.verdict != TAILS_PROPER;
  return warn_improper(&probe, r, err);
}

int error_improper(int status, dilate_error *err) {
  if (status == DILATE_ENOMEM || status == DILATE_ETARGET) return status;
  if (err && err->struct_size >= offsetof(dilate_error, message)) err->status = DILATE_OK;
  return error_set(err, status, IMPROPER "sampling went no further.  Is a prior missing?");
}
