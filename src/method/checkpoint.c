/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing and reading checkpoints, and the refusal of those that cannot be resumed here, each with its reason: see checkpoint.h. */
#include "method/checkpoint.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/random.h"

#define ORDER 0x01020304u
#define SUM   24 /* place of the checksum */

static const char magic[8] = {'\x93', 'd', 'i', 'l', 'a', 't', 'e', '\n'};

#define REFUSE(err, ...) error_set((err), DILATE_ECHECKPOINT, "the checkpoint " __VA_ARGS__)

/* ---- The envelope ---- */

typedef struct envelope {
  char magic[sizeof magic];
  uint32_t order, format;
  uint64_t size;
  uint32_t sum, spare;
  double seconds; /* that the run has taken so far */
} envelope;

static void envelope_archive(archive *a, envelope *e) {
  archive_bytes(a, sizeof e->magic, e->magic);
  archive_bytes(a, sizeof e->order, &e->order);
  archive_bytes(a, sizeof e->format, &e->format);
  archive_uint64(a, &e->size);
  archive_bytes(a, sizeof e->sum, &e->sum);
  archive_bytes(a, sizeof e->spare, &e->spare);
  archive_double(a, &e->seconds);
}

/* Of all bytes, those of the checksum itself taken as 0. */
static uint32_t sum_of(size_t size, const unsigned char *bytes) {
  static const unsigned char zeros[4] = {0};
  uLong sum = crc32_z(0, bytes, SUM);
  sum = crc32_z(sum, zeros, sizeof zeros);
  return (uint32_t)crc32_z(sum, bytes + SUM + sizeof zeros, size - SUM - sizeof zeros);
}

static uint32_t turned_round(uint32_t x) {
  return x >> 24 | (x >> 8 & 0xff00u) | (x << 8 & 0xff0000u) | x << 24;
}

/* Reads the envelope; the archive then stands behind it. */
static int open_envelope(size_t size, const void *bytes, archive *a, envelope *e, dilate_error *err) {
  if (!bytes) return error_set(err, DILATE_EINVAL, "checkpoint: bytes is NULL");
  *a = archive_read(size, bytes);
  envelope_archive(a, e);
  if (size >= sizeof magic && memcmp(e->magic, magic, sizeof magic)) return REFUSE(err, "is none: its first bytes are not those of one");
  if (archive_failed(a)) return REFUSE(err, "is truncated: it has only %zu bytes", size);
  if (e->order == turned_round(ORDER))
    return REFUSE(err, "was written by a machine of the other byte order: it can only be resumed on such");
  if (e->order != ORDER) return REFUSE(err, "is damaged: its byte-order mark is %08x", (unsigned)e->order);
  if (e->format != CHECKPOINT_FORMAT)
    return REFUSE(err, "has format %u, and this library, %s, reads and writes format %u: resume it with the version that wrote it",
                  (unsigned)e->format, dilate_version(), CHECKPOINT_FORMAT);
  if (e->size > size) return REFUSE(err, "is truncated: it has %zu of its %llu bytes", size, (unsigned long long)e->size);
  if (e->size < size) return REFUSE(err, "is damaged: more than its %llu bytes are there, %zu", (unsigned long long)e->size, size);
  const uint32_t sum = sum_of(size, bytes);
  if (e->sum != sum) return REFUSE(err, "is damaged: its checksum is %08x, that of what it holds %08x", (unsigned)e->sum, (unsigned)sum);
  if (!(e->seconds >= 0 && isfinite(e->seconds))) return REFUSE(err, "is damaged: its run took %g seconds", e->seconds);
  return DILATE_OK;
}

/* ---- Library and target ---- */

/* Compilers order sums as they like. */
#define BUILD "libdilate %s, built by " __VERSION__ ", %zu bits"

typedef struct identity {
  size_t dim, n_out;
  int gradient, convolves, constrains;
} identity;

static identity identity_of(const target *t) {
  const dilate_target *user = target_user(t);
  return (identity){.dim = user->dim,
                    .n_out = user->n_out,
                    .gradient = target_has_gradient(t),
                    .convolves = target_can_convolve(t),
                    .constrains = user->constrain != NULL};
}

/* Refuses what is read and is not `own`. */
static int check_build(archive *a, dilate_error *err) {
  char own[160];
  snprintf(own, sizeof own, BUILD, dilate_version(), 8 * sizeof(size_t));
  char *build = archive_text(a, own), *isa = archive_text(a, dilate_isa());
  int status = DILATE_OK;
  if (archive_reads(a) && build && strcmp(build, own))
    status = REFUSE(err, "was written by %.150s; this is %s, whose results may differ", build, own);
  if (!status && isa && strcmp(isa, dilate_isa()))
    status = REFUSE(err,
                    "was written with the instruction set %.16s, and this is %s: set DILATE_ISA=%.16s in the environment, where the "
                    "processor has it",
                    isa, dilate_isa(), isa);
  memory_free(build);
  memory_free(isa);
  return status;
}

static int check_shape(archive *a, const target *t, dilate_error *err) {
  const identity own = identity_of(t);
  identity it = own;
  archive_size(a, &it.dim, SIZE_MAX);
  archive_size(a, &it.n_out, SIZE_MAX);
  archive_flag(a, &it.gradient);
  archive_flag(a, &it.convolves);
  archive_flag(a, &it.constrains);
  if (archive_failed(a)) return DILATE_OK;
  if (it.dim != own.dim) return REFUSE(err, "is of another target: of %zu coordinates, and this one has %zu", it.dim, own.dim);
  if (it.n_out != own.n_out) return REFUSE(err, "is of another target: of %zu reported values, and this one has %zu", it.n_out, own.n_out);
  if (it.gradient != own.gradient) return REFUSE(err, "is of another target: of one %s gradient", it.gradient ? "with a" : "without a");
  if (it.convolves != own.convolves || it.constrains != own.constrains)
    return REFUSE(err, "is of another target: of one with other callbacks");
  return DILATE_OK;
}

static int check_names(archive *a, const target *t, dilate_error *err) {
  const dilate_target *user = target_user(t);
  int named = user->names != NULL, status = DILATE_OK;
  archive_flag(a, &named);
  if (!archive_failed(a) && named != (user->names != NULL))
    return REFUSE(err, "is of another target: of one whose parameters have %s", named ? "names" : "no names");
  for (size_t i = 0; named && i < user->n_out && !status && !archive_failed(a); i++) {
    char *name = archive_text(a, user->names[i]);
    if (name && strcmp(name, user->names[i]))
      status = REFUSE(err, "is of another target: of one whose parameter %zu is \"%.64s\", not \"%.64s\"", i + 1, name, user->names[i]);
    memory_free(name);
  }
  return status;
}

/* Points to know a target by, each dim coordinates and the log-density there. */
#define POINTS 2

/* A draw of a standard normal, and a particle, where there is one.  NULL when out of memory. */
static double *choose_points(dilate_sampler *s) {
  target *t = s->run->target;
  const size_t dim = target_dim(t);
  double *x = NEW2(double, POINTS, dim + 1);
  const uint32_t number = 0;
  size_t n = 0, ld = 0;
  if (!x) return NULL;
  double *other = x + dim + 1;
  const double *shown = s->method->particles(s->state, &n, &ld);
  stream_normals(stream_make(s->run->options.seed, STREAM_PROBE, 4, 0), 0, dim, 1, 1, &number, x);
  for (size_t j = 0; j < dim; j++) other[j] = shown && n ? shown[j * ld] : 0.5 * x[j];
  x[dim] = target_look(t, x);
  other[dim] = target_look(t, other);
  return x;
}

/* What is read must be the target's log-density at x, bit for bit. */
static int check_density(target *t, const double *x, double logp, dilate_error *err) {
  const double here = target_look(t, x);
  if (target_status(t, err)) return DILATE_ETARGET;
  if (!memcmp(&here, &logp, sizeof here)) return DILATE_OK;
  return REFUSE(err, "is of another target, or of other data: at a point where its log-density was %.17g, this one's is %.17g", logp, here);
}

/* x: the points that are written, or room for those that are read. */
static int check_target(archive *a, target *t, double *x, dilate_error *err) {
  const size_t dim = target_dim(t);
  int status = check_shape(a, t, err);
  if (!status) status = check_names(a, t, err);
  if (status) return status;
  archive_doubles(a, POINTS * (dim + 1), x);
  for (size_t k = 0; k < POINTS && archive_reads(a) && !archive_failed(a) && !status; k++)
    status = check_density(t, x + k * (dim + 1), x[k * (dim + 1) + dim], err);
  return status;
}

/* ---- Writing ---- */

static int failure_of(const archive *a, dilate_error *err) {
  if (a->status == DILATE_OK) return DILATE_OK;
  if (a->status == DILATE_ENOMEM) return error_memory(err, "a checkpoint");
  return REFUSE(err, "is damaged: %s", a->reason);
}

/* All of a sampler that is there. */
static int visit(archive *a, envelope *e, dilate_sampler *s, double *points, dilate_error *err) {
  run *r = s->run;
  options_memory none = {0};
  envelope_archive(a, e);
  archive_text(a, r->options.note);
  int status = check_build(a, err);
  if (!status) status = check_target(a, r->target, points, err);
  if (status) return status;
  options_archive(a, target_dim(r->target), &r->options, &none);
  int status_now = s->status == DILATE_STOPPED ? DILATE_CONTINUE : s->status; /* what stopped it need not stop it again */
  archive_int(a, &status_now);
  run_archive(a, r, s->status == DILATE_STOPPED ? s->warnings : r->warning_count);
  s->method->archive(a, r, &s->state);
  return failure_of(a, err);
}

/* Measured first, and then written into as much memory; bytes NULL: this rank takes part in what all do, and keeps nothing. */
static int write_all(dilate_sampler *s, double *points, void **bytes, size_t *size, dilate_error *err) {
  archive a = archive_measure();
  envelope e = {.order = ORDER, .format = CHECKPOINT_FORMAT, .seconds = omp_get_wtime() - s->run->started};
  memcpy(e.magic, magic, sizeof magic);
  int status = visit(&a, &e, s, points, err);
  if (status) return status;
  unsigned char *out = bytes ? NEW(unsigned char, a.place) : NULL;
  const int there_is_room = !bytes || out != NULL;
  if (!(s->run->options.spread ? ranks_decide(s->run->ranks, there_is_room, 0) : there_is_room)) {
    memory_free(out);
    return error_memory(err, "a checkpoint");
  }
  e.size = a.place;
  a = out ? archive_write(a.place, out) : archive_measure();
  status = visit(&a, &e, s, points, err);
  const uint32_t sum = status || !out ? 0 : sum_of(a.place, out);
  if (out) memcpy(out + SUM, &sum, sizeof sum);
  if (status) memory_free(out);
  if (!bytes) return status;
  if (!status && !out) status = error_memory(err, "a checkpoint");
  *bytes = status ? NULL : out;
  *size = status ? 0 : a.place;
  return status;
}

int checkpoint_write(dilate_sampler *s, void **bytes, size_t *size, dilate_error *err) {
  double *points = choose_points(s);
  if (!points) return error_memory(err, "a checkpoint");
  int status = target_status(s->run->target, err);
  if (!status) status = write_all(s, points, bytes, size, err);
  memory_free(points);
  return status;
}

/* ---- Reading ---- */

int checkpoint_note(size_t size, const void *bytes, char **note, dilate_error *err) {
  archive a;
  envelope e;
  const int status = open_envelope(size, bytes, &a, &e, err);
  if (status) return status;
  *note = archive_text(&a, NULL);
  return failure_of(&a, err);
}

/* What is not the run's own, but the caller's who goes on with it. */
static int take_now(dilate_options *o, const options_memory *memory, const dilate_options *now, dilate_error *err) {
  if (memory->guided && !now->guidance)
    return error_set(err, DILATE_EINVAL, "options.guidance is NULL: the checkpoint is of a guided run, which wants its callback again");
  o->threads = now->threads;
  o->progress = now->progress;
  o->progress_data = now->progress_data;
  o->checkpoint = now->checkpoint;
  o->checkpoint_data = now->checkpoint_data;
  o->checkpoint_seconds = now->checkpoint_seconds;
  o->ranks = now->ranks;
  o->spread = now->spread;
  o->guidance = memory->guided ? now->guidance : NULL;
  o->guidance_params = memory->guided ? now->guidance_params : NULL;
  if (now->max_seconds > 0) o->max_seconds = now->max_seconds;
  if (now->max_evaluations > 0) o->max_evaluations = now->max_evaluations;
  return DILATE_OK;
}

/* The run that the options make; what is wrong with them is the checkpoint's fault. */
static int make_run(const dilate_target *user, const dilate_options *o, run **out, dilate_error *err) {
  dilate_error own;
  dilate_error_init(&own);
  const int status = run_create(user, o, out, &own);
  if (!status) return DILATE_OK;
  return status == DILATE_ENOMEM ? error_set(err, status, "%s", own.message) : REFUSE(err, "cannot be resumed: %s", own.message);
}

static int read_options(archive *a, const dilate_target *user, size_t dim, const char *note, const dilate_options *now, run **out,
                        dilate_error *err) {
  options_memory memory = {0};
  dilate_options o;
  dilate_options_init(&o);
  o.note = note;
  options_archive(a, dim, &o, &memory);
  int status = failure_of(a, err);
  if (!status) status = take_now(&o, &memory, now, err);
  if (!status) status = make_run(user, &o, out, err);
  options_memory_clear(&memory);
  return status;
}

static int read_state(archive *a, dilate_sampler *s, dilate_error *err) {
  archive_int(a, &s->status);
  if (s->status != DILATE_OK && s->status != DILATE_CONTINUE) archive_fail(a, DILATE_ECHECKPOINT, "its run has failed");
  run_archive(a, s->run, 0);
  if (archive_failed(a)) return failure_of(a, err);
  const size_t warnings = s->run->warning_count;
  s->method = method_find(s->run->options.method);
  s->method->archive(a, s->run, &s->state);
  run_drop_warnings(s->run, warnings); /* what a method says when it begins has been said */
  if (a->place < a->size) archive_fail(a, DILATE_ECHECKPOINT, "bytes are left at its end");
  return failure_of(a, err);
}

/* Looked at as the library will look at it, before anything is made of it. */
static int read_identity(archive *a, const dilate_target *user, dilate_error *err) {
  target *t = NULL;
  double *points = NULL;
  int status = check_build(a, err);
  if (!status) status = failure_of(a, err);
  if (!status) status = target_create(user, 1, &t, err);
  if (!status && !(points = NEW2(double, POINTS, target_dim(t) + 1))) status = error_memory(err, "a checkpoint");
  if (!status) status = check_target(a, t, points, err);
  if (!status) status = failure_of(a, err);
  memory_free(points);
  target_free(t);
  return status;
}

/* The run has lasted so many seconds.  Its budget ends by so much earlier; one that is used up leaves time for a step. */
static void resume_clock(run *r, double seconds) {
  const double now = omp_get_wtime(), most = r->options.max_seconds;
  r->started = now - seconds;
  if (most > seconds) run_end_by(r, r->started + most);
}

int checkpoint_read(const dilate_target *user, size_t size, const void *bytes, const dilate_options *now, dilate_sampler *s,
                    dilate_error *err) {
  archive a;
  envelope e;
  char *note = NULL;
  int status = open_envelope(size, bytes, &a, &e, err);
  if (!status) note = archive_text(&a, NULL);
  if (!status) status = failure_of(&a, err);
  if (!status) status = read_identity(&a, user, err);
  status = ranks_tell(now->ranks, status, err); /* before there is a run in which the others would wait for one that failed */
  if (!status) status = read_options(&a, user, user->dim, note, now, &s->run, err);
  memory_free(note);
  if (status) return status;
  resume_clock(s->run, e.seconds);
  return read_state(&a, s, err);
}
