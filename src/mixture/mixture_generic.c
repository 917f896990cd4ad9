/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mixture_evaluate() and the sums of EM for the lanes of base/lanes_generic.h. */
#include "base/lanes_generic.h"

#include "mixture/em_lanes.h"
#include "mixture/mixture_lanes.h"
