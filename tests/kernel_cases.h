/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of Langevin kernels share: a cloud of particles on a path, and a kernel to move it. */
#ifndef DILATE_TESTS_KERNEL_CASES_H
#define DILATE_TESTS_KERNEL_CASES_H

#include <check.h>

#include "densities.h"
#include "kernel/langevin.h"

typedef struct cloud {
  path path;
  langevin kernel;
  particles p, proposal;
  double *h, *acceptance;
} cloud;

cloud *cloud_open(const path_type *type, const dilate_target *user, size_t threads, size_t n, double lambda, double h);
void cloud_close(cloud *c);
/* Exact draws of the path's law at the kernel's lambda. */
void cloud_draw(cloud *c, const density *f, unsigned long seed);
/* The largest Kolmogorov-Smirnov statistic of the cloud against the law of the path at lambda. */
double cloud_distance(const cloud *c, const density *f, double lambda);

/* One step of some kernel. */
typedef void (*step_fn)(cloud *c, uint32_t step);
void cloud_mala(cloud *c, uint32_t step);
void cloud_hmc(cloud *c, uint32_t step); /* of five leapfrogs */
void cloud_ula(cloud *c, uint32_t step);

Suite *kernel_steps_suite(void);

#endif
