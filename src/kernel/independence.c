/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Independence Metropolis-Hastings on mu_beta (Tierney 1994) with proposals from one component of the reference.
 *
 * A component k is drawn from the responsibilities r(x), and y from q_k.  On (x, k) with the law mu_beta(x) r_k(x), r_k = w_k q_k/q, the
 * acceptance is min(1, exp(beta (r(y) - r(x)))) with r = log pi~ - log q: that of proposals from all of q, to which this is equal but for
 * one thing: a chain stays among its component's neighbours.  Jumps between modes would mix, but what share of the chains is in which mode
 * the weights know better, from all the draws of q, than a few jumps of each chain can tell. */
#include <math.h>
#include <omp.h>

#include "base/team.h"
#include "kernel/tempered.h"

#define T PARTICLE_TILE

enum { SLOT_COMPONENT, SLOT_ACCEPT };

static double log_ratio(double beta, double logp, double logq, double logp_now, double logq_now) {
  if (logp == -INFINITY) return -INFINITY;
  if (logp_now == -INFINITY) return 0;
  return beta * ((logp - logq) - (logp_now - logq_now));
}

static void move_tile(const tempered_kernel *k, uint32_t step, tempered *chains, size_t first, size_t n, double *acceptance) {
  size_t thread = (size_t)omp_get_thread_num(), d = k->q->dim, ld = chains->pi.ld, *component = k->choice + thread * 4 * T;
  double *x = k->scratch + thread * k->scratch_thread, *grad = x + d * T, *gradq = grad + d * T, *share = x + 6 * d * T;
  double *logp = share + k->q->components * T, *logq = logp + T, *work = logp + 8 * T;
  uint32_t *id = k->id + thread * T;
  for (size_t i = 0; i < n; i++) {
    id[i] = (uint32_t)(k->first + first + i);
    component[i] = tempered_component(chains, first + i, stream_uniform(k->stream, id[i], step, SLOT_COMPONENT));
  }
  mixture_draw(k->q, k->stream, step, n, T, id, component, x, work);
  target_evaluate(k->target, k->first + first, n, T, x, logp, grad);
  mixture_evaluate(k->q, n, T, x, logq, gradq, share, work);
  for (size_t i = 0; i < n; i++) {
    size_t c = first + i;
    double a = exp(fmin(0, log_ratio(k->beta, logp[i], logq[i], chains->pi.logp[c], chains->logq[c])));
    acceptance[c] = a;
    if (!(stream_uniform(k->stream, id[i], step, SLOT_ACCEPT) < a)) continue;
    chains->pi.logp[c] = logp[i];
    chains->logq[c] = logq[i];
    for (size_t j = 0; j < d; j++) {
      chains->pi.x[j * ld + c] = x[j * T + i];
      chains->pi.grad[j * ld + c] = grad[j * T + i];
      chains->gradq[j * ld + c] = gradq[j * T + i];
    }
    for (size_t m = 0; m < chains->components; m++) chains->share[m * ld + c] = share[m * T + i];
  }
}

void independence_move(const tempered_kernel *k, uint32_t step, tempered *chains, double *acceptance) {
  const size_t n = chains->pi.n;
  const shared_loop s = k->within ? *k->within : share_begin(k->target, n, 1);
#pragma omp parallel for schedule(dynamic, 1) num_threads(team_size(target_threads(k->target)))
  for (size_t tile = s.first; tile < s.end; tile++) move_tile(k, step, chains, tile * T, tile_size(n, tile), acceptance);
  if (!k->within) tempered_share(&s, chains, acceptance, NULL);
}
