/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of `dilate sample`. */
#ifndef DILATE_CLI_ARGUMENTS_H
#define DILATE_CLI_ARGUMENTS_H

#include "dilate.h"
#include "io/failure.h"

typedef struct arguments {
  const char *target, *data, *output; /* data, output: NULL where they were not given */
  const char *place;                  /* of output, on all processes of a run, of which the leader alone has output */
  /* As given, or NULL: they are read once the target is known. */
  const char *hint_points, *hint_centre, *hint_scale, *hint_box, *path_centre;
  unsigned formats;   /* of the draws, as draw_formats_read() has them, */
  const char *format; /* and as they were given */
  double checkpoint;  /* seconds between two; negative: none */
  int checkpoint_given;
  dilate_options options;
  int quiet, strict, help;
} arguments;

/* argv[0] is the command's name.  Everything that can be checked without the target is. */
int arguments_read(int argc, char **argv, arguments *out, failure *f);

/* What getopt_long() found wrong, in one line: `found` is its '?' or ':'. */
int arguments_refuse(int found, char **argv, const char *command, failure *f);

#endif
