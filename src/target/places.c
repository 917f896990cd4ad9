/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scratch by locks: whoever calls takes the first free place, beginning at the number of his thread.  Who finds none sleeps at his own, so
 * that more threads than places cost nobody a processor. */
#include "target/places.h"

#include "base/memory.h"

#include <omp.h>

typedef struct workplace {
  _Alignas(MEMORY_ALIGNMENT) omp_lock_t taken; /* on a cache line of its own */
  double *values;
} workplace;

struct places {
  size_t count;
  workplace *all;
};

static size_t likely_threads(void) {
  const int processors = omp_get_num_procs(), team = omp_get_max_threads();
  return (size_t)(processors > team ? processors : team);
}

places *places_create(size_t doubles) {
  places *p = NEW(places, 1);
  if (!p) return NULL;
  const size_t wanted = likely_threads();
  if (!(p->all = NEW(workplace, wanted))) goto fail;
  for (; p->count < wanted; p->count++) {
    if (!(p->all[p->count].values = NEW(double, doubles))) goto fail;
    omp_init_lock(&p->all[p->count].taken);
  }
  return p;
fail:
  places_free(p);
  return NULL;
}

void places_free(places *p) {
  if (!p) return;
  for (size_t i = 0; i < p->count; i++) {
    omp_destroy_lock(&p->all[i].taken);
    memory_free(p->all[i].values);
  }
  memory_free(p->all);
  memory_free(p);
}

double *places_take(places *p, size_t *place) {
  const size_t own = (size_t)omp_get_thread_num() % p->count;
  for (size_t i = 0; i < p->count; i++) {
    *place = (own + i) % p->count;
    if (omp_test_lock(&p->all[*place].taken)) return p->all[*place].values;
  }
  *place = own;
  omp_set_lock(&p->all[own].taken);
  return p->all[own].values;
}

void places_give_back(places *p, size_t place) {
  omp_unset_lock(&p->all[place].taken);
}
