/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a run.  All are on the disk before the first takes its name, so a full disk replaces none of an earlier run's. */
#define _POSIX_C_SOURCE 200809L
#include "io/save.h"

#include "io/draw_formats.h"
#include "io/file.h"
#include "io/json.h"
#include "io/report.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct saving {
  const char *folder;
  const outcome *o;
  output_file *file; /* those that are on the disk, not yet under their names */
  size_t files;
} saving;

/* Finishes the file that was written last. */
static int finish(saving *s, int written, failure *f) {
  output_file *const file = &s->file[s->files - 1];
  if (written != 0 && !ferror(file->stream)) return fail_with(f, EXIT_RUN, "out of memory while writing '%s'", file->name);
  if (s->o->spread && s->o->spread->lost)
    return fail_with(f, EXIT_RUN, "the processes lost one another while '%s' was written", file->name);
  return output_finish(file, f);
}

static int write_draws(saving *s, const draw_format *format, size_t i, failure *f) {
  char name[DRAW_FILE_ROOM];
  output_file *const file = &s->file[s->files];
  if (output_open(s->folder, draw_format_file(format, i, name), file, f)) return f->exit_status;
  ++s->files;
  const int status = format->write(file->stream, s->o, format->by_chain ? i + 1 : 0, f);
  return status ? status : finish(s, 0, f);
}

static int write_whole(saving *s, const char *name, int (*write)(FILE *stream, const outcome *o), failure *f) {
  output_file *const file = &s->file[s->files];
  if (output_open(s->folder, name, file, f)) return f->exit_status;
  ++s->files;
  return finish(s, write(file->stream, s->o), f);
}

static int write_all(saving *s, unsigned formats, failure *f) {
  for (size_t k = 0; k < DRAW_FORMATS; ++k)
    for (size_t i = 0; formats >> k & 1 && i < draw_format_files(&draw_formats[k], s->o); ++i)
      if (write_draws(s, &draw_formats[k], i, f)) return f->exit_status;
  if (!write_whole(s, "summary.json", json_write, f)) write_whole(s, "report.html", report_write, f);
  return f->exit_status;
}

/* Whether there was such a file. */
static int remove_file(const saving *s, int folder, const draw_format *format, size_t i, failure *f) {
  char name[DRAW_FILE_ROOM];
  const int removed = unlinkat(folder, draw_format_file(format, i, name), 0) == 0;
  if (!removed && errno != ENOENT)
    fail_with(f, EXIT_RUN, "cannot remove '%s/%s', which an earlier run left: %s; remove it by hand, the other files are this run's",
              s->folder, name, strerror(errno));
  return removed;
}

/* The files of a format from the i-th on, of which an earlier run may have left any number. */
static void remove_from(const saving *s, int folder, const draw_format *format, size_t i, failure *f) {
  while (remove_file(s, folder, format, i++, f) && format->by_chain) continue;
}

static void remove_earlier(const saving *s, int folder, unsigned formats, failure *f) {
  for (size_t k = 0; k < DRAW_FORMATS; ++k) {
    const int is_written = formats >> k & 1;
    if (!is_written) remove_from(s, folder, &draw_formats[k], 0, f);
    if (is_written && draw_formats[k].by_chain) remove_from(s, folder, &draw_formats[k], draw_format_files(&draw_formats[k], s->o), f);
  }
}

/* By the folder's descriptor: once files have their names there must be nothing left that needs memory. */
static void publish_all(const saving *s, unsigned formats, failure *f) {
  const int folder = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int repeated = faccessat(folder, "summary.json", F_OK, 0) == 0;
  outputs_publish(s->files, s->file, f);
  if (!f->exit_status && repeated) remove_earlier(s, folder, formats, f);
  if (folder >= 0) close(folder);
}

int save_outcome(const char *folder, const outcome *o, unsigned formats, failure *f) {
  size_t most = 2;
  for (size_t k = 0; k < DRAW_FORMATS; ++k) most += draw_format_files(&draw_formats[k], o);
  saving s = {.folder = folder, .o = o, .file = calloc(most, sizeof *s.file)};
  if (!s.file) return fail_with(f, EXIT_RUN, "out of memory");
  if (!write_all(&s, formats, f)) publish_all(&s, formats, f);
  for (size_t i = 0; i < s.files; ++i) output_discard(&s.file[i]);
  free(s.file);
  return f->exit_status;
}
