/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limited-memory BFGS (Nocedal & Wright 2006, algorithm 7.4) in the whitened coordinates of each point's metric, all points side by side,
 * so that a step is one batch of evaluations.
 *
 * A point moves whenever that takes it uphill.  At first no step is longer than a typical draw is from its peak, or an ascent could leap
 * into the next basin; the bound doubles whenever the gain was what the slopes at both ends promised, as on a long ridge.  Where the
 * log-density is convex, and the memory has nothing to say, steps double. */
#include "stats/ascent.h"

#include "base/factor.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define ASCENT_STEPS   200 /* most points arrive within ten */
#define MEMORY         5
#define STEP_LARGEST   16.0
#define STEP_FORGETS   0.02 /* shorter steps along a remembered direction: back to the gradient */
#define STEP_SMALLEST  1e-6
#define GAIN_ERROR     0.1  /* of the gain: slopes that tell it so well are to be trusted further */
#define SLOPE_SMALLEST 1e-7 /* |C'g|^2: nothing left to rise, if the metric is anything like right */
#define RISE_SMALLEST  1e-5 /* of log-density that the memory still promises, once it holds two pairs */

/* One point's way; vectors are whitened. */
typedef struct walker {
  double *slope, *before;  /* C'g here, and where it stood before the last move */
  double *direction;       /* uphill */
  double *s, *y;           /* MEMORY x dim: moves, and the falls of the slope along them */
  double rho[MEMORY];      /* 1 / s'y */
  size_t remembered, next; /* next: where the next pair goes */
  double step;             /* 0: arrived */
  double gain;             /* of log-density by the last move */
  double longest;          /* bound of |step * direction| */
  int moved;
} walker;

typedef struct climb {
  particles *points;
  const size_t *metric;
  factor_form form;
  const double *const *metric_c;
  particles trial; /* the proposals of the points that still climb, in their order */
  double *tile;    /* dim x ld, as points */
  walker *walker;
  double *vectors; /* all that the walkers hold */
} climb;

static double dot(size_t n, const double *a, const double *b) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

static void add(size_t n, double factor, const double *a, double *to) {
  for (size_t i = 0; i < n; i++) to[i] += factor * a[i];
}

/* ---- One walker ---- */

/* After a move of step times direction: s, y and rho, if the log-density is concave along the move, and how far to trust what comes. */
static void remember(size_t dim, walker *w) {
  double *s = w->s + w->next * dim, *y = w->y + w->next * dim;
  for (size_t j = 0; j < dim; j++) {
    s[j] = w->step * w->direction[j];
    y[j] = w->before[j] - w->slope[j];
  }
  const double promised = 0.5 * (dot(dim, s, w->before) + dot(dim, s, w->slope));
  if (fabs(w->gain - promised) < GAIN_ERROR * w->gain) w->longest *= 2;
  const double curvature = dot(dim, s, y);
  if (curvature > 1e-8 * dot(dim, s, s)) {
    w->rho[w->next] = 1 / curvature;
    w->next = (w->next + 1) % MEMORY;
    if (w->remembered < MEMORY) w->remembered++;
    w->step = 1;
  } else {
    w->step = fmin(2 * w->step, STEP_LARGEST);
  }
}

/* The two-loop recursion, from the latest pair back and forth again. */
static void find_direction(size_t dim, walker *w) {
  double alpha[MEMORY], *p = w->direction;
  memcpy(p, w->slope, dim * sizeof *p);
  for (size_t k = 1; k <= w->remembered; k++) {
    const size_t m = (w->next + MEMORY - k) % MEMORY;
    alpha[m] = w->rho[m] * dot(dim, w->s + m * dim, p);
    add(dim, -alpha[m], w->y + m * dim, p);
  }
  if (w->remembered) {
    const double *y = w->y + (w->next + MEMORY - 1) % MEMORY * dim;
    const double scale = 1 / (w->rho[(w->next + MEMORY - 1) % MEMORY] * dot(dim, y, y));
    for (size_t j = 0; j < dim; j++) p[j] *= scale;
  }
  for (size_t k = w->remembered; k > 0; k--) {
    const size_t m = (w->next + MEMORY - k) % MEMORY;
    add(dim, alpha[m] - w->rho[m] * dot(dim, w->y + m * dim, p), w->s + m * dim, p);
  }
}

/* Where to go next; the step is 0 when there is nowhere to go. */
static void plan(size_t dim, walker *w) {
  if (!(dot(dim, w->slope, w->slope) >= SLOPE_SMALLEST) || w->step < STEP_SMALLEST) {
    w->step = 0;
    return;
  }
  if (w->moved) {
    remember(dim, w);
  } else if (w->remembered && w->step < STEP_FORGETS) {
    w->remembered = 0;
    w->step = 1;
  } else if (w->step < 1) {
    return; /* a shorter step along the same direction */
  }
  find_direction(dim, w);
  const double length = sqrt(dot(dim, w->direction, w->direction));
  if (!isfinite(length) || (w->remembered > 1 && 0.5 * dot(dim, w->slope, w->direction) < RISE_SMALLEST)) w->step = 0;
  if (w->step * length > w->longest) w->step = w->longest / length;
}

/* ---- All of them ---- */

/* Number of points from `begin` on that share its metric. */
static size_t run_length(const climb *c, size_t begin) {
  size_t end = begin + 1;
  while (end < c->points->n && c->metric[end] == c->metric[begin]) end++;
  return end - begin;
}

static void whiten_slopes(climb *c) {
  const particles *p = c->points;
  memcpy(c->tile, p->grad, p->dim * p->ld * sizeof *c->tile);
  for (size_t begin = 0, n; begin < p->n; begin += n) {
    n = run_length(c, begin);
    factor_transpose_times(p->dim, c->form, c->metric_c[c->metric[begin]], n, p->ld, c->tile + begin);
  }
  for (size_t i = 0; i < p->n; i++) {
    memcpy(c->walker[i].before, c->walker[i].slope, p->dim * sizeof *c->tile);
    for (size_t j = 0; j < p->dim; j++) c->walker[i].slope[j] = c->tile[j * p->ld + i];
  }
}

static void propose(climb *c) {
  const particles *p = c->points;
  for (size_t i = 0; i < p->n; i++)
    for (size_t j = 0; j < p->dim; j++) c->tile[j * p->ld + i] = c->walker[i].direction[j];
  for (size_t begin = 0, n; begin < p->n; begin += n) {
    n = run_length(c, begin);
    factor_times(p->dim, c->form, c->metric_c[c->metric[begin]], n, p->ld, c->tile + begin);
  }
  c->trial.n = 0;
  for (size_t i = 0; i < p->n; i++) {
    if (c->walker[i].step == 0) continue;
    const size_t k = c->trial.n++;
    for (size_t j = 0; j < p->dim; j++) c->trial.x[j * c->trial.ld + k] = p->x[j * p->ld + i] + c->walker[i].step * c->tile[j * p->ld + i];
  }
}

static void accept(climb *c) {
  for (size_t i = 0, k = 0; i < c->points->n; i++) {
    walker *w = &c->walker[i];
    if (w->step == 0) continue;
    w->gain = c->trial.logp[k] - c->points->logp[i];
    w->moved = w->gain > 0;
    if (w->moved)
      particles_copy(c->points, i, &c->trial, k);
    else
      w->step /= 4;
    k++;
  }
}

static int climb_create(climb *c) {
  const size_t n = c->points->n, dim = c->points->dim, each = (3 + 2 * MEMORY) * dim;
  const int failed = particles_create(dim, n, &c->trial);
  c->tile = NEW2(double, dim, c->points->ld);
  c->walker = NEW(walker, n);
  c->vectors = NEW2(double, n, each);
  if (failed || !c->tile || !c->walker || !c->vectors) return DILATE_ENOMEM;
  for (size_t i = 0; i < n; i++) {
    double *v = c->vectors + i * each;
    c->walker[i] = (walker){.slope = v,
                            .before = v + dim,
                            .direction = v + 2 * dim,
                            .s = v + 3 * dim,
                            .y = v + (3 + MEMORY) * dim,
                            .step = 1,
                            .longest = sqrt((double)dim) + 2};
  }
  return 0;
}

static void climb_clear(climb *c) {
  particles_clear(&c->trial);
  memory_free(c->tile);
  memory_free(c->walker);
  memory_free(c->vectors);
}

int ascend(target *t, particles *points, const size_t *metric, factor_form form, const double *const *metric_c, size_t budget,
           size_t *spent, dilate_error *err) {
  climb c = {.points = points, .metric = metric, .form = form, .metric_c = metric_c};
  const int status = climb_create(&c) ? error_memory(err, "ascend") : 0;
  for (int k = 0; !status && k < ASCENT_STEPS; k++) {
    whiten_slopes(&c);
    for (size_t i = 0; i < points->n; i++)
      if (c.walker[i].step > 0) plan(points->dim, &c.walker[i]);
    propose(&c);
    if (!c.trial.n || *spent + c.trial.n > budget) break;
    particles_evaluate(&c.trial, t);
    *spent += c.trial.n;
    accept(&c);
  }
  climb_clear(&c);
  return status;
}
