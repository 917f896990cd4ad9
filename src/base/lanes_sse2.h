/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors of width 2: SLEEF's SSE2 functions (1 ulp).  The pragma stands before the headers with intrinsics, so that a file which
 * includes this one first needs no compiler flag of its own.  See lanes.h. */
#ifndef DILATE_BASE_LANES_SSE2_H
#define DILATE_BASE_LANES_SSE2_H

#pragma GCC target("sse2")
#include <immintrin.h>
#include <math.h>
#include <sleef.h>

#define ISA(name)               name##_sse2
#define NAME                    "sse2"
#define VECTOR                  __m128d
#define WIDTH                   2
#define LOAD                    _mm_loadu_pd
#define STORE                   _mm_storeu_pd
#define LOAD_SOME(p, count)     ((void)(count), _mm_load_sd(p))
#define STORE_SOME(p, v, count) ((void)(count), _mm_store_sd(p, v))
#define FILL                    _mm_set1_pd
#define MULTIPLY_ADD(a, b, c)   ((a) * (b) + (c))
#define IF_LESS(a, b, x, y)     _mm_or_pd(_mm_and_pd(_mm_cmplt_pd(a, b), x), _mm_andnot_pd(_mm_cmplt_pd(a, b), y))
#define ALL_LESS(a, b)          (_mm_movemask_pd(_mm_cmplt_pd(a, b)) == 3)
#define EXP                     Sleef_expd2_u10sse2
#define LOG                     Sleef_logd2_u10sse2
#define ROOT                    _mm_sqrt_pd
#define SINCOSPI                Sleef_sincospid2_u05sse2
#define PRODUCT(a, b)           ((LANES)_mm_mul_epu32((__m128i)(a), (__m128i)(b)))
#include "base/lanes.h"

#endif
