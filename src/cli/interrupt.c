/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See interrupt.h.  The handler sets a flag, gives the signals their default action back, and asks the sampler to stop: no more than
 * POSIX's list of safe functions and atomic stores. */
#define _POSIX_C_SOURCE 200809L
#include "cli/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

static const struct {
  int number;
  const char *name;
} asking[] = {{SIGINT, "Ctrl-C"}, {SIGTERM, "SIGTERM"}, {SIGHUP, "SIGHUP"}};
#define ASKING (sizeof asking / sizeof *asking)

static volatile sig_atomic_t asked;
static _Atomic(dilate_sampler *) running;

static void set_action(int number, void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

static int is_ignored(int number) {
  struct sigaction before;
  return sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
}

static void note(int number) {
  for (size_t i = 0; i < ASKING; ++i)
    if (!is_ignored(asking[i].number)) set_action(asking[i].number, SIG_DFL);
  asked = number;
  dilate_sampler_stop(atomic_load(&running));
}

/* nohup's wish stands; who sends the others by name means them, whatever a shell set for its background. */
void interrupt_watch(void) {
  for (size_t i = 0; i < ASKING; ++i)
    if (asking[i].number != SIGHUP || !is_ignored(SIGHUP)) set_action(asking[i].number, note);
}

int interrupt_asked(void) {
  return asked;
}

const char *interrupt_name(void) {
  for (size_t i = 0; i < ASKING; ++i)
    if (asking[i].number == asked) return asking[i].name;
  return "nobody";
}

void interrupt_stops(dilate_sampler *sampler) {
  atomic_store(&running, sampler);
  if (asked) dilate_sampler_stop(sampler); /* it came before */
}

void interrupt_end(void) {
  if (!asked) return;
  set_action(asked, SIG_DFL);
  raise(asked);
}
