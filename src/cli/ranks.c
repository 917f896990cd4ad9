/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the program's processes tell one another beside what the library's ranks do: see ranks.h. */
#include "cli/ranks.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const dilate_ranks *all;
static void (*watcher)(const dilate_progress *);

void ranks_set(const dilate_ranks *ranks, void (*watch)(const dilate_progress *)) {
  all = ranks && ranks->count > 1 ? ranks : NULL;
  watcher = watch;
}

const dilate_ranks *ranks_of_run(void) {
  return all;
}

int ranks_lead(void) {
  return !all || all->rank == 0;
}

void ranks_watch(const dilate_progress *progress) {
  if (watcher) watcher(progress);
}

int64_t *ranks_numbers(int64_t own) {
  int64_t *number = all ? calloc(all->count, sizeof *number) : NULL;
  size_t *bytes = all ? calloc(all->count, sizeof *bytes) : NULL;
  for (size_t i = 0; bytes && i < all->count; ++i) bytes[i] = sizeof *number;
  if (number) number[all->rank] = own;
  if (!number || !bytes || all->gather(all->data, bytes, number)) {
    free(number);
    number = NULL;
  }
  free(bytes);
  return number;
}

int ranks_say(int own) {
  int64_t *const of = ranks_numbers(own);
  const int said = of ? (int)of[0] : own;
  free(of);
  return said;
}

/* The message of one process to all. */
static void share_message(size_t from, failure *f) {
  char text[sizeof f->message] = ""; /* a multiple of 8 */
  size_t *bytes = calloc(all->count, sizeof *bytes);
  if (!bytes) return;
  bytes[from] = sizeof text;
  if (from == all->rank) memcpy(text, f->message, sizeof text);
  if (all->gather(all->data, bytes, text) == 0) fail_with(f, f->exit_status, "%s", text);
  free(bytes);
}

int ranks_agree(int status, failure *f) {
  int64_t *const of = ranks_numbers(status);
  for (size_t i = 0; of && i < all->count; ++i)
    if (of[i]) {
      status = (int)of[i];
      f->exit_status = all->rank == i ? f->exit_status : 0;
      share_message(i, f);
      if (f->message[0]) f->exit_status = status;
      break;
    }
  free(of);
  return status;
}

/* In whole words, whatever is behind the last byte. */
static int spread(void *words, size_t bytes, failure *f) {
  size_t *const of = calloc(all->count, sizeof *of);
  if (of) of[0] = bytes;
  const int failed = !of || all->gather(all->data, of, words);
  free(of);
  return failed ? fail_with(f, EXIT_RUN, "the processes lost one another") : 0;
}

int ranks_spread(void **bytes, size_t *size, failure *f) {
  int64_t *const of = ranks_numbers(*bytes ? (int64_t)*size + 1 : 0);
  if (!of) return 0;
  const size_t wanted = of[0] > 0 ? (size_t)of[0] - 1 : 0, room = (wanted + 7) / 8 * 8;
  const int some = of[0] > 0;
  void *const words = some ? calloc(room + 8, 1) : NULL;
  free(of);
  int status = ranks_agree(some && !words ? fail_with(f, EXIT_RUN, "out of memory") : 0, f);
  if (words && ranks_lead()) memcpy(words, *bytes, wanted);
  if (!status && some) status = spread(words, room, f);
  free(*bytes);
  *bytes = words;
  *size = wanted;
  return status;
}
