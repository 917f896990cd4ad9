/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels of columns.h with vectors of 8: the pragma stands before them, so that the file needs no compiler flag of its own. */
#include "stage/columns_isa.h"
#if VMATH_X86
#include "base/lanes_avx512.h"
#include "stage/columns_lanes.h"
#pragma GCC target("avx512f,prefer-vector-width=512")
#define KERNELS columns_avx512
#include "stage/columns_body.h"
#endif
