/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vector kernels of width 8: SLEEF's AVX-512F functions (1 ulp).  The pragma stands before the headers with intrinsics, so that the file
 * needs no compiler flag of its own; the dispatcher calls nothing here unless the processor has these instructions. */
#include "base/vmath_isa.h"
#if VMATH_X86
#pragma GCC target("avx512f,avx2,fma")
#include <immintrin.h>
#include <Random123/philox.h>
#include <sleef.h>
#include <stdint.h>
#include <string.h>

#define KERNELS       vmath_avx512
#define NAME          "avx512"
#define VECTOR        __m512d
#define WIDTH         8
#define LOAD          _mm512_loadu_pd
#define STORE         _mm512_storeu_pd
#define FILL          _mm512_set1_pd
#define EXP           Sleef_expd8_u10avx512f
#define LOG           Sleef_logd8_u10avx512f
#define ROOT          _mm512_sqrt_pd
#define SINCOSPI      Sleef_sincospid8_u05avx512f
#define PRODUCT(a, b) ((LANES)_mm512_mul_epu32((__m512i)(a), (__m512i)(b)))
#include "base/vmath_body.h"
#endif
