/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One instruction set's kernels of columns.h; each is made from columns_body.h in a file of its own. */
#ifndef DILATE_STAGE_COLUMNS_ISA_H
#define DILATE_STAGE_COLUMNS_ISA_H

#include "stage/columns.h"

extern const column_kernels columns_generic;
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define COLUMNS_X86 1 /* gcc's target pragma */
extern const column_kernels columns_sse2, columns_avx2, columns_avx512;
#else
#define COLUMNS_X86 0
#endif

#endif
