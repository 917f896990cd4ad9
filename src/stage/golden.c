/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each section keeps 0.618 of the interval and costs one value (Kiefer 1953). */
#include "stage/golden.h"

#define GOLDEN 0.6180339887498949

double golden_least(double (*f)(void *state, double x), void *state, double a, double b, int sections, double *least) {
  double c = b - GOLDEN * (b - a), d = a + GOLDEN * (b - a);
  double at_c = f(state, c), at_d = f(state, d);
  for (int k = 0; k < sections; k++) {
    if (at_c < at_d) {
      b = d;
      d = c;
      at_d = at_c;
      c = b - GOLDEN * (b - a);
      at_c = f(state, c);
    } else {
      a = c;
      c = d;
      at_c = at_d;
      d = a + GOLDEN * (b - a);
      at_d = f(state, d);
    }
  }
  *least = f(state, 0.5 * (a + b));
  return 0.5 * (a + b);
}
