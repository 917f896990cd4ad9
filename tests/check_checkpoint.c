/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checkpoints that are refused, each with its reason; and alterations, of which none goes unnoticed. */
#include "check_checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "runner.h"

static saved copy_of(const saved *of, size_t size) {
  saved out = {malloc(size ? size : 1), size};
  memcpy(out.bytes, of->bytes, size < of->size ? size : of->size);
  return out;
}

/* Loads what must be refused, with a message that has the text. */
static void assert_refused(const scene *s, const saved *bad, const char *text) {
  dilate_error err;
  dilate_error_init(&err);
  dilate_sampler *sampler = (dilate_sampler *)&err;
  const int status = dilate_sampler_load(&s->target, bad->bytes, bad->size, NULL, &sampler, &err);
  ck_assert_msg(status == DILATE_ECHECKPOINT && !sampler, "%zu bytes: status %d, %s", bad->size, status, err.message);
  ck_assert_msg(strstr(err.message, text) != NULL, "\"%s\" does not say \"%s\"", err.message, text);
}

/* A state of a few hundred bytes of numbers. */
static scene small_scene(void) {
  scene s = {.name = "small", .target = pair_target(), .options = small_options("langevin")};
  s.options.islands = s.options.groups = 1;
  s.options.draws = 16;
  s.options.steps = 6;
  return s;
}

static const unsigned char *find(const saved *in, const char *text) {
  for (size_t i = 0; i + strlen(text) <= in->size; i++)
    if (!memcmp(in->bytes + i, text, strlen(text))) return in->bytes + i;
  ck_abort_msg("\"%s\" is not in the state", text);
  return NULL;
}

/* ---- Damage ---- */

/* In memory of just that size, so that a tool sees a read beyond it. */
START_TEST(every_truncation_is_refused) {
  const scene s = small_scene();
  const saved whole = save_after(&s, 3);
  for (size_t size = 0; size < whole.size; size++) {
    const saved part = copy_of(&whole, size);
    char *note;
    assert_refused(&s, &part, "truncated");
    ck_assert_int_eq(dilate_checkpoint_note(part.bytes, part.size, &note, NULL), DILATE_ECHECKPOINT);
    ck_assert_ptr_null(note);
    free(part.bytes);
  }
  saved longer = copy_of(&whole, whole.size + 8);
  memset(longer.bytes + whole.size, 0, 8);
  assert_refused(&s, &longer, "damaged");
  free(longer.bytes);
  dilate_free(whole.bytes);
}
END_TEST

START_TEST(every_altered_byte_is_refused) {
  const scene s = small_scene();
  const saved whole = save_after(&s, 3);
  for (size_t i = 0; i < whole.size; i++)
    for (unsigned bit = 0; bit < 8; bit += 7) {
      whole.bytes[i] ^= (unsigned char)(1u << bit);
      assert_refused(&s, &whole, i >= ENVELOPE ? "checksum" : "the checkpoint");
      whole.bytes[i] ^= (unsigned char)(1u << bit);
    }
  dilate_sampler_free(load(&s, &whole, 1)); /* it is itself again */
  dilate_free(whole.bytes);
}
END_TEST

/* ---- What cannot be resumed here ---- */

START_TEST(refusals_say_why) {
  const scene s = scene_at(0);
  const saved whole = save_after(&s, 2);
  saved bad = copy_of(&whole, whole.size);
  bad.bytes[0] = 'x';
  assert_refused(&s, &bad, "is none");
  bad.bytes[0] = whole.bytes[0];
  bad.bytes[AT_FORMAT]++;
  mend(&bad);
  assert_refused(&s, &bad, "has format");
  bad.bytes[AT_FORMAT]--;
  for (size_t i = 0; i < 4; i++) bad.bytes[AT_ORDER + i] = whole.bytes[AT_ORDER + 3 - i];
  mend(&bad);
  assert_refused(&s, &bad, "byte order");
  free(bad.bytes);
  saved other = copy_of(&whole, whole.size);
  other.bytes[find(&other, "libdilate ") - other.bytes + 10]++;
  mend(&other);
  assert_refused(&s, &other, "was written by libdilate");
  free(other.bytes);
  saved isa = copy_of(&whole, whole.size);
  const size_t at = (size_t)(find(&isa, dilate_isa()) - isa.bytes), last = at + strlen(dilate_isa()) - 1;
  isa.bytes[last]++;
  mend(&isa);
  assert_refused(&s, &isa, "set DILATE_ISA=");
  free(isa.bytes);
  const saved nothing = {NULL, 0};
  dilate_sampler *sampler;
  ck_assert_int_eq(dilate_sampler_load(&s.target, nothing.bytes, 0, NULL, &sampler, NULL), DILATE_EINVAL);
  dilate_free(whole.bytes);
}
END_TEST

/* The pair, an inch off. */
static int other_logp(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const int status = pair_logp(dim, x, logp, grad, params);
  *logp += 1e-12;
  return status;
}

static int three_values(size_t dim, const double *x, double *out, void *params) {
  (void)dim, (void)params;
  out[0] = x[0], out[1] = x[1], out[2] = x[0] + x[1];
  return 0;
}

static int aborts(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)dim, (void)x, (void)grad, (void)params;
  *logp = 0;
  return -3;
}

START_TEST(another_target_is_refused) {
  static const char *const names[] = {"height", "breadth"};
  const scene s = scene_at(0);
  const saved whole = save_after(&s, 2);
  scene other = s;
  other.target.logp = other_logp;
  assert_refused(&other, &whole, "another target, or of other data");
  other = s, other.target.dim = 3, other.target.names = NULL;
  assert_refused(&other, &whole, "of 2 coordinates, and this one has 3");
  other = s, other.target.names = names;
  assert_refused(&other, &whole, "\"width\", not \"breadth\"");
  other = s, other.target.names = NULL;
  assert_refused(&other, &whole, "parameters have names");
  other = s, other.target.n_out = 3, other.target.constrain = three_values, other.target.names = NULL;
  assert_refused(&other, &whole, "reported values");
  other = s, other.target.flags = DILATE_TARGET_NO_GRADIENT;
  assert_refused(&other, &whole, "gradient");
  dilate_sampler *sampler;
  other = s, other.target.logp = aborts;
  ck_assert_int_eq(dilate_sampler_load(&other.target, whole.bytes, whole.size, NULL, &sampler, NULL), DILATE_ETARGET);
  other = s, other.target.dim = 0;
  ck_assert_int_eq(dilate_sampler_load(&other.target, whole.bytes, whole.size, NULL, &sampler, NULL), DILATE_EINVAL);
  ck_assert_int_eq(dilate_sampler_load(NULL, whole.bytes, whole.size, NULL, &sampler, NULL), DILATE_EINVAL);
  dilate_free(whole.bytes);
}
END_TEST

static void a_failed_run_has_no_state(const scene *s) {
  scene failing = *s;
  void *bytes;
  size_t size;
  failing.options.checkpoint_seconds = 60;
  failing.target.logp = aborts;
  dilate_sampler *sampler = begin(&failing);
  ck_assert_int_eq(dilate_sampler_step(sampler, NULL), DILATE_ETARGET);
  ck_assert_int_eq(dilate_sampler_save(sampler, &bytes, &size, NULL), DILATE_EINVAL);
  ck_assert_ptr_null(bytes);
  dilate_sampler_free(sampler);
}

START_TEST(arguments_are_checked) {
  scene s = scene_at(0);
  dilate_sampler *sampler = begin(&s);
  void *bytes;
  size_t size;
  char *note;
  dilate_result *r;
  ck_assert_int_eq(dilate_sampler_save(NULL, &bytes, &size, NULL), DILATE_EINVAL);
  ck_assert_int_eq(dilate_sampler_save(sampler, NULL, &size, NULL), DILATE_EINVAL);
  ck_assert_int_eq(dilate_sampler_save(sampler, &bytes, NULL, NULL), DILATE_EINVAL);
  ck_assert_int_eq(dilate_sampler_save(sampler, &bytes, &size, NULL), DILATE_OK);
  ck_assert_int_eq(dilate_sampler_load(&s.target, bytes, size, NULL, NULL, NULL), DILATE_EINVAL);
  ck_assert_int_eq(dilate_resume(&s.target, bytes, size, NULL, NULL, NULL), DILATE_EINVAL);
  ck_assert_int_eq(dilate_checkpoint_note(bytes, size, NULL, NULL), DILATE_EINVAL);
  ck_assert_int_eq(dilate_checkpoint_note(NULL, 0, &note, NULL), DILATE_EINVAL);
  dilate_free(bytes);
  dilate_free(NULL);
  dilate_sampler_free(sampler);
  s.options.checkpoint_seconds = -1;
  ck_assert_int_eq(dilate_sample(&s.target, &s.options, &r, NULL), DILATE_EINVAL);
  s.options.checkpoint_seconds = 60;
  a_failed_run_has_no_state(&s);
}
END_TEST

START_TEST(guidance_is_wanted_again) {
  size_t i = 0;
  while (strcmp(scene_at(i).name, "walk, guided")) i++;
  const scene s = scene_at(i);
  const saved whole = save_after(&s, 2);
  dilate_sampler *sampler;
  dilate_error err;
  dilate_error_init(&err);
  ck_assert_int_eq(dilate_sampler_load(&s.target, whole.bytes, whole.size, NULL, &sampler, &err), DILATE_EINVAL);
  ck_assert_ptr_nonnull(strstr(err.message, "guidance"));
  dilate_free(whole.bytes);
}
END_TEST

/* ---- Alterations behind the checksum's back ---- */

/* Bytes of the two points and the log-densities there. */
static size_t known_by(const scene *s) {
  return 2 * (s->target.dim + 1) * sizeof(double);
}

/* What an alteration of byte `at` comes to: refused, or a state of its own, which is saved as it was loaded, but for the few numbers by
 * which a target is known again: these are made afresh. */
static void judge(const scene *s, const saved *altered, size_t at, size_t *lost) {
  dilate_sampler *sampler;
  dilate_options now = s->options;
  dilate_error err;
  dilate_error_init(&err);
  now.threads = 1;
  const int status = dilate_sampler_load(&s->target, altered->bytes, altered->size, &now, &sampler, &err);
  ck_assert_msg(status == DILATE_OK || status == DILATE_ECHECKPOINT || status == DILATE_ENOMEM, "status %d: %s", status, err.message);
  ck_assert((status == DILATE_OK) == (sampler != NULL) && (status == DILATE_OK || err.message[0]));
  if (status) return;
  const saved again = save(sampler);
  ck_assert_uint_eq(again.size, altered->size);
  size_t other = 0;
  for (size_t i = ENVELOPE; i < again.size; i++) other += again.bytes[i] != altered->bytes[i];
  ck_assert_uint_le(other, known_by(s));
  *lost += again.bytes[at] != altered->bytes[at];
  dilate_free(again.bytes);
  dilate_sampler_free(sampler);
}

/* Bytes in front all, those behind as a sample. */
static void alter_all(const scene *s, const saved *right, size_t dense, size_t sample_size) {
  saved altered = copy_of(right, right->size);
  const size_t stride = right->size > dense ? (right->size - dense) / sample_size + 1 : 1;
  size_t lost = 0;
  for (size_t i = ENVELOPE; i < right->size; i += i < dense ? 1 : stride) {
    altered.bytes[i] = (unsigned char)(right->bytes[i] ^ (i % 3 ? 0x81 : 0xff));
    mend(&altered);
    judge(s, &altered, i, &lost);
    altered.bytes[i] = right->bytes[i];
  }
  ck_assert_uint_le(lost, known_by(s));
  free(altered.bytes);
}

START_TEST(nothing_crashes_and_nothing_is_lost) {
  const scene s = scene_at((size_t)_i);
  for (size_t steps = 0; steps < 9; steps += s.options.walk_count ? 9 : 4) {
    const saved right = save_after(&s, steps);
    alter_all(&s, &right, 600, 80);
    dilate_free(right.bytes);
  }
}
END_TEST

/* Whether the run that goes on from these bytes has other draws than it should; 0 where they are refused, or it fails. */
static int differs(const scene *s, const saved *altered, const dilate_result *right) {
  dilate_result *r = NULL;
  dilate_options now = s->options;
  now.threads = 2;
  now.max_seconds = 20;
  if (dilate_resume(&s->target, altered->bytes, altered->size, &now, &r, NULL) != DILATE_OK) {
    dilate_result_free(r);
    return 0;
  }
  const size_t rows = dilate_result_islands(right) * dilate_result_draws(right);
  const int other =
      memcmp(dilate_result_unconstrained(r), dilate_result_unconstrained(right), rows * dilate_result_dim(right) * sizeof(double));
  dilate_result_free(r);
  return other != 0;
}

/* Moves a number by a thousandth, wherever it stands. */
static void nudge(saved *in, double x) {
  const double to = x * 1.001;
  for (size_t at = 0; at + sizeof x <= in->size; at++)
    if (!memcmp(in->bytes + at, &x, sizeof x)) memcpy(in->bytes + at, &to, sizeof to);
}

/* The twin: a state with one number of one particle a little wrong does not give the right draws, and so a member that is forgotten would
 * not. */
START_TEST(one_wrong_number_shows) {
  static const char *const of[] = {"bridge", "bridge of a funnel", "langevin", "convolution", "walk"};
  enum { TRIES = 8 };
  size_t i = 0, wrong = 0, n, ld;
  while (strcmp(scene_at(i).name, of[_i])) i++;
  const scene s = scene_at(i);
  const saved right = save_after(&s, 4);
  dilate_sampler *sampler = load(&s, &right, 1);
  const double *x = dilate_sampler_particles(sampler, &n, &ld);
  dilate_result *whole = finish(begin(&s));
  ck_assert(!differs(&s, &right, whole));
  for (size_t k = 0; k < TRIES; k++) {
    saved altered = copy_of(&right, right.size);
    nudge(&altered, x[1 + k * (n - 1) / TRIES]); /* by the first the target is known */
    mend(&altered);
    wrong += (size_t)differs(&s, &altered, whole);
    free(altered.bytes);
  }
  ck_assert_msg(wrong >= TRIES / 2, "%s: of %d states with a wrong number %zu gave other draws", s.name, TRIES, wrong);
  dilate_sampler_free(sampler);
  dilate_free(right.bytes);
  dilate_result_free(whole);
}
END_TEST

Suite *refusal_suite(void) {
  Suite *suite = suite_create("checkpoints that are wrong");
  TCase *c = tcase_create("refusals");
  tcase_set_timeout(c, 0);
  tcase_add_test(c, every_truncation_is_refused);
  tcase_add_test(c, every_altered_byte_is_refused);
  tcase_add_test(c, refusals_say_why);
  tcase_add_test(c, another_target_is_refused);
  tcase_add_test(c, arguments_are_checked);
  tcase_add_test(c, guidance_is_wanted_again);
  tcase_add_loop_test(c, nothing_crashes_and_nothing_is_lost, 0, (int)scene_count());
  tcase_add_loop_test(c, one_wrong_number_shows, 0, 5);
  suite_add_tcase(suite, c);
  return suite;
}

int main(void) {
  SRunner *runner = srunner_create(relay_suite());
  srunner_add_suite(runner, refusal_suite());
  return run_all(runner);
}
