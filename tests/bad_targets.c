/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The catalogue: see bad_targets.h. */
#include "bad_targets.h"

#include <math.h>

#include "bad_densities.h"

#define R BAD_RIGHT
#define W BAD_WARNED
#define F BAD_FAILS
#define G BAD_GRADIENT_ONLY

const bad_target bad_targets[] = {
    /* Nothing to sample. */
    {"NaN everywhere", bad_nan, NULL, NAN, F, "NaN", {1, 2, 10}, 0},
    {"+Inf everywhere", bad_inf, NULL, NAN, F, "+Inf", {1, 2, 10}, 0},
    {"-Inf everywhere", bad_minus_inf, NULL, NAN, F, "no point with a finite log-density|support", {1, 2, 10}, 0},
    {"outside everywhere", bad_outside, NULL, NAN, F, "no point with a finite log-density|support", {1, 10}, 0},
    {"nothing written", bad_unwritten, NULL, NAN, F, "NaN", {1, 10}, 0},
    {"gradient NaN everywhere", bad_gradient_nan, NULL, NAN, F, "gradients were not finite", {1, 2, 10}, G},
    {"one point", bad_single_point, NULL, NAN, F, "no point with a finite log-density|support", {1, 2}, 0},
    /* Not a number here and there. */
    {"NaN in a half space", bad_nan_half, bad_z_half, NAN, W, "NaN", {1, 2, 10}, 0},
    {"NaN at random points", bad_nan_random, bad_z_thinned, 0, W, "NaN", {1, 2, 10}, 0},
    {"NaN beyond a radius", bad_nan_beyond, NULL, 0, W, "NaN", {1, 2, 10}, 0},
    {"+Inf in a region", bad_inf_region, bad_z_region, NAN, W, "+Inf", {1, 2, 10}, 0},
    {"+Inf at a point", bad_inf_point, bad_z_normal, 0, R, "", {1, 2}, 0},
    {"-Inf at random points", bad_holes, bad_z_holes, 0, R | W, "islands|not finite", {1, 2}, 0},
    {"-Inf at random points of ten dimensions", bad_holes, bad_z_holes, 0, R | W, "islands|not finite", {10}, G},
    /* Improper. */
    {"flat", bad_flat, NULL, NAN, W | F, "improper", {1, 2, 10}, 0},
    {"ramp", bad_ramp, NULL, NAN, W | F, "improper", {1, 2, 10}, 0},
    {"r^-d", bad_border, NULL, NAN, W | F, "improper", {1, 2, 10}, 0},
    {"r^-0.8d", bad_slow_tail, NULL, NAN, W | F, "improper", {1, 2, 10}, 0},
    {"1/|x|", bad_reciprocal, NULL, NAN, W | F, "improper", {1, 2, 10}, 0},
    {"pole", bad_pole, NULL, NAN, W | F, "improper|unbounded", {1, 2, 10}, G},
    {"funnel without prior", bad_free_funnel, NULL, NAN, W | F, "improper|NaN", {2, 10}, 0},
    {"one flat coordinate", bad_one_flat, NULL, NAN, W | F, "improper", {2, 10}, 0},
    {"plateau", bad_plateau, NULL, NAN, W | F, "improper", {1, 2, 10}, 0},
    {"flat to the right", bad_half_flat, NULL, NAN, W | F, "improper", {1, 2, 10}, 0},
    {"a sum only", bad_sum, NULL, NAN, W | F, "improper", {2}, 0},
    {"a sum of ten only", bad_sum, NULL, NAN, W | F, "improper", {10}, G},
    {"a product only", bad_product, NULL, NAN, W | F, "improper", {2, 10}, 0},
    {"exp(x^2)", bad_growing, NULL, NAN, W | F, "improper", {1, 2, 10}, 0},
    {"exp(1e300 x^2)", bad_growing_fast, NULL, NAN, W | F, "improper|digits", {1, 2, 10}, 0},
    /* Heavy, and proper: the word must not be said. */
    {"Cauchy", bad_cauchy, bad_z_cauchy, NAN, R | W, "Pareto|tail|!improper", {1, 2, 10}, 0},
    {"t with one degree", bad_t1, bad_z_t1, NAN, R | W, "Pareto|tail|!improper", {1, 2, 10}, 0},
    {"log-Cauchy", bad_log_cauchy, bad_z_log_cauchy, NAN, R | W, "Pareto|tail|!improper", {1, 2}, 0},
    /* Edges. */
    {"steps", bad_steps, bad_z_steps, 1. / 6, R | W | F, "flat in pieces|support|finite log-density", {1, 2, 10}, 0},
    {"checkerboard",
     bad_checkerboard,
     bad_z_checkerboard,
     NAN,
     R | W | F,
     "flat in pieces|support|finite log-density|modes|islands|groups",
     {1, 2},
     BAD_MODES},
    {"stairs", bad_stairs, bad_z_stairs, 0, R | W | F, "flat in pieces|support|finite log-density", {1, 2, 10}, 0},
    {"box", bad_box, bad_z_box, 0.5, R | W | F, "flat in pieces|support|finite log-density", {1, 2, 10}, 0},
    {"two boxes",
     bad_two_boxes,
     bad_z_two_boxes,
     8,
     R | W | F,
     "flat in pieces|support|finite log-density|groups|modes|islands",
     {1, 2, 10},
     BAD_MODES},
    {"simplex", bad_simplex, bad_z_simplex, NAN, R | W | F, "flat in pieces|support|finite log-density", {1, 2, 10}, 0},
    {"thin shell",
     bad_shell,
     bad_z_shell,
     0,
     R | W | F,
     "flat in pieces|support|finite log-density|islands|Pareto|moving",
     {1, 2, 10},
     BAD_MODES},
    /* Gradients. */
    {"gradient zero", bad_zero_gradient, bad_z_normal, 1, R | W, "gradient", {1, 2, 10}, G},
    {"gradient negated", bad_negated, bad_z_normal, 1, W, "gradient", {1, 2, 10}, G},
    {"gradient doubled", bad_twice, bad_z_normal, 1, W, "gradient", {1, 2, 10}, G},
    {"gradient of another place", bad_elsewhere, bad_z_normal, 1, W, "gradient", {1, 2, 10}, G},
    {"gradient noise", bad_noise_gradient, bad_z_normal, 1, W, "gradient", {1, 2, 10}, G},
    {"gradient NaN here and there", bad_some_nan, NULL, NAN, W, "gradient", {1, 2, 10}, G},
    {"gradient off in one coordinate", bad_one_off, bad_z_normal, 1, W, "gradient", {2, 10, 50}, G},
    /* Sizes. */
    {"offset 1e300", bad_offset_up, NULL, NAN, W | F, "digits", {1, 2, 10}, 0},
    {"offset -1e300", bad_offset_down, NULL, NAN, W | F, "digits", {1, 2, 10}, 0},
    {"offset 1e15", bad_offset_15, bad_z_offset, 0, W | F, "digits", {1, 2, 10}, 0},
    {"slope 1e300", bad_steep, bad_z_steep, 0, R | W | F, "scale", {1, 2, 10}, 0},
    {"curvature 1e300", bad_sharp, bad_z_sharp, 0, R | W | F, "scale", {1, 2, 10}, 0},
    {"curvature 1e-300", bad_blunt, bad_z_blunt, 0, R | W | F, "scale", {1, 2, 10}, 0},
    {"scales 1e-6 and 1e6", bad_mixed_scales, bad_z_mixed, 0, R, "", {2, 10}, 0},
    {"point mass", bad_point_mass, NULL, NAN, W | F, "narrower|scale|digits", {1, 2, 10}, 0},
    /* Supports. */
    {"far ball", bad_ball, bad_z_ball, 1e6, F, "no point with a finite log-density|support", {1, 2, 10}, 0},
    {"far ball, hinted", bad_ball, bad_z_ball, 1e6, R, "", {1, 2, 10}, BAD_HINTED | BAD_BRIDGE_ONLY},
    {"x > 1e8", bad_far_line, bad_z_far_line, 1e8 + 1, R | F, "no point with a finite log-density|support", {1, 2, 10}, 0},
    {"x > 1e8, hinted", bad_far_line, bad_z_far_line, 1e8 + 1, R, "", {1, 2, 10}, BAD_HINTED | BAD_BRIDGE_ONLY},
    {"four needles", bad_needles, bad_z_one, 500, R | W, "groups|missed|modes", {1, 2, 10}, BAD_MODES},
    /* Callbacks. */
    {"abort at once", bad_abort_first, NULL, NAN, F, "returned -7", {1, 2, 10}, 0},
    {"abort at call 1000", bad_abort_later, NULL, NAN, F, "returned -7", {1, 2, 10}, 0},
    {"serial", bad_normal, bad_z_normal, 0, R, "", {1, 2, 10}, BAD_SERIAL},
    {"uneven cost", bad_uneven, bad_z_normal, 0, R, "", {1, 2}, 0},
    {"noise of 1e-3", bad_noisy, bad_z_normal, 0, R | W, "same point", {1, 2, 10}, 0},
    {"noise of 1", bad_very_noisy, NULL, NAN, W, "same point", {1, 2, 10}, 0},
    {NULL, NULL, NULL, 0, 0, NULL, {0}, 0},
};
