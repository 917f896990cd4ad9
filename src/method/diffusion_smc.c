/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diffusion sequential Monte Carlo as a method: a step is a level of all islands, the first one draws the particles. */
#include "method/diffusion_smc.h"

#include <math.h>

#include "base/memory.h"
#include "method/doubts_target.h"
#include "method/place.h"

static void diffusion_smc_destroy(void *state) {
  diffusion_smc *m = state;
  if (!m) return;
  diffusion_free(m->smc);
  memory_free(m->centre);
  memory_free(m);
}

static int check_schedule(const schedule *s, dilate_error *err) {
  if (schedule_lambda(s, 0) < 1) return DILATE_OK;
  return error_set(err, DILATE_EINVAL,
                   "options.schedule_lambda[0] is 1: the method \"diffusion-smc\" comes down from noise, so its schedule must begin below "
                   "1, best at 0 or near it");
}

static int create_smc(diffusion_smc *m, const run *r, dilate_error *err) {
  const dilate_options *o = &r->options;
  m->schedule = options_schedule(o, DILATE_SCHEDULE_COSINE);
  const int status = check_schedule(&m->schedule, err);
  if (status) return status;
  m->centre = NEW(double, target_dim(r->target));
  if (!m->centre) return error_memory(err, "diffusion-smc");
  const diffusion_settings set = {.target = r->target,
                                  .centre = m->centre,
                                  .schedule = &m->schedule,
                                  .levels = o->steps,
                                  .islands = o->islands,
                                  .draws = o->draws,
                                  .seed = o->seed};
  return diffusion_create(&set, &m->smc, err);
}

static int diffusion_smc_create(run *r, void **state, dilate_error *err) {
  diffusion_smc *m = NEW(diffusion_smc, 1);
  if (!m) return error_memory(err, "diffusion-smc");
  const int status = create_smc(m, r, err);
  if (status)
    diffusion_smc_destroy(m);
  else
    *state = m;
  return status;
}

static int warn_of_islands(run *r, const diffusion_evidence *e, dilate_error *err) {
  const size_t islands = r->options.islands;
  if (e->log_z == -INFINITY)
    return run_warn(r, err,
                    "no particle came to the target's support: the estimate of the evidence is 0, its logarithm -Inf, and there are no "
                    "draws; allow more draws or more steps, set path_centre and path_scale, or use the default method, \"bridge\"");
  if (islands == 1)
    return run_warn(r, err,
                    "there is one island, so the standard error of the log evidence is not known: it comes from the spread between "
                    "islands; use more of them");
  if (e->effective >= DIFFUSION_EFFECTIVE_MIN) return DILATE_OK;
  return run_warn(r, err,
                  "the islands do not agree on the evidence, of %zu only %.1f count: log Z is likely too low, and its error too; their "
                  "particles were joined in proportion to their evidence, so R-hat says nothing; allow more draws or more steps, set "
                  "path_centre and path_scale, or use the default method, \"bridge\"",
                  islands, e->effective * (double)islands);
}

/* The particles' last places, as points of the target. */
static int doubt(const diffusion *smc, run *r, dilate_error *err) {
  const particles *p = &smc->now;
  double *x = NEW2(double, p->dim, p->ld);
  if (!x) return error_memory(err, "diffusion-smc");
  for (size_t j = 0; j < p->dim; j++)
    for (size_t i = 0; i < p->n; i++) x[j * p->ld + i] = smc->set.centre[j] + smc->set.scale * p->x[j * p->ld + i];
  const int status = doubt_particles(r, p->n, p->ld, x, err);
  memory_free(x);
  return status;
}

static int finish(diffusion_smc *m, run *r, dilate_error *err) {
  const diffusion_evidence e = diffusion_combine(m->smc);
  m->done = 1;
  const int status = doubt(m->smc, r, err);
  return status ? status : warn_of_islands(r, &e, err);
}

static int place(diffusion_smc *m, run *r, dilate_error *err) {
  const int status = place_find(r, m->centre, &m->smc->set.scale, err);
  m->placed = !status;
  return status;
}

static int diffusion_smc_step(void *state, run *r, dilate_error *err) {
  diffusion_smc *m = state;
  int status = m->placed ? DILATE_OK : place(m, r, err);
  if (status) return status;
  diffusion *d = m->smc;
  status = diffusion_step(d, err);
  if (status < 0) return status;
  const double all = (double)d->set.levels + 1, fraction = (all - (double)d->level) / all;
  const int failed = run_record(r, "diffusion", 0, 0, d->abar, diffusion_least_ess(d), diffusion_log_z(d), NAN, fraction, err);
  if (failed) return failed;
  if (status == DILATE_CONTINUE) return status;
  return finish(m, r, err);
}

static const double *diffusion_smc_particles(const void *state, size_t *n, size_t *ld) {
  const diffusion_smc *m = state;
  const int drawn = m->smc->level <= m->smc->set.levels;
  *n = drawn ? m->smc->now.n : 0;
  *ld = m->smc->now.ld;
  return drawn ? m->smc->cloud : NULL;
}

static void diffusion_smc_archive(archive *a, run *r, void **state) {
  archive_expect(a, r->options.islands * r->options.draws, 3 * target_dim(r->target) + 5, sizeof(double));
  if (archive_reads(a) && !archive_failed(a) && diffusion_smc_create(r, state, NULL)) archive_fail(a, DILATE_ENOMEM, "out of memory");
  if (archive_failed(a)) return;
  diffusion_smc *m = *state;
  archive_doubles(a, target_dim(r->target), m->centre);
  archive_flag(a, &m->placed);
  archive_flag(a, &m->done);
  diffusion_archive(a, m->smc);
  if (m->placed != (m->smc->level <= m->smc->set.levels) || m->done != (m->smc->level == 0))
    archive_fail(a, DILATE_ECHECKPOINT, "its level is none that a run comes to");
}

const method method_diffusion_smc = {.name = "diffusion-smc",
                                     .summary =
                                         "sequential Monte Carlo down the Gaussian convolution path (untrained PDDS): weights and log "
                                         "evidence, in few dimensions",
                                     .create = diffusion_smc_create,
                                     .step = diffusion_smc_step,
                                     .result = diffusion_smc_result,
                                     .particles = diffusion_smc_particles,
                                     .destroy = diffusion_smc_destroy,
                                     .archive = diffusion_smc_archive,
                                     .can_cut = 1};
