/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The public entry points of sampling: check, pick the method, step it.
 *
 * A sampler is a run and the state of its method.  dilate_sample() is nothing but the stepwise interface in a loop, so both give the
 * same draws. */
#include "base/memory.h"
#include "method/method.h"

#include <omp.h>
#include <string.h>

struct dilate_sampler {
  run *run;
  const method *method;
  void *state;
  int status; /* of the last step: DILATE_CONTINUE until the run is over or stopped */
};

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
  if (status) goto fail;
  *out = s;
  return DILATE_OK;
fail:
  dilate_sampler_free(s);
  return status;
}

void dilate_sampler_free(dilate_sampler *s) {
  if (!s) return;
  if (s->method) s->method->destroy(s->state);
  run_free(s->run);
  memory_free(s);
}

/* The status of the run: a failure when the target's callback has asked to abort since. */
static int abort_asked(const dilate_sampler *s, dilate_error *err) {
  const int failure = s->status < 0 ? 0 : target_status(s->run->target, err);
  return failure ? failure : s->status;
}

/* DILATE_CONTINUE, or DILATE_STOPPED when a budget is used up or a stop was asked for; cut: the step at hand was given up. */
static int go_on(const dilate_sampler *s, int cut, dilate_error *err) {
  const int over = run_check_stop(s->run, cut, err);
  return over ? over : DILATE_CONTINUE;
}

/* One step of the method.  What it says of itself when it was cut short is not the user's concern. */
static int step_method(const dilate_sampler *s, int *cut, dilate_error *err) {
  const run_mark mark = run_step_begin(s->run, s->method->can_cut);
  dilate_error own;
  dilate_error_init(&own);
  const int status = s->method->step(s->state, s->run, &own);
  *cut = run_step_end(s->run, &mark);
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
  const int status = s->method->result(s->state, s->run, out, err);
  if (status || s->status < 0) return status;
  s->status = abort_asked(s, err); /* a method may have evaluated the target to find modes */
  if (s->status >= 0) return DILATE_OK;
  dilate_result_free(*out);
  *out = NULL;
  return s->status;
}

/* Steps until the run is over: DILATE_OK, DILATE_STOPPED when the progress callback or a budget asks for it, or a failure. */
static int step_all(dilate_sampler *s, dilate_error *err) {
  const dilate_options *o = &s->run->options;
  int status = dilate_sampler_step(s, err);
  while (status == DILATE_CONTINUE) {
    const dilate_progress now = progress_now(s);
    if (o->progress && o->progress(&now, o->progress_data)) dilate_sampler_stop(s);
    status = dilate_sampler_step(s, err);
  }
  return status;
}

int dilate_sample(const dilate_target *user, const dilate_options *options, dilate_result **out, dilate_error *err) {
  if (!out) return error_set(err, DILATE_EINVAL, "dilate_sample: out is NULL: there is nowhere to put the result");
  *out = NULL;
  dilate_sampler *s;
  int status = dilate_sampler_create(user, options, &s, err);
  if (status) return status;
  s->run->unwatched = 1;
  status = step_all(s, err);
  if (status >= 0) {
    const int failure = dilate_sampler_result(s, out, err);
    if (failure) status = failure;
  }
  dilate_sampler_free(s);
  return status;
}
