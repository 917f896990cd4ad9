/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bridges of a run, from its trace. */
#include "io/report_bridges.h"

#include <stdlib.h>
#include <string.h>

void bridges_clear(bridges *b) {
  free(b->temperature);
  free(b->log_z);
  free(b->ess);
  free(b->line);
}

static int is_bridge(const dilate_trace *t) {
  return t->stage && (strcmp(t->stage, "bridge") == 0 || strcmp(t->stage, "pilot") == 0 || strcmp(t->stage, "diffusion") == 0);
}

static int continues(const bridges *b, const dilate_trace *last, const dilate_trace *next) {
  return b->n > 0 && strcmp(last->stage, next->stage) == 0 && last->group == next->group && last->round == next->round &&
         next->temperature >= last->temperature;
}

static void add_point(bridges *b, double temperature, double log_z, double ess) {
  b->temperature[b->n] = temperature;
  b->log_z[b->n] = log_z;
  b->ess[b->n++] = ess;
  b->line[b->lines - 1].n++;
}

/* A line of its own, from where every bridge starts: all particles at the normalised reference. */
static void begin_line(bridges *b, const dilate_trace *t) {
  b->line[b->lines++] = (bridge_line){.first = b->n, .pilot = t->stage[0] == 'p', .group = t->group < 0 ? 0 : t->group, .round = t->round};
  if (t->temperature > 0) add_point(b, 0, 0, 1);
}

static void leave_out_earliest(bridges *b) {
  if (b->lines <= BRIDGES_LINES) return;
  b->left_out = b->lines - BRIDGES_LINES;
  memmove(b->line, b->line + b->left_out, BRIDGES_LINES * sizeof *b->line);
  b->lines = BRIDGES_LINES;
}

/* Every stride-th point of each line, and its last, moved together. */
static void thin(bridges *b) {
  size_t total = 0, kept = 0;
  for (size_t k = 0; k < b->lines; ++k) total += b->line[k].n;
  const size_t stride = total / BRIDGES_POINTS + 1;
  for (size_t k = 0; k < b->lines; ++k) {
    bridge_line *line = &b->line[k];
    const size_t first = line->first, n = line->n;
    line->first = kept;
    for (size_t i = 0; i < n; ++i) {
      if (i % stride && i + 1 < n) continue;
      b->temperature[kept] = b->temperature[first + i];
      b->log_z[kept] = b->log_z[first + i];
      b->ess[kept++] = b->ess[first + i];
    }
    line->n = kept - line->first;
  }
  b->n = kept;
}

int bridges_any(const outcome *o) {
  for (size_t i = 0; i < dilate_result_trace_count(o->result); ++i) {
    const dilate_trace t = outcome_trace(o, i);
    if (is_bridge(&t)) return 1;
  }
  return 0;
}

int bridges_collect(const outcome *o, bridges *b) {
  const size_t count = dilate_result_trace_count(o->result), room = 2 * count + 1;
  *b = (bridges){.temperature = malloc(room * sizeof(double)),
                 .log_z = malloc(room * sizeof(double)),
                 .ess = malloc(room * sizeof(double)),
                 .line = malloc(room * sizeof(bridge_line))};
  if (!b->temperature || !b->log_z || !b->ess || !b->line) return -1;
  dilate_trace last = {0};
  for (size_t i = 0; i < count; ++i) {
    const dilate_trace t = outcome_trace(o, i);
    if (!is_bridge(&t)) continue;
    if (!continues(b, &last, &t)) begin_line(b, &t);
    add_point(b, t.temperature, t.log_z, t.ess);
    last = t;
  }
  leave_out_earliest(b);
  thin(b);
  return 0;
}
