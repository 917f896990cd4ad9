/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vector kernels of width 4: SLEEF's AVX2 and FMA functions (1 ulp).  The pragma stands before the headers with intrinsics, so that the
 * file needs no compiler flag of its own; the dispatcher calls nothing here unless the processor has these instructions. */
#include "base/vmath_isa.h"
#if VMATH_X86
#pragma GCC target("avx2,fma")
#include <immintrin.h>
#include <Random123/philox.h>
#include <sleef.h>
#include <stdint.h>
#include <string.h>

#define KERNELS       vmath_avx2
#define NAME          "avx2"
#define VECTOR        __m256d
#define WIDTH         4
#define LOAD          _mm256_loadu_pd
#define STORE         _mm256_storeu_pd
#define FILL          _mm256_set1_pd
#define EXP           Sleef_expd4_u10avx2
#define LOG           Sleef_logd4_u10avx2
#define ROOT          _mm256_sqrt_pd
#define SINCOSPI      Sleef_sincospid4_u05avx2
#define PRODUCT(a, b) ((LANES)_mm256_mul_epu32((__m256i)(a), (__m256i)(b)))
#include "base/vmath_body.h"
#endif
