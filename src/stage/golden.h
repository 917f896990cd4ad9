/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Golden-section search for the least value of a function of one number. */
#ifndef DILATE_STAGE_GOLDEN_H
#define DILATE_STAGE_GOLDEN_H

/* Where f, called as f(state, x), is least between a and b, after so many sections (f is called once at that place, last).  *least: its
 * value there. */
double golden_least(double (*f)(void *state, double x), void *state, double a, double b, int sections, double *least);

#endif
