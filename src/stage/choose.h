/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Choosing among candidates by their divergence from the target (manual, section 4). */
#ifndef DILATE_STAGE_CHOOSE_H
#define DILATE_STAGE_CHOOSE_H

#include "stage/candidates.h"

/* C = max(J, 0) + min(var_q(log pi/q), 1)/2 with the Jeffreys divergence J = E_heldout[log pi/q] - E_q[log pi/q] (Z cancels), from 128
 * stratified draws of q and the held-out points, both trimmed by 2 %.  number tells the streams of the candidates of one round apart. */
int choose_cost(const reference_task *task, const mixture *q, const fit_points *held_out, const double *held_out_logp, unsigned number,
                double *cost, dilate_error *err);
/* Index of the winner: the smallest mixture within 1.25 best + 0.05; gradient refits count 1.6-fold above 0.6 and are out when the best is
 * above 8; heavy tails count 1.5-fold, and are out when
 * their cost is above 8. */
size_t choose_winner(const candidate *list, size_t count);

/* log pi~/q, log pi~ counted from the task's origin, of n stratified draws of q (kept in *draws if not NULL); log_ratio: n values, -inf
 * outside the support. */
int choose_log_ratio(const reference_task *task, const mixture *q, stream s, size_t n, double *log_ratio, particles *draws,
                     dilate_error *err);

#endif
