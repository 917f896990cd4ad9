/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has which states, and how they travel: see bridge_apart.h. */
#include "stage/bridge_apart.h"

#include "target/parted.h"

shared_loop bridge_chains_here(const bridge *b) {
  return b->set.apart ? share_apart(b->set.target, b->all_chains) : share_alone(b->set.target, b->all_chains);
}

static size_t count_here(const shared_loop *here) {
  return share_after(here) - share_first(here);
}

size_t bridge_room_here(const bridge *b, size_t room) {
  if (!b->set.apart) return room;
  const shared_loop drawn = share_apart(b->set.target, b->n), moved = share_apart(b->set.target, b->set.parents);
  const size_t states = b->set.states > b->set.final_states ? b->set.states : b->set.final_states;
  const size_t first = count_here(&drawn), later = states * count_here(&moved);
  return first > later ? first : later;
}

size_t bridge_states_here(const bridge *b) {
  return b->n ? b->n / b->held.n * count_here(&b->held) : 0;
}

void bridge_fill_ratios(bridge *b) {
  const size_t first = share_first(&b->held), count = count_here(&b->held), layers = b->n / b->held.n;
  for (size_t s = 0; s < layers; s++)
    for (size_t i = 0; i < count; i++) b->ratio[s * b->held.n + first + i] = tempered_log_ratio(&b->population, s * count + i);
}

static size_t owner_of_parent(const void *of, size_t m) {
  const bridge *b = of;
  return share_owner(&b->held, b->parent[m]);
}

/* x and gradient, coordinate by coordinate, and both log-densities. */
static void give_parent(const void *of, size_t m, void *bytes) {
  const bridge *b = of;
  const tempered *p = &b->population;
  const size_t at = share_place(&b->held, b->parent[m]);
  double *to = bytes;
  for (size_t j = 0; j < b->dim; j++) {
    *to++ = p->pi.x[j * p->pi.ld + at];
    *to++ = p->pi.grad[j * p->pi.ld + at];
  }
  to[0] = p->pi.logp[at];
  to[1] = p->logq[at];
}

static void take_parent(void *of, size_t m, const void *bytes) {
  bridge *b = of;
  tempered *c = &b->chains;
  const double *from = bytes;
  if (m < b->kernel.first || m >= b->kernel.first + c->pi.n) return;
  m -= b->kernel.first;
  for (size_t j = 0; j < b->dim; j++) {
    c->pi.x[j * c->pi.ld + m] = *from++;
    c->pi.grad[j * c->pi.ld + m] = *from++;
  }
  c->pi.logp[m] = from[0];
  c->logq[m] = from[1];
}

void bridge_copy_parents(bridge *b) {
  const share_items items = {.count = b->all_chains,
                             .bytes = (2 * b->dim + 2) * sizeof(double),
                             .owner = owner_of_parent,
                             .give = give_parent,
                             .take = take_parent,
                             .of = b};
  if (b->set.apart) share_each(b->set.target, &items);
  for (size_t m = 0; m < b->all_chains && !b->set.apart; m++) tempered_copy(&b->chains, m, &b->population, b->parent[m]);
}

void bridge_pick_states(const bridge *b, size_t n, const size_t *index, particles *to) {
  const parted states = {.n = b->n, .here = &b->population.pi, .held = b->held, .apart = b->set.apart};
  parted_pick(&states, n, index, to);
}
