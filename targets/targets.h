/* Built-in targets with known truth.  Uses dilate.h and nothing else of the library: what stands here, a user can write. */
#ifndef DILATE_TARGETS_H
#define DILATE_TARGETS_H

#include "dilate.h"
#include <gsl/gsl_rng.h>

/* Some of the data of a target, for files that results are stored in. */
#define BUILTIN_ARRAY_RANK 8
typedef struct builtin_array {
  const char *name;
  int modelled; /* 1: what the model has a law for; 0: a constant of it, such as a covariate or a size */
  size_t rank, extent[BUILTIN_ARRAY_RANK];
  const double *value; /* the last index running fastest; NaN where nothing was observed */
} builtin_array;

/* One built-in target, made for the given options. */
typedef struct builtin {
  dilate_target target; /* ready for dilate_sample() */
  char label[128];      /* the name with its options, for files and tables */
  double log_z;         /* NaN where it is not known */
  /* Known components (0: none): shares, and the component that a point belongs to (most likely one). */
  size_t components;
  const double *component_weight;
  size_t (*component)(const struct builtin *self, const double *x);
  /* Exact draw (NULL: none): fills x[0..dim-1]. */
  void (*draw)(const struct builtin *self, gsl_rng *rng, double *x);
  size_t arrays;              /* of data; 0: the density is of no data */
  const builtin_array *array; /* the target's own */
  void *data;                 /* the target's own; target.params points to the builtin's data */
  void (*destroy)(struct builtin *self);
} builtin;

typedef struct builtin_type {
  const char *name;
  const char *summary; /* one line */
  const char *options; /* "dim=2, scale=1, shift=0": names and defaults, "" for none */
  const char *truth;   /* what is known of it, one line */
  int takes_data;      /* 1: --data FILE means something to it */
  /* Reads its options from `text` ("dim=50,scale=0.001", "" for none) and the data file (NULL: its own data). */
  int (*create)(const char *text, const char *data_path, builtin *out, dilate_error *err);
} builtin_type;

extern const builtin_type *const builtin_list[]; /* NULL-terminated, in the order of `dilate targets` */

/* spec: "name" or "name:option=value,...".  On failure *out is empty and err says what was wrong and what would be right. */
int builtin_create(const char *spec, const char *data_path, builtin *out, dilate_error *err);
void builtin_destroy(builtin *b); /* an empty one is allowed */

#endif
