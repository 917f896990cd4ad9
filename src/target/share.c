/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loops shared out among ranks: see share.h. */
#include "target/share.h"

#include <limits.h>
#include <string.h>

#include "target/state.h"

#define ROOM_BYTES ((size_t)1 << 22) /* of what is exchanged at once, where it can be parted */

/* ---- Who has which ---- */

static size_t tiles_of_part(const shared_loop *s) {
  return tile_count(s->n / s->parts);
}

static size_t first_tile(const shared_loop *s, size_t rank) {
  const size_t tiles = s->parts * tiles_of_part(s), count = ranks_count(s->target->ranks);
  return tiles / count * rank + tiles % count * rank / count;
}

/* The particle that a tile begins with. */
static size_t first_particle(const shared_loop *s, size_t tile) {
  const size_t each = s->n / s->parts, of_part = tiles_of_part(s);
  if (of_part == 0) return 0;
  const size_t within = tile % of_part * PARTICLE_TILE;
  return tile / of_part * each + (within < each ? within : each);
}

static size_t first_of_rank(const shared_loop *s, size_t rank) {
  return first_particle(s, first_tile(s, rank));
}

shared_loop share_begin(target *t, size_t n, size_t parts) {
  shared_loop s = {.target = t, .n = n, .parts = parts};
  s.end = parts * tiles_of_part(&s);
  s.shared = n > 0 && omp_get_level() == 0 && ranks_meeting(t->ranks);
  if (!s.shared) return s;
  const size_t own = ranks_own(t->ranks);
  s.first = first_tile(&s, own);
  s.end = first_tile(&s, own + 1);
  s.before = target_count(t);
  s.bad_before = t->bad_changes;
  return s;
}

shared_loop share_alone(target *t, size_t n) {
  return (shared_loop){.target = t, .n = n, .parts = 1, .end = tile_count(n)};
}

shared_loop share_apart(target *t, size_t n) {
  shared_loop s = {.target = t, .n = n, .parts = 1, .before = target_count(t), .bad_before = t->bad_changes};
  s.shared = n > 0 && ranks_meeting(t->ranks);
  s.first = first_tile(&s, ranks_own(t->ranks));
  s.end = first_tile(&s, ranks_own(t->ranks) + 1);
  return s;
}

size_t share_first(const shared_loop *s) {
  return first_particle(s, s->first);
}

size_t share_after(const shared_loop *s) {
  return first_particle(s, s->end);
}

int share_has(const shared_loop *s, size_t i) {
  const size_t tile = i % s->n / PARTICLE_TILE;
  return tile >= s->first && tile < s->end;
}

size_t share_place(const shared_loop *s, size_t i) {
  const size_t first = share_first(s);
  return i / s->n * (share_after(s) - first) + i % s->n - first;
}

size_t share_owner(const shared_loop *s, size_t i) {
  const size_t tile = i % s->n / PARTICLE_TILE;
  size_t rank = tile * ranks_count(s->target->ranks) / tiles_of_part(s);
  while (first_tile(s, rank) > tile) rank--;
  while (first_tile(s, rank + 1) <= tile) rank++;
  return rank;
}

/* ---- Packing ---- */

static int has_layer(const share_rows *rows, size_t layer) {
  return layer == 0 || layer < rows->layers;
}

static size_t most_layers(size_t count, const share_rows *list) {
  size_t most = 1;
  for (size_t k = 0; k < count; k++) most = list[k].layers > most ? list[k].layers : most;
  return most;
}

/* Bytes a particle of the layers from `layer` on before `end`. */
static size_t bytes_each(size_t count, const share_rows *list, size_t layer, size_t end) {
  size_t bytes = 0;
  for (; layer < end; layer++)
    for (size_t k = 0; k < count; k++) bytes += has_layer(&list[k], layer) ? list[k].rows * list[k].size : 0;
  return bytes;
}

/* One layer of particles [begin, end) of an array to (out) or from a block; returns what is behind it. */
static char *copy_layer(const share_rows *rows, size_t layer, size_t begin, size_t end, int out, char *block) {
  const size_t bytes = (end - begin) * rows->size;
  for (size_t j = 0; j < rows->rows; j++, block += bytes) {
    char *row = (char *)rows->at + (layer * rows->apart + j * rows->ld + begin) * rows->size;
    memcpy(out ? block : row, out ? row : block, bytes);
  }
  return block;
}

typedef struct layers {
  size_t count;
  const share_rows *list;
  size_t first, end;
} layers;

static void copy_block(const shared_loop *s, const layers *of, size_t rank, int out, char *block) {
  const size_t begin = first_of_rank(s, rank), end = first_of_rank(s, rank + 1);
  for (size_t layer = of->first; layer < of->end; layer++)
    for (size_t k = 0; k < of->count; k++)
      if (has_layer(&of->list[k], layer)) block = copy_layer(&of->list[k], layer, begin, end, out, block);
}

static size_t whole_words(size_t bytes) {
  return (bytes + 7) / 8 * 8;
}

static void exchange(const shared_loop *s, const layers *of, char *room) {
  rank_set *r = s->target->ranks;
  size_t *bytes = ranks_bytes(r), each = bytes_each(of->count, of->list, of->first, of->end), before = 0;
  const size_t own = ranks_own(r), many = ranks_count(r);
  for (size_t k = 0; k < many; k++) bytes[k] = whole_words(each * (first_of_rank(s, k + 1) - first_of_rank(s, k)));
  for (size_t k = 0; k < own; k++) before += bytes[k];
  copy_block(s, of, own, 1, room + before);
  if (ranks_gather(r, bytes, room)) return;
  for (size_t k = 0; k < many; room += bytes[k++])
    if (k != own) copy_block(s, of, k, 0, room);
}

/* So many layers at a time that the room is moderate. */
static size_t layers_at_once(const shared_loop *s, size_t count, const share_rows *list) {
  const size_t all = most_layers(count, list), one = s->n * bytes_each(count, list, 0, 1), most = one ? ROOM_BYTES / one : all;
  return most < 1 ? 1 : most < all ? most : all;
}

/* ---- What is common to all ranks ---- */

static rank_note write_note(const shared_loop *s, size_t bytes, int failed) {
  target *t = s->target;
  const target_counts now = target_count(t);
  const int code = atomic_load(&t->failure);
  return (rank_note){.subject = bytes * 4 + 2,
                     .status = failed ? DILATE_ENOMEM
                               : code ? DILATE_ETARGET
                                      : DILATE_OK,
                     .code = code,
                     .cut = target_was_cut(t),
                     .count = {now.evaluations - s->before.evaluations, now.gradients - s->before.gradients,
                               now.bad_density - s->before.bad_density, now.bad_gradient - s->before.bad_gradient},
                     .bad_changed = t->bad_changes != s->bad_before,
                     .bad_number = t->bad_number};
}

/* The others' counts to our own. */
static void add_counts(target *t, const rank_note *note) {
  atomic_uint_least64_t *const sum[] = {&t->evaluations, &t->gradients, &t->bad_density, &t->bad_gradient};
  for (size_t k = 0; k < ranks_count(t->ranks); k++)
    for (size_t i = 0; i < sizeof sum / sizeof *sum && k != ranks_own(t->ranks); i++) atomic_fetch_add(sum[i], note[k].count[i]);
}

/* The offending points that a rank has met in the loop, in `room`; the least of all is kept. */
static void share_bad(const shared_loop *s, const rank_note *note, double *room) {
  target *t = s->target;
  size_t *bytes = ranks_bytes(t->ranks), dim = t->user.dim, before = 0, any = 0;
  const size_t own = ranks_own(t->ranks), many = ranks_count(t->ranks);
  for (size_t k = 0; k < many; k++) {
    bytes[k] = note[k].bad_changed ? dim * sizeof *room : 0;
    before += k < own ? bytes[k] : 0;
    any += bytes[k];
  }
  if (!any) return;
  if (bytes[own]) memcpy((char *)room + before, t->bad, bytes[own]);
  if (ranks_gather(t->ranks, bytes, room)) return;
  for (size_t k = 0; k < many; k++) {
    if (!bytes[k]) continue;
    if (k != own) target_report_bad(t, note[k].bad_number, 1, room);
    room += dim;
  }
}

/* A failure somewhere ends the run; a step that another rank gave up ends here, too. */
static void end_of_meetings(target *t) {
  const int code = ranks_code(t->ranks);
  if (ranks_status(t->ranks, NULL))
    target_remember_failure(t, code ? code : INT_MIN);
  else
    atomic_store(&t->cut, 1);
}

int share_decide(target *t, int own) {
  if (!ranks_meeting(t->ranks)) return own;
  const int answer = ranks_decide(t->ranks, own, target_was_cut(t));
  if (!ranks_meeting(t->ranks)) end_of_meetings(t);
  return answer;
}

void share_end(const shared_loop *s, size_t count, const share_rows *list) {
  if (!s->shared) return;
  target *t = s->target;
  const size_t many = ranks_count(t->ranks), all = most_layers(count, list), once = layers_at_once(s, count, list);
  const size_t bytes = s->n * bytes_each(count, list, 0, once) + 8 * many;
  const size_t bad = many * t->user.dim * sizeof(double);
  char *room = ranks_room(t->ranks, bytes > bad ? bytes : bad);
  const rank_note own = write_note(s, bytes, room == NULL);
  char message[128] = "out of memory in what the ranks exchange";
  dilate_error err;
  dilate_error_init(&err);
  if (room && own.status) target_status(t, &err);
  const rank_note *note = ranks_meet(t->ranks, &own, room && own.status ? err.message : message);
  if (note) add_counts(t, note);
  if (note) share_bad(s, note, (double *)(void *)room);
  for (size_t layer = 0; note && layer < all && ranks_meeting(t->ranks); layer += once)
    exchange(s, &(layers){count, list, layer, layer + once < all ? layer + once : all}, room);
  if (!ranks_meeting(t->ranks)) end_of_meetings(t);
}

/* ---- Items ---- */

/* Items [begin, end) of all ranks through `room`, where each rank's stand together; next: of each rank, where its next one is. */
static void exchange_items(rank_set *r, const share_items *items, size_t begin, size_t end, char **next, char *room) {
  size_t *bytes = ranks_bytes(r);
  const size_t own = ranks_own(r), many = ranks_count(r);
  memset(bytes, 0, many * sizeof *bytes);
  for (size_t i = begin; i < end; i++) bytes[items->owner(items->of, i)] += items->bytes;
  for (size_t k = 0; k < many; room += bytes[k++]) next[k] = room;
  char *to = next[own];
  for (size_t i = begin; i < end; i++) {
    if (items->owner(items->of, i) != own) continue;
    items->give(items->of, i, to);
    to += items->bytes;
  }
  if (ranks_gather(r, bytes, next[0])) return;
  for (size_t i = begin; i < end; i++) {
    const size_t from = items->owner(items->of, i);
    items->take(items->of, i, next[from]);
    next[from] += items->bytes;
  }
}

void share_each(target *t, const share_items *items) {
  rank_set *r = t->ranks;
  if (!ranks_meeting(r) || !items->count || !items->bytes) return;
  const size_t most = ROOM_BYTES / items->bytes + 1, once = most < items->count ? most : items->count, many = ranks_count(r);
  char **next = ranks_room(r, many * sizeof *next + once * items->bytes);
  const rank_note own = {
      .subject = items->count * items->bytes * 8 + 4, .status = next ? DILATE_OK : DILATE_ENOMEM, .cut = target_was_cut(t)};
  const rank_note *note = ranks_meet(r, &own, "out of memory in what the ranks exchange");
  for (size_t begin = 0; note && begin < items->count && ranks_meeting(r); begin += once)
    exchange_items(r, items, begin, begin + once < items->count ? begin + once : items->count, next, (char *)(next + many));
  if (!ranks_meeting(r)) end_of_meetings(t);
}

size_t share_sum(target *t, size_t own) {
  rank_set *r = t->ranks;
  if (!ranks_meeting(r)) return own;
  const rank_note note = {.subject = 6, .value = (int64_t)own, .cut = target_was_cut(t)}, *all = ranks_meet(r, &note, NULL);
  size_t sum = 0;
  for (size_t k = 0; all && k < ranks_count(r); k++) sum += (size_t)all[k].value;
  if (!all) end_of_meetings(t);
  return sum;
}
