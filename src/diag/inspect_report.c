/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings in words: what is wrong, where, value against value, what would be right. */
#include "diag/inspect.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

#define TEXT_SIZE         1024
#define PLACE_SIZE        320
#define NAME_SIZE         96
#define NAMES_SHOWN       3
#define COORDINATES_SHOWN 6

void inspect_report(inspection *c, const char *what, const double *point, size_t coordinate, double told, double expected,
                    const char *format, ...) {
  char text[TEXT_SIZE];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  const dilate_finding finding = {.struct_size = sizeof finding,
                                  .what = what,
                                  .text = text,
                                  .point = point,
                                  .coordinate = coordinate,
                                  .told = told,
                                  .expected = expected};
  c->checked->findings++;
  if (c->options.report) c->options.report(&finding, c->options.report_data);
}

const char *inspect_number(double value, inspect_text text) {
  if (isnan(value)) return "NaN";
  (void)snprintf(text, sizeof(inspect_text), "%.9g", value);
  return text;
}

/* ---- Names ---- */

__attribute__((format(printf, 3, 4))) static void append(size_t room, char *text, const char *format, ...) {
  const size_t length = strlen(text);
  va_list arguments;
  va_start(arguments, format);
  if (length + 1 < room) (void)vsnprintf(text + length, room - length, format, arguments);
  va_end(arguments);
}

/* The reported parameters that change when the coordinate does: what a constrained model calls it. */
static void append_moved(inspection *c, const double *point, size_t j, size_t room, char *text) {
  double *x = c->row_grad, *before = c->out, *after = c->out + c->user.n_out;
  memcpy(x, point, c->dim * sizeof *x);
  if (c->user.constrain(c->dim, x, before, c->user.params) != 0) return;
  x[j] += c->scale[j];
  if (c->user.constrain(c->dim, x, after, c->user.params) != 0) return;
  size_t moved = 0;
  for (size_t k = 0; k < c->user.n_out; k++) {
    if (before[k] == after[k] || isnan(before[k]) || isnan(after[k])) continue;
    if (++moved <= NAMES_SHOWN) append(room, text, "%s%s", moved == 1 ? " (moves " : ", ", c->user.names[k]);
  }
  if (moved) append(room, text, moved > NAMES_SHOWN ? ", ...)" : ")");
}

void inspect_name(inspection *c, const double *point, size_t j, size_t room, char *text) {
  text[0] = '\0';
  if (c->user.names && !c->user.constrain)
    append(room, text, "%s", c->user.names[j]);
  else
    append(room, text, "x[%zu]", j + 1);
  if (c->user.names && c->user.constrain && point) append_moved(c, point, j, room, text);
}

static void append_coordinate(inspection *c, const double *point, size_t j, size_t room, char *text) {
  char name[NAME_SIZE];
  inspect_name(c, NULL, j, sizeof name, name);
  append(room, text, "%s%s = %.6g", strcmp(text, "at ") == 0 ? "" : ", ", name, point[j]);
}

void inspect_place(inspection *c, const double *point, size_t first, size_t room, char *text) {
  (void)snprintf(text, room, "at ");
  size_t shown = 0;
  if (first != INSPECT_NOWHERE && ++shown) append_coordinate(c, point, first, room, text);
  for (size_t j = 0; j < c->dim && shown < COORDINATES_SHOWN; j++)
    if (j != first && ++shown) append_coordinate(c, point, j, room, text);
  if (shown < c->dim) append(room, text, ", ...");
  if (c->user.constrain) append(room, text, " (unconstrained)");
}

/* ---- Troubles ---- */

static const struct {
  const char *what, *text, *right;
} texts[TROUBLES] = {
    [TROUBLE_NAN] = {"density", "the log-density is NaN",
                     "return > 0 where the point is outside the support, -INFINITY where it is in a batch"},
    [TROUBLE_PLUS] = {"density", "the log-density is +inf", "a density that can be sampled is finite"},
    [TROUBLE_UNSET] = {"density", "the log-density was not set although the callback returned 0", "set *logp at every point"},
    [TROUBLE_SLOPE] = {"gradient", "a derivative is not finite where the log-density is", "the sampler rejects such a point"},
    [TROUBLE_NO_SLOPE] = {"gradient", "a derivative was not set", "fill all dim derivatives, or set DILATE_TARGET_NO_GRADIENT"},
    [TROUBLE_ABORT] = {"status", "the callback asked to abort the run", "a status below 0 ends it; return > 0 outside the support"},
};

static void report_trouble(inspection *c, trouble kind, const char *where) {
  const tally *t = &c->tally[kind];
  char place[PLACE_SIZE], name[NAME_SIZE] = "", value[64] = "";
  inspect_text number;
  inspect_place(c, t->point, t->coordinate, sizeof place, place);
  if (t->coordinate != INSPECT_NOWHERE) inspect_name(c, t->point, t->coordinate, sizeof name, name);
  if (kind == TROUBLE_SLOPE || kind == TROUBLE_ABORT)
    (void)snprintf(value, sizeof value, ", it %s %s", kind == TROUBLE_ABORT ? "returned" : "is", inspect_number(t->value, number));
  inspect_report(c, texts[kind].what, t->point, t->coordinate, t->value, (double)NAN, "%s%s%s%s, %s %s (%llu of %llu points): %s",
                 texts[kind].text, name[0] ? ": that by " : "", name, value, where, place, (unsigned long long)t->count,
                 (unsigned long long)c->calls, texts[kind].right);
}

void inspect_flush(inspection *c, const char *where) {
  for (trouble kind = 0; kind < TROUBLES; kind++) {
    tally *t = &c->tally[kind];
    if (t->count && !t->is_reported) report_trouble(c, kind, where);
    t->is_reported |= t->count > 0;
    t->count = 0;
  }
  c->calls = 0;
}
