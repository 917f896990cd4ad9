/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checkpoints.  A kept one would be refused by the next build, and any change by its checksum; so the bytes are edits of a checkpoint that is
 * made here: the first byte chooses it, and then every seven bytes are a place (4), what to do there (1) and a value (2).  Sizes and checksum
 * are then put right, and what is read must be refused with a reason, or go on for some steps and give a result.  Steps take far longer than
 * reading: inputs with bytes left over, six in seven of a fuzzer's, are read only. */
#include "fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "dilate.h"

enum { DIM = 2, SCENES = 14, EDIT = 7, STEPS = 3, SIZE_AT = 16, SUM_AT = 24 };

static int pair(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)params;
  *logp = log(cosh(3 * x[0])) - 0.5 * (x[0] * x[0] + x[1] * x[1]);
  if (grad) {
    grad[0] = 3 * tanh(3 * x[0]) - x[0];
    grad[1] = -x[1];
  }
  return 0;
}

static dilate_target target(void) {
  dilate_target out;
  dilate_target_init(&out);
  out.dim = DIM;
  out.logp = pair;
  return out;
}

static dilate_options options(const char *method) {
  dilate_options out;
  dilate_options_init(&out);
  out.method = method;
  out.islands = 2;
  out.draws = 16;
  out.threads = 1;
  out.steps = 8;
  out.effort = 0.1;
  return out;
}

typedef struct scene {
  unsigned char *bytes;
  size_t size;
} scene;

/* The state of a method after so many steps. */
static scene make_scene(const char *method, size_t steps) {
  const dilate_target t = target();
  const dilate_options o = options(method);
  dilate_sampler *sampler;
  scene out;
  void *bytes;
  fuzz_expect(dilate_sampler_create(&t, &o, &sampler, NULL) == DILATE_OK, "a sampler");
  for (size_t i = 0; i < steps && dilate_sampler_step(sampler, NULL) == DILATE_CONTINUE; ++i) continue;
  fuzz_expect(dilate_sampler_save(sampler, &bytes, &out.size, NULL) == DILATE_OK, "a checkpoint");
  out.bytes = bytes;
  dilate_sampler_free(sampler);
  return out;
}

/* Every method near its beginning, and farther on. */
static const scene *scene_of(size_t number) {
  static scene made[SCENES];
  size_t methods = 0;
  while (dilate_method_name(methods)) ++methods;
  scene *const s = &made[number % SCENES];
  if (!s->bytes) *s = make_scene(dilate_method_name(number % SCENES % methods), number % SCENES < methods ? 3 : 60);
  return s;
}

/* One edit: a byte set, a bit turned, eight bytes made extreme, or the bytes from there on left out. */
static void edit(unsigned char *bytes, size_t *size, const uint8_t *what) {
  static const uint64_t extremes[] = {0, 1, UINT64_MAX, INT64_MAX, 0x7ff8000000000000u, 0x7ff0000000000000u, 0xfff0000000000000u, 1u << 16};
  const size_t at = (what[0] | (size_t)what[1] << 8 | (size_t)what[2] << 16) % *size;
  const size_t value = what[5] | (size_t)what[6] << 8;
  if (what[4] % 4 == 0) bytes[at] = what[5];
  if (what[4] % 4 == 1) bytes[at] ^= (unsigned char)(1u << value % 8);
  if (what[4] % 4 == 2 && at + 8 <= *size) memcpy(bytes + at, &extremes[value % 8], 8);
  if (what[4] % 4 == 3 && at > SUM_AT + 16) *size = at;
}

static void put_right(unsigned char *bytes, size_t size) {
  const uint64_t length = size;
  memcpy(bytes + SIZE_AT, &length, sizeof length);
  memset(bytes + SUM_AT, 0, 4);
  const uint32_t sum = (uint32_t)crc32_z(0, bytes, size);
  memcpy(bytes + SUM_AT, &sum, sizeof sum);
}

static void use(dilate_sampler *sampler) {
  dilate_result *result = NULL;
  dilate_error err;
  dilate_error_init(&err);
  int status = DILATE_CONTINUE;
  for (size_t i = 0; i < STEPS && status == DILATE_CONTINUE; ++i) status = dilate_sampler_step(sampler, &err);
  fuzz_expect(status >= 0 || *err.message, "a failure has a message");
  dilate_error_init(&err);
  status = dilate_sampler_result(sampler, &result, &err);
  fuzz_expect((status == DILATE_OK) == (result != NULL) && (status >= 0 || *err.message), "a result, or a message");
  dilate_result_free(result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  const scene *const s = scene_of(data[0]);
  const dilate_target t = target();
  unsigned char *const bytes = malloc(s->size);
  size_t length = s->size;
  dilate_sampler *sampler = NULL;
  dilate_error err;
  dilate_error_init(&err);
  fuzz_expect(bytes != NULL, "memory");
  memcpy(bytes, s->bytes, s->size);
  for (size_t at = 1; at + EDIT <= size; at += EDIT) edit(bytes, &length, data + at);
  put_right(bytes, length);
  const dilate_options o = options("bridge"); /* for its threads */
  const int status = dilate_sampler_load(&t, bytes, length, &o, &sampler, &err);
  fuzz_expect((status == DILATE_OK) == (sampler != NULL) && (status >= 0 || *err.message), "a sampler, or a message");
  fuzz_expect(size >= 1 + EDIT || status == DILATE_OK, "what was not changed can be read");
  free(bytes);
  if (sampler && (size - 1) % EDIT == 0) use(sampler);
  dilate_sampler_free(sampler);
  return 0;
}
