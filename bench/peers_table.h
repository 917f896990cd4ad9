/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the samplers reached, as a table in Markdown and as JSON, and whether it is what is asked of the library. */
#ifndef BENCH_PEERS_TABLE_H
#define BENCH_PEERS_TABLE_H

#include "bench/peers_work.h"

#define TIMES_LESS 10 /* on multimodal targets the library takes so many times less CPU than a peer for each draw worth an exact one */

typedef enum standing { STANDING_PASS, STANDING_FAIL, STANDING_ABSENT } standing;

/* The emcee with the moves that do better on this target. */
sampler_id contest_emcee(const contest *c);
/* On multimodal targets against every peer; elsewhere against NUTS, which may not take less CPU than the library. */
standing contest_standing(const contest *c, sampler_id peer);
int contests_ok(size_t n, const contest *contests);

void peers_print(FILE *file, size_t n, const contest *contests);
void peers_save(const char *path, double limit, size_t n, const contest *contests);

#endif
