/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs Rscript and the C++ compiler of the environment (CXX, CXXFLAGS; else the one that configure found, with -O2).
 *
 * Everything but the interface is hidden, and nothing is unique in the process (-fno-gnu-unique), so that several models can be loaded at
 * once, each with its own Stan; NDEBUG keeps Eigen from aborting, since Stan checks and throws.  The forty bytes that each thread has of a
 * model are in the static block (initial-exec), which is the fastest to reach and has room for some forty models. */
#define _POSIX_C_SOURCE 200809L
#include "cli/stan_build.h"

#include "cli/process.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folders of the tools, and the compiler: the build gives them. */
#ifndef DILATE_STANDIR
#define DILATE_STANDIR ""
#endif
#ifndef DILATE_SOURCE_STANDIR
#define DILATE_SOURCE_STANDIR "stan"
#endif
#ifndef DILATE_CXX
#define DILATE_CXX "g++"
#endif
#define PACKAGES "apt-get install r-cran-rstan g++ libjansson-dev"

enum { GIVEN_MOST = 16, ARGUMENTS_MOST = 64, EXIT_NO_PACKAGES = 3, EXIT_NO_PROGRAM = 127 };

/* ---- The folder ---- */

static int has_tools(const char *folder) {
  char path[4096];
  const int length = snprintf(path, sizeof path, "%s/stan_shim.cpp", folder);
  return folder[0] && length < (int)sizeof path && access(path, R_OK) == 0;
}

static const char *find_tools(failure *f) {
  const char *const chosen = getenv("DILATE_STAN");
  const char *const folders[] = {chosen ? chosen : "", DILATE_STANDIR, DILATE_SOURCE_STANDIR};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; ++i)
    if (has_tools(folders[i])) return folders[i];
  fail_with(f, EXIT_RUN, "stan_shim.cpp is neither in DILATE_STAN (%s) nor in '%s' nor in '%s': set DILATE_STAN to its folder",
            chosen ? chosen : "not set", DILATE_STANDIR, DILATE_SOURCE_STANDIR);
  return NULL;
}

int stan_build_begin(stan_build *b, failure *f) {
  const char *const place = getenv("TMPDIR");
  *b = (stan_build){.tools = find_tools(f)};
  if (!b->tools) return f->exit_status;
  const int length = snprintf(b->folder, sizeof b->folder, "%s/dilate-stan-XXXXXX", place && place[0] ? place : "/tmp");
  if (length >= (int)sizeof b->folder || !mkdtemp(b->folder)) {
    fail_with(f, EXIT_RUN, "cannot make a folder in '%s': %s", place && place[0] ? place : "/tmp", strerror(errno));
    b->folder[0] = '\0';
    return f->exit_status;
  }
  snprintf(b->model, sizeof b->model, "%s/model.hpp", b->folder);
  snprintf(b->object, sizeof b->object, "%s/model.so", b->folder);
  snprintf(b->printed, sizeof b->printed, "%s/printed", b->folder);
  snprintf(b->complaints, sizeof b->complaints, "%s/complaints", b->folder);
  return 0;
}

void stan_build_end(stan_build *b) {
  if (!b->folder[0]) return;
  unlink(b->model);
  unlink(b->object);
  unlink(b->printed);
  unlink(b->complaints);
  rmdir(b->folder);
  b->folder[0] = '\0';
}

/* ---- What the programs said ---- */

/* The first line of the file that holds `mark`, without its line end; empty when there is none. */
static void find_line(const char *path, const char *mark, char *line, size_t size) {
  FILE *stream = fopen(path, "r");
  line[0] = '\0';
  while (stream && fgets(line, (int)size, stream) && !strstr(line, mark)) line[0] = '\0';
  line[strcspn(line, "\n")] = '\0';
  if (stream) fclose(stream);
}

/* ---- Translating ---- */

/* R, in Debian's version 4.2, removes its temporary folder by `rm -Rf` without quotes: where the name has blanks, another folder goes. */
static const char *temporary_of_r(void) {
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+";
  const char *const place = getenv("TMPDIR");
  return place && place[0] == '/' && !place[strspn(place, plain)] ? place : "/tmp";
}

int stan_translate(const stan_build *b, const char *path, const char *name, failure *f) {
  char script[4096], temporary[4096], said[900];
  int status;
  snprintf(temporary, sizeof temporary, "TMPDIR=%s", temporary_of_r());
  snprintf(script, sizeof script, "%s/translate.R", b->tools);
  const char *const argv[] = {"env", temporary, "Rscript", "--vanilla", script, path, name, b->model, NULL};
  if (process_run(argv, b->printed, b->complaints, &status, f)) return f->exit_status;
  if (status == 0) return 0;
  if (status == EXIT_NO_PROGRAM)
    return fail_with(f, EXIT_RUN, "Stan programs are translated by R's rstan, and there is no Rscript: on Debian, " PACKAGES);
  find_line(b->complaints, "", said, sizeof said);
  if (status == EXIT_NO_PACKAGES) return fail_with(f, EXIT_RUN, "Stan programs are translated by R's rstan: %s", said);
  return fail_with(f, EXIT_RUN, "%s: %s", path, said[0] ? said : "rstan's stanc failed and gave no reason");
}

/* ---- Compiling ---- */

typedef char argument[512];

/* The lines of the file, an argument each. */
static size_t read_arguments(const char *path, argument given[GIVEN_MOST]) {
  FILE *stream = fopen(path, "r");
  size_t count = 0;
  while (stream && count < GIVEN_MOST && fgets(given[count], sizeof given[count], stream)) {
    given[count][strcspn(given[count], "\n")] = '\0';
    ++count;
  }
  if (stream) fclose(stream);
  return count;
}

static const char *chosen(const char *name, const char *otherwise) {
  const char *const value = getenv(name);
  return value && value[0] ? value : otherwise;
}

static const char *compiler(void) {
  return chosen("CXX", DILATE_CXX[0] ? DILATE_CXX : "g++");
}

/* CXX and CXXFLAGS are lists of words, which the shell takes apart. */
static int run_compiler(const stan_build *b, int *status, failure *f) {
  static const char *const flags[] = {
      "-std=c++14", "-fPIC", "-shared", "-fvisibility=hidden", "-fvisibility-inlines-hidden", "-fno-gnu-unique", "-ftls-model=initial-exec",
      "-DNDEBUG",   "-w"};
  argument given[GIVEN_MOST];
  char shim[4096];
  const char *argv[ARGUMENTS_MOST] = {"sh", "-c", "cxx=$0; flags=$1; shift; exec $cxx $flags \"$@\"", compiler(),
                                      chosen("CXXFLAGS", "-O2")};
  size_t count = 5;
  const size_t found = read_arguments(b->printed, given);
  snprintf(shim, sizeof shim, "%s/stan_shim.cpp", b->tools);
  for (size_t i = 0; i < sizeof flags / sizeof *flags; ++i) argv[count++] = flags[i];
  argv[count++] = "-I";
  argv[count++] = b->folder;
  argv[count++] = "-o";
  argv[count++] = b->object;
  argv[count++] = shim;
  for (size_t i = 0; i < found; ++i) argv[count++] = given[i];
  argv[count++] = "-ljansson";
  return process_run(argv, b->printed, b->complaints, status, f);
}

int stan_compile(const stan_build *b, const char *path, failure *f) {
  char said[600];
  int status;
  if (run_compiler(b, &status, f)) return f->exit_status;
  if (status == 0) return 0;
  if (status == EXIT_NO_PROGRAM)
    return fail_with(f, EXIT_RUN, "there is no C++ compiler '%s': on Debian, " PACKAGES ", or set CXX", compiler());
  find_line(b->complaints, "error", said, sizeof said);
  if (!said[0]) find_line(b->complaints, "", said, sizeof said);
  return fail_with(f, EXIT_RUN, "%s: the C++ that stanc made of it does not compile: %s", path, said);
}
