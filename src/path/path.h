/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths: families mu_lambda that end at the target, lambda = 1.  One file a path, its vtable the last object of the file.  A path never
 * knows its schedule. */
#ifndef DILATE_PATH_PATH_H
#define DILATE_PATH_PATH_H

#include "target/particles.h"

typedef struct path path;

typedef struct path_type {
  const char *name;
  int has_density_at_zero; /* 0: lambda = 0 is a point mass, asking for its density is an error */
  size_t work;             /* tiles of scratch, dim x PARTICLE_TILE doubles each, that evaluate needs */
  /* log mu_lambda (up to the target's constant) and score (NULL: not needed) of a tile of at most PARTICLE_TILE points; `first` as in
   * target_evaluate.  lambda has passed path_check_lambda(), the path path_check(). */
  void (*evaluate)(const path *p, double lambda, uint64_t first, size_t n, size_t ld, const double *x, double *logp, double *score);
  /* Carries points of mu_from to mu_to where the path is a deterministic map (NULL where it is not), with the log-densities and scores that
   * they have there (each of the three may be NULL).  Of a point mass (from = 0) nothing can be told apart: its points stay. */
  void (*carry)(const path *p, double from, double to, size_t n, size_t ld, double *x, double *logp, double *score);
  /* Whether the path can serve its target, with the reason; NULL: it serves any. */
  int (*check)(const path *p, dilate_error *err);
} path_type;

struct path {
  const path_type *type;
  target *target;
  const double *centre; /* dim, or NULL: the origin.  Not owned. */
  double scale;         /* s > 0, where the path begins at a Gaussian N(c, s^2 I): geometric and convolution */
  target *reference;    /* geometric: the normalised law that it begins at instead, or NULL.  Not owned. */
  double *work;         /* path_work() doubles of scratch; may be NULL when that is 0.  Not owned; one OpenMP team at a time. */
};

extern const path_type path_none;        /* mu = pi at every lambda */
extern const path_type path_geometric;   /* q^(1 - lambda) pi^lambda */
extern const path_type path_dilation;    /* c + sqrt(lambda) (X - c) */
extern const path_type path_convolution; /* c + sqrt(lambda) (X - c) + sqrt(1 - lambda) s E */

/* All of them, NULL-terminated. */
extern const path_type *const path_list[];
const path_type *path_find(const char *name); /* NULL: no such path */

/* Doubles of scratch that a path of this type needs for the target's threads and dimension; 0 for path_none. */
size_t path_work(const path_type *type, const target *t);

/* DILATE_OK, or the reason why this path cannot serve its target, or has no Gaussian to begin at. */
int path_check(const path *p, dilate_error *err);
/* DILATE_OK, DILATE_EINVAL or DILATE_EDOMAIN with the reason. */
int path_check_lambda(const path *p, double lambda, dilate_error *err);

/* The tile y = c + scale (x - c), the leading dimension changing from ld to to_ld. */
void path_scale_tile(const path *p, double scale, size_t n, size_t ld, const double *x, size_t to_ld, double *y);
/* From a law at y = c + (x - c)/sqrt(lambda) to that of x: logp -= (d/2) log lambda, score = slope / sqrt(lambda); slope has the leading
 * dimension PARTICLE_TILE, and score NULL where it is not needed. */
void path_scale_back(const path *p, double lambda, size_t n, size_t ld, const double *slope, double *logp, double *score);
/* A thread's own part of the scratch. */
double *path_scratch(const path *p);
/* log N(x | c, s^2 I), and its score (NULL: not needed). */
void path_gaussian(const path *p, size_t n, size_t ld, const double *x, double *logq, double *score);

/* Log-density and score of all particles at lambda, in parallel over tiles. */
void path_evaluate(const path *p, double lambda, particles *at);

#endif
