/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `dilate new`: a folder with a model to start from.  Its files are those of src/cli/new, which the build makes part of the program; the
 * folder is filled under another name and then renamed, so that it appears whole or not at all. */
#define _GNU_SOURCE
#include "cli/arguments.h"
#include "cli/cli.h"
#include "io/file.h"
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MOST = 64, PATH_SIZE = 4096, FILE_SIZE = NAME_MOST + 8 };

#ifndef DILATE_SOURCE_INCLUDEDIR
#define DILATE_SOURCE_INCLUDEDIR "include"
#endif

/* The texts new_model, new_makefile and new_data; @NAME@ and @HEADERS@ in them stand for what they say. */
#include "cli/new_files.inc"

typedef struct project {
  const char *name;
  char headers[PATH_SIZE];     /* the folder of dilate.h, or "" */
  char folder[FILE_SIZE + 32]; /* while it is filled */
} project;

static const struct {
  const char *suffix; /* behind the model's name; NULL: the file has a name of its own */
  const char *name, *text;
} files[] = {{".c", NULL, new_model}, {NULL, "Makefile", new_makefile}, {NULL, "data.csv", new_data}};
enum { FILES = sizeof files / sizeof *files };

static const char *file_name(const project *p, size_t i, char name[FILE_SIZE]) {
  snprintf(name, FILE_SIZE, "%s%s", files[i].suffix ? p->name : files[i].name, files[i].suffix ? files[i].suffix : "");
  return name;
}

/* ---- The header ---- */

static int has_header(const char *folder) {
  char path[PATH_SIZE + 16];
  snprintf(path, sizeof path, "%s/dilate.h", folder);
  return access(path, R_OK) == 0;
}

/* Beside the program, installed or built in the tree of the sources; else that of the sources.  What a Makefile could not say is left to
 * pkg-config. */
static void find_headers(char headers[PATH_SIZE]) {
  char program[PATH_SIZE - 16];
  const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  headers[0] = '\0';
  if (length > 0) {
    program[length] = '\0';
    *strrchr(program, '/') = '\0';
    char *const slash = strrchr(program, '/');
    if (slash) *slash = '\0';
    snprintf(headers, PATH_SIZE, "%s/include", program);
  }
  if (!has_header(headers)) snprintf(headers, PATH_SIZE, "%s", DILATE_SOURCE_INCLUDEDIR);
  if (!has_header(headers) || strpbrk(headers, "\t\n$#\\'\"`")) headers[0] = '\0';
}

/* ---- Files ---- */

static void write_text(FILE *stream, const project *p, const char *text) {
  for (const char *mark; (mark = strchr(text, '@')) != NULL; text = mark) {
    fwrite(text, 1, (size_t)(mark - text), stream);
    const int is_name = strncmp(mark, "@NAME@", 6) == 0, is_headers = strncmp(mark, "@HEADERS@", 9) == 0;
    fputs(is_name ? p->name : is_headers ? p->headers : "@", stream);
    mark += is_name ? 6 : is_headers ? 9 : 1;
  }
  fputs(text, stream);
}

static int write_file(const project *p, size_t i, failure *f) {
  char name[FILE_SIZE];
  output_file file;
  if (output_open(p->folder, file_name(p, i, name), &file, f)) return f->exit_status;
  write_text(file.stream, p, files[i].text);
  if (output_finish(&file, f) || output_publish(&file, f)) output_discard(&file);
  return f->exit_status;
}

/* Whatever there is of the folder under its other name. */
static void withdraw(const project *p) {
  char name[FILE_SIZE], path[PATH_SIZE];
  for (size_t i = 0; i < FILES; ++i) {
    snprintf(path, sizeof path, "%s/%s", p->folder, file_name(p, i, name));
    unlink(path);
  }
  rmdir(p->folder);
}

static int write_folder(project *p, failure *f) {
  snprintf(p->folder, sizeof p->folder, ".%s.%ld.tmp", p->name, (long)getpid());
  if (mkdir(p->folder, 0777) != 0) return fail_with(f, EXIT_RUN, "cannot make the folder '%s': %s", p->name, strerror(errno));
  for (size_t i = 0; i < FILES && !f->exit_status; ++i) write_file(p, i, f);
  if (!f->exit_status && rename(p->folder, p->name) != 0)
    fail_with(f, EXIT_RUN, "cannot make the folder '%s': %s", p->name, strerror(errno));
  if (f->exit_status) withdraw(p);
  return f->exit_status;
}

/* ---- The command ---- */

static int check_name(const char *name, failure *f) {
  size_t length = 0;
  while (isalnum((unsigned char)name[length]) || name[length] == '_') ++length;
  if (length > 0 && length <= NAME_MOST && !name[length] && !isdigit((unsigned char)name[0])) return 0;
  return fail_with(f, EXIT_USAGE, "'%s' is no name for a model: letters, digits and _, %d at most, and no digit first", name,
                   (int)NAME_MOST);
}

static int read_arguments(int argc, char **argv, project *p, int *help, failure *f) {
  static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
  int found;
  opterr = 0;
  optind = 1;
  while ((found = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
    if (found != 'h') return arguments_refuse(found, argv, "new", f);
    *help = 1;
  }
  if (*help) return 0;
  if (optind >= argc) return fail_with(f, EXIT_USAGE, "which name? dilate new NAME");
  p->name = argv[optind++];
  if (optind < argc) return fail_with(f, EXIT_USAGE, "one model at a time: what is '%s'?", argv[optind]);
  return check_name(p->name, f);
}

int command_new(int argc, char **argv, failure *f) {
  project p = {.name = NULL};
  struct stat status;
  int help = 0;
  if (read_arguments(argc, argv, &p, &help, f)) return f->exit_status;
  if (help) {
    help_write_new();
    return 0;
  }
  if (lstat(p.name, &status) == 0) return fail_with(f, EXIT_RUN, "there is a '%s' already: take another name, or move it away", p.name);
  find_headers(p.headers);
  if (write_folder(&p, f)) return f->exit_status;
  printf("made the folder %s: a model to start from.  Next:\n\n    cd %s && make && dilate sample ./%s.so\n", p.name, p.name, p.name);
  return 0;
}
