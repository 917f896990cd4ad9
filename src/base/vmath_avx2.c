/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vector kernels for the lanes of lanes_avx2.h; the dispatcher calls nothing here unless the processor has these instructions. */
#include "base/vmath_isa.h"
#if VMATH_X86
#include "base/lanes_avx2.h"

#include "base/vmath_body.h"
#endif
