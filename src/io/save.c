/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The three files of a run.  All are on the disk before the first takes its name, so a full disk replaces none of an earlier run's. */
#include "io/save.h"

#include "io/csv.h"
#include "io/file.h"
#include "io/json.h"
#include "io/report.h"

static int write_csv(FILE *stream, const outcome *o) {
  csv_write(stream, o);
  return 0;
}

typedef struct writer {
  const char *name;
  int (*write)(FILE *stream, const outcome *o); /* 0, or -1: out of memory */
} writer;

static const writer writers[] = {{"draws.csv", write_csv}, {"summary.json", json_write}, {"report.html", report_write}};

enum { WRITERS = sizeof writers / sizeof *writers };

static int write_one(const char *folder, const writer *w, const outcome *o, output_file *file, failure *f) {
  if (output_open(folder, w->name, file, f)) return f->exit_status;
  if (w->write(file->stream, o) != 0 && !ferror(file->stream))
    return fail_with(f, EXIT_RUN, "out of memory while writing '%s'", file->name);
  return output_finish(file, f);
}

int save_outcome(const char *folder, const outcome *o, failure *f) {
  output_file file[WRITERS] = {{0}};
  for (size_t i = 0; i < WRITERS && !f->exit_status; ++i) write_one(folder, &writers[i], o, &file[i], f);
  for (size_t i = 0; i < WRITERS && !f->exit_status; ++i) output_publish(&file[i], f);
  for (size_t i = 0; i < WRITERS; ++i) output_discard(&file[i]);
  return f->exit_status;
}
