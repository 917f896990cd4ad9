/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of methods: the one place that knows them all. */
#include "method/method.h"

#include <string.h>

const method *const method_list[] = {&method_bridge,      &method_langevin, &method_geometric,     &method_dilation,
                                     &method_convolution, &method_walk,     &method_diffusion_smc, NULL};

const method *method_find(const char *name) {
  if (!name) return NULL;
  for (size_t i = 0; method_list[i]; i++)
    if (!strcmp(method_list[i]->name, name)) return method_list[i];
  return NULL;
}

const char *dilate_method_name(size_t i) {
  const size_t count = sizeof method_list / sizeof *method_list - 1;
  return i < count ? method_list[i]->name : NULL;
}

const char *dilate_method_summary(const char *name) {
  const method *m = method_find(name);
  return m ? m->summary : NULL;
}
