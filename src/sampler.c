/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The public entry points of sampling: check, pick the method, step it.
 *
 * A sampler is a run and the state of its method.  dilate_sample() is nothing but the stepwise interface in a loop, so both give the
 * same draws. */
#include "base/memory.h"
#include "method/checkpoint.h"

#include <omp.h>
#include <string.h>

int dilate_sampler_create(const dilate_target *user, const dilate_options *options, dilate_sampler **out, dilate_error *err) {
  if (!out) return error_set(err, DILATE_EINVAL, "dilate_sampler_create: out is NULL: there is nowhere to put the sampler");
  *out = NULL;
  dilate_sampler *s = NEW(dilate_sampler, 1);
  if (!s) return error_memory(err, "dilate_sampler_create");
  s->status = DILATE_CONTINUE;
  int status = run_create(user, options, &s->run, err);
  if (status) goto fail;
  s->method = method_find(s->run->options.method);
  status = s->method->create(s->run, &s->state, err);
  status = run_agree(s->run, status, err);
  if (status) goto fail;
  *out = s;
  return DILATE_OK;
fail:
  dilate_sampler_free(s);
  return status;
}

void dilate_sampler_free(dilate_sampler *s) {
  if (!s) return;
  if (s->state) s->method->destroy(s->state);
  run_free(s->run);
  memory_free(s);
}

/* The status of the run: a failure when the target's callback has asked to abort since. */
static int abort_asked(const dilate_sampler *s, dilate_error *err) {
  const int failure = s->status < 0 ? 0 : target_status(s->run->target, err);
  return failure ? failure : s->status;
}

/* DILATE_CONTINUE, or DILATE_STOPPED when a budget is used up or a stop was asked for; cut: the step at hand was given up. */
static int go_on(dilate_sampler *s, int cut, dilate_error *err) {
  s->warnings = s->run->warning_count;
  s->cut = cut;
  const int over = run_check_stop(s->run, cut, err);
  return over ? over : DILATE_CONTINUE;
}

/* One step of the method.  What it says of itself when it was cut short is not the user's concern. */
static int step_method(const dilate_sampler *s, int *cut, dilate_error *err) {
  const run_mark mark = run_step_begin(s->run, s->method->can_cut);
  dilate_error own;
  dilate_error_init(&own);
  const int status = s->method->step(s->state, s->run, &own);
  *cut = run_step_end(s->run, &mark, status, own.message);
  if (*cut && status != DILATE_ENOMEM) return DILATE_CONTINUE;
  return status < 0 ? error_set(err, status, "%s", own.message) : status;
}

int dilate_sampler_step(dilate_sampler *s, dilate_error *err) {
  if (!s) return error_set(err, DILATE_EINVAL, "dilate_sampler_step: sampler is NULL");
  if (s->status < 0)
    return error_set(err, DILATE_EINVAL, "dilate_sampler_step: an earlier step has failed: %s", dilate_status_text(s->status));
  if (s->status != DILATE_CONTINUE) return s->status;
  int cut = 0;
  if (!run_asked_to_stop(s->run)) s->status = step_method(s, &cut, err);
  s->status = abort_asked(s, err);
  if (s->status == DILATE_CONTINUE) s->status = go_on(s, cut, err);
  s->status = run_agree(s->run, s->status, err);
  if (s->status == DILATE_OK) s->run->progress.fraction = 1;
  return s->status;
}

void dilate_sampler_stop(dilate_sampler *s) {
  if (s) run_ask_stop(s->run);
}

/* The run's progress as of now. */
static dilate_progress progress_now(const dilate_sampler *s) {
  dilate_progress now = s->run->progress;
  now.evaluations = target_count(s->run->target).evaluations;
  now.seconds = omp_get_wtime() - s->run->started;
  return now;
}

void dilate_sampler_progress(const dilate_sampler *s, dilate_progress *progress) {
  if (!s || !progress || progress->struct_size < sizeof progress->struct_size) return;
  dilate_progress now = progress_now(s);
  const size_t size = progress->struct_size;
  now.struct_size = size;
  memcpy(progress, &now, size < sizeof now ? size : sizeof now);
}

const double *dilate_sampler_particles(const dilate_sampler *s, size_t *n, size_t *ld) {
  size_t count = 0, stride = 0;
  const double *x = s ? s->method->particles(s->state, &count, &stride) : NULL;
  if (n) *n = x ? count : 0;
  if (ld) *ld = x ? stride : 0;
  return x;
}

int dilate_sampler_result(dilate_sampler *s, dilate_result **out, dilate_error *err) {
  if (!out) return error_set(err, DILATE_EINVAL, "dilate_sampler_result: out is NULL: there is nowhere to put the result");
  *out = NULL;
  if (!s) return error_set(err, DILATE_EINVAL, "dilate_sampler_result: sampler is NULL");
  const int status = s->method->result(s->state, s->run, out, err), before = s->status;
  if (before < 0) return status;
  if (!status) s->status = abort_asked(s, err); /* a method may have evaluated the target to find modes */
  s->status = run_agree(s->run, status ? status : s->status, err);
  if (status) s->status = before;
  if (status || s->status >= 0) return status;
  dilate_result_free(*out);
  *out = NULL;
  return s->status;
}

/* ---- Checkpoints ---- */

int dilate_sampler_save(dilate_sampler *s, void **bytes, size_t *size, dilate_error *err) {
  const int takes_part = s && !bytes && !size && s->run->options.spread && ranks_own(s->run->ranks) > 0;
  if (!takes_part && (!bytes || !size))
    return error_set(err, DILATE_EINVAL, "dilate_sampler_save: bytes or size is NULL: there is nowhere to put the state");
  if (bytes) *bytes = NULL;
  if (size) *size = 0;
  if (!s) return error_set(err, DILATE_EINVAL, "dilate_sampler_save: sampler is NULL");
  if (s->status < 0 || s->cut)
    return error_set(err, DILATE_EINVAL, "dilate_sampler_save: there is no state to go on from, since a step %s",
                     s->cut ? "was given up in its midst" : "has failed");
  return checkpoint_write(s, bytes, size, err);
}

int dilate_sampler_load(const dilate_target *user, const void *bytes, size_t size, const dilate_options *options, dilate_sampler **out,
                        dilate_error *err) {
  if (!out) return error_set(err, DILATE_EINVAL, "dilate_sampler_load: out is NULL: there is nowhere to put the sampler");
  *out = NULL;
  dilate_options now;
  int status = options_read(options, &now, err);
  if (status) return status;
  dilate_sampler *s = NEW(dilate_sampler, 1);
  if (!s) return error_memory(err, "dilate_sampler_load");
  status = checkpoint_read(user, size, bytes, &now, s, err);
  if (s->run) status = run_agree(s->run, status, err);
  if (status)
    dilate_sampler_free(s);
  else
    *out = s;
  return status;
}

int dilate_checkpoint_note(const void *bytes, size_t size, char **note, dilate_error *err) {
  if (!note) return error_set(err, DILATE_EINVAL, "dilate_checkpoint_note: note is NULL: there is nowhere to put it");
  *note = NULL;
  return checkpoint_note(size, bytes, note, err);
}

void dilate_free(void *memory) {
  memory_free(memory);
}

/* ---- Whole runs ---- */

/* Whether the progress callback, of rank 0, asks for the end. */
static int stop_asked(const dilate_sampler *s) {
  const dilate_options *o = &s->run->options;
  const dilate_progress now = progress_now(s);
  const int first = ranks_own(s->run->ranks) == 0;
  return o->progress && ranks_decide(s->run->ranks, first && o->progress(&now, o->progress_data) != 0, 0);
}

/* The state to the user's callback, which may ask to stop. */
static int hand_state(dilate_sampler *s, int *stop, dilate_error *err) {
  const dilate_options *o = &s->run->options;
  void *bytes;
  size_t size;
  const int status = dilate_sampler_save(s, &bytes, &size, err);
  if (status) return status;
  *stop = o->checkpoint(bytes, size, o->checkpoint_data);
  dilate_free(bytes);
  return DILATE_OK;
}

/* When it is time, by the clock of rank 0, whose callback alone is called: all ranks have the same state, or their parts of it. */
static int hand_over(dilate_sampler *s, double *last, dilate_error *err) {
  const dilate_options *o = &s->run->options;
  if (!o->checkpoint || !ranks_decide(s->run->ranks, omp_get_wtime() - *last >= o->checkpoint_seconds, 0)) return DILATE_CONTINUE;
  int stop = 0, status = DILATE_OK;
  if (ranks_own(s->run->ranks) == 0)
    status = hand_state(s, &stop, err);
  else if (o->spread)
    status = dilate_sampler_save(s, NULL, NULL, err);
  status = run_agree(s->run, status, err);
  *last = omp_get_wtime();
  return status ? status : ranks_decide(s->run->ranks, stop, 0) ? DILATE_STOPPED : DILATE_CONTINUE;
}

/* Steps until the run is over: DILATE_OK, DILATE_STOPPED when a callback or a budget asks for it, or a failure. */
static int step_all(dilate_sampler *s, dilate_error *err) {
  double last = omp_get_wtime();
  int status = hand_over(s, &last, err);
  if (status == DILATE_CONTINUE) status = dilate_sampler_step(s, err);
  while (status == DILATE_CONTINUE) {
    if (stop_asked(s)) dilate_sampler_stop(s);
    status = hand_over(s, &last, err);
    if (status == DILATE_CONTINUE) status = dilate_sampler_step(s, err);
  }
  return status;
}

/* The whole run of a sampler, which is freed. */
static int finish(dilate_sampler *s, dilate_result **out, dilate_error *err) {
  s->run->unwatched = 1;
  int status = step_all(s, err);
  if (status >= 0) {
    const int failure = dilate_sampler_result(s, out, err);
    if (failure) status = failure;
  }
  dilate_sampler_free(s);
  return status;
}

int dilate_resume(const dilate_target *user, const void *bytes, size_t size, const dilate_options *options, dilate_result **out,
                  dilate_error *err) {
  if (!out) return error_set(err, DILATE_EINVAL, "dilate_resume: out is NULL: there is nowhere to put the result");
  *out = NULL;
  dilate_sampler *s;
  const int status = dilate_sampler_load(user, bytes, size, options, &s, err);
  return status ? status : finish(s, out, err);
}

int dilate_sample(const dilate_target *user, const dilate_options *options, dilate_result **out, dilate_error *err) {
  if (!out) return error_set(err, DILATE_EINVAL, "dilate_sample: out is NULL: there is nowhere to put the result");
  *out = NULL;
  dilate_sampler *s;
  const int status = dilate_sampler_create(user, options, &s, err);
  return status ? status : finish(s, out, err);
}
