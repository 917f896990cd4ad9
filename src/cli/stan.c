/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `dilate stan`: a Stan program made into a shared object that `dilate sample` takes.  The object appears whole or not at all. */
#define _GNU_SOURCE
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/stan_build.h"
#include "io/file.h"
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_OUTPUT = 256, NAME_SIZE = 256 };

typedef struct stan_request {
  const char *program, *output; /* output: NULL when it was not given */
  int help;
} stan_request;

static const struct option options[] = {
    {"output", required_argument, NULL, OPTION_OUTPUT}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};

static int read_arguments(int argc, char **argv, stan_request *out, failure *f) {
  int found;
  *out = (stan_request){0};
  opterr = 0;
  optind = 1;
  while ((found = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
    if (found == '?' || found == ':') return arguments_refuse(found, argv, "stan", f);
    if (found == OPTION_OUTPUT) out->output = optarg;
    if (found == 'h') out->help = 1;
  }
  if (out->help) return 0;
  if (optind < argc) out->program = argv[optind++];
  if (!out->program) return fail_with(f, EXIT_USAGE, "which Stan program? dilate stan MODEL.stan");
  if (optind < argc) return fail_with(f, EXIT_USAGE, "one Stan program at a time: what is '%s'?", argv[optind]);
  if (out->output && !out->output[0]) return fail_with(f, EXIT_USAGE, "--output wants the name of a file");
  return 0;
}

/* "models/schools.stan": schools. */
static int name_of(const char *path, char name[NAME_SIZE], failure *f) {
  const char *const slash = strrchr(path, '/'), *const base = slash ? slash + 1 : path;
  const size_t length = strlen(base), stem = length > 5 && strcmp(base + length - 5, ".stan") == 0 ? length - 5 : length;
  if (stem + 1 > NAME_SIZE) return fail_with(f, EXIT_RUN, "the name of '%s' is too long", path);
  memcpy(name, base, stem);
  name[stem] = '\0';
  return 0;
}

/* Where the object goes: tried before the work begins. */
static int open_output(const stan_request *request, const char *name, output_file *out, failure *f) {
  char folder[4096], file[NAME_SIZE + 4];
  snprintf(file, sizeof file, "%s.so", name);
  const char *const path = request->output ? request->output : file, *const slash = strrchr(path, '/');
  if (path_is_folder(path)) return fail_with(f, EXIT_RUN, "cannot write '%s': it is a folder; --output wants the name of a file", path);
  const int length = slash ? snprintf(folder, sizeof folder, "%.*s", (int)(slash - path + 1), path) : snprintf(folder, sizeof folder, ".");
  if (length >= (int)sizeof folder) return fail_with(f, EXIT_RUN, "the name '%s' is too long", path);
  return output_open(folder, slash ? slash + 1 : path, out, f);
}

static int copy(const char *path, FILE *to, failure *f) {
  char block[65536];
  size_t length;
  FILE *from = fopen(path, "rb");
  if (!from) return fail_with(f, EXIT_RUN, "cannot read '%s': %s", path, strerror(errno));
  while ((length = fread(block, 1, sizeof block, from)) > 0) fwrite(block, 1, length, to);
  const int lost = ferror(from);
  fclose(from);
  return lost ? fail_with(f, EXIT_RUN, "cannot read '%s'", path) : 0;
}

static int build(const stan_build *b, const stan_request *request, const char *name, output_file *out, failure *f) {
  if (stan_translate(b, request->program, name, f)) return f->exit_status;
  fprintf(stderr, "dilate: compiling %s, which takes half a minute or so\n", request->program);
  if (stan_compile(b, request->program, f) || copy(b->object, out->stream, f) || output_finish(out, f)) return f->exit_status;
  return output_publish(out, f);
}

int command_stan(int argc, char **argv, failure *f) {
  stan_request request;
  stan_build b = {.tools = NULL};
  output_file out;
  char name[NAME_SIZE];
  if (read_arguments(argc, argv, &request, f)) return f->exit_status;
  if (request.help) {
    help_write_stan();
    return 0;
  }
  if (path_check_readable("Stan program", request.program, f) || name_of(request.program, name, f) || open_output(&request, name, &out, f))
    return f->exit_status;
  interrupt_watch();
  if (!stan_build_begin(&b, f)) build(&b, &request, name, &out, f);
  stan_build_end(&b);
  output_discard(&out);
  return f->exit_status;
}
