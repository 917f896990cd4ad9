/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vector kernels of width 2: SLEEF's SSE2 functions (1 ulp).  The pragma stands before the headers with intrinsics, so that the file needs
 * no compiler flag of its own; the dispatcher calls nothing here unless the processor has these instructions. */
#include "base/vmath_isa.h"
#if VMATH_X86
#pragma GCC target("sse2")
#include <immintrin.h>
#include <Random123/philox.h>
#include <sleef.h>
#include <stdint.h>
#include <string.h>

#define KERNELS       vmath_sse2
#define NAME          "sse2"
#define VECTOR        __m128d
#define WIDTH         2
#define LOAD          _mm_loadu_pd
#define STORE         _mm_storeu_pd
#define FILL          _mm_set1_pd
#define EXP           Sleef_expd2_u10sse2
#define LOG           Sleef_logd2_u10sse2
#define ROOT          _mm_sqrt_pd
#define SINCOSPI      Sleef_sincospid2_u05sse2
#define PRODUCT(a, b) ((LANES)_mm_mul_epu32((__m128i)(a), (__m128i)(b)))
#include "base/vmath_body.h"
#endif
