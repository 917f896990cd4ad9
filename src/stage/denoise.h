/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guided reverse kernel of diffusion sequential Monte Carlo (diffusion.h), a tile of particles at a time.
 *
 * In u = (x - c)/s and with a = abar_(k+1)/abar_k the base's reverse kernel is N(sqrt(a) u, (1 - a) I).  The reverse diffusion of the
 * noised target, du = (-u + 2 grad log g) dt + sqrt(2) dW, with the guidance held fixed over a step and the rest solved exactly (the
 * exponential integrator of Phillips et al. 2024) gives
 *   phat = N(sqrt(a) u + b, (1 - a) I),   b = 2 (1 - sqrt(a)) grad log ghat_(k+1)(u),
 * and for a move to sqrt(a) u + b + sqrt(1 - a) z
 *   log p/phat = -b.(b + 2 sqrt(1 - a) z) / (2 (1 - a)).
 * |b| is held to GUIDANCE_MOST times the length of a step's noise: the weights know the kernel that was used, so any bound is exact. */
#ifndef DILATE_STAGE_DENOISE_H
#define DILATE_STAGE_DENOISE_H

#include "stage/diffusion.h"

#define GUIDANCE_MOST 1.0

/* Tiles of an island; the tiles of all islands are numbered one island after the other. */
size_t denoise_tiles(const diffusion *d);
/* Draws the tile's particles from the base. */
void denoise_start(diffusion *d, size_t tile);
/* Moves the tile's particles from their parents among d->old to d->now: x, log_weight (less the old log ghat), eve. */
void denoise_move(diffusion *d, size_t tile);
/* The target at the tile's tilted points: logp, grad, log_g (-inf outside the support), cloud. */
void denoise_evaluate(diffusion *d, size_t tile);

#endif
