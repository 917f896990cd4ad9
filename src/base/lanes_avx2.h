/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors of width 4: SLEEF's AVX2 and FMA functions (1 ulp).  The pragma stands before the headers with intrinsics, so that a file which
 * includes this one first needs no compiler flag of its own.  See lanes.h. */
#ifndef DILATE_BASE_LANES_AVX2_H
#define DILATE_BASE_LANES_AVX2_H

#pragma GCC target("avx2,fma")
#include <immintrin.h>
#include <math.h>
#include <sleef.h>

#define ISA(name)               name##_avx2
#define NAME                    "avx2"
#define VECTOR                  __m256d
#define WIDTH                   4
#define FIRST(count)            _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)(count)), _mm256_set_epi64x(3, 2, 1, 0))
#define LOAD                    _mm256_loadu_pd
#define STORE                   _mm256_storeu_pd
#define LOAD_SOME(p, count)     _mm256_maskload_pd(p, FIRST(count))
#define STORE_SOME(p, v, count) _mm256_maskstore_pd(p, FIRST(count), v)
#define FILL                    _mm256_set1_pd
#define MULTIPLY_ADD            _mm256_fmadd_pd
#define IF_LESS(a, b, x, y)     _mm256_blendv_pd(y, x, _mm256_cmp_pd(a, b, _CMP_LT_OQ))
#define ALL_LESS(a, b)          (_mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_LT_OQ)) == 15)
#define EXP                     Sleef_expd4_u10avx2
#define LOG                     Sleef_logd4_u10avx2
#define ROOT                    _mm256_sqrt_pd
#define SINCOSPI                Sleef_sincospid4_u05avx2
#define PRODUCT(a, b)           ((LANES)_mm256_mul_epu32((__m256i)(a), (__m256i)(b)))
#include "base/lanes.h"

#endif
