/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Golden sections (Kiefer 1953), and where three values make a parabola whose vertex lies between them, that instead (Brent 1973, ch. 5):
 * a smooth function takes about half as many values. */
#include "stage/golden.h"

#include <math.h>

#define GOLDEN 0.6180339887498949

/* The best point, the second best and the one that was second before, and their values. */
typedef struct best {
  double x, second, third, at_x, at_second, at_third;
} best;

/* The step to the vertex of the parabola through the three; NaN where there is none. */
static double vertex_step(const best *b) {
  const double r = (b->x - b->second) * (b->at_x - b->at_third), q = (b->x - b->third) * (b->at_x - b->at_second);
  return ((b->x - b->second) * r - (b->x - b->third) * q) / (2 * (q - r));
}

static void take_in(best *b, double x, double value) {
  if (value <= b->at_x)
    *b = (best){x, b->x, b->second, value, b->at_x, b->at_second};
  else if (value <= b->at_second || b->second == b->x)
    *b = (best){b->x, x, b->second, b->at_x, value, b->at_second};
  else if (value <= b->at_third || b->third == b->x || b->third == b->second)
    *b = (best){b->x, b->second, x, b->at_x, b->at_second, value};
}

/* The next step: to the vertex if it is inside and no more than half of the step before the last; else a section of the longer side; at
 * least `tolerance`, towards the middle.  last: the last two steps. */
static double next_step(const best *b, double low, double high, double tolerance, double last[2]) {
  const double vertex = vertex_step(b), inwards = b->x < 0.5 * (low + high) ? 1 : -1, allowed = fmax(0.5 * fabs(last[1]), tolerance);
  double step = vertex;
  last[1] = last[0];
  if (!(b->x + vertex > low && b->x + vertex < high && fabs(vertex) < allowed)) {
    last[1] = (inwards > 0 ? high : low) - b->x;
    step = (1 - GOLDEN) * last[1];
  }
  last[0] = step;
  return fabs(step) < tolerance ? inwards * tolerance : step;
}

double golden_least(double (*f)(void *state, double x), void *state, double low, double high, int sections, double *least) {
  const double tolerance = 0.5 * (high - low) * pow(GOLDEN, sections), first = high - GOLDEN * (high - low);
  const double at_first = f(state, first);
  best b = {first, first, first, at_first, at_first, at_first};
  double last[2] = {high - low, high - low};
  for (int k = 0; k <= sections && high - low > 2.5 * tolerance; k++) {
    const double x = b.x + next_step(&b, low, high, tolerance, last), value = f(state, x);
    const int better = value <= b.at_x, above = x > b.x;
    *(better == above ? &low : &high) = better ? b.x : x;
    take_in(&b, x, value);
  }
  *least = f(state, b.x);
  return b.x;
}
