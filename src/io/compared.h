/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `dilate compare` found, and how it is shown: as text, or as JSON. */
#ifndef DILATE_IO_COMPARED_H
#define DILATE_IO_COMPARED_H

#include <stddef.h>
#include <stdio.h>

/* The first COMPARED_DISTANCES are between two samples; the others are of one sample and the target. */
typedef enum compared_measure {
  COMPARED_SLICED_W2,
  COMPARED_SINKHORN,
  COMPARED_MMD,
  COMPARED_ENERGY,
  COMPARED_SLICED_KS,
  COMPARED_KSD_A,
  COMPARED_KSD_B,
  COMPARED_TV_A,
  COMPARED_TV_B,
  COMPARED_MEASURES
} compared_measure;
enum { COMPARED_DISTANCES = COMPARED_KSD_A };

typedef struct compared_value {
  double value, floor, floor_sd; /* NaN: there is none; the floor is of two exact samples, mean and sd over replicates */
  char note[256];                /* why there is no value */
} compared_value;

typedef struct compared_parameter {
  const char *name;
  double difference; /* of the means, A minus B, in standard errors as of independent draws */
  double sd_ratio;   /* A over B */
  double ks;
} compared_parameter;

typedef struct compared {
  const char *a, *b;  /* files; b is NULL for exact draws of the target */
  const char *target; /* NULL: none was given */
  size_t rows_a, rows_b, parameters;
  size_t rows_pairs, rows_sinkhorn; /* at most so many evenly spaced rows of each were taken */
  size_t replicates;                /* of the floor; 0: there is none */
  int by_position;                  /* the columns' names are not the target's: taken in their order */
  compared_value value[COMPARED_MEASURES];
  compared_parameter *parameter;
} compared;

void compared_write(FILE *stream, const compared *c);
/* 0, or -1 when memory ran out or a write failed. */
int compared_write_json(FILE *stream, const compared *c);

#endif
