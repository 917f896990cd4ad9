/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernels on a standard Gaussian that costs next to nothing: what a step costs besides its target. */
#ifndef BENCH_SPEED_KERNELS_H
#define BENCH_SPEED_KERNELS_H

#include "bench/speed_clock.h"

typedef struct kernel_bench kernel_bench;

#define KERNEL_RIVALS 3
#define LEAPFROGS     8

/* micro.ula.DIM, micro.mala.DIM and micro.hmc.DIM (a trajectory of LEAPFROGS), a particle and dimension. */
kernel_bench *kernel_bench_create(size_t dim, rival rivals[KERNEL_RIVALS]);
void kernel_bench_free(kernel_bench *b);

#endif
