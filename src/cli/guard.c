/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Last words: see guard.h.
 *
 * The signals of a crash are caught here, in the program (the library never touches a handler), to say what ended it and to leave: what a
 * handler does is POSIX's list of safe functions and memcpy().  A C++ exception that meets C code ends in std::terminate(), whose usual
 * handler writes what was thrown to standard error and aborts: that text is caught in a pipe, and becomes part of the one line. */
#define _GNU_SOURCE
#include "cli/guard.h"

#include <dlfcn.h>
#include <omp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STACK_SIZE = 65536, THREADS = 64, SHOWN = 6 };

typedef void (*terminate_fn)(void);
typedef union terminate_symbol {
  void *address;
  terminate_fn (*set)(terminate_fn);
} terminate_symbol;

static struct guard {
  const char *volatile label; /* NULL: no code of others */
  const char *volatile doing;
  folder *volatile made;
  terminate_fn usual;  /* of the C++ library */
  int words, terminal; /* where the usual handler's words can be read, and standard error: while it runs */
} guard = {.words = -1};

/* Of each thread; written at every call of a target that is checked. */
static _Thread_local struct {
  const double *volatile x;
  size_t dim, stride;
} point;

static const struct {
  int number;
  const char *what;
} ends[] = {{SIGSEGV, "a crash (signal SIGSEGV: memory that is not its own)"},
            {SIGBUS, "a crash (signal SIGBUS: memory that is not there)"},
            {SIGFPE, "a crash (signal SIGFPE: a whole number divided by 0)"},
            {SIGILL, "a crash (signal SIGILL: an instruction that this processor does not have)"},
            {SIGABRT, "abort() (signal SIGABRT), as a failed assertion does"}};
#define ENDS (sizeof ends / sizeof *ends)

/* ---- The line ---- */

typedef struct words {
  size_t length;
  char text[1024];
} words;

/* Line ends and whatever cannot be printed become blanks. */
static void say(words *w, const char *text) {
  for (; *text && w->length + 2 < sizeof w->text; ++text) w->text[w->length++] = (unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text;
}

/* snprintf() is not among the safe functions, but of numbers it takes no lock and no memory. */
static void say_point(words *w) {
  char number[64];
  for (size_t j = 0; point.x && j < point.dim && j < SHOWN; ++j) {
    snprintf(number, sizeof number, "%sx[%zu] = %.6g", j ? ", " : ", at ", j + 1, point.x[j * point.stride]);
    say(w, number);
  }
  if (point.x && point.dim > SHOWN) say(w, ", ...");
}

/* "dilate: the code of './model.so' ended the program while ..., at x[1] = ...: ". */
static void begin_line(words *w) {
  say(w, "dilate: the code of '");
  say(w, guard.label);
  say(w, "' ended the program ");
  say(w, guard.doing);
  say_point(w);
  say(w, ": ");
}

/* A progress line is cleared first. */
static void leave(words *w) {
  static const char clear[] = "\r\033[K";
  w->text[w->length++] = '\n';
  if (guard.made) folder_withdraw(guard.made);
  if (isatty(STDERR_FILENO) && write(STDERR_FILENO, clear, sizeof clear - 1) < 0) _exit(1);
  if (write(STDERR_FILENO, w->text, w->length) < 0) _exit(1);
  _exit(1);
}

/* ---- Exceptions ---- */

static void say_exception(words *w) {
  char thrown[512];
  dup2(guard.terminal, STDERR_FILENO); /* the pipe's other end is closed with it */
  const ssize_t length = read(guard.words, thrown, sizeof thrown - 1);
  thrown[length < 0 ? 0 : length] = '\0';
  say(w, "an exception that nothing caught (");
  say(w, thrown);
  say(w, "); catch it inside, and return a status");
}

/* The place of the usual handler: lets it speak into a pipe, and abort. */
static void note_exception(void) {
  static atomic_flag first = ATOMIC_FLAG_INIT;
  int pipe_ends[2];
  while (atomic_flag_test_and_set(&first)) pause(); /* another thread threw too, and is ending the program */
  guard.terminal = dup(STDERR_FILENO);
  if (guard.label && guard.terminal >= 0 && pipe(pipe_ends) == 0) {
    dup2(pipe_ends[1], STDERR_FILENO);
    close(pipe_ends[1]);
    guard.words = pipe_ends[0];
  }
  if (guard.usual) guard.usual();
  abort();
}

/* std::set_terminate(), where the object has brought a C++ library with it. */
void guard_exceptions(void *handle) {
  terminate_symbol found = {.address = dlsym(handle, "_ZSt13set_terminatePFvvE")};
  if (!found.address) return;
  const terminate_fn before = found.set(note_exception);
  if (before != note_exception) guard.usual = before;
}

/* ---- Crashes and exits ---- */

/* Of several threads that crash at once one speaks, and ends the program; a crash on the way out ends it too. */
static void be_the_first(void) {
  static atomic_flag taken = ATOMIC_FLAG_INIT;
  static _Thread_local volatile sig_atomic_t mine;
  if (mine) _exit(1);
  while (atomic_flag_test_and_set(&taken)) pause();
  mine = 1;
}

static void note_signal(int number) {
  words w = {0};
  be_the_first();
  begin_line(&w);
  if (number == SIGABRT && guard.words >= 0) {
    say_exception(&w);
    leave(&w);
  }
  for (size_t i = 0; i < ENDS; ++i)
    if (ends[i].number == number) say(&w, ends[i].what);
  say(&w, "; a debugger, gdb --args dilate ..., says where");
  leave(&w);
}

static void note_exit(void) {
  words w = {0};
  if (!guard.label) return;
  be_the_first();
  begin_line(&w);
  say(&w, "it called exit(); a status below 0 ends a run");
  leave(&w);
}

/* Handlers run on stacks of their own, so that one that overflowed is no obstacle: each thread that OpenMP keeps has one. */
static void make_stacks(void) {
#ifndef __SANITIZE_ADDRESS__ /* which has stacks of its own */
  static char stacks[THREADS][STACK_SIZE];
#pragma omp parallel
  {
    const int number = omp_get_thread_num();
    const stack_t own = {.ss_sp = stacks[number % THREADS], .ss_size = STACK_SIZE};
    if (number < THREADS) sigaltstack(&own, NULL);
  }
#endif
}

static void catch_signals(void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < ENDS; ++i) sigaction(ends[i].number, &action, NULL);
}

/* Threads that exit at once each take one of the functions that are registered. */
static void catch_exits(void) {
  static int registered;
  while (registered < THREADS && atexit(note_exit) == 0 && at_quick_exit(note_exit) == 0) registered++;
}

void guard_begin(const char *label) {
  guard.doing = "while it was loaded";
  guard.made = NULL;
  guard.label = label;
  make_stacks();
  catch_signals(note_signal);
  catch_exits();
}

void guard_end(void) {
  if (!guard.label) return;
  catch_signals(SIG_DFL);
  guard.label = NULL;
}

void guard_doing(const char *what) {
  guard.doing = what;
}

void guard_point(size_t dim, const double *x, size_t stride) {
  point.dim = dim;
  point.stride = stride;
  point.x = x;
}

void guard_folder(folder *made) {
  guard.made = made;
}
