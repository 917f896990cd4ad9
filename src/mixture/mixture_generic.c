/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mixture_evaluate() for the lanes of base/lanes_generic.h. */
#include "base/lanes_generic.h"

#include "mixture/mixture_lanes.h"
