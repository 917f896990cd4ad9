/* Vectorised elementary functions through SLEEF (1 ulp), dispatched once at run time; DILATE_ISA pins the instruction set.
 * The value at an index does not depend on its position in the array or on n (remainders go through a padded vector). */
#ifndef DILATE_BASE_VMATH_H
#define DILATE_BASE_VMATH_H

#include <stddef.h>

void vmath_exp(size_t n, const double *x, double *y); /* y may be x */
void vmath_log(size_t n, const double *x, double *y);
/* Box-Muller: u1 in (0,1], u2 in [0,1) -> r cos(2 pi u2) in a, r sin(2 pi u2) in b, r = sqrt(-2 log u1). */
void vmath_box_muller(size_t n, const double *u1, const double *u2, double *a, double *b);
const char *vmath_isa(void);

#endif
