/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built-in targets, each defined in its family's file. */
#ifndef DILATE_TARGETS_FAMILIES_H
#define DILATE_TARGETS_FAMILIES_H

#include "targets.h"

extern const builtin_type builtin_gauss, builtin_gmm40, builtin_gmm4, builtin_narrow3, builtin_mos, builtin_digits, builtin_funnel10,
    builtin_rings, builtin_two_moons, builtin_himmelblau, builtin_double_well2, builtin_edges, builtin_banana, builtin_rosenbrock,
    builtin_manywell32, builtin_phi4, builtin_eight_schools, builtin_brownian32, builtin_seeds, builtin_ionosphere, builtin_galaxies;

#endif
