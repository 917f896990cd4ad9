/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads as ranks: see thread_ranks.h. */
#define _POSIX_C_SOURCE 200809L
#include "thread_ranks.h"

#include <check.h>
#include <pthread.h>
#include <string.h>

typedef struct place {
  pthread_mutex_t lock;
  pthread_cond_t change;
  size_t count, arrived, generation, gone, exchanges, spoilt;
  char *block[THREAD_RANKS_MAX];
  const size_t *bytes[THREAD_RANKS_MAX];
} place;

typedef struct member {
  place *at;
  size_t rank;
  void (*job)(rank_job *);
  rank_job *own;
} member;

static _Thread_local size_t own_rank;

size_t thread_rank(void) {
  return own_rank;
}

/* Non-zero when somebody will not come any more. */
static int barrier(place *p) {
  pthread_mutex_lock(&p->lock);
  const size_t generation = p->generation;
  if (++p->arrived == p->count) {
    p->arrived = 0;
    p->generation++;
    pthread_cond_broadcast(&p->change);
  }
  while (generation == p->generation && !p->gone) pthread_cond_wait(&p->change, &p->lock);
  const int alone = generation == p->generation;
  pthread_mutex_unlock(&p->lock);
  return alone;
}

static int gather(void *data, const size_t *bytes, void *all) {
  const member *m = data;
  place *p = m->at;
  p->block[m->rank] = all;
  p->bytes[m->rank] = bytes;
  if (barrier(p)) return 1;
  size_t before = 0;
  const int spoil = p->exchanges >= p->spoilt && m->rank == 0;
  for (size_t k = 0; k < p->count; before += bytes[k++]) {
    ck_assert_uint_eq(bytes[k], p->bytes[k][k]);
    if (k != m->rank && bytes[k] && !(spoil && k == 1)) memcpy((char *)all + before, p->block[k] + before, bytes[k]);
  }
  if (barrier(p)) return 1;
  if (m->rank == 0) p->exchanges++;
  return 0;
}

static void *live(void *data) {
  member *m = data;
  own_rank = m->rank;
  m->job(m->own);
  pthread_mutex_lock(&m->at->lock);
  m->at->gone++;
  pthread_cond_broadcast(&m->at->change);
  pthread_mutex_unlock(&m->at->lock);
  return NULL;
}

void thread_ranks_run(size_t count, void (*job)(rank_job *), void *scene, size_t spoilt, rank_job *jobs) {
  place p = {.count = count, .spoilt = spoilt};
  pthread_t thread[THREAD_RANKS_MAX];
  member own[THREAD_RANKS_MAX];
  pthread_mutex_init(&p.lock, NULL);
  pthread_cond_init(&p.change, NULL);
  for (size_t k = 0; k < count; k++) {
    jobs[k] = (rank_job){.scene = scene};
    dilate_error_init(&jobs[k].err);
    dilate_ranks_init(&jobs[k].ranks);
    own[k] = (member){&p, k, job, &jobs[k]};
    jobs[k].ranks.rank = k;
    jobs[k].ranks.count = count;
    jobs[k].ranks.gather = gather;
    jobs[k].ranks.data = &own[k];
  }
  for (size_t k = 0; k < count; k++) ck_assert_int_eq(pthread_create(&thread[k], NULL, live, &own[k]), 0);
  for (size_t k = 0; k < count; k++) pthread_join(thread[k], NULL);
  pthread_mutex_destroy(&p.lock);
  pthread_cond_destroy(&p.change);
}
