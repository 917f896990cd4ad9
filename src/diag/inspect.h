/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dilate_check(): a target's callbacks, called directly and looked at closely, each fault with the point where it shows.
 *
 * inspect.c runs the parts in order; inspect_find finds points of the support; inspect_call calls and notes what no callback may do;
 * inspect_report makes lines of it; inspect_gradient, _agree, _edges and _threads are what is looked at. */
#ifndef DILATE_DIAG_INSPECT_H
#define DILATE_DIAG_INSPECT_H

#include "base/random.h"
#include "base/status.h"

#define INSPECT_TILE  8 /* points of one call, at most */
#define INSPECT_PAIRS 16

/* What no callback may do; counted, one of a kind with its point. */
typedef enum trouble {
  TROUBLE_NAN,      /* the log-density */
  TROUBLE_PLUS,     /* is +inf */
  TROUBLE_UNSET,    /* was not set */
  TROUBLE_SLOPE,    /* a derivative is not finite where the log-density is */
  TROUBLE_NO_SLOPE, /* was not set */
  TROUBLE_ABORT,    /* a status below 0 */
  TROUBLES
} trouble;

typedef struct tally {
  uint64_t count;
  int is_reported;
  double *point; /* dim */
  double value;
  size_t coordinate;
} tally;

typedef struct inspection {
  dilate_target user; /* complete; names are the caller's */
  dilate_check_options options;
  dilate_checked *checked; /* the caller's numbers, of full size */
  size_t dim, n;
  double *x, *grad;         /* n x dim, row-major: points inside the support, and the gradients there */
  double *logp, *noise;     /* n: log-densities, and their rounding noise */
  double *near;             /* n: how far the point was moved from where a particle settled, in scales */
  double *scale;            /* dim: of the target in each coordinate, roughly */
  size_t pairs;             /* of a point inside and one outside the support */
  double *inside, *outside; /* INSPECT_PAIRS x dim */
  tally tally[TROUBLES];
  int is_falling;                 /* particles come nearer: the last of a kind is kept, else the first */
  uint64_t calls;                 /* since the troubles were last reported */
  double *from;                   /* scratch: dim */
  double *rows, *row_grad, *tile; /* scratch: INSPECT_TILE x dim; likewise; twice that */
  double *out;                    /* 2 n_out: reported values */
} inspection;

/* ---- Calls ---- */

/* n <= INSPECT_TILE points, row-major, as the sampler would have them computed: by batch where there is one.  What a callback leaves unset
 * is INSPECT_UNSET; outside the support: -inf.  tile: 2 dim INSPECT_TILE doubles.  Returns the callback's status where it is below 0, else
 * 0. Thread-safe. */
int inspect_call(const dilate_target *user, size_t n, const double *rows, double *logp, double *row_grad, double *tile);
/* The point callback alone, likewise for one point. */
int inspect_call_point(const dilate_target *user, const double *x, double *logp, double *grad);
double inspect_unset(void);
int inspect_is_unset(double value);
/* inspect_call() with the scratch of the inspection, troubles noted.  What is not a finite log-density with a finite gradient is -inf
 * afterwards. */
void inspect_evaluate(inspection *c, size_t n, const double *rows, double *logp, double *row_grad);

/* ---- Parts: each returns a status ---- */

/* Explores; fills the points, their scales and pairs, and what was noted on the way. */
int inspect_find(inspection *c, dilate_error *err);
/* Gradients against differences of the log-density. */
int inspect_gradient(inspection *c, dilate_error *err);
/* Batch, point callback and calls without gradient against each other; reported values. */
int inspect_agree(inspection *c, dilate_error *err);
int inspect_constrain(inspection *c, dilate_error *err);
/* Far out, at coordinates that are not finite, near edges of the support. */
int inspect_far(inspection *c, dilate_error *err);
int inspect_edges(inspection *c, dilate_error *err);
/* The same points again, and from several threads at once. */
int inspect_threads(inspection *c, dilate_error *err);

/* ---- Findings ---- */

#define INSPECT_NOWHERE SIZE_MAX /* no coordinate */

/* One finding.  point: dim coordinates, or NULL. */
void inspect_report(inspection *c, const char *what, const double *point, size_t coordinate, double told, double expected,
                    const char *format, ...) __attribute__((format(printf, 7, 8)));
/* A number in nine digits, "NaN" or "+-inf". */
typedef char inspect_text[32];
const char *inspect_number(double value, inspect_text text);
/* Makes findings of the troubles noted since the last time, of each kind once; where: "far out,". */
void inspect_flush(inspection *c, const char *where);
/* The coordinate by name: x[j], or the parameter that it is or moves. */
void inspect_name(inspection *c, const double *point, size_t coordinate, size_t room, char *text);
/* "at x[1] = 2, x[2] = 3", the coordinate given first, a few of them. */
void inspect_place(inspection *c, const double *point, size_t first, size_t room, char *text);

#endif
