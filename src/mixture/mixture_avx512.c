/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mixture_evaluate() and the sums of EM for the lanes of base/lanes_avx512.h. */
#include "base/vmath_isa.h"
#if VMATH_X86
#include "base/lanes_avx512.h"

#include "mixture/em_lanes.h"
#include "mixture/mixture_lanes.h"
#endif
