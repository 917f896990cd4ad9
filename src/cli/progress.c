/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line on the terminal, redrawn in place and cut to its width; the time left is what the done fraction makes of the time spent. */
#define _DEFAULT_SOURCE
#include "cli/progress.h"

#include "io/format.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

progress_line progress_begin(int quiet) {
  return (progress_line){.shown = !quiet && isatty(STDERR_FILENO), .last_time = -1};
}

static size_t terminal_width(void) {
  struct winsize size = {0};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? (size_t)size.ws_col - 1 : 79;
}

static void append(char *line, size_t room, const char *part) {
  strncat(line, part, room - strlen(line) - 1);
}

static void append_number(char *line, size_t room, const char *name, const char *format, double value) {
  char part[64];
  if (!isfinite(value)) return;
  snprintf(part, sizeof part, format, value);
  append(line, room, name);
  append(line, room, part);
}

static void append_time_left(char *line, size_t room, const dilate_progress *p) {
  text left;
  if (!(p->fraction > 0.02) || p->seconds < 1) return;
  const double seconds = p->seconds * (1 - p->fraction) / p->fraction;
  if (seconds < 60)
    snprintf(left, sizeof left, "%.0f s", ceil(seconds));
  else
    text_seconds(seconds, left);
  append(line, room, ", ");
  append(line, room, left);
  append(line, room, " left");
}

/* What matters most stands first: a narrow terminal shows no more. */
static void compose(char *line, size_t room, const dilate_progress *p) {
  char stage[64];
  snprintf(line, room, "%.0f %%", 100 * p->fraction);
  append_time_left(line, room, p);
  snprintf(stage, sizeof stage, ": %s %d, group %d", p->stage ? p->stage : "start", p->round + 1, p->group + 1);
  append(line, room, stage);
  append_number(line, room, ", temperature ", "%.3g", p->temperature);
  append_number(line, room, ", ESS ", "%.2f", p->ess);
  append_number(line, room, ", log Z ", "%.4g", p->log_z);
  append_number(line, room, ", ", "%.0fk evaluations", (double)p->evaluations / 1000);
}

void progress_show(progress_line *line, const dilate_progress *p) {
  char written[320];
  if (!line->shown || (line->drawn && p->seconds - line->last_time < 0.1)) return;
  compose(written, sizeof written, p);
  fprintf(stderr, "\r\033[K%.*s", (int)terminal_width(), written);
  fflush(stderr);
  line->drawn = 1;
  line->last_time = p->seconds;
}

void progress_end(progress_line *line) {
  if (!line->drawn) return;
  fputs("\r\033[K", stderr);
  fflush(stderr);
  line->drawn = 0;
}
