/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets and methods.  A score's samples and a walk's steps share what a particle may spend; which share is best was tried before
 * (bench/README.md has the table). */
#include "bench/paths_rows.h"

#include <string.h>

const paths_target paths_target_list[] = {
    {.name = "gmm40-shifted",
     .spec = "gmm40:shift1=-50,weights=unequal",
     .title = "Forty Gaussians of unequal weights, centred near (-50, 0)",
     .budget = 1000000,
     .draws = 1000,
     .path_samples = 2,
     .samples = 8,
     .closed = 1,
     .figures = PATHS_PARTICLES | PATHS_WEIGHTS},
    {.name = "rings",
     .spec = "rings",
     .title = "Two rings",
     .budget = 1000000,
     .draws = 1000,
     .path_samples = 2,
     .samples = 8,
     .figures = PATHS_PARTICLES},
    {.name = "gmm40-50",
     .spec = "gmm40:dim=50",
     .title = "Forty Gaussians of equal weights in 50 dimensions",
     .budget = 1000000,
     .draws = 1000,
     .path_samples = 2,
     .samples = 8,
     .closed = 1,
     .figures = PATHS_WEIGHTS},
    {.name = "funnel10",
     .spec = "funnel10",
     .title = "Neal's funnel in 10 dimensions",
     .budget = 1000000,
     .draws = 1000,
     .path_samples = 8,
     .samples = 8,
     .figures = PATHS_FUNNEL},
    {.name = "digits",
     .spec = "digits",
     .title = "Gaussians around 1797 handwritten digits, 64 dimensions",
     .budget = 700000,
     .draws = 250,
     .path_samples = 2,
     .samples = 8,
     .effort = 0.1,
     .groups = 1,
     .closed = 1,
     .figures = PATHS_IMAGES},
};
const size_t paths_target_count = sizeof paths_target_list / sizeof *paths_target_list;

const paths_method paths_method_list[] = {
    {.name = "exact", .title = "exact draws", .cost = PATHS_COST_OWN},
    {.name = "langevin", .title = "Langevin", .method = "langevin", .cost = PATHS_COST_STEP},
    {.name = "geometric", .title = "geometric path", .method = "geometric", .cost = PATHS_COST_PATH, .moving = 0.8},
    {.name = "convolution",
     .title = "convolution path, Monte Carlo",
     .method = "convolution",
     .score = "importance",
     .cost = PATHS_COST_DOWN,
     .moving = 0.9},
    {.name = "closed",
     .title = "convolution path, closed form",
     .method = "convolution",
     .score = "closed",
     .cost = PATHS_COST_PATH,
     .moving = 0.6,
     .closed = 1},
    {.name = "dilation", .title = "dilation path", .method = "dilation", .cost = PATHS_COST_PATH, .moving = 0.6},
    {.name = "walk", .title = "random walk (VE)", .method = "walk", .cost = PATHS_COST_WALK},
    {.name = "diffusion-smc", .title = "diffusion SMC", .method = "diffusion-smc", .cost = PATHS_COST_STEP, .evidence = 1},
    {.name = "bridge", .title = "bridge (default)", .method = "bridge", .cost = PATHS_COST_OWN, .evidence = 1},
};
const size_t paths_method_count = sizeof paths_method_list / sizeof *paths_method_list;

int paths_can_serve(const paths_method *method, const paths_target *target) {
  return !method->closed || target->closed;
}

const paths_target *paths_target_named(const char *name) {
  for (size_t i = 0; i < paths_target_count; i++)
    if (strcmp(paths_target_list[i].name, name) == 0) return &paths_target_list[i];
  return NULL;
}

const paths_method *paths_method_named(const char *name) {
  for (size_t i = 0; i < paths_method_count; i++)
    if (strcmp(paths_method_list[i].name, name) == 0) return &paths_method_list[i];
  return NULL;
}
