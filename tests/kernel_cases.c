/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clouds of particles for the tests of kernels. */
#include "kernel_cases.h"

#include <math.h>

#include "base/memory.h"

cloud *cloud_open(const path_type *type, const dilate_target *user, size_t threads, size_t n, double lambda, double h) {
  cloud *c = NEW(cloud, 1);
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_ptr_nonnull(c);
  c->path.type = type;
  ck_assert_int_eq(target_create(user, threads, &c->path.target, &err), DILATE_OK);
  c->path.work = NEW(double, path_work(type, c->path.target));
  c->kernel = (langevin){.path = &c->path,
                         .lambda = lambda,
                         .stream = stream_make(11, STREAM_USER, 1, 0),
                         .accept = 0.574,
                         .h_min = 1e-20,
                         .h_max = 1e20,
                         .work = NEW(double, langevin_work(c->path.target))};
  ck_assert_int_eq(particles_create(user->dim, n, &c->p), 0);
  ck_assert_int_eq(particles_create(user->dim, n, &c->proposal), 0);
  c->h = NEW(double, n);
  c->acceptance = NEW(double, n);
  for (size_t i = 0; i < n; i++) c->h[i] = h;
  return c;
}

void cloud_close(cloud *c) {
  memory_free(c->path.work);
  memory_free(c->kernel.work);
  target_free(c->path.target);
  particles_clear(&c->p);
  particles_clear(&c->proposal);
  memory_free(c->h);
  memory_free(c->acceptance);
  memory_free(c);
}

void cloud_draw(cloud *c, const density *f, unsigned long seed) {
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(rng, seed);
  for (size_t i = 0; i < c->p.n; i++) {
    double x[DENSITY_DIM];
    density_draw(f, rng, x);
    for (size_t j = 0; j < f->dim; j++) c->p.x[j * c->p.ld + i] = x[j];
  }
  gsl_rng_free(rng);
  if (c->path.type->carry) c->path.type->carry(&c->path, 1, c->kernel.lambda, c->p.n, c->p.ld, c->p.x, NULL, NULL);
  path_evaluate(&c->path, c->kernel.lambda, &c->p);
}

double cloud_distance(const cloud *c, const density *f, double lambda) {
  double *u = NEW2(double, DENSITY_UNIFORMS, c->p.n), worst = 0;
  size_t kinds = 0;
  for (size_t i = 0; i < c->p.n; i++) {
    double x[DENSITY_DIM], v[DENSITY_UNIFORMS];
    for (size_t j = 0; j < f->dim; j++) x[j] = c->p.x[j * c->p.ld + i] / sqrt(lambda);
    kinds = density_uniforms(f, x, v);
    for (size_t k = 0; k < kinds; k++) u[k * c->p.n + i] = v[k];
  }
  for (size_t k = 0; k < kinds; k++) worst = fmax(worst, ks_statistic(c->p.n, u + k * c->p.n));
  memory_free(u);
  return worst;
}

void cloud_mala(cloud *c, uint32_t step) {
  mala_step(&c->kernel, step, &c->p, &c->proposal, c->h, c->acceptance);
}
void cloud_hmc(cloud *c, uint32_t step) {
  hmc_step(&c->kernel, step, 5, &c->p, &c->proposal, c->h, c->acceptance);
}
void cloud_ula(cloud *c, uint32_t step) {
  ula_step(&c->kernel, step, &c->p, c->h, NULL);
}
