/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vector kernels for lanes of width one, on any processor. */
#include "base/lanes_generic.h"

#include "base/vmath_body.h"
