/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Doubts of the target itself: gradients that are not its own, numbers that doubles cannot tell, an integral that is infinite (see
 * doubts_target.h). */
#include "method/doubts_target.h"

#include <math.h>

#include "stage/probe_bound.h"
#include "stage/probe_gradient.h"
#include "stage/probe_marginal.h"
#include "stage/probe_numbers.h"
#include "stage/probe_tails.h"

#define IMPROPER "the target is improper, its integral is infinite, and so has no draws and no evidence; "

#define SAME_ABSOLUTE 1e-6 /* of a log-density from call to call, and */
#define SAME_RELATIVE 1e-9
#define DIGITS_LOST   0.01 /* between neighbouring log-densities */
#define ALL_LOST      1.0
#define DOUBLES_MIN   32 /* that a coordinate's scale should be wide */
#define STILL_MAX     0.9
#define PULL_MAX      1e6 /* 1 is what it should be */

static int doubt_gradient(const target_view *v, run *r, dilate_error *err) {
  if (!target_has_gradient(r->target)) return DILATE_OK;
  gradient_probe probe;
  const stream s = stream_make(r->options.seed, STREAM_PROBE, 0, v->number);
  int status = probe_gradient(r->target, v->points, v->form, v->c, s, &probe, err);
  if (status || !probe_gradient_contradicts(&probe)) return status;
  return run_warn(
      r, err,
      "the gradient contradicts the log-density at %zu of %zu points (at one of them, in one direction, it says %.4g, differences "
      "of the log-density say %.4g): draws stay those of the log-density, but modes are easily missed and moves are poor.  "
      "Compare the derivatives with finite differences, or set DILATE_TARGET_NO_GRADIENT.",
      probe.wrong, probe.points, probe.told, probe.measured);
}

/* ---- Numbers ---- */

static int warn_of_noise(const number_probe *probe, run *r, dilate_error *err) {
  if (!(fabs(probe->first - probe->again) > SAME_ABSOLUTE + SAME_RELATIVE * probe->size)) return DILATE_OK;
  return run_warn(r, err,
                  "the log-density was %.12g at one call and %.12g at another, at the same point: it is not a function of the "
                  "parameters alone, so that draws and log evidence carry its noise.  Fix random numbers that the callback draws; look "
                  "for memory that it leaves unset, or that threads share.",
                  probe->first, probe->again);
}

static int warn_of_digits(const number_probe *probe, run *r, dilate_error *err) {
  if (!(probe->apart > DIGITS_LOST)) return DILATE_OK;
  return run_warn(r, err,
                  "the log-density is about %.3g, where neighbouring numbers are %.3g apart: the digits that matter are lost, and weights "
                  "and log evidence with them.  Leave out its constant.",
                  probe->size, probe->apart);
}

static int warn_of_width(const number_probe *probe, run *r, dilate_error *err) {
  if (!(probe->doubles < DOUBLES_MIN)) return DILATE_OK;
  return run_warn(r, err,
                  "the target is narrower than numbers can tell: unconstrained coordinate %zu is about %.3g, and varies by no more than "
                  "%.3g, %.2g times what neighbouring numbers are apart there.  Move the origin to where the target is, and give "
                  "coordinates a scale near 1.",
                  probe->narrowest + 1, probe->place, probe->spread, probe->doubles);
}

static int warn_of_stillness(const number_probe *probe, run *r, dilate_error *err) {
  if (!(probe->still > STILL_MAX)) return DILATE_OK;
  return run_warn(r, err,
                  "the gradient is 0 at %.0f %% of the points: the density is flat in pieces, so that nothing leads to parts that no "
                  "particle has met by chance, and random walks explore the others.  Compare seeds; give hints of where the target is.",
                  100 * probe->still);
}

static int doubt_numbers(const target_view *v, run *r, number_probe *probe, dilate_error *err) {
  int status = probe_numbers(r->target, v->points, probe, err);
  if (!status) status = warn_of_noise(probe, r, err);
  if (!status) status = warn_of_digits(probe, r, err);
  if (!status) status = warn_of_width(probe, r, err);
  return status;
}

/* ---- Tails ---- */

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
  case TAILS_FAR:
    return run_warn(r, err,
                    "the target's scale is out of reach: along unconstrained coordinate %zu the density begins to fall only beyond %.0e, "
                    "so that these are no draws of it.  Give coordinates a scale near 1.",
                    probe->coordinate + 1, probe->reach);
  default:
    return DILATE_OK;
  }
}

/* Particles that all rise outwards, far from any balance of drift and spread, or all still fall. */
static int doubt_balance(const number_probe *probe, run *r, target_fault *fault, dilate_error *err) {
  if (probe->pull > PULL_MAX) {
    *fault = TARGET_FALLS;
    return run_warn(r, err,
                    "the target's scale is out of reach: particles were still falling onto it when exploration ended, %.0e times as "
                    "steeply as they lie apart.  Give coordinates a scale near 1.",
                    probe->pull);
  }
  if (!(probe->push > PULL_MAX)) return DILATE_OK;
  *fault = TARGET_IMPROPER;
  return run_warn(
      r, err, IMPROPER "its density rises outwards, as far as particles went.  Check its sign, and give every parameter a proper prior.");
}

/* Evaluations that the marginals take, about: a few Hessians a way out, each of two gradients a dimension. */
static uint64_t marginal_cost(const target_view *v, const target *t) {
  const uint64_t d = target_dim(t), ways = v->all_ways ? 2 * d : 4;
  return 20 * d * ways * target_gradient_cost(t);
}

/* What bends away from all lines; where the budget has room for it. */
static int doubt_marginals(const target_view *v, run *r, target_fault *fault, dilate_error *err) {
  marginal_probe probe;
  if (!run_affords(r, marginal_cost(v, r->target), 0)) return DILATE_OK;
  const int status = probe_marginal(r->target, v->points, v->all_ways, &probe, err);
  if (status || !probe.improper) return status;
  *fault = TARGET_IMPROPER;
  return run_warn(r, err,
                  IMPROPER "with the other coordinates at their most likely, the density of unconstrained coordinate %zu falls no faster "
                           "than 1/r to the %s, as far as %.0e.  Give scales a prior, and those that enter only together.",
                  probe.coordinate + 1, probe.sign > 0 ? "right" : "left", probe.reach);
}

static int doubt_bound(const target_view *v, run *r, dilate_error *err) {
  bound_probe probe;
  const int status = probe_bound(r->target, v->points, &probe, err);
  if (status || !probe.unbounded) return status;
  return run_warn(
      r, err,
      "the log-density is unbounded: from the highest point found it rises by %.0f and on, towards %.6g of unconstrained "
      "coordinate %zu, where its integral may be infinite.  Give what shrinks there, a scale perhaps, a prior that keeps it away.",
      probe.gain, probe.at, probe.coordinate + 1);
}

/* What can be told where the tails are well. */
static int doubt_inside(const target_view *v, const number_probe *numbers, run *r, target_fault *fault, dilate_error *err) {
  int status = doubt_balance(numbers, r, fault, err);
  if (!status && !*fault && numbers->apart > ALL_LOST) *fault = TARGET_DIGITS;
  if (!status && !*fault) status = doubt_marginals(v, r, fault, err);
  if (!status && !*fault) status = warn_of_stillness(numbers, r, err);
  if (!status && !*fault) status = doubt_bound(v, r, err);
  return status;
}

int doubt_target(const target_view *v, run *r, target_fault *fault, dilate_error *err) {
  tail_probe tails;
  number_probe numbers;
  *fault = TARGET_SOUND;
  int status = doubt_gradient(v, r, err);
  if (!status) status = doubt_numbers(v, r, &numbers, err);
  if (!status) status = probe_tails(r->target, v->points, stream_make(r->options.seed, STREAM_PROBE, 1, v->number), &tails, err);
  if (status) return status;
  if (tails.verdict == TAILS_PROPER) return doubt_inside(v, &numbers, r, fault, err);
  *fault = tails.verdict == TAILS_FAR ? TARGET_FALLS : TARGET_IMPROPER;
  return warn_improper(&tails, r, err);
}

int error_of_fault(target_fault fault, int status, dilate_error *err) {
  if (status == DILATE_ENOMEM || status == DILATE_ETARGET || fault == TARGET_SOUND) return status;
  if (err && err->struct_size >= offsetof(dilate_error, message)) err->status = DILATE_OK;
  if (fault == TARGET_IMPROPER) return error_set(err, status, IMPROPER "sampling went no further.  Is a prior missing?");
  if (fault == TARGET_DIGITS)
    return error_set(err, status,
                     "the log-density is so large that neighbouring numbers are more than 1 apart: the digits that matter are lost; "
                     "leave out its constant, and look whether it grows without bound");
  return error_set(err, status,
                   "the target's scale is out of reach: particles that should have come to rest on it still fall, or find it flat; "
                   "sampling went no further.  Give coordinates a scale near 1.");
}
