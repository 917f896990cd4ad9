/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Particles moved along a path by Langevin steps.
 *
 * Adapted steps belong to each particle: log h += rate (acceptance - 0.574).  Adaptation fades out over the first 80 % of the steps, the
 * rest leave the target invariant.  On the dilation path a step that follows lambda is a step of fixed size on the target itself.
 * Unadjusted runs keep the log weight of their path, log gamma(x_K) - log q_0(x_0) + sum_k log [ B_k(x_(k-1) | x_k) / F_k(x_k | x_(k-1)) ],
 * whose mean is a lower bound of log Z (Thin et al. 2021): particle_result.c. */
#include "method/particle_run.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "method/doubts_target.h"
#include "method/place.h"

#define FIRST_STEP 0.1 /* of the diffusion on the target */

static int allocate(particle_run *m, const run *r, int unadjusted, size_t n) {
  const size_t dim = target_dim(r->target);
  m->path.work = NEW(double, path_work(m->path.type, r->target));
  m->kernel.work = NEW(double, langevin_work(r->target));
  m->centre = NEW(double, dim);
  m->h = NEW(double, n);
  m->acceptance = NEW(double, n);
  if (unadjusted && !(m->log_weight = NEW(double, n))) return DILATE_ENOMEM;
  if (!m->path.work || !m->kernel.work || !m->centre || !m->h || !m->acceptance) return DILATE_ENOMEM;
  return particles_create(dim, n, &m->p) || particles_create(dim, n, &m->proposal) ? DILATE_ENOMEM : DILATE_OK;
}

static void set_rule(particle_run *m, const dilate_options *o) {
  const char *rule = o->step_rule ? o->step_rule : "adapted";
  m->rule = !strcmp(rule, "adapted") ? STEP_ADAPTED : !strcmp(rule, "fixed") ? STEP_FIXED : STEP_LAMBDA;
  m->step_given = o->step_size > 0;
  m->step_size = m->step_given ? o->step_size : FIRST_STEP;
  if (strcmp(rule, "bounded")) return;
  m->kernel.bound = o->step_bound > 0 ? o->step_bound : sqrt(2 * m->step_size * (double)target_dim(m->path.target));
}

static int set_schedule(particle_run *m, const dilate_options *o, dilate_error *err) {
  m->schedule = options_schedule(o, m->plan->schedule);
  if (!m->schedule.lambda || m->path.type->has_density_at_zero || m->schedule.lambda[0] > 0) return DILATE_OK;
  return error_set(err, DILATE_EDOMAIN,
                   "options.schedule_lambda[0] is 0: there the path \"%s\" is a point mass, without density or score; begin above 0",
                   m->path.type->name);
}

int particle_run_open(run *r, const dilate_options *o, const particle_plan *plan, size_t n, size_t steps, unsigned number,
                      particle_run **out, dilate_error *err) {
  particle_run *m = NEW(particle_run, 1);
  if (!m) return error_memory(err, plan->stage);
  m->plan = plan;
  m->number = number;
  m->steps = steps;
  m->path = (path){.type = plan->path, .target = r->target, .scale = 1};
  m->kernel = langevin_adapting(&m->path, stream_make(o->seed, STREAM_PATH, number, 0));
  set_rule(m, o);
  int status = allocate(m, r, o->unadjusted, n) ? error_memory(err, plan->stage) : DILATE_OK;
  if (!status) status = set_schedule(m, o, err);
  if (!status) status = path_check(&m->path, err);
  if (status)
    particle_run_destroy(m);
  else
    *out = m;
  return status;
}

void particle_run_destroy(void *state) {
  particle_run *m = state;
  if (!m) return;
  memory_free(m->path.work);
  memory_free(m->kernel.work);
  particles_clear(&m->p);
  particles_clear(&m->proposal);
  memory_free(m->centre);
  memory_free(m->h);
  memory_free(m->acceptance);
  memory_free(m->log_weight);
  memory_free(m);
}

void particle_run_set_place(particle_run *m, const double *centre, double scale) {
  memcpy(m->centre, centre, m->p.dim * sizeof *centre);
  m->path.centre = m->centre;
  m->path.scale = scale;
}

/* ---- Along the path ---- */

/* lambda of the step to come. */
static double next_lambda(const particle_run *m) {
  const double along = m->plan->share * (double)m->steps, k = (double)m->taken;
  if (k >= along || m->taken + 1 == m->steps) return 1; /* a run ends on the target, however short */
  const double first = m->schedule.lambda ? 0 : m->plan->first;
  return schedule_lambda(&m->schedule, first + (1 - first) * (k / along));
}

void particle_run_carry(const particle_run *m, double from, double to, size_t begin, size_t n, particles *p) {
  const path_type *type = m->path.type;
  if (type->carry) type->carry(&m->path, from, to, n, p->ld, p->x + begin, p->logp + begin, p->grad + begin);
}

/* The path moves on under the particles, which stay: on the dilation path, seen from the target, they contract towards the centre.  Where
 * the path is a map, one that would leave the support by that is carried along instead, and so keeps its point of the target. */
static void move_along(particle_run *m, double to) {
  const double from = m->kernel.lambda;
  const int is_map = m->path.type->carry != NULL;
  particles *p = &m->p, *before = &m->proposal;
  if (is_map) particles_copy_all(before, p);
  path_evaluate(&m->path, to, p);
  for (size_t i = 0; is_map && i < p->n; i++)
    if (!isfinite(p->logp[i])) {
      particles_copy(p, i, before, i);
      particle_run_carry(m, from, to, i, 1, p);
      m->weighted = 0;
    }
}

/* Adapted steps follow a path that is a map: a step on the target of the same size is one in proportion to lambda on the path. */
static void set_steps(particle_run *m, double from, double to) {
  const double factor = m->path.type->carry ? to / from : 1, step = m->rule == STEP_LAMBDA ? to * m->step_size : m->step_size;
  for (size_t i = 0; i < m->p.n; i++) m->h[i] = m->rule == STEP_ADAPTED ? m->h[i] * factor : step;
}

/* Dropped particles are points of the target: where the path is a map they are carried to its beginning, and their density with them. */
static void carry_to_start(particle_run *m, double to) {
  const double from = m->kernel.lambda;
  double log_density = 0; /* of the start, relative to what it was */
  particle_run_carry(m, from, to, 0, m->p.n, &m->p);
  if (m->path.type->carry) m->path.type->carry(&m->path, from, to, 1, 1, NULL, &log_density, NULL);
  for (size_t i = 0; i < m->p.n && m->log_weight; i++) m->log_weight[i] -= log_density;
}

static void go_to(particle_run *m, double to) {
  const double from = m->kernel.lambda;
  if (m->taken == 0 && !m->plan->gaussian)
    carry_to_start(m, to);
  else if (from != to)
    move_along(m, to);
  set_steps(m, from, to);
  m->kernel.lambda = to;
}

static void move(particle_run *m) {
  const double done = (double)m->taken / (double)m->steps;
  const uint32_t step = (uint32_t)m->taken;
  if (!m->log_weight) {
    m->kernel.rate = m->rule == STEP_ADAPTED ? langevin_rate(done) : 0;
    mala_step(&m->kernel, step, &m->p, &m->proposal, m->h, m->acceptance);
    return;
  }
  ula_step(&m->kernel, step, &m->p, m->h, m->acceptance);
  for (size_t i = 0; i < m->p.n; i++) {
    m->log_weight[i] += m->acceptance[i];
    m->acceptance[i] = isfinite(m->acceptance[i]);
  }
}

int particle_run_advance(particle_run *m, run *r, dilate_error *err) {
  int status = m->taken == 0 ? particle_run_start(m, r, err) : DILATE_OK;
  if (status) return status;
  const double lambda = next_lambda(m);
  go_to(m, lambda);
  if (lambda > 0) move(m); /* at 0 they are draws of the path already */
  m->taken++;
  return target_status(r->target, err);
}

/* ---- The method ---- */

static int warn_of_limits(run *r, const particle_plan *plan, dilate_error *err) {
  int status =
      run_warn(r, err,
               "The method \"%s\" estimates no log evidence, and the weights of its modes are those of the basins that its "
               "particles fell into, so that they are not the target's. Use the default method, \"bridge\", for weights and log evidence.",
               plan->stage);
  if (!status && r->options.unadjusted)
    status = run_warn(r, err,
                      "the Langevin steps are unadjusted: draws are biased by an amount that falls with the step size (%g); leave "
                      "`unadjusted` off, or compare with half of it",
                      r->options.step_size > 0 ? r->options.step_size : FIRST_STEP);
  return status;
}

int particle_run_create(run *r, const particle_plan *plan, void **state, dilate_error *err) {
  particle_run *m = NULL;
  const dilate_options *o = &r->options;
  int status = particle_run_open(r, o, plan, o->islands * o->draws, o->steps, 0, &m, err);
  if (!status) status = warn_of_limits(r, plan, err);
  if (status) particle_run_destroy(m);
  *state = status ? NULL : m;
  return status;
}

static double mean_acceptance(const particle_run *m) {
  double sum = 0;
  for (size_t i = 0; i < m->p.n; i++) sum += m->acceptance[i];
  return sum / (double)m->p.n;
}

/* The few particles of place_find may miss a small support that the many of the run, dropped about the same centre, find. */
static int take_place(particle_run *m, run *r, dilate_error *err) {
  double scale;
  dilate_error missed;
  dilate_error_init(&missed);
  const int status = place_find(r, m->centre, &scale, &missed);
  if (status && (status != DILATE_ESUPPORT || m->plan->gaussian)) return error_set(err, status, "%s", missed.message);
  particle_run_set_place(m, m->centre, scale);
  return DILATE_OK;
}

int particle_run_step(void *state, run *r, dilate_error *err) {
  particle_run *m = state;
  int status = m->taken == 0 ? take_place(m, r, err) : DILATE_OK;
  if (!status) status = particle_run_advance(m, r, err);
  if (!status)
    status = run_record(r, m->plan->stage, 0, 0, m->kernel.lambda, NAN, NAN, m->kernel.lambda > 0 ? mean_acceptance(m) : NAN,
                        (double)m->taken / (double)m->steps, err);
  if (status) return status;
  return m->taken < m->steps ? DILATE_CONTINUE : doubt_particles(r, m->p.n, m->p.ld, m->p.x, err);
}

const double *particle_run_particles(const void *state, size_t *n, size_t *ld) {
  const particle_run *m = state;
  *n = m->taken ? m->p.n : 0;
  *ld = m->p.ld;
  return m->taken ? m->p.x : NULL;
}

/* Made from the options where it is read. */
static void make_read(archive *a, run *r, const particle_plan *plan, void **state) {
  archive_expect(a, r->options.islands * r->options.draws, 2 * target_dim(r->target) + 2, sizeof(double));
  if (archive_failed(a)) return;
  const int status = particle_run_create(r, plan, state, NULL);
  if (status) archive_fail(a, status == DILATE_ENOMEM ? DILATE_ENOMEM : DILATE_ECHECKPOINT, "its options do not go with this target");
}

void particle_run_archive(archive *a, run *r, const particle_plan *plan, void **state) {
  if (archive_reads(a)) make_read(a, r, plan, state);
  if (archive_failed(a)) return;
  particle_run *m = *state;
  archive_size(a, &m->taken, m->steps);
  archive_double(a, &m->path.scale);
  archive_doubles(a, m->p.dim, m->centre);
  archive_double(a, &m->kernel.lambda);
  particles_archive(a, &m->p);
  archive_doubles(a, m->p.n, m->h);
  archive_doubles(a, m->p.n, m->acceptance);
  if (m->log_weight) archive_doubles(a, m->p.n, m->log_weight);
  archive_flag(a, &m->weighted);
  if (m->taken) m->path.centre = m->centre;
}
