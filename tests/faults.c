/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands of the program without memory: see faults.h.  They run in this process, on one thread, with a clock of their own, so that two
 * runs do and write the same; what they print goes to the file "printed". */
#define _GNU_SOURCE
#include "faults.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "heap.h"

/* ---- Clocks that tell the same in every run, and a disk that need not be waited for ---- */

static double now;

double omp_get_wtime(void) {
  return now += 1e-3;
}

time_t time(time_t *out) {
  if (out) *out = 0;
  return 0;
}

int fsync(int descriptor) {
  (void)descriptor;
  return 0;
}

/* ---- Commands ---- */

static const struct {
  const char *name;
  int (*run)(int argc, char **argv, failure *f);
} commands[] = {{"sample", command_sample},   {"compare", command_compare}, {"summary", command_summary},
                {"targets", command_targets}, {"check", command_check},     {"new", command_new}};

enum { WORDS = 40 };

/* Cuts the line into words. */
static int split(char *line, char **word) {
  int n = 0;
  for (char *at = strtok(line, " "); at; at = strtok(NULL, " ")) {
    ck_assert_int_lt(n + 1, WORDS);
    word[n++] = at;
  }
  word[n] = NULL;
  return n;
}

static int own_output;

/* Standard output into the file "printed", from its beginning, until it is led back to own_output. */
static void divert_output(void) {
  fflush(stdout);
  const int printed = open("printed", O_WRONLY | O_CREAT | O_TRUNC, 0666);
  ck_assert(printed >= 0 && dup2(printed, STDOUT_FILENO) == STDOUT_FILENO);
  close(printed);
}

/* Runs the command line, allocation k failing. */
static int run_line(const char *line, size_t k, int forever, failure *f) {
  char text[1024], *word[WORDS];
  (void)snprintf(text, sizeof text, "%s", line);
  const int words = split(text, word);
  size_t c = 0;
  while (strcmp(commands[c].name, word[0]) != 0) ++c;
  *f = (failure){0};
  now = 0;
  divert_output();
  heap_begin(k, forever);
  int status = commands[c].run(words, word, f);
  if (fflush(stdout) != 0 || ferror(stdout)) status = fail_with(f, EXIT_RUN, "cannot write to standard output");
  (void)dup2(own_output, STDOUT_FILENO);
  return status;
}

/* ---- What a command leaves ---- */

enum { FILES = 24 };

typedef struct snapshot {
  int exists;
  size_t count;
  struct {
    char name[256];
    size_t size;
    char *data;
  } file[FILES];
} snapshot;

static void read_into(snapshot *s, const char *path, const char *name) {
  FILE *const stream = fopen(path, "r");
  ck_assert_msg(stream && s->count < FILES, "%s", path);
  (void)snprintf(s->file[s->count].name, sizeof s->file->name, "%s", name);
  fseek(stream, 0, SEEK_END);
  const size_t size = s->file[s->count].size = (size_t)ftell(stream);
  rewind(stream);
  s->file[s->count].data = malloc(size + 1);
  ck_assert(s->file[s->count].data && fread(s->file[s->count].data, 1, size, stream) == size);
  fclose(stream);
  ++s->count;
}

static int is_file(const struct dirent *entry) {
  return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static snapshot take_folder(void) {
  struct dirent **entry;
  snapshot s = {.exists = 0};
  const int n = scandir("out", &entry, is_file, alphasort);
  if (n < 0) return s;
  s.exists = 1;
  for (int i = 0; i < n; i++) {
    char path[512];
    (void)snprintf(path, sizeof path, "out/%s", entry[i]->d_name);
    read_into(&s, path, entry[i]->d_name);
    free(entry[i]);
  }
  free(entry);
  return s;
}

static snapshot take_printed(void) {
  snapshot s = {.exists = 1};
  read_into(&s, "printed", "printed");
  return s;
}

static void clear(snapshot *s) {
  for (size_t i = 0; i < s->count; i++) free(s->file[i].data);
  *s = (snapshot){0};
}

/* The first file that differs, or NULL. */
static const char *difference(const snapshot *a, const snapshot *b) {
  if (a->exists != b->exists) return "the folder";
  for (size_t i = 0; i < a->count || i < b->count; i++) {
    if (i >= a->count || i >= b->count) return i < a->count ? a->file[i].name : b->file[i].name;
    if (strcmp(a->file[i].name, b->file[i].name) != 0 || a->file[i].size != b->file[i].size) return a->file[i].name;
    if (memcmp(a->file[i].data, b->file[i].data, a->file[i].size) != 0) return a->file[i].name;
  }
  return NULL;
}

/* Puts the folder into that state. */
static void restore(const snapshot *s) {
  snapshot there = take_folder();
  char path[512];
  for (size_t i = 0; i < there.count; i++) {
    (void)snprintf(path, sizeof path, "out/%s", there.file[i].name);
    ck_assert_int_eq(unlink(path), 0);
  }
  if (there.exists && !s->exists) ck_assert_int_eq(rmdir("out"), 0);
  if (!there.exists && s->exists) ck_assert_int_eq(mkdir("out", 0777), 0);
  for (size_t i = 0; i < s->count; i++) {
    (void)snprintf(path, sizeof path, "out/%s", s->file[i].name);
    FILE *const stream = fopen(path, "w");
    ck_assert(stream && fwrite(s->file[i].data, 1, s->file[i].size, stream) == s->file[i].size && fclose(stream) == 0);
  }
  clear(&there);
}

/* ---- The sweep ---- */

static size_t injected;

size_t faults_injected(void) {
  return injected;
}

static int speaks_of_memory(const char *message) {
  return strcasestr(message, "memory") || strstr(message, "NetCDF library says");
}

/* The states to compare with. */
typedef struct states {
  const fault_case *what;
  snapshot before, after, printed;
} states;

/* What is wrong with how a run ended, or NULL. */
static const char *judge(const states *s, int status, const failure *f) {
  static char text[512];
  snapshot there = take_folder(), printed = take_printed();
  const char *differs = difference(&there, status ? &s->before : &s->after);
  if (!differs && status == 0) differs = difference(&printed, &s->printed);
  text[0] = '\0';
  if (differs)
    (void)snprintf(text, sizeof text, "%s is not what it should be", differs);
  else if (status && (status != EXIT_RUN || !speaks_of_memory(f->message)))
    (void)snprintf(text, sizeof text, "the message does not say why");
  clear(&there);
  clear(&printed);
  return *text ? text : NULL;
}

/* Blocks that a repetition of the failure leaves: what was left the first time may be in caches of the C library. */
static size_t leaked(const states *s, size_t k, int forever) {
  failure f;
  for (int trial = 0; trial < 2; trial++) {
    restore(&s->before);
    (void)run_line(s->what->line, k, forever, &f);
    (void)heap_end(NULL);
    if (heap_live() == 0) return 0;
  }
  return heap_live();
}

/* Returns 0 where there is no allocation k. */
static int fail_one(const states *s, size_t k, int forever) {
  failure f;
  size_t failed;
  restore(&s->before);
  const int status = run_line(s->what->line, k, forever, &f);
  (void)heap_end(&failed);
  const size_t live = heap_live();
  const char *const wrong = judge(s, status, &f);
  ck_assert_msg(!wrong, "%s, without allocation %zu%s: status %d \"%s\": %s", s->what->name, k, forever ? " and later ones" : "", status,
                f.message, wrong);
  const size_t lost = failed && live > 0 ? leaked(s, k, forever) : 0;
  ck_assert_msg(lost == 0, "%s, without allocation %zu%s: status %d \"%s\": %zu blocks leak", s->what->name, k,
                forever ? " and later ones" : "", status, f.message, lost);
  injected += failed > 0;
  return failed > 0;
}

/* The folder as the line leaves it; twice, since a first run fills the C library's caches. */
static snapshot leave(const char *line, const snapshot *before, size_t *total) {
  failure f;
  for (int trial = 0; trial < 2; trial++) {
    restore(before);
    const int status = run_line(line, HEAP_NEVER, 0, &f);
    *total = heap_end(NULL);
    ck_assert_msg(status == 0, "%s: status %d \"%s\"", line, status, f.message);
  }
  ck_assert_msg(heap_live() == 0, "%s: %zu blocks leak", line, heap_live());
  return take_folder();
}

void faults_sweep(const fault_case *what, size_t first, size_t stride) {
  const snapshot none = {0};
  size_t total = 0, tried = 0;
  states s = {.what = what};
  if (what->before) s.before = leave(what->before, &none, &total);
  s.after = leave(what->line, &s.before, &total);
  s.printed = take_printed();
  ck_assert_msg(total > 0, "%s", what->name);
  const size_t before = injected;
  for (size_t k = first; k < total; k += stride, tried++) {
    if (!fail_one(&s, k, 0)) break; /* HDF5 does not take as many blocks every time */
    if (tried % 4 == 0) (void)fail_one(&s, k, 1);
  }
  ck_assert_msg(injected > before || first >= total, "%s: nothing failed", what->name);
  restore(&none);
  clear(&s.before);
  clear(&s.after);
  clear(&s.printed);
}

/* ---- The cases ---- */

#define SMALL "--draws 16 --islands 2 --threads 1 --output out "

const fault_case fault_cases[] = {
    {"sample, csv, stan and npy", "sample gauss --method langevin --steps 8 " SMALL "--format csv,stan,stan-one,npy", NULL},
    {"sample over an earlier run", "sample gauss --method langevin --steps 8 " SMALL "--format stan",
     "sample gauss --method langevin --steps 8 --draws 16 --islands 4 --threads 1 --output out --format stan,npy --quiet"},
    {"sample with truth, nc", "sample gmm4 --method walk --steps 8 " SMALL "--format nc", NULL},
    {"sample with data, nc", "sample eight_schools --method dilation --steps 4 " SMALL "--format nc", NULL},
    {"sample with a data file", "sample ionosphere --data table.csv --method langevin --steps 4 " SMALL, NULL},
    {"sample a plug-in with JSON data", "sample ./plugin_faults.so --data data.json --method langevin --steps 4 " SMALL "--format nc",
     NULL},
    {"sample with hints",
     "sample two_moons --hint-points points.csv --hint-centre 0,1 --hint-scale 1,2 --hint-box -9:9,-9:9 --effort 0.1 " SMALL, NULL},
    {"summary of a run", "summary out", "sample gauss --method langevin --steps 8 " SMALL "--format csv --quiet"},
    {"summary of chains, JSON", "summary --json chain_1.csv chain_2.csv", NULL},
    {"compare two files", "compare --threads 1 chain_1.csv chain_2.csv", NULL},
    {"compare with exact draws, JSON", "compare --json --threads 1 --target gauss:dim=2 chain_1.csv", NULL},
    {"targets, JSON", "targets --json", NULL}};
const size_t fault_case_count = sizeof fault_cases / sizeof *fault_cases;

/* Outside of a test Check cannot be asked. */
static void must(int done, const char *what) {
  if (done) return;
  perror(what);
  exit(EXIT_FAILURE);
}

static void write_file(const char *name, const char *text) {
  FILE *const stream = fopen(name, "w");
  must(stream && fputs(text, stream) >= 0 && fclose(stream) == 0, name);
}

/* A plug-in lies where the build put it. */
static void link_plugin(const char *name) {
  char path[4096];
  const char *const top = getenv("top_builddir");
  (void)snprintf(path, sizeof path, "%s/tests/%s", top ? top : ".", name);
  must(symlink(path, name) == 0, name);
}

static char folder[64] = "/tmp/faults.XXXXXX";
void faults_enter(void) {
  must(chdir(folder) == 0, folder);
}

void faults_prepare(void) {
  static char room[1 << 16];
  must(mkdtemp(folder) != NULL, folder);
  faults_enter();
  own_output = dup(STDOUT_FILENO);
  must(own_output >= 0 && setvbuf(stdout, room, _IOFBF, sizeof room) == 0, "standard output");
  write_file("chain_1.csv", "# thin = 1\nx.1,x.2,\"lp__\"\n0.5,1,0\n0.25,\"2\",0\n1,3,0\n-1,0.5,0\n2,2.5,0\n0.125,1.5,0\n");
  write_file("chain_2.csv", "x.1,x.2,lp__\n0.5,1.5,0\n0.75,2,0\n1.5,3.5,0\n-1,0,0\n1,2.25,0\n0.5,1,0\n");
  write_file("points.csv", "x, y\n# two\n1 2\n-3, 4\n");
  write_file("table.csv", "a,b,label\n1,2,1\n2,1,0\n0.5,3,1\n-1,2,0\n");
  write_file("data.json", "{\"n\": 2, \"y\": [1, 2.5], \"z\": [[1, 2], [3, \"NaN\"]], \"name\": \"none\"}");
  link_plugin("plugin_faults.so");
}

void faults_leave(void) {
  char command[128];
  (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
  must(chdir("/") == 0 && system(command) == 0, folder);
}
