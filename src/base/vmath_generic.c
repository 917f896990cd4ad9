/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vector kernels of width one: SLEEF's scalar functions, on any processor. */
#include "base/vmath_isa.h"

#include <math.h>
#include <Random123/philox.h>
#include <sleef.h>
#include <stdint.h>
#include <string.h>

#define KERNELS       vmath_generic
#define NAME          "generic"
#define VECTOR        double
#define WIDTH         1
#define LOAD(p)       (*(p))
#define STORE(p, v)   (*(p) = (v))
#define FILL(v)       (v)
#define EXP           Sleef_exp_u10
#define LOG           Sleef_log_u10
#define ROOT          sqrt
#define SINCOSPI      Sleef_sincospi_u05
#define PRODUCT(a, b) ((uint64_t)(uint32_t)(a) * (uint32_t)(b))
#include "base/vmath_body.h"
