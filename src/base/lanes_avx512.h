/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors of width 8: SLEEF's AVX-512F functions (1 ulp).  The pragma stands before the headers with intrinsics, so that a file which
 * includes this one first needs no compiler flag of its own.  See lanes.h. */
#ifndef DILATE_BASE_LANES_AVX512_H
#define DILATE_BASE_LANES_AVX512_H

#pragma GCC target("avx512f,avx2,fma")
#include <immintrin.h>
#include <math.h>
#include <sleef.h>

#define ISA(name)               name##_avx512
#define NAME                    "avx512"
#define VECTOR                  __m512d
#define WIDTH                   8
#define FIRST(count)            ((__mmask8)((1u << (count)) - 1))
#define LOAD                    _mm512_loadu_pd
#define STORE                   _mm512_storeu_pd
#define LOAD_SOME(p, count)     _mm512_maskz_loadu_pd(FIRST(count), p)
#define STORE_SOME(p, v, count) _mm512_mask_storeu_pd(p, FIRST(count), v)
#define FILL                    _mm512_set1_pd
#define MULTIPLY_ADD            _mm512_fmadd_pd
#define IF_LESS(a, b, x, y)     _mm512_mask_blend_pd(_mm512_cmp_pd_mask(a, b, _CMP_LT_OQ), y, x)
#define ALL_LESS(a, b)          (_mm512_cmp_pd_mask(a, b, _CMP_LT_OQ) == 255)
#define EXP                     Sleef_expd8_u10avx512f
#define LOG                     Sleef_logd8_u10avx512f
#define ROOT                    _mm512_sqrt_pd
#define SINCOSPI                Sleef_sincospid8_u05avx512f
#define PRODUCT(a, b)           ((LANES)_mm512_mul_epu32((__m512i)(a), (__m512i)(b)))
#define ABOVE(a, b)             _mm512_cmp_pd_mask(a, b, _CMP_GT_OQ)
#define PACK(some, v)           _mm512_maskz_compress_pd(some, v)
#define PACK_PLACES(some, first)                                                                                                           \
  _mm512_castsi512_si256(                                                                                                                  \
      _mm512_maskz_compress_epi32((__mmask16)(some), _mm512_add_epi32(_mm512_set1_epi32((int)(first)),                                     \
                                                                      _mm512_set_epi32(0, 0, 0, 0, 0, 0, 0, 0, 7, 6, 5, 4, 3, 2, 1, 0))))
#define STORE_PLACES(p, places) _mm256_storeu_si256((__m256i *)(void *)(p), places)
#include "base/lanes.h"

#endif
