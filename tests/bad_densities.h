/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The densities of bad_targets.c, and their integrals where these are known. */
#ifndef DILATE_TESTS_BAD_DENSITIES_H
#define DILATE_TESTS_BAD_DENSITIES_H

#include "bad_targets.h"

#define BAD_DENSITY(name) int name(bad_state *s, size_t dim, const double *x, double *logp, double *grad)

/* bad_densities.c: values that are no numbers, integrals that are infinite, heavy tails. */
BAD_DENSITY(bad_nan);
BAD_DENSITY(bad_inf);
BAD_DENSITY(bad_minus_inf);
BAD_DENSITY(bad_outside);
BAD_DENSITY(bad_unwritten);
BAD_DENSITY(bad_gradient_nan);
BAD_DENSITY(bad_single_point);
BAD_DENSITY(bad_nan_half);
BAD_DENSITY(bad_nan_random);
BAD_DENSITY(bad_nan_beyond);
BAD_DENSITY(bad_inf_region);
BAD_DENSITY(bad_inf_point);
BAD_DENSITY(bad_holes);
BAD_DENSITY(bad_flat);
BAD_DENSITY(bad_ramp);
BAD_DENSITY(bad_border);
BAD_DENSITY(bad_slow_tail);
BAD_DENSITY(bad_reciprocal);
BAD_DENSITY(bad_pole);
BAD_DENSITY(bad_free_funnel);
BAD_DENSITY(bad_one_flat);
BAD_DENSITY(bad_plateau);
BAD_DENSITY(bad_half_flat);
BAD_DENSITY(bad_sum);
BAD_DENSITY(bad_product);
BAD_DENSITY(bad_growing);
BAD_DENSITY(bad_growing_fast);
BAD_DENSITY(bad_cauchy);
BAD_DENSITY(bad_t1);
BAD_DENSITY(bad_log_cauchy);
double bad_z_half(size_t dim), bad_z_thinned(size_t dim), bad_z_region(size_t dim), bad_z_holes(size_t dim), bad_z_normal(size_t dim);
double bad_z_cauchy(size_t dim), bad_z_t1(size_t dim), bad_z_log_cauchy(size_t dim);

/* bad_shapes.c: edges, gradients, sizes, supports, callbacks. */
BAD_DENSITY(bad_steps);
BAD_DENSITY(bad_checkerboard);
BAD_DENSITY(bad_stairs);
BAD_DENSITY(bad_box);
BAD_DENSITY(bad_two_boxes);
BAD_DENSITY(bad_simplex);
BAD_DENSITY(bad_shell);
BAD_DENSITY(bad_zero_gradient);
BAD_DENSITY(bad_negated);
BAD_DENSITY(bad_twice);
BAD_DENSITY(bad_elsewhere);
BAD_DENSITY(bad_noise_gradient);
BAD_DENSITY(bad_some_nan);
BAD_DENSITY(bad_one_off);
BAD_DENSITY(bad_offset_up);
BAD_DENSITY(bad_offset_down);
BAD_DENSITY(bad_offset_15);
BAD_DENSITY(bad_steep);
BAD_DENSITY(bad_sharp);
BAD_DENSITY(bad_blunt);
BAD_DENSITY(bad_mixed_scales);
BAD_DENSITY(bad_point_mass);
BAD_DENSITY(bad_ball);
BAD_DENSITY(bad_far_line);
BAD_DENSITY(bad_needles);
BAD_DENSITY(bad_abort_first);
BAD_DENSITY(bad_abort_later);
BAD_DENSITY(bad_normal);
BAD_DENSITY(bad_uneven);
BAD_DENSITY(bad_noisy);
BAD_DENSITY(bad_very_noisy);
double bad_z_steps(size_t dim), bad_z_checkerboard(size_t dim), bad_z_stairs(size_t dim), bad_z_box(size_t dim),
    bad_z_two_boxes(size_t dim);
double bad_z_simplex(size_t dim), bad_z_shell(size_t dim), bad_z_steep(size_t dim), bad_z_sharp(size_t dim), bad_z_blunt(size_t dim);
double bad_z_mixed(size_t dim), bad_z_ball(size_t dim), bad_z_far_line(size_t dim), bad_z_one(size_t dim), bad_z_offset(size_t dim);

/* Shared: -|x - centre|^2 / (2 scale^2) and its gradient. */
void bad_gauss(size_t dim, const double *x, double centre, double scale, double *logp, double *grad);
/* A number in [0, 1) that depends on all bits of x. */
double bad_hash(size_t dim, const double *x);
#define BAD_LOG_ROOT_TWO_PI 0.91893853320467274

#endif
