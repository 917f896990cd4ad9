/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings in the comments of Stan's CSV files: those of CmdStan ("#     num_warmup = 1000 (Default)") and of rstan ("# warmup=1000"). */
#include "io/draws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void draws_settings_note(draws_settings *settings, const char *comment) {
  char key[64], value[64];
  if (sscanf(comment, "# %63[a-z_] = %63s", key, value) != 2) return;
  if (strcmp(key, "num_warmup") == 0 || strcmp(key, "warmup") == 0) settings->warmup = strtoul(value, NULL, 10);
  if (strcmp(key, "thin") == 0) settings->thin = strtoul(value, NULL, 10);
  if (strcmp(key, "save_warmup") == 0) settings->save_warmup = strcmp(value, "1") == 0 || strcmp(value, "true") == 0;
  if (strcmp(key, "algorithm") == 0) settings->no_warmup = strcmp(value, "fixed_param") == 0;
  if (strcmp(key, "sampler_t") == 0) strcpy(settings->sampler, value);
}

/* The first of every `thin` iterations is written.  CmdStan's fixed_param has no warm-up, whatever num_warmup says. */
size_t draws_settings_warmup(const draws_settings *settings) {
  const size_t thin = settings->thin ? settings->thin : 1;
  return settings->save_warmup && !settings->no_warmup ? settings->warmup / thin + (settings->warmup % thin != 0) : 0;
}
