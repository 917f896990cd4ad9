/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Particles under the target and a reference at once, for the geometric path mu_beta ∝ q^(1-beta) pi~^beta: both log-densities and
 * gradients are kept, so that a change of temperature costs nothing. */
#ifndef DILATE_KERNEL_TEMPERED_H
#define DILATE_KERNEL_TEMPERED_H

#include "base/random.h"
#include "mixture/mixture.h"
#include "target/share.h"

typedef struct tempered {
  particles pi;  /* points; log pi~ and its gradient */
  double *logq;  /* log q (ld) */
  double *gradq; /* of those that move: its gradient (dim x ld); else NULL */
  double *share; /* likewise: responsibilities of q's components (components x ld) */
  size_t components;
} tempered;

/* log pi~/q of particle i. */
double tempered_log_ratio(const tempered *t, size_t i);
int tempered_create(const mixture *q, size_t n, int moving, tempered *t); /* non-zero when out of memory */
void tempered_clear(tempered *t);
/* Particle `from` of src to place `to` of dst; q's gradient and shares where both keep them. */
void tempered_copy(tempered *dst, size_t to, const tempered *src, size_t from);
/* n of src from `from` on to the places from `to` on of dst, without q's gradient and shares. */
void tempered_copy_run(tempered *dst, size_t to, const tempered *src, size_t from, size_t n);

/* The component at cumulative responsibility u in (0, 1) of particle i. */
size_t tempered_component(const tempered *chains, size_t i, double u);

/* log mu_beta up to a constant: beta L + (1 - beta) Lq, -inf outside the support; at beta = 1 exactly L, at 0 exactly Lq. */
double tempered_density(double beta, double logp, double logq);

/* What a move on mu_beta needs.  Scratch belongs to the kernel and is made once: no move allocates. */
typedef struct tempered_kernel {
  target *target;
  const mixture *q;
  double beta;
  stream stream;                /* chain i uses number first + i */
  size_t first;                 /* with ranks that have chains of their own: the number of the first; else 0 */
  const double *step;           /* components: leapfrog step sizes */
  const double *whitened_scale; /* dim: scale of the whitened coordinates */
  double *scratch;              /* of all threads */
  size_t scratch_thread;        /* doubles a thread */
  size_t *choice;               /* threads x 4 tiles of indices */
  uint32_t *id;                 /* threads x 1 tile */
  const shared_loop *within;    /* with ranks: chains that the caller moves many times, and shares at last; NULL: a move shares its own */
} tempered_kernel;

int tempered_kernel_create(target *t, const mixture *q, tempered_kernel *k); /* non-zero when out of memory */
void tempered_kernel_clear(tempered_kernel *k);
/* Scratch of the calling thread, for what runs between moves. */
double *tempered_scratch(const tempered_kernel *k);

/* All ranks' chains after a move, with its acceptance and (NULL: none) components. */
void tempered_share(const shared_loop *s, const tempered *chains, double *acceptance, size_t *component);

/* HMC in the coordinates of a component drawn from the responsibilities, whose ratio enters the acceptance: one step size a component, a
 * random number of leapfrogs.  In parallel over tiles.  acceptance[i] and component[i] of each chain are what adaptation reads;
 * TEMPERED_OUTSIDE: the trajectory ended outside the support, which a shorter step would not have changed. */
#define TEMPERED_OUTSIDE (-1.0)
void component_hmc(const tempered_kernel *k, uint32_t step, tempered *chains, double *acceptance, size_t *component);

/* Independence proposals from a component of q drawn from the responsibilities: accepted with min(1, (pi~/q)(y)^beta / (pi~/q)(x)^beta). */
void independence_move(const tempered_kernel *k, uint32_t step, tempered *chains, double *acceptance);

#endif
