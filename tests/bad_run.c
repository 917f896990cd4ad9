/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running a bad target, and judging what came of it: see bad_targets.h.  Nothing may leak, no serial callback may be entered twice at once,
 * and a run must end by itself: long before its evaluations are used up. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bad_targets.h"
#include "chaos.h"

#define EVALUATIONS_MAX 20000000 /* and 2 dim more for each where there is no gradient */
#define DIM_MAX         64

/* Standard errors that an estimate may be off by.  A sound mean is off by more with probability 6e-7.  Of log Z's errors two are 95 %, with
 * nu degrees of freedom, so that five are 2.5 of t's quantiles for 95 %: off by more with probability 1e-6 at 1000 degrees, 1e-5 at 40,
 * 3e-4 at 9, as the bridge has them within islands (what the groups are apart beyond that makes the error larger still); .004 at the 3 that
 * the four islands of diffusion SMC have.  Seeds are fixed. */
#define ERRORS 5.0

static char fault[1024];

/* ---- Callbacks ---- */

static int point(size_t dim, const double *x, double *logp, double *grad, void *params) {
  bad_state *s = params;
  double slope[DIM_MAX];
  atomic_fetch_add(&s->calls, 1);
  if (atomic_fetch_add(&s->inside, 1)) atomic_fetch_add(&s->overlaps, 1);
  for (size_t j = 0; j < dim; j++) slope[j] = NAN;
  const int code = s->target->density(s, dim, x, logp, slope);
  if (grad) memcpy(grad, slope, dim * sizeof *grad);
  atomic_fetch_sub(&s->inside, 1);
  return code;
}

static int batch(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params) {
  double at[DIM_MAX], slope[DIM_MAX];
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < dim; j++) at[j] = x[j * ld + i];
    const int code = point(dim, at, &logp[i], grad ? slope : NULL, params);
    if (code < 0) return code;
    if (code > 0) logp[i] = -INFINITY;
    for (size_t j = 0; grad && j < dim; j++) grad[j * ld + i] = slope[j];
  }
  return 0;
}

static dilate_target target_of(const bad_run *run, bad_state *s) {
  dilate_target t;
  dilate_target_init(&t);
  t.dim = run->dim;
  t.logp = run->batch ? NULL : point;
  t.batch = run->batch ? batch : NULL;
  t.params = s;
  t.flags = (run->gradient ? 0 : DILATE_TARGET_NO_GRADIENT) | (run->target->flags & BAD_SERIAL ? DILATE_TARGET_SERIAL : 0);
  return t;
}

static dilate_options options_of(const bad_run *run, const double *hint) {
  dilate_options o;
  dilate_options_init(&o);
  o.seed = run->seed;
  o.method = run->method;
  o.threads = run->threads;
  o.draws = 200;
  o.steps = 100;
  o.max_evaluations = EVALUATIONS_MAX * (run->gradient ? 1 : 1 + 2 * run->dim);
  o.hint_points = hint;
  o.hint_points_count = hint ? 1 : 0;
  return o;
}

/* ---- What came of it ---- */

/* Which of the words, separated by |, is in the text; a word that begins with ! must not be, and is reported by -1. */
static int says(const char *text, const char *words) {
  int found = 0;
  char word[64];
  for (const char *w = words; *w;) {
    const size_t length = strcspn(w, "|");
    snprintf(word, sizeof word, "%.*s", (int)length, w);
    if (word[0] == '!' && strstr(text, word + 1)) return -1;
    found = found || (word[0] != '!' && strstr(text, word));
    w += length + (w[length] == '|');
  }
  return found;
}

/* Some warning has one of the words, or says that diffusion SMC has come to no agreement, as in many dimensions it does not. */
static int warned(const dilate_result *result, const char *words) {
  int found = 0;
  for (size_t i = 0; i < dilate_result_warning_count(result); i++) {
    const char *text = dilate_result_warning(result, i);
    if (strstr(text, "estimates no log evidence") || strstr(text, "the target has no gradient")) continue;
    const int said = says(text, words);
    if (said < 0) return -1;
    found = found || said || strstr(text, "the islands do not agree on the evidence");
  }
  return found;
}

/* NULL, or how an estimate misses the truth by more than it admits. */
static const char *misses(const bad_run *run, const dilate_result *result) {
  const bad_target *t = run->target;
  double log_z, se;
  if (t->log_z && dilate_result_log_z(result, &log_z, &se, NULL) == DILATE_OK) {
    const double truth = t->log_z(run->dim);
    if (!(fabs(log_z - truth) <= ERRORS * se + 1e-9 * fabs(truth) + 1e-12)) {
      snprintf(fault, sizeof fault, "log Z %.6g +- %.2g, truth %.6g", log_z, se, truth);
      return fault;
    }
  }
  dilate_parameter p = {.struct_size = sizeof p};
  const int counts = !isnan(t->mean) && !(t->flags & BAD_MODES && strcmp(run->method, "bridge") && strcmp(run->method, "diffusion-smc"));
  if (!counts || dilate_result_parameter(result, 0, &p)) return NULL;
  if (fabs(p.mean - t->mean) <= ERRORS * p.mcse + 1e-9 * fabs(t->mean)) return NULL;
  snprintf(fault, sizeof fault, "mean %.6g +- %.2g, truth %.6g", p.mean, p.mcse, t->mean);
  return fault;
}

static void list_warnings(const dilate_result *result, size_t used) {
  for (size_t i = 0; i < dilate_result_warning_count(result) && used < sizeof fault; i++)
    used += (size_t)snprintf(fault + used, sizeof fault - used, " [%.90s]", dilate_result_warning(result, i));
  if (dilate_result_warning_count(result) == 0 && used < sizeof fault) snprintf(fault + used, sizeof fault - used, " [no warning]");
}

static const char *judge_result(const bad_run *run, const dilate_result *result, unsigned *how) {
  const bad_target *t = run->target;
  const int said = warned(result, t->words);
  const char *missed = misses(run, result);
  size_t used = missed ? strlen(fault) : 0;
  *how = said > 0 ? BAD_WARNED : BAD_RIGHT;
  if (said < 0)
    used = (size_t)snprintf(fault, sizeof fault, "said what is not so:");
  else if (*how == BAD_WARNED ? t->ends & BAD_WARNED || !strcmp(run->method, "diffusion-smc") : t->ends & BAD_RIGHT && !missed)
    return NULL;
  else if (!missed)
    used = (size_t)snprintf(fault, sizeof fault, said ? "a warning that is not due:" : "nothing said:");
  list_warnings(result, used);
  return fault;
}

static const char *judge(const bad_run *run, int status, const dilate_result *result, const dilate_error *err, unsigned *how) {
  *how = BAD_FAILS;
  if (status == DILATE_STOPPED) {
    const size_t used = (size_t)snprintf(fault, sizeof fault, "did not end:");
    list_warnings(result, used);
    return fault;
  }
  if (status == DILATE_OK) return judge_result(run, result, how);
  if (!result && run->target->ends & BAD_FAILS && says(err->message, run->target->words) > 0) return NULL;
  snprintf(fault, sizeof fault, "status %d: %s", status, err->message);
  return fault;
}

const char *bad_try(const bad_run *run, unsigned *how) {
  bad_state s = {.target = run->target};
  double hint[DIM_MAX];
  const int hinted = (run->target->flags & BAD_HINTED) != 0;
  for (size_t j = 0; j < run->dim; j++) hint[j] = j == 0 || run->target->mean < 1e7 ? run->target->mean : 0;
  const dilate_target target = target_of(run, &s);
  const dilate_options options = options_of(run, hinted ? hint : NULL);
  dilate_result *result = NULL;
  dilate_error err;
  dilate_error_init(&err);
  chaos_begin(CHAOS_NEVER, 0);
  const int status = dilate_sample(&target, &options, &result, &err);
  const char *wrong = judge(run, status, result, &err, how);
  dilate_result_free(result);
  chaos_end(NULL);
  if (chaos_live()) {
    snprintf(fault, sizeof fault, "%zu blocks leak", chaos_live());
    return fault;
  }
  if (!wrong && target.flags & DILATE_TARGET_SERIAL && atomic_load(&s.overlaps)) return "a serial callback was entered twice at once";
  return wrong;
}

void bad_describe(const bad_run *run, size_t size, char *text) {
  snprintf(text, size, "%s, %zu-d, %s, %s, %s, threads %zu, seed %llu", run->target->name, run->dim, run->method,
           run->gradient ? "gradient" : "no gradient", run->batch ? "batch" : "points", run->threads, (unsigned long long)run->seed);
}
