/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels of columns.h for each instruction set, from columns_body.h; which of them run is vmath.c's choice. */
#ifndef DILATE_STAGE_COLUMNS_ISA_H
#define DILATE_STAGE_COLUMNS_ISA_H

#include "base/vmath_isa.h"
#include "stage/columns.h"

extern const column_kernels columns_generic, columns_sse2, columns_avx2, columns_avx512;
/* Those that go with these vector kernels. */
const column_kernels *columns_of(const vmath_kernels *kernels);

#endif
