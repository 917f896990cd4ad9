/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A target's life: made from what the user handed over, asked about, freed.  evaluate.c runs its callbacks. */
#include "base/memory.h"
#include "target/check.h"
#include "target/state.h"

#include <math.h>
#include <stdio.h>

/* The user's names need not outlive creation. */
static int copy_names(target *t) {
  const char *const *names = t->user.names;
  t->user.names = NULL;
  if (!names) return DILATE_OK;
  if (!(t->names = NEW(char *, t->user.n_out))) return DILATE_ENOMEM;
  for (size_t i = 0; i < t->user.n_out; i++)
    if (!(t->names[i] = memory_copy_text(names[i]))) return DILATE_ENOMEM;
  t->user.names = (const char *const *)t->names;
  return DILATE_OK;
}

static int allocate(target *t) {
  if (copy_names(t) != DILATE_OK) return DILATE_ENOMEM;
  t->bad = NEW(double, t->user.dim);
  t->suspect = NEW(double, t->user.dim);
  t->scratch = NEW(target_scratch, t->threads);
  if (!t->bad || !t->suspect || !t->scratch) return DILATE_ENOMEM;
  for (size_t i = 0; i < t->threads; i++) {
    atomic_flag_clear(&t->scratch[i].taken);
    if (!(t->scratch[i].values = NEW2(double, t->user.dim, TARGET_BLOCK + 2))) return DILATE_ENOMEM;
  }
  return DILATE_OK;
}

int target_create(const dilate_target *user, size_t threads, target **out, dilate_error *err) {
  *out = NULL;
  dilate_target full;
  const int status = target_check(user, &full, err);
  if (status != DILATE_OK) return status;
  if (threads == 0) return error_set(err, DILATE_EINVAL, "target: it is to be used by 0 threads; at least 1 is needed");
  target *t = NEW(target, 1);
  if (!t) return error_memory(err, "the target");
  t->user = full;
  t->threads = threads;
  t->deadline = INFINITY;
  omp_init_lock(&t->serial);
  omp_init_lock(&t->report);
  if (allocate(t) != DILATE_OK) {
    target_free(t);
    return error_memory(err, "the target's scratch");
  }
  *out = t;
  return DILATE_OK;
}

void target_free(target *t) {
  if (!t) return;
  for (size_t i = 0; t->names && i < t->user.n_out; i++) memory_free(t->names[i]);
  for (size_t i = 0; t->scratch && i < t->threads; i++) {
    memory_free(t->scratch[i].values);
    memory_free(t->scratch[i].warped);
  }
  memory_free(t->names);
  memory_free(t->scratch);
  memory_free(t->bad);
  memory_free(t->suspect);
  omp_destroy_lock(&t->serial);
  omp_destroy_lock(&t->report);
  memory_free(t);
}

size_t target_dim(const target *t) {
  return t->user.dim;
}

size_t target_threads(const target *t) {
  return t->threads;
}

const dilate_target *target_user(const target *t) {
  return &t->user;
}

int target_has_gradient(const target *t) {
  return !(t->user.flags & DILATE_TARGET_NO_GRADIENT);
}

uint64_t target_gradient_cost(const target *t) {
  return target_has_gradient(t) ? 1 : 2 * (uint64_t)t->user.dim + 1;
}

int target_set_warp(target *t, const warp *w) {
  for (size_t i = 0; w && i < t->threads; i++)
    if (!t->scratch[i].warped && !(t->scratch[i].warped = NEW2(double, t->user.dim, 2 * TARGET_BLOCK))) return 1;
  t->warp = w;
  return 0;
}

const warp *target_warp(const target *t) {
  return t->warp;
}

void target_set_ranks(target *t, rank_set *r) {
  t->ranks = r;
}

rank_set *target_ranks(const target *t) {
  return t->ranks;
}

int target_status(const target *t, dilate_error *err) {
  const int failure = atomic_load(&t->failure), elsewhere = ranks_status(t->ranks, err);
  if (elsewhere) return elsewhere;
  if (failure == 0 && target_was_cut(t)) return error_set(err, DILATE_ETARGET, "the target was not evaluated any more: its time was up");
  if (failure == 0) return DILATE_OK;
  return error_set(err, DILATE_ETARGET, "the target's callback asked to abort (it returned %d)", failure);
}

target_counts target_count(const target *t) {
  target_counts sum = {.evaluations = atomic_load(&t->evaluations),
                       .gradients = atomic_load(&t->gradients),
                       .bad_density = atomic_load(&t->bad_density),
                       .bad_gradient = atomic_load(&t->bad_gradient)};
  for (size_t i = 0; i < t->threads; i++) {
    sum.evaluations += atomic_load(&t->scratch[i].evaluations);
    sum.gradients += atomic_load(&t->scratch[i].gradients);
  }
  return sum;
}

void target_bad_text(const target *t, char text[TARGET_BAD_TEXT]) {
  const target_counts counts = target_count(t);
  int used = 0;
  text[0] = 0;
  if (counts.bad_density)
    used = snprintf(text, TARGET_BAD_TEXT, "; %llu of the log-densities were NaN or +Inf", (unsigned long long)counts.bad_density);
  if (counts.bad_gradient)
    snprintf(text + used, TARGET_BAD_TEXT - (size_t)used, "%s %llu gradients were not finite", used ? "," : ";",
             (unsigned long long)counts.bad_gradient);
}

const double *target_first_bad(const target *t) {
  return t->has_bad ? t->bad : NULL;
}
