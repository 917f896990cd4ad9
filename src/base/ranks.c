/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Meetings of the ranks: see ranks.h. */
#include "base/ranks.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/sized.h"

#define RANKS_MAX 1000000
#define MESSAGE   sizeof(((dilate_error *)0)->message)

struct rank_set {
  dilate_ranks with;
  uint64_t meetings;
  int status, code; /* what ended them */
  int suspended;    /* until the end of the step */
  char message[MESSAGE];
  rank_note *note; /* count */
  size_t *bytes;   /* count */
  void *room;
  size_t room_bytes;
};

static int check(const dilate_ranks *with, dilate_error *err) {
  if (with->count < 1 || with->count > RANKS_MAX)
    return error_set(err, DILATE_EINVAL, "options.ranks: count is %zu; it must be 1 to %d", with->count, RANKS_MAX);
  if (with->rank >= with->count)
    return error_set(err, DILATE_EINVAL, "options.ranks: rank is %zu; it must be below count, %zu", with->rank, with->count);
  if (!with->gather && with->count > 1) return error_set(err, DILATE_EINVAL, "options.ranks: gather is NULL; it must be a function");
  return DILATE_OK;
}

static const dilate_ranks alone = {.struct_size = sizeof alone, .count = 1};

void dilate_ranks_init_sized(dilate_ranks *with, size_t struct_size) {
  sized_init(with, struct_size, &alone, sizeof alone);
}

int ranks_create(const dilate_ranks *user, rank_set **out, dilate_error *err) {
  *out = NULL;
  if (!user) return DILATE_OK;
  dilate_ranks with;
  int status = sized_read(user, &with, &alone, sizeof with, "dilate_ranks_init", err);
  if (!status) status = check(&with, err);
  if (status || with.count == 1) return status;
  rank_set *r = NEW(rank_set, 1);
  if (!r) return error_memory(err, "the ranks");
  r->with = with;
  r->note = NEW(rank_note, with.count);
  r->bytes = NEW(size_t, with.count);
  if (!r->note || !r->bytes) {
    ranks_free(r);
    return error_memory(err, "the ranks");
  }
  *out = r;
  return DILATE_OK;
}

void ranks_free(rank_set *r) {
  if (!r) return;
  memory_free(r->note);
  memory_free(r->bytes);
  memory_free(r->room);
  memory_free(r);
}

size_t ranks_count(const rank_set *r) {
  return r ? r->with.count : 1;
}

size_t ranks_own(const rank_set *r) {
  return r ? r->with.rank : 0;
}

int ranks_meeting(const rank_set *r) {
  return r && r->status == 0 && !r->suspended;
}

int ranks_status(const rank_set *r, dilate_error *err) {
  return r && r->status ? error_set(err, r->status, "%s", r->message) : DILATE_OK;
}

int ranks_code(const rank_set *r) {
  return r ? r->code : 0;
}

static int lost(rank_set *r) {
  r->status = DILATE_ERANKS;
  snprintf(r->message, sizeof r->message, "rank %zu of %zu lost touch with the others: one of them died or the connection broke",
           r->with.rank, r->with.count);
  return 1;
}

int ranks_gather(rank_set *r, const size_t *bytes, void *all) {
  return r->with.gather(r->with.data, bytes, all) ? lost(r) : 0;
}

/* The message of the rank that failed, as all have it. */
static void share_failure(rank_set *r, size_t from, const char *message) {
  char text[MESSAGE + 8] = ""; /* a multiple of 8 */
  memset(r->bytes, 0, r->with.count * sizeof *r->bytes);
  r->bytes[from] = sizeof text / 8 * 8;
  if (from == r->with.rank && message) snprintf(text, sizeof text, "%s", message);
  if (ranks_gather(r, r->bytes, text)) return;
  r->status = (int)r->note[from].status;
  r->code = (int)r->note[from].code;
  snprintf(r->message, sizeof r->message, "%.*s", (int)sizeof r->message - 1, text);
}

/* All are to be at the same place. */
static void say_apart(rank_set *r, size_t other) {
  r->status = DILATE_ERANKS;
  snprintf(r->message, sizeof r->message,
           "ranks 0 and %zu went different ways: they were given other options or targets, the target answers differently, or their "
           "processors do (the same DILATE_ISA for all, and processors of one kind)",
           other);
}

const rank_note *ranks_meet(rank_set *r, const rank_note *own, const char *message) {
  for (size_t i = 0; i < r->with.count; i++) r->bytes[i] = sizeof *r->note;
  r->note[r->with.rank] = *own;
  r->note[r->with.rank].number = r->meetings++;
  if (ranks_gather(r, r->bytes, r->note)) return NULL;
  for (size_t i = 0; i < r->with.count; i++)
    if (r->note[i].status < 0) {
      share_failure(r, i, message);
      return NULL;
    }
  for (size_t i = 0; i < r->with.count; i++) r->suspended |= r->note[i].cut != 0;
  if (r->suspended) return NULL;
  for (size_t i = 1; i < r->with.count; i++)
    if (r->note[i].number != r->note[0].number || r->note[i].subject != r->note[0].subject) {
      say_apart(r, i);
      return NULL;
    }
  return r->note;
}

int ranks_tell(const dilate_ranks *user, int status, dilate_error *err) {
  rank_set *ranks;
  const int refused = ranks_create(user, &ranks, err);
  if (!ranks) return status ? status : refused;
  const rank_note note = {.subject = 9, .status = status < 0 ? status : 0};
  const char *message = err && err->status ? err->message : dilate_status_text(status);
  if (!ranks_meet(ranks, &note, message) && !status) status = ranks_status(ranks, err);
  ranks_free(ranks);
  return status;
}

size_t *ranks_bytes(rank_set *r) {
  return r->bytes;
}

void *ranks_room(rank_set *r, size_t bytes) {
  if (bytes <= r->room_bytes) return r->room;
  memory_free(r->room);
  r->room = memory_new(bytes, 1);
  r->room_bytes = r->room ? bytes : 0;
  return r->room;
}

int ranks_decide(rank_set *r, int own, int cut) {
  if (!ranks_meeting(r)) return own;
  const rank_note note = {.subject = 1, .value = own, .cut = cut};
  const rank_note *all = ranks_meet(r, &note, NULL);
  return all ? (int)all[0].value : own;
}

int ranks_cut(rank_set *r, int own, int status, const char *message) {
  if (!r || r->status) return own;
  const rank_note note = {.subject = 5, .cut = own, .status = !own && status < 0 ? status : 0};
  if (!r->suspended) ranks_meet(r, &note, message);
  own |= r->suspended;
  r->suspended = 0;
  return own;
}
