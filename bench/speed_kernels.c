/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ULA, MALA and HMC steps of particles that stand in their stationary law. */
#include "bench/speed_kernels.h"

#include "base/memory.h"
#include "bench/speed_free.h"
#include "bench/support.h"
#include "kernel/langevin.h"

#include <stdio.h>
#include <stdlib.h>

#define PARTICLES 256
#define STEP_SIZE 0.05

struct kernel_bench {
  target *target;
  path path;
  langevin kernel;
  particles at, proposal;
  double *h, *work;
  uint32_t step;
};

static void ula(void *state) {
  kernel_bench *const b = state;
  ula_step(&b->kernel, b->step++, &b->at, b->h, NULL);
}

static void mala(void *state) {
  kernel_bench *const b = state;
  mala_step(&b->kernel, b->step++, &b->at, &b->proposal, b->h, NULL);
}

static void hmc(void *state) {
  kernel_bench *const b = state;
  hmc_step(&b->kernel, b->step++, LEAPFROGS, &b->at, &b->proposal, b->h, NULL);
}

static void start(kernel_bench *b, size_t dim) {
  uint32_t number[PARTICLES];
  for (size_t i = 0; i < PARTICLES; i++) number[i] = (uint32_t)i, b->h[i] = STEP_SIZE;
  stream_normals(stream_make(1, STREAM_USER, 0, 0), 0, dim, PARTICLES, b->at.ld, number, b->at.x);
  b->path = (path){.type = &path_none, .target = b->target};
  b->kernel = langevin_adapting(&b->path, stream_make(1, STREAM_PATH, 0, 0));
  b->kernel.work = b->work;
  particles_evaluate(&b->at, b->target);
}

static rival contestant(kernel_bench *b, const char *name, size_t dim, void (*work)(void *)) {
  rival r = {.work = work, .state = b, .amount = PARTICLES * (double)dim};
  snprintf(r.name, sizeof r.name, "micro.%s.%zu", name, dim);
  return r;
}

kernel_bench *kernel_bench_create(size_t dim, rival rivals[KERNEL_RIVALS]) {
  kernel_bench *const b = ALLOCATE(kernel_bench, 1);
  const dilate_target user = free_target(dim);
  if (target_create(&user, 1, &b->target, NULL) < 0 || particles_create(dim, PARTICLES, &b->at) ||
      particles_create(dim, PARTICLES, &b->proposal))
    give_up("out of memory");
  b->h = ALLOCATE(double, PARTICLES);
  b->work = NEW(double, langevin_work(b->target));
  if (b->work == NULL) give_up("out of memory");
  start(b, dim);
  rivals[0] = contestant(b, "ula", dim, ula);
  rivals[1] = contestant(b, "mala", dim, mala);
  rivals[2] = contestant(b, "hmc", dim, hmc);
  return b;
}

void kernel_bench_free(kernel_bench *b) {
  particles_clear(&b->at);
  particles_clear(&b->proposal);
  target_free(b->target);
  memory_free(b->work);
  free(b->h);
  free(b);
}
