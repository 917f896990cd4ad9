/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draws.npy: float64, chain x draw x parameter, the parameters in the order of summary.json, for numpy.load(). */
#ifndef DILATE_IO_NPY_H
#define DILATE_IO_NPY_H

#include "io/outcome.h"
#include <stdio.h>

int npy_write(FILE *stream, const outcome *o); /* -1: out of memory */

#endif
