/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which kernels of columns.h run, those of the instruction set that vmath_isa() names; and those for any processor. */
#include "stage/columns_isa.h"

#include <string.h>

#include "base/vmath.h"

#define KERNELS columns_generic
#define NAME    "generic"
#include "stage/columns_body.h"

const column_kernels *columns_chosen(void) {
#if COLUMNS_X86
  const column_kernels *kernels[] = {&columns_sse2, &columns_avx2, &columns_avx512};
  for (size_t k = 0; k < sizeof kernels / sizeof kernels[0]; k++)
    if (strcmp(kernels[k]->name, vmath_isa()) == 0) return kernels[k];
#endif
  return &columns_generic;
}
