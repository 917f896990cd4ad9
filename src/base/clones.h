/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plain loops for wider vectors: a function marked so is compiled for several instruction sets, and the loader takes the widest that the
 * processor has.  Without contraction to fused operations (-ffp-contract=off) its bits are the same on all, so that DILATE_ISA need not pin
 * it. */
#ifndef DILATE_BASE_CLONES_H
#define DILATE_BASE_CLONES_H

#include <stdlib.h> /* __GLIBC__ */

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) &&             \
    !defined(__SANITIZE_THREAD__)
#define WIDE_LOOPS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE_LOOPS
#endif

#endif
