/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A few particles, wherever they are, to all ranks: see parted.h. */
#include "target/parted.h"

parted parted_whole(target *t, const particles *p) {
  return (parted){.n = p->n, .here = p, .logp = p->logp, .held = share_alone(t, p->n)};
}

typedef struct picking {
  const parted *from;
  const size_t *index;
  particles *to;
} picking;

static size_t owner(const void *of, size_t k) {
  const picking *s = of;
  return share_owner(&s->from->held, s->index[k]);
}

/* x and gradient, coordinate by coordinate, and the log-density. */
static void give(const void *of, size_t k, void *bytes) {
  const picking *s = of;
  const particles *p = s->from->here;
  const size_t at = parted_place(s->from, s->index[k]);
  double *to = bytes;
  for (size_t j = 0; j < p->dim; j++) {
    *to++ = p->x[j * p->ld + at];
    *to++ = p->grad[j * p->ld + at];
  }
  *to = p->logp[at];
}

static void take(void *of, size_t k, const void *bytes) {
  const picking *s = of;
  const double *from = bytes;
  for (size_t j = 0; j < s->to->dim; j++) {
    s->to->x[j * s->to->ld + k] = *from++;
    s->to->grad[j * s->to->ld + k] = *from++;
  }
  s->to->logp[k] = *from;
}

void parted_pick(const parted *p, size_t n, const size_t *index, particles *to) {
  picking s = {p, index, to};
  const share_items items = {.count = n, .bytes = (2 * to->dim + 1) * sizeof(double), .owner = owner, .give = give, .take = take, .of = &s};
  if (p->apart) share_each(p->held.target, &items);
  for (size_t k = 0; k < n && !p->apart; k++) particles_copy(to, k, p->here, index[k]);
}
