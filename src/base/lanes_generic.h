/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors of width one: plain C and SLEEF's scalar functions, on any processor.  See lanes.h. */
#ifndef DILATE_BASE_LANES_GENERIC_H
#define DILATE_BASE_LANES_GENERIC_H

#include <math.h>
#include <sleef.h>

#define ISA(name)               name##_generic
#define NAME                    "generic"
#define VECTOR                  double
#define WIDTH                   1
#define LOAD(p)                 (*(p))
#define STORE(p, v)             (*(p) = (v))
#define LOAD_SOME(p, count)     ((void)(count), *(p))
#define STORE_SOME(p, v, count) ((void)(count), *(p) = (v))
#define FILL(v)                 (v)
#define MULTIPLY_ADD(a, b, c)   ((a) * (b) + (c))
#define IF_LESS(a, b, x, y)     ((a) < (b) ? (x) : (y))
#define ALL_LESS(a, b)          ((a) < (b))
#define EXP                     Sleef_exp_u10
#define LOG                     Sleef_log_u10
#define ROOT                    sqrt
#define SINCOSPI                Sleef_sincospi_u05
#define PRODUCT(a, b)           ((uint64_t)(uint32_t)(a) * (uint32_t)(b))
#include "base/lanes.h"

#endif
