/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run that is saved and loaded before every step while memory runs out: see chaos.h. */
#include "chaos.h"

#include <check.h>

/* The sampler's state in another sampler; *sampler is NULL after a failure. */
static int pass_on(const dilate_target *target, const dilate_options *options, dilate_sampler **sampler, dilate_error *err) {
  void *bytes;
  size_t size;
  char *note = NULL;
  int status = dilate_sampler_save(*sampler, &bytes, &size, err);
  ck_assert_int_eq(bytes != NULL, status == DILATE_OK);
  dilate_sampler_free(*sampler);
  *sampler = NULL;
  if (!status) status = dilate_checkpoint_note(bytes, size, &note, err);
  if (!status) ck_assert_str_eq(note, "words");
  if (!status) status = dilate_sampler_load(target, bytes, size, options, sampler, err);
  ck_assert_int_eq(*sampler != NULL, status == DILATE_OK);
  dilate_free(note);
  dilate_free(bytes);
  return status;
}

static int relay(const char *method, dilate_error *err) {
  const dilate_target target = chaos_target();
  dilate_options options = chaos_options(method);
  options.islands = options.groups = 1;
  options.steps = 3;
  options.effort = 0.1;
  options.note = "words";
  dilate_sampler *sampler;
  int status = dilate_sampler_create(&target, &options, &sampler, err);
  if (!status) status = DILATE_CONTINUE;
  while (status == DILATE_CONTINUE) {
    status = pass_on(&target, &options, &sampler, err);
    if (!status) status = dilate_sampler_step(sampler, err);
  }
  dilate_sampler_free(sampler);
  return status;
}

int chaos_relay(dilate_error *err) {
  return relay("bridge", err);
}

int chaos_relays(dilate_error *err) {
  static const char *const methods[] = {"langevin", "convolution", "walk", "diffusion-smc"};
  int status = DILATE_OK;
  for (size_t i = 0; i < sizeof methods / sizeof *methods && !status; i++) status = relay(methods[i], err);
  return status;
}
