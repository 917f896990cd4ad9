/* dilate.h: sample a density known only up to its constant, mode weights and log evidence included.
 *
 * Copyright (C) 2026 the libdilate authors.  GPL-3.0-or-later.
 *
 * The one public header of libdilate.  It compiles as C99, C11 and C++, and includes nothing but <stddef.h> and <stdint.h>.
 *
 * Conventions, unless a function says otherwise
 *   status     every `int` function returns a status of DILATE_STATUS_LIST: negative failed, 0 done, positive informative;
 *   errors     a failing function fills the caller's dilate_error (which may be NULL); the first error wins.  The library
 *              never prints, exits, aborts or changes a signal handler, reports nothing through errno, and holds no global state;
 *   units      log-densities are natural logarithms, up to one constant; points are on the unconstrained scale;
 *   threads    distinct objects may be used from distinct threads at once; one object from one thread at a time;
 *   ownership  a pointer that an accessor returns belongs to the object, and lives until the object is freed;
 *   structs    every public struct begins with struct_size, set by its init macro; members are only ever appended, and the
 *              library neither reads nor writes beyond the size it was told.
 */
#ifndef DILATE_H
#define DILATE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Versions and status codes ------------------------------------------------------------------------------------- */

#define DILATE_VERSION_MAJOR 0
#define DILATE_VERSION_MINOR 1
#define DILATE_VERSION_PATCH 0

/* "major.minor.patch" of the library that is linked (the macros are those of the header).  A static string. */
const char *dilate_version(void);

/* The instruction set of the vectorised kernels, "avx512", "avx2", "sse2" or "generic": the widest that the processor has, or what
 * the environment variable DILATE_ISA pins.  Draws are the same bits on the same instruction set.  A static string. */
const char *dilate_isa(void);

/* exp and log of n numbers at once, in the registers of dilate_isa(): for callbacks that compute many, such as a batch callback a tile's.
 * [in] x; [out] y[i] = exp(x[i]) or log(x[i]), to about a unit in the last place; y may be x, and must not overlap it otherwise.
 * exp(-inf) is 0, log(0) is -inf, log of a negative number NaN.  A value does not depend on its place, on n or on the thread, and has
 * the same bits on the same instruction set.  Nothing is done when n is 0 or a pointer is NULL.  Thread-safe.  Source: SLEEF (Shibata &
 * Petrogalli 2020, IEEE Transactions on Parallel and Distributed Systems 31). */
void dilate_vector_exp(size_t n, const double *x, double *y);
void dilate_vector_log(size_t n, const double *x, double *y);

/* X(name, value, text): the whole list; the enum below, dilate_status_text() and the manual are made from it. */
#define DILATE_STATUS_LIST(X)                                                             \
  X(OK, 0, "done")                                                                        \
  X(CONTINUE, 1, "not done yet: call dilate_sampler_step again")                          \
  X(STOPPED, 2, "stopped by the progress callback or a budget: the result is partial")    \
  X(EINVAL, -1, "invalid argument")                                                       \
  X(ENOMEM, -2, "out of memory")                                                          \
  X(ETARGET, -3, "the target's callback asked to abort")                                  \
  X(ESUPPORT, -4, "no point of the target's support was found")                           \
  X(EPLUGIN, -5, "the plug-in could not be loaded")                                       \
  X(ENUMERIC, -6, "a numerical method failed")                                            \
  X(EDOMAIN, -7, "the quantity is not defined there")                                     \
  X(ECHECKPOINT, -8, "the checkpoint cannot be used")                                     \
  X(ERANKS, -9, "the processes of one run lost one another")

typedef enum dilate_status {
#define DILATE_STATUS_ENUM(name, value, text) DILATE_##name = value,
  DILATE_STATUS_LIST(DILATE_STATUS_ENUM)
#undef DILATE_STATUS_ENUM
  DILATE_STATUS_RESERVED = 32767 /* keeps the enum as wide as int; never returned */
} dilate_status;

/* The text of a status code; "unknown status" for any other number.  A static string. */
const char *dilate_status_text(int status);

/* Caller-owned error text: dilate_error_init(&err), pass &err, read err.message when a function returned a negative status. */
typedef struct dilate_error {
  size_t struct_size;
  int status;
  char message[512]; /* what was wrong, where, and what would be right; empty while status is 0 */
} dilate_error;

void dilate_error_init_sized(dilate_error *err, size_t struct_size);
#define dilate_error_init(err) dilate_error_init_sized((err), sizeof(dilate_error))

/* ---- The target: what the user hands over --------------------------------------------------------------------------- */

/* Point callback.  [in] x: dim coordinates.  [out] *logp: log-density up to a constant.  [out] grad: its dim derivatives, or NULL
 * when they are not needed.  Returns 0 ok, >0 outside the support, <0 abort the run.  Called from several threads at once unless
 * the target is DILATE_TARGET_SERIAL.  A NaN or +Inf log-density counts as outside the support and is reported; a NaN gradient at a
 * finite log-density rejects the point, and is counted. */
typedef int (*dilate_logp_fn)(size_t dim, const double *x, double *logp, double *grad, void *params);

/* Batch callback: n points at once; coordinate j of point i is x[j*ld + i], ld >= n, and the same for grad (NULL: not needed), so
 * that a plain loop over i vectorises.  logp[i] = -INFINITY marks a point outside the support.  Returns 0 ok, <0 abort. */
typedef int (*dilate_batch_fn)(size_t dim, size_t n, size_t ld, const double *x, double *logp, double *grad, void *params);

/* Convolution callback, for targets that know their own convolution with a Gaussian, as mixtures of Gaussians do: log-density, with the
 * constant that logp has, and score of X + sigma E, X ~ pi, E ~ N(0, I), sigma >= 0 (0: the target itself).  Shapes and status as for
 * the batch callback; score may be NULL. */
typedef int (*dilate_convolve_fn)(size_t dim, double sigma, size_t n, size_t ld, const double *x, double *logp, double *score, void *params);

#define DILATE_TARGET_SERIAL 1u      /* callbacks must not run concurrently */
#define DILATE_TARGET_NO_GRADIENT 2u /* callbacks never fill grad: central finite differences are used, 2 dim evaluations each */

typedef struct dilate_target {
  size_t struct_size;
  size_t dim;            /* number of unconstrained coordinates, >= 1 */
  dilate_logp_fn logp;   /* one of logp and batch is required; given both, batch is used and must agree */
  dilate_batch_fn batch;
  void *params;          /* handed to every callback; the library never touches it */
  unsigned flags;        /* DILATE_TARGET_*, or 0 */
  size_t n_out;          /* reported parameters; 0: the dim coordinates themselves */
  const char *const *names; /* n_out names (dim when n_out is 0; none of them lp__, chain__ or mode__), or NULL: x[1] ... x[dim]; must
                               outlive the sampler's creation only */
  int (*constrain)(size_t dim, const double *x, double *out, void *params); /* fills the n_out reported values; 0 ok; NULL: identity */
  dilate_convolve_fn convolve; /* NULL (the default): no closed form; scores of convolutions are then estimated by Monte Carlo */
} dilate_target;

void dilate_target_init_sized(dilate_target *target, size_t struct_size);
#define dilate_target_init(target) dilate_target_init_sized((target), sizeof(dilate_target))

/* ---- Constrained parameters ------------------------------------------------------------------------------------------
 * The transforms of Stan's reference manual ("Constraint Transforms"), piece by piece; a model, below, puts them to work.
 * A block is one parameter of `size` natural-scale values and dilate_block_dim(block) unconstrained ones.  A matrix is square and
 * column-major: element (i, j) of `rows` rows is x[i + rows*j], and size is rows*rows.  Densities are with respect to the natural values
 * that are free to move: all but the last of a simplex; area on the sphere for a unit vector; the lower triangle of a covariance matrix or
 * factor, without its diagonal of a correlation matrix or factor.
 * For a block without a meaning, or a NULL among the pointers, nothing is written: its dimension is 0, unconstraining is
 * DILATE_EINVAL.  Thread-safe: nothing is kept. */

typedef enum dilate_constraint {
  DILATE_UNCONSTRAINED = 0,
  DILATE_POSITIVE,            /* x > lower: x = lower + exp(u) */
  DILATE_INTERVAL,            /* lower < x < upper: x = lower + (upper - lower) / (1 + exp(-u)) */
  DILATE_ORDERED,             /* x[0] < x[1] < ...: x[0] = u[0], x[i] = x[i-1] + exp(u[i]) */
  DILATE_SIMPLEX,             /* x >= 0, sum 1: stick breaking; size - 1 unconstrained values */
  DILATE_UPPER,               /* x < upper: x = upper - exp(u) */
  DILATE_POSITIVE_ORDERED,    /* 0 < x[0] < x[1] < ...: x[0] = exp(u[0]), x[i] = x[i-1] + exp(u[i]) */
  DILATE_UNIT_VECTOR,         /* |x| = 1: x = u / |u|.  The log-density gains -|u|^2/2 as in Stan, and a constant, so that log Z is over the
                                 sphere */
  DILATE_CHOLESKY_COVARIANCE, /* L of a covariance matrix L L': lower triangular, x[i,i] = exp(u) > 0; u row by row */
  DILATE_COVARIANCE,          /* L L': symmetric, positive definite; u as L's */
  DILATE_CHOLESKY_CORRELATION, /* L of a correlation matrix L L': rows of length 1; tanh(u) are canonical partial correlations, row by row;
                                  rows (rows - 1) / 2 unconstrained values */
  DILATE_CORRELATION,          /* L L' with diagonal 1; as many, column by column below the diagonal */
  DILATE_LOWER = DILATE_POSITIVE /* another name */
} dilate_constraint;

typedef struct dilate_block {
  dilate_constraint constraint;
  size_t size;         /* natural-scale values, >= 1 (a simplex or unit vector: >= 2; a matrix: a square, of a correlation >= 4) */
  double lower, upper; /* LOWER reads lower, UPPER upper, INTERVAL both */
} dilate_block;

/* Number of unconstrained values of the block. */
size_t dilate_block_dim(const dilate_block *block);
/* [in] u: dilate_block_dim values.  [out] x: block->size natural values.  *log_jacobian (may be NULL) is increased by log |dx/du|, finite
 * wherever |u| is below 1e150; -inf only at the centre of a unit vector. */
void dilate_constrain(const dilate_block *block, const double *u, double *x, double *log_jacobian);
/* [in] x inside the constraint (sums, lengths, diagonals and symmetry to 1e-8).  [out] u.  DILATE_EDOMAIN when x breaks it. */
int dilate_unconstrain(const dilate_block *block, const double *x, double *u);
/* The chain rule.  [in] grad_x: derivatives of f with respect to the natural values x = x(u).  [out] grad_u: derivatives of
 * f(x(u)) + log |dx/du| with respect to u.  Of a matrix every element is a variable of its own (the gradient of a function of symmetric
 * elements may be given to either of the two, or half to each); those that cannot move are not read.  Only a correlation matrix of more
 * than 16 rows makes this allocate; grad_u is NaN when memory is short. */
void dilate_pull_back(const dilate_block *block, const double *u, const double *x, const double *grad_x, double *grad_u);

/* ---- Models: named parameters, a density on their natural scale -----------------------------------------------------
 * Declare the parameters with names, shapes and constraints, write the log-density of their natural values, and sample the model's
 * target: unconstrained, with the log Jacobians, reported on the natural scale by the names that Stan gives. */

#define DILATE_RANK_MAX 8

/* One parameter.  Its shape has `rank` extents: none is a single value.  Bounds hold for every value; the vectors among the constraints
 * (ordered, simplex, unit vector) take the last extent, the matrices the last two, and the extents before them make an array of such:
 * rank 2, shape {5, 3} and DILATE_SIMPLEX are five simplexes of three values.
 * Natural values lie one parameter after the other, each as Stan writes it, with the first index fastest: element (i, j, k) of shape
 * {I, J, K} is the parameter's value i + I (j + J k), from 0, and has the name "theta[i+1,j+1,k+1]". */
typedef struct dilate_declaration {
  size_t struct_size; /* sizeof(dilate_declaration), in each of them */
  const char *name;   /* a letter, then letters, digits and underscores, not two of these at the end; copied */
  dilate_constraint constraint;
  double lower, upper;           /* finite; LOWER reads lower, UPPER upper, INTERVAL both; what is not read must be 0 */
  size_t rank;                   /* from 0 to DILATE_RANK_MAX */
  size_t shape[DILATE_RANK_MAX]; /* `rank` extents, each >= 1, then zeros */
} dilate_declaration;

typedef struct dilate_model dilate_model;

/* [in] natural: the density, by callbacks that are given the natural values (of a batch, value j of point i at x[j*ld + i]) and fill the
 * log-density and its derivatives by them, as if every value could move freely; a constant that is dropped is missing in log Z.  Its dim is
 * the number of natural values, or 0, which stands for it; flags hold as for any target.  Copied; its params must live until
 * dilate_model_free().  The callbacks only meet finite values that lie strictly inside their bounds, ordered, and positive where a diagonal
 * or a simplex has to be, and matrices whose rows keep 1e-13 of their variance to themselves: what rounds to an edge is outside the support,
 * and so is what overflows within exp(-100) of one.
 * With natural->constrain, which is given the natural values, n_out derived values (with names) are reported behind the parameters.
 * [in] declarations: count >= 1 of them.  [out] *model: NULL on failure.  DILATE_EINVAL: a wrong argument, which the text of the error
 * names; DILATE_ENOMEM.  Creation allocates, evaluation does not. */
int dilate_model_create(const dilate_target *natural, const dilate_declaration *declarations, size_t count, dilate_model **model,
                        dilate_error *err);
/* The target to sample: unconstrained coordinates one parameter after the other, n_out natural (and derived) values with names.  It may be
 * used from several threads at once as `natural` may, and lives until dilate_model_free().  Its params are the model: a plug-in may copy
 * the struct into the host's (*target = *dilate_model_target(model)) and free target->params when it is closed.  NULL for NULL. */
const dilate_target *dilate_model_target(const dilate_model *model);
/* [in] x: natural values inside their constraints; [out] u: the target's coordinates there, such as hints are given in.  DILATE_EDOMAIN
 * names the parameter that breaks its constraint. */
int dilate_model_unconstrain(const dilate_model *model, const double *x, double *u, dilate_error *err);
void dilate_model_free(dilate_model *model); /* NULL is allowed */

/* ---- Conditioned targets ---------------------------------------------------------------------------------------------
 * What is known besides a prior, made into a new target: every method works on it, exactly, and its log Z is the evidence of what
 * is known (up to the prior's own constant: conditional evidence where the prior is a posterior already).  Conditions may be
 * conditioned again.
 *
 * The prior's struct and names are copied, and so are matrices, data and indices; the prior's params (and a likelihood's) must live
 * until dilate_condition_free(), and so must a prior that is itself conditioned.  The new target has the prior's SERIAL and
 * NO_GRADIENT flags, its names, n_out and constrain, and a point or batch callback where the prior has one.  What is outside the
 * support of the prior or of the likelihood is outside; a callback that aborts aborts the run.  Creation allocates, evaluation does
 * not; a target may be used from several threads at once as its prior may.  [out] *out: NULL on failure.  DILATE_EINVAL: a wrong
 * argument, which the text of the error names; DILATE_ENOMEM. */
typedef struct dilate_condition dilate_condition;

/* pi~(x) l(y given x)^weight.  [in] log_likelihood: log l with its gradient, a point callback as a target's (>0: l = 0 there), given
 * params; it is called only where the prior's log-density is finite.  [in] weight: finite, >= 0; at 0 the target is the prior, and
 * the likelihood is never called.  [in] flags: of the likelihood, DILATE_TARGET_SERIAL (it must not run concurrently) and
 * DILATE_TARGET_NO_GRADIENT (it never fills grad: the whole target is then without gradient), or 0. */
int dilate_condition_likelihood(const dilate_target *prior, dilate_logp_fn log_likelihood, void *params, double weight, unsigned flags,
                                dilate_condition **out, dilate_error *err);

/* y = A x + e with independent e_i ~ N(0, noise_i^2): log Z is the log-density of y when the prior is normalised.  [in] a: rows x dim,
 * row-major; [in] y: rows; [in] noise: rows standard deviations > 0.  All finite. */
int dilate_condition_linear(const dilate_target *prior, size_t rows, const double *a, const double *y, const double *noise,
                            dilate_condition **out, dilate_error *err);

/* Coordinate index[i] (from 0) is known to be value[i], i < count: a target of the dim - count other coordinates in their order, whose
 * log Z is the log of the integral of pi~ over them, the others held.  [in] index: each below dim and given once, not all of them;
 * [in] value: finite, on the unconstrained scale.  Names are those of the free coordinates (x[j] by their places in the prior where it
 * has none); a prior with constrain is asked for all of its reported values at the completed point. */
int dilate_condition_fixed(const dilate_target *prior, size_t count, const size_t *index, const double *value, dilate_condition **out,
                           dilate_error *err);

/* The conditioned target, for dilate_sample(); it lives until dilate_condition_free().  NULL for NULL. */
const dilate_target *dilate_condition_target(const dilate_condition *condition);
void dilate_condition_free(dilate_condition *condition); /* NULL is allowed */

/* ---- Options --------------------------------------------------------------------------------------------------------- */

/* Where a run stands; handed to the progress callback and filled by dilate_sampler_progress(). */
typedef struct dilate_progress {
  size_t struct_size;
  const char *stage;    /* "explore", "settle", "fit", "pilot", "bridge", "langevin", ...: a static string */
  int group, round;     /* from 0 */
  double temperature;   /* beta of a bridge, lambda of a path, in [0, 1]; NaN elsewhere */
  double ess;           /* effective share of the particles at the last reweighting, in (0, 1]; NaN elsewhere */
  double log_z;         /* so far; NaN before the first bridge */
  double fraction;      /* of the whole run that is done, in [0, 1]: an estimate */
  uint64_t evaluations; /* point calls so far */
  double seconds;       /* since the sampler was created */
} dilate_progress;

/* Called from the calling thread between steps.  Non-zero stops the run with DILATE_STOPPED and a valid partial result. */
typedef int (*dilate_progress_fn)(const dilate_progress *progress, void *data);

/* Several processes at one run, as under MPI (dilate_mpi.h makes one of these; any other way to exchange memory will do).  Every process,
 * of rank 0 to count - 1, makes the same calls with the same target, options and seed; the work is shared out, and each gets the result that
 * one process alone would have got, bit for bit, or with options.spread its part of that.  Processors of one kind and one DILATE_ISA are
 * asked for; clocks and the progress callback are rank 0's.  A failure on one rank is a failure on all. */
typedef struct dilate_ranks {
  size_t struct_size;
  size_t rank, count; /* default 0 and 1 */
  /* Called by all ranks in the same order, from the thread that called the library.  [in, out] all: one block a rank, one behind the other,
   * of bytes[0], bytes[1], ... (multiples of 8); on entry our own is filled, on exit those of all.  Non-zero when a rank is lost. */
  int (*gather)(void *data, const size_t *bytes, void *all);
  void *data; /* handed to gather */
} dilate_ranks;

void dilate_ranks_init_sized(dilate_ranks *ranks, size_t struct_size);
#define dilate_ranks_init(ranks) dilate_ranks_init_sized((ranks), sizeof(dilate_ranks))

/* Called from the calling thread between steps with the state of the run (see "Checkpoints" below), which is gone when it returns.  Non-zero
 * stops the run with DILATE_STOPPED and a valid partial result; where the state could not be kept and the run is worth more than that,
 * return 0. */
typedef int (*dilate_checkpoint_fn)(const void *bytes, size_t size, void *data);

typedef struct dilate_options {
  size_t struct_size;
  uint64_t seed;      /* default 1 */
  size_t islands;     /* default 4: chains of draws; a multiple of groups */
  size_t groups;      /* default 2: independent explorations and references */
  size_t draws;       /* default 1000: draws an island, >= 16 */
  size_t threads;     /* default 0: what OpenMP would use */
  const char *method; /* default "bridge"; dilate_method_name() lists them */
  size_t steps;       /* all methods but "bridge": steps a particle, levels of "diffusion-smc"; default 250 */
  dilate_progress_fn progress; /* default NULL */
  void *progress_data;
  /* Budgets, looked at between steps: a run that has used one up ends there with DILATE_STOPPED, a partial result and a warning. */
  double max_seconds;       /* default 0: none; a long step is given up, see dilate_sampler_stop() */
  uint64_t max_evaluations; /* point calls; default 0: none */
  /* Hints for "bridge": used where they are given and never needed; half of the first particles, at least, are dropped as without
   * them, so that a wrong one does no harm.  All on the unconstrained scale, and copied. */
  size_t hint_points_count;  /* default 0 */
  const double *hint_points; /* hint_points_count x dim, row-major: where some particles start */
  const double *hint_centre; /* dim, or NULL (default; 0): around which some are dropped */
  const double *hint_scale;  /* dim, each > 0, or NULL (default; 1): of each coordinate around the centre */
  const double *hint_lower;  /* dim, or NULL (default: no box) ... */
  const double *hint_upper;  /* ... and dim, each above its lower one: a box in which some start uniformly */
  double effort;    /* "bridge": default 1, from 0.1 to 1000: multiplies the particles of the bridges and the length of exploration */
  double target_se; /* "bridge": default 0: none; repeats the final bridges until log Z has this standard error, or a budget ends */
  /* All methods but "bridge"; a method ignores what it has no use for, except guidance, which it refuses.  Arrays are copied. */
  const double *path_centre; /* dim, or NULL (default): found by a few particles that fall onto the target */
  double path_scale;         /* default 0: found likewise.  The target's spread around the centre, root mean square of a coordinate: the
                                scale of the first particles' distances, and the standard deviation of a path's Gaussian end */
  const char *schedule;      /* default NULL: the method's own; a name of dilate_schedule_name(); or "array": */
  size_t schedule_count;     /* default 0; at least 2 */
  const double *schedule_lambda; /* lambda at equal distances in time: in [0, 1], never falling, the last 1 */
  const char *step_rule; /* default NULL: "adapted", to each particle's acceptance; "fixed"; "lambda": proportional to lambda; "bounded":
                            that, and the drift of a step no longer than step_bound */
  double step_size;      /* default 0: 0.1; at lambda = 1, in squared units of the target; where it adapts, the first value */
  double step_bound;     /* "bounded": default 0: sqrt(2 step_size dim), the length of a step's noise */
  int unadjusted;        /* default 0; 1: without the Metropolis test, so draws are biased; not with the rule "adapted" */
  const char *walk;      /* "walk": default NULL: "ve"; "vp", "ncsn"; or "free": */
  size_t walk_count;     /* default 0; at least 1 */
  const double *walk_sigma, *walk_tau, *walk_temperature; /* of each step: noise level > 0, step > 0, temperature >= 0 */
  const char *score;     /* "convolution", "walk": default NULL: "closed" where the target has it, else "importance"; or "langevin" */
  size_t score_samples;  /* default 64, at least 2: evaluations that a Monte Carlo score is made of */
  dilate_logp_fn guidance; /* "convolution", "walk": default NULL.  A log-likelihood whose gradient at the particle's own place, */
  void *guidance_params;
  double guidance_scale;   /* times this (default 1), is added to the score, so much of it that a step moves by no more than the noise's
                              standard deviation: right only as the noise goes to 0.  What is exact is a conditioned target */
  /* Of dilate_sample() and dilate_resume(); with the stepwise interface, dilate_sampler_save() is called when it suits the caller. */
  dilate_checkpoint_fn checkpoint; /* default NULL */
  void *checkpoint_data;
  double checkpoint_seconds; /* default 60: called at the first step that begins so many seconds after the last call, or the start; 0: at every */
  const char *note;          /* default NULL.  What the caller needs to set up the same target again; goes with every checkpoint; copied */
  const dilate_ranks *ranks; /* default NULL: this process alone; must outlive the sampler */
  int spread;                /* default 0: with ranks, each holds all that one process would.  1, on all of them: of what grows with draws
                                times dimension a rank of "bridge" holds its own part alone; see dilate_result_held() */
} dilate_options;

void dilate_options_init_sized(dilate_options *options, size_t struct_size);
#define dilate_options_init(options) dilate_options_init_sized((options), sizeof(dilate_options))

/* Name of the i-th method, NULL when there are not so many.  Static strings. */
const char *dilate_method_name(size_t i);
/* One line that says what the method does; NULL when there is no such method. */
const char *dilate_method_summary(const char *method);

/* ---- Sampling -------------------------------------------------------------------------------------------------------- */

typedef struct dilate_result dilate_result;
typedef struct dilate_sampler dilate_sampler;

/* The whole sampler: create, step until done, take the result.  [in] target; [in] options (NULL: defaults).  [out] *out: a result
 * to be freed by dilate_result_free(), also on DILATE_STOPPED; NULL on failure. */
int dilate_sample(const dilate_target *target, const dilate_options *options, dilate_result **out, dilate_error *err);

/* The stepwise interface under it.  Both structs are copied; target->params must live as long as the sampler. */
int dilate_sampler_create(const dilate_target *target, const dilate_options *options, dilate_sampler **out, dilate_error *err);
/* One step: a batch of exploration, one candidate fit, one temperature, one Langevin step along the path.  DILATE_CONTINUE, DILATE_OK
 * when the last was done, DILATE_STOPPED when a budget of the options is used up (and at every later call), or a failure, after which
 * only dilate_sampler_result (for what is valid) and free may be called. */
int dilate_sampler_step(dilate_sampler *sampler, dilate_error *err);
/* Asks the run to stop: its next dilate_sampler_step(), or the one at hand, returns DILATE_STOPPED, and the result is that of the steps
 * that were finished.  Long steps of the methods "bridge", "walk" and "diffusion-smc" are given up a second after this, or after max_seconds:
 * then the target's callback is not called again in that step.  From any thread, and from a signal's handler, between create and free.
 * NULL is allowed. */
void dilate_sampler_stop(dilate_sampler *sampler);
/* [out] *progress, with its struct_size set. */
void dilate_sampler_progress(const dilate_sampler *sampler, dilate_progress *progress);
/* The particles as they stand, in unconstrained coordinates: [out] n, ld; coordinate j of particle i is x[j*ld + i].  They are the
 * sampler's, good until its next step and the next call of this function, one call at a time.  NULL and n = 0 where a stage has none, or
 * there is no memory for a copy.  With options.spread a rank has its own part of a final bridge's. */
const double *dilate_sampler_particles(const dilate_sampler *sampler, size_t *n, size_t *ld);
/* A result of its own from what the sampler has: complete after DILATE_OK, else partial and marked so.  With options.spread
 * "bridge" has none after a failure, which ends what ranks exchange: it fails for the same reason. */
int dilate_sampler_result(dilate_sampler *sampler, dilate_result **out, dilate_error *err);
void dilate_sampler_free(dilate_sampler *sampler); /* NULL is allowed */

/* ---- Checkpoints ------------------------------------------------------------------------------------------------------
 * The whole state of a run between two steps as bytes, with a checksum; a run that goes on from there has the draws, bit for bit, that it
 * would have had, on any number of threads.  Seconds and evaluations go on counting.  Bytes that are not such a state, or not one that can
 * go on here, are DILATE_ECHECKPOINT with the reason: truncated or damaged; of another format, byte order, build of the library or
 * instruction set (DILATE_ISA in the environment pins it); of another target, which is told by its shape, its names and its log-density
 * at two points.  The callbacks are evaluated at these, uncounted, when a state is saved and when it is loaded.  Reading takes memory in
 * proportion to the bytes, and trusts none of them. */

/* [in] sampler: one that has not failed.  A run that was stopped goes on from there, by a step at least, unless its last step was given up
 * in its midst (dilate_sampler_stop()): then there is a result, and no state.  [out] *bytes, to be freed by dilate_free(); *size.
 * DILATE_EINVAL where there is no state, DILATE_ENOMEM, or DILATE_ETARGET when the callback asked to abort.  With ranks any of them may save,
 * alone; with options.spread all do, between the same two steps, and all but rank 0 may hand over NULL for bytes and size. */
int dilate_sampler_save(dilate_sampler *sampler, void **bytes, size_t *size, dilate_error *err);
/* [in] target: as it was given to the run that was saved; copied.  [in] bytes: as they were saved; not needed afterwards.  [in] options:
 * NULL, or of these threads, ranks, progress, checkpoint with its seconds, guidance (which a guided run wants again), max_seconds
 * and max_evaluations (of the whole run; 0: those that it had): all else is the checkpoint's.  [out] *sampler, NULL on failure. */
int dilate_sampler_load(const dilate_target *target, const void *bytes, size_t size, const dilate_options *options, dilate_sampler **sampler,
                        dilate_error *err);
/* dilate_sample() from a checkpoint on: load, step until done, take the result. */
int dilate_resume(const dilate_target *target, const void *bytes, size_t size, const dilate_options *options, dilate_result **out,
                  dilate_error *err);
/* [out] *note: the options' note of the run that was saved, to be freed by dilate_free(); NULL: it had none.  Of any checkpoint that is
 * whole, whoever wrote it with this format. */
int dilate_checkpoint_note(const void *bytes, size_t size, char **note, dilate_error *err);
/* Frees what dilate_sampler_save() and dilate_checkpoint_note() gave; NULL is allowed. */
void dilate_free(void *memory);

/* ---- Results --------------------------------------------------------------------------------------------------------- */

void dilate_result_free(dilate_result *result); /* NULL is allowed */

/* Shape.  Draws are island-major: draw k of island i is row i*draws + k.  A partial result may have fewer islands, even none. */
size_t dilate_result_dim(const dilate_result *result);     /* unconstrained coordinates */
size_t dilate_result_n_out(const dilate_result *result);   /* reported parameters */
size_t dilate_result_islands(const dilate_result *result);
size_t dilate_result_draws(const dilate_result *result);   /* an island */
int dilate_result_complete(const dilate_result *result);   /* 1: the run reached its end */
/* How many rows of dilate_result_unconstrained() and dilate_result_values() are here, and the first one's number: all, from 0 on; but with
 * options.spread those of this rank, which follow on those of the rank before it.  Everything else in a result is on every rank. */
size_t dilate_result_held(const dilate_result *result, size_t *first);
const char *dilate_result_method(const dilate_result *result);
uint64_t dilate_result_seed(const dilate_result *result);
size_t dilate_result_groups(const dilate_result *result);

const double *dilate_result_unconstrained(const dilate_result *result); /* held rows x dim, row-major */
const double *dilate_result_values(const dilate_result *result);        /* held rows x n_out, row-major: natural scale */
const double *dilate_result_log_density(const dilate_result *result);   /* rows: the target's, at each draw */
const int *dilate_result_mode(const dilate_result *result);             /* rows: index of the draw's mode, -1 where none is listed */
const char *dilate_result_name(const dilate_result *result, size_t i);  /* of reported parameter i; NULL beyond */

/* Log evidence: the log of the integral of exp(log-density).  +-2 standard errors are a 95 % interval.  DILATE_EDOMAIN (and NaN
 * in all three) from a method that does not estimate it, or a run that was stopped before it could. */
int dilate_result_log_z(const dilate_result *result, double *log_z, double *se, double *df);

/* Two estimates of the same error, each one standard deviation, without the t quantile that is folded into se above.  [out] lineages: from
 * within the islands, by what descends from each state (the account of Lee & Whiteley 2018; the manual, section 9); [out] islands: from
 * the spread of the islands' estimates, as if they knew nothing of one another, with as few degrees of freedom as there are islands but one.
 * They agree but for chance where the islands do; se is made of the first and of what the groups or islands are apart beyond it.  Either may
 * be NULL, and is NaN where it is not known.  DILATE_EDOMAIN when neither is. */
int dilate_result_log_z_errors(const dilate_result *result, double *lineages, double *islands);

/* The largest Pareto k of the weights of the final bridges, over their temperatures: below 0.5 they have a variance, above 0.7 no sample of a
 * practical size tells their mean (Vehtari et al. 2024).  A warning says so where, besides, single weights matter.  NaN from other
 * methods, and from a run that was stopped. */
double dilate_result_pareto_k(const dilate_result *result);

/* A lower bound of the log evidence (up to its own error) that unadjusted Langevin steps along a path give: the mean over the particles of
 * log pi~(x_K) - log q_0(x_0) + sum_k log B_k(x_(k-1) | x_k) - log F_k(x_k | x_(k-1)), F_k the step forward and B_k the same step back (Thin et
 * al. 2021).  DILATE_EDOMAIN (and NaN in both) where there is none: steps were adjusted, or the particles' start has no known density. */
int dilate_result_log_z_bound(const dilate_result *result, double *bound, double *se);

uint64_t dilate_result_evaluations(const dilate_result *result, uint64_t *gradients); /* point calls; gradients may be NULL */
double dilate_result_seconds(const dilate_result *result);

typedef struct dilate_mode {
  size_t struct_size;
  double weight, weight_se; /* share of the draws; +-2 standard errors are a 95 % interval */
  size_t draws;             /* how many of the draws */
  double log_density;       /* at the mode's highest point found */
  const double *mean;       /* n_out values: mean of its draws on the natural scale */
  const double *peak;       /* dim values: the highest point found, unconstrained */
} dilate_mode;

/* Modes in the order of their weights, at most 256; dilate_result_modes_countable() is 0 when there are more than can be listed. */
size_t dilate_result_mode_count(const dilate_result *result);
int dilate_result_modes_countable(const dilate_result *result);
int dilate_result_mode_info(const dilate_result *result, size_t i, dilate_mode *mode); /* mode->struct_size set by the caller */
/* Estimate of the share of the target in modes that were not found, from that of the modes found only just: by one exploring particle,
 * or by one group.  NaN where modes are uncountable, and from a run that was stopped. */
double dilate_result_unseen_mass(const dilate_result *result);

typedef struct dilate_parameter {
  size_t struct_size;
  const char *name;
  double mean, mcse, sd, q5, q50, q95, rhat, ess_bulk, ess_tail;
  double mcse_sd, mcse_q5, mcse_q50, mcse_q95; /* standard errors of sd and quantiles */
  double pareto_k;                             /* dilate_summarise() alone: of the heavier tail of the values; NaN in a result */
} dilate_parameter;

int dilate_result_parameter(const dilate_result *result, size_t i, dilate_parameter *parameter); /* struct_size set by the caller */

/* The same of draws from elsewhere, of one parameter of Markov chains in the order in which they were made: what R's package posterior
 * says of them (Vehtari, Gelman, Simpson, Carpenter & Buerkner 2021).  [in] x: draw i of chain c is x[c*draws + i].  [out] *out, its
 * struct_size set by the caller; name is left as it is.  R-hat is the larger of the bulk and the folded one over chains split in halves;
 * ess_tail is the smaller of those of the 5 % and 95 % quantiles; pareto_k is of the heavier tail: moments up to 1/pareto_k are finite.  A
 * number that cannot be told is NaN: of values that are all the same all but moments and quantiles; everything where a value is not finite.
 * DILATE_EINVAL for no draws, 2^32 or more of them, or a NULL; DILATE_ENOMEM.  Thread-safe.  An island's draws of a dilate_result stand in
 * random order, so that this says nothing of them: their errors are the run's, dilate_result_parameter(). */
int dilate_summarise(size_t chains, size_t draws, const double *x, dilate_parameter *out, dilate_error *err);

size_t dilate_result_warning_count(const dilate_result *result);
const char *dilate_result_warning(const dilate_result *result, size_t i); /* what happened, why it matters, what to try */

/* One record a step of the run, in order: what a report plots. */
typedef struct dilate_trace {
  size_t struct_size;
  const char *stage;  /* as in dilate_progress */
  int group, round;
  double temperature, ess, log_z, acceptance; /* NaN where the stage has none */
  uint64_t evaluations; /* so far */
} dilate_trace;

size_t dilate_result_trace_count(const dilate_result *result);
int dilate_result_trace_info(const dilate_result *result, size_t i, dilate_trace *trace); /* struct_size set by the caller */

/* ---- Schedules, paths and Langevin steps: the pieces, for teaching and for comparison --------------------------------- */

/* lambda(t), t in [0, 1]: rises to 1 exactly; from 0 the linear, the quadratic (t^2) and the cosine (sin(pi t / 2)^2) one, from 1e-4 the
 * geometric, 4.3e-5 the VP (beta 0.1 to 20) and 1e-4 the VE one (sigma from 100 down).  t outside [0, 1] is taken as the nearer end. */
typedef enum dilate_schedule {
  DILATE_SCHEDULE_LINEAR = 0,
  DILATE_SCHEDULE_QUADRATIC, /* linear in sqrt(lambda) */
  DILATE_SCHEDULE_GEOMETRIC,
  DILATE_SCHEDULE_COSINE,
  DILATE_SCHEDULE_VP,
  DILATE_SCHEDULE_VE
} dilate_schedule;
double dilate_schedule_lambda(dilate_schedule schedule, double t);
/* "linear", "quadratic", "geometric", "cosine", "vp", "ve", in the order of the enum; NULL beyond.  Static strings. */
const char *dilate_schedule_name(size_t i);

/* A path mu_lambda from something simple at lambda = 0 to the target at lambda = 1; both ends are exact.
 *   "none"         the target at every lambda
 *   "geometric"    q^(1 - lambda) pi^lambda, q normalised: N(centre, scale^2 I) or a reference of your own
 *   "dilation"     the law of c + sqrt(lambda) (X - c), X ~ pi (Chehab & Korba 2024); lambda = 0 is a point mass: DILATE_EDOMAIN
 *   "convolution"  the law of c + sqrt(lambda) (X - c) + sqrt(1 - lambda) s E, E ~ N(0, I); of targets with a convolve callback only */
typedef struct dilate_path_options {
  size_t struct_size;
  const char *path;               /* default "dilation" */
  const double *centre;           /* dim, or NULL (default): the origin; copied */
  double scale;                   /* default 1: s, of the Gaussian that "geometric" and "convolution" begin at */
  const dilate_target *reference; /* "geometric": a normalised density to begin at instead; default NULL.  Copied; its params are not */
} dilate_path_options;
void dilate_path_options_init_sized(dilate_path_options *options, size_t struct_size);
#define dilate_path_options_init(options) dilate_path_options_init_sized((options), sizeof(dilate_path_options))

typedef struct dilate_path dilate_path;
/* [in] target; options (NULL: defaults).  [out] *out, to be freed.  DILATE_EDOMAIN, with the reason, for a path that cannot serve the
 * target. */
int dilate_path_create(const dilate_target *target, const dilate_path_options *options, dilate_path **out, dilate_error *err);
/* [in] n points, x[j*ld + i].  [out] logp: log mu_lambda, with the constant of the target for "dilation" and "convolution" (whose
 * integral is Z at every lambda > 0; at 0 the Gaussian is normalised); [out] score: its gradient, or NULL. */
int dilate_path_evaluate(dilate_path *path, double lambda, size_t n, size_t ld, const double *x, double *logp, double *score,
                         dilate_error *err);
void dilate_path_free(dilate_path *path); /* NULL is allowed */

/* One point of the dilation path without an object, for a first try: makes and frees a path at every call.
 * [in] centre: dim values or NULL (the origin); [in] n points, x[j*ld + i]; [out] logp: log mu_lambda up to pi's own constant (so that
 * its integral is Z for every lambda); [out] score: its gradient, or NULL.  DILATE_EDOMAIN at lambda = 0, a point mass;
 * DILATE_EINVAL unless 0 < lambda <= 1. */
int dilate_dilation_evaluate(const dilate_target *target, const double *centre, double lambda, size_t n, size_t ld, const double *x,
                             double *logp, double *score, dilate_error *err);

/* One unadjusted Langevin step, in place: x += h b + sqrt(2 h) xi with the bounded drift b = s / max(1, h |s| / bound) of score s
 * (bound = INFINITY: plain ULA).  Normals come from the counter-based stream (seed, step, particle).  [in,out] x; shapes as above.
 * Does nothing when x or score is NULL, dim or n is 0, or ld < n. */
void dilate_langevin_step(size_t dim, size_t n, size_t ld, double *x, const double *score, double h, double bound, uint64_t seed,
                          uint32_t step);

/* ---- Tweedie's formula: score, denoiser, noise prediction and velocity, each from each ----------------------------------
 * All three noisy paths are x - c = a (X - c) + b E, X ~ pi, E ~ N(0, I).  Of the law of x at one point there are four statements, and
 * each gives the others (c = 0 but for the convolution path):
 *   score     s = grad log mu(x)
 *   denoiser  D = E[X given x] = c + (x - c + b^2 s) / a
 *   noise     eps = E[E given x] = -b s
 *   velocity  v = a eps - b (D - c)
 * See Park et al. (arXiv 2411.18702) and Luo (arXiv 2208.11970). */

typedef enum dilate_tweedie_form {
  DILATE_TWEEDIE_SCORE = 0,
  DILATE_TWEEDIE_DENOISER,
  DILATE_TWEEDIE_NOISE,
  DILATE_TWEEDIE_VELOCITY
} dilate_tweedie_form;

typedef struct dilate_tweedie {
  size_t struct_size;
  double a, b;          /* >= 0, finite, not both 0; default 1 and 0 */
  const double *centre; /* dim values, or NULL (default): the origin.  Not owned. */
} dilate_tweedie;

void dilate_tweedie_init_sized(dilate_tweedie *tweedie, size_t struct_size);
#define dilate_tweedie_init(tweedie) dilate_tweedie_init_sized((tweedie), sizeof(dilate_tweedie))

/* Each sets a, b and centre of *out, on which dilate_tweedie_init() was called before.  DILATE_EINVAL for a value outside its range. */
int dilate_tweedie_ve(double sigma, dilate_tweedie *out, dilate_error *err); /* variance exploding: a = 1, b = sigma >= 0 */
/* Variance preserving: a = sqrt(abar), b = sqrt(1 - abar), abar from 0 to 1. */
int dilate_tweedie_vp(double abar, dilate_tweedie *out, dilate_error *err);
/* The Gaussian convolution path about a centre (NULL: the origin; it must live as long as *out is used): a = sqrt(lambda),
 * b = sqrt(1 - lambda) scale, lambda from 0 to 1, scale > 0. */
int dilate_tweedie_convolution(double lambda, double scale, const double *centre, dilate_tweedie *out, dilate_error *err);

/* States the same in another form.  [in] n points x[j*ld + i], where in[j*ld + i] holds coordinate j of form `from` at point i;
 * [out] out[j*ld + i]: of form `to`; it may be `in`.  At the ends what is determined is given (at b = 0 the denoiser is c + (x - c)/a, at
 * a = 1 x itself bit for bit, and the noise that a score tells is 0); what is not is DILATE_EDOMAIN: at b = 0 score, noise and velocity
 * from a denoiser, and a score from anything but itself; at a = 0 denoiser and velocity from score or noise.  DILATE_EINVAL for a NULL,
 * dim = 0, ld < n, an unknown form, or an a or b that is not allowed.  Thread-safe: nothing is kept. */
int dilate_tweedie_convert(const dilate_tweedie *tweedie, dilate_tweedie_form from, dilate_tweedie_form to, size_t dim, size_t n, size_t ld,
                           const double *x, const double *in, double *out, dilate_error *err);

/* ---- Scores of convolutions -------------------------------------------------------------------------------------------
 * The score of the law of X + sigma E, X ~ pi, E ~ N(0, I), without training, by Tweedie's formula (E[X given x] - x) / sigma^2. */

typedef struct dilate_score_options {
  size_t struct_size;
  const char *kind; /* default NULL: "closed" where the target has a convolve callback, else "importance".  "closed": exact.  "importance":
                       E[X given x] by self-normalised importance sampling, with the log-densities that earlier calls paid for; it also
                       estimates the convolution's density.  "langevin": by a few Metropolis-adjusted chains that go on from call to call */
  size_t samples;   /* default 64, from 2 to 1000000: evaluations of the target that one Monte Carlo score is made of, at most.  Those of
                       "langevin" ask for gradients; a DILATE_TARGET_NO_GRADIENT target then pays 2 dim more for each */
  uint64_t seed;    /* default 1 */
  size_t threads;   /* default 0: what OpenMP would use.  Never changes a result */
} dilate_score_options;

void dilate_score_options_init_sized(dilate_score_options *options, size_t struct_size);
#define dilate_score_options_init(options) dilate_score_options_init_sized((options), sizeof(dilate_score_options))

typedef struct dilate_score dilate_score;

/* [in] target: copied; its params must live as long as the score.  [in] options (NULL: defaults).  [in] particles: how many points at once,
 * at most; particle i is one walker, and what is kept from call to call (evaluations, chains) is kept for it.  All memory is made here: a
 * score takes about 4 (samples + dim) doubles a particle with "importance", 16 (dim + 1) with "langevin".  [out] *out, NULL on failure.
 * DILATE_EDOMAIN when "closed" is asked of a target that has no convolve callback; DILATE_EINVAL or DILATE_ENOMEM. */
int dilate_score_create(const dilate_target *target, const dilate_score_options *options, size_t particles, dilate_score **out,
                        dilate_error *err);
/* Scores at n points, point i for particle i.  [in] sigma >= 0, finite (0: the target's own gradient, one evaluation); [in] step: a number
 * of its own for each call, which the random draws depend on; [in] n <= particles; ld >= n; x: coordinate j of point i is x[j*ld + i].
 * [out] score: likewise.  [out] se: standard error of each coordinate, likewise, or NULL.  [out] ess: n effective sample sizes, or NULL.
 * What is exact has se 0 and ess INFINITY.  Where nothing inside the support was found the score is 0, se INFINITY and ess 0; where there
 * are fewer than two effective samples se is INFINITY; no output is ever NaN.  Errors of estimates with an ess below about 50 are not to be
 * trusted.  The same seed and the same calls give the same bits whatever the threads.  DILATE_EINVAL, or DILATE_ETARGET when the callback
 * asked to abort. */
int dilate_score_evaluate(dilate_score *scorer, double sigma, uint32_t step, size_t n, size_t ld, const double *x, double *score,
                          double *se, double *ess, dilate_error *err);
const char *dilate_score_kind(const dilate_score *scorer); /* "closed", "importance" or "langevin": a static string */
void dilate_score_free(dilate_score *scorer);              /* NULL is allowed */

/* ---- Distances between samples ----------------------------------------------------------------------------------------
 * x: n draws, y: m draws, n and m >= 1 and not always equal; both row-major, as dilate_result_unconstrained() gives them.  Every
 * function sets *out to NaN first, which it stays on failure: DILATE_EINVAL for no draws, a NULL, entries that are not finite (named),
 * or options that cannot be; DILATE_EDOMAIN where a default length is wanted and half of the pairs of draws coincide;
 * DILATE_ENUMERIC where numbers overflow; DILATE_ENOMEM.  Work is O(n + m) squared but for the sliced ones; memory is O(n + m).  Sums
 * are in a fixed order: the same bits for every number of threads.  Equal samples have distance 0. */

typedef enum dilate_distance_kernel {
  DILATE_KERNEL_IMQ = 0, /* inverse multiquadric, (1 + r^2/h^2)^(-1/2) */
  DILATE_KERNEL_GAUSSIAN /* exp(-r^2 / (2 h^2)) */
} dilate_distance_kernel;

typedef struct dilate_distance_options {
  size_t struct_size;
  uint64_t seed;     /* default 1: of the directions */
  size_t directions; /* default 128, >= 1: of the sliced distances */
  double bandwidth;  /* default 0: dilate_distance_median(); else the length h > 0 of the kernels of MMD and KSD */
  double epsilon;    /* default 0: 0.01 times the squared median; else the squared length > 0 by which Sinkhorn's coupling is blurred */
  size_t threads;    /* default 0: what OpenMP would use */
  dilate_distance_kernel kernel; /* default DILATE_KERNEL_IMQ: of MMD */
  size_t iterations; /* default 10000: of Sinkhorn, at most */
  double tolerance;  /* default 1e-3, in (0, 1): Sinkhorn ends when its coupling's marginals are wrong by no more mass than this */
} dilate_distance_options;

void dilate_distance_options_init_sized(dilate_distance_options *options, size_t struct_size);
#define dilate_distance_options_init(options) dilate_distance_options_init_sized((options), sizeof(dilate_distance_options))

/* [out] *out: the median of the distances of all pairs of two draws of the pooled sample (m = 0, y NULL: of x alone), the lower one of
 * an even number of pairs.  The length that bandwidth = 0 stands for: take it once to compare distances of several pairs of samples. */
int dilate_distance_median(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options,
                           double *out, dilate_error *err);

/* [out] *out: the root of the mean over random directions of the squared W2 distance of the projections, which is exact, by quantiles. */
int dilate_distance_sliced_w2(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options,
                              double *out, dilate_error *err);

/* [out] *out: the mean over random directions of the Kolmogorov-Smirnov distance max |F - G| of the projections, in [0, 1]. */
int dilate_distance_sliced_ks(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options,
                              double *out, dilate_error *err);

/* [out] *out: maximum mean discrepancy of the two empirical laws (the root of the V-statistic, all pairs).  [out] *unbiased (may be
 * NULL): the U-statistic, an unbiased estimate of the squared MMD of the laws behind the samples, negative at times; NaN unless
 * n, m >= 2. */
int dilate_distance_mmd(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options,
                        double *out, double *unbiased, dilate_error *err);

/* [out] *out: energy distance, the root of 2 E|X-Y| - E|X-X'| - E|Y-Y'| of the two empirical laws; in one dimension that of
 * 2 int (F - G)^2. */
int dilate_distance_energy(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options,
                           double *out, dilate_error *err);

/* [out] *out: the root of the debiased Sinkhorn divergence of the cost |x-y|^2, which tends to W2 as epsilon does to 0.
 * DILATE_ENUMERIC when the options' iterations do not reach their tolerance. */
int dilate_distance_sinkhorn(size_t dim, size_t n, const double *x, size_t m, const double *y, const dilate_distance_options *options,
                             double *out, dilate_error *err);

/* Kernel Stein discrepancy of n draws from the law with the given scores, by the kernel (h^2 + |x-y|^2)^(-1/2).  [in] scores: n x dim, the
 * gradient of that law's log-density at each draw.  [out] *out: the root of the mean over all pairs (V-statistic).  [out] *unbiased
 * (may be NULL): the mean over pairs of two draws (U-statistic), whose expectation is 0 when the draws are of that law; NaN for
 * n = 1.  It asks for a density without hard edges, and sees no wrong weights of modes that are far apart. */
int dilate_distance_ksd(size_t dim, size_t n, const double *x, const double *scores, const dilate_distance_options *options, double *out,
                        double *unbiased, dilate_error *err);

/* Total variation between the shares of modes and their weights, in [0, 1].  [in] label: the mode of each of the n draws, from 0, or -1
 * for none, as dilate_result_mode() gives them; weight: `modes` numbers that sum to 1. */
int dilate_distance_mode_tv(size_t n, const int *label, size_t modes, const double *weight, double *out, dilate_error *err);

/* ---- Checking a target -----------------------------------------------------------------------------------------------
 * Whether callbacks keep what they promise: gradients against differences of the log-density at random points of the support, at several
 * distances; batch, point callback, calls without a gradient and the convolution without noise against each other; what is NaN, +inf or
 * not set, in the support, beside it, at its edges, at 1e3 to 1e100 and at coordinates that are not finite; reported values; the same bits
 * again, and from several threads at once, unless the target is SERIAL. */

/* One thing that is wrong.  All of it lives until the report callback returns. */
typedef struct dilate_finding {
  size_t struct_size;
  const char *what;    /* "gradient", "density", "status", "batch", "convolution", "constrain" or "threads" */
  const char *text;    /* one line: what is wrong, where, value against value, what would be right */
  const double *point; /* dim unconstrained coordinates where it shows, or NULL */
  size_t coordinate;   /* that it concerns, from 0 ("constrain": the reported value), or SIZE_MAX */
  double told, expected; /* the callback's number, and what it should be; NaN where there is none */
} dilate_finding;

typedef struct dilate_check_options {
  size_t struct_size;
  uint64_t seed;  /* default 1 */
  size_t points;  /* default 100: at which gradients are compared */
  size_t threads; /* default 0: what OpenMP would use, and at least 4 */
  void (*report)(const dilate_finding *finding, void *data); /* called for each finding as it comes, from the calling thread; default NULL */
  void *report_data;
} dilate_check_options;

void dilate_check_options_init_sized(dilate_check_options *options, size_t struct_size);
#define dilate_check_options_init(options) dilate_check_options_init_sized((options), sizeof(dilate_check_options))

/* How much was looked at, and how much found. */
typedef struct dilate_checked {
  size_t struct_size; /* set by the caller */
  size_t findings;
  size_t points;                  /* inside the support */
  size_t derivatives, unresolved; /* compared with differences; not compared, since kinks, edges or noise spoil differences there */
  size_t threads;                 /* that evaluated at once; 0: they did not */
  uint64_t evaluations;
} dilate_checked;

/* [in] target: any that dilate_sample() takes; options (NULL: defaults).  [out] *checked, or NULL.  DILATE_OK when the check came to its end,
 * whatever was found.  DILATE_EINVAL for what is no target, DILATE_ESUPPORT where no point of the support was found, DILATE_ENOMEM; what was
 * found until then was reported.  Takes some tens of thousands of evaluations to find the support, 20 a point for looks at density and
 * gradient, six or more for each derivative, and half a second for the threads. */
int dilate_check(const dilate_target *target, const dilate_check_options *options, dilate_checked *checked, dilate_error *err);

/* ---- Plug-ins ---------------------------------------------------------------------------------------------------------
 * A plug-in is a shared object that exports  int dilate_plugin_abi(void)  (returns DILATE_PLUGIN_ABI),
 *   int dilate_plugin_open(const char *data_path, dilate_target *target, dilate_error *err)  (0 ok; data_path NULL: none given) and
 *   void dilate_plugin_close(dilate_target *target).
 * The host initialises *target with its own size first.
 *
 * A shared object with BridgeStan's C interface, version 2, as `dilate stan` makes one of a Stan program, is a plug-in too.  data_path is then
 * a JSON file; names are Stan's, theta[1]; the log-density has all constants and the Jacobian; reported are parameters, transformed
 * parameters and generated quantities, whose random numbers a draw's point determines.  What it prints is not shown. */
#define DILATE_PLUGIN_ABI 1

typedef struct dilate_plugin dilate_plugin;
/* Loads the shared object at path and opens its target.  The target lives until dilate_plugin_free(). */
int dilate_plugin_load(const char *path, const char *data_path, dilate_plugin **out, dilate_error *err);
const dilate_target *dilate_plugin_target(const dilate_plugin *plugin);
/* What a Stan program said the first time that it threw: at a point, which is then outside the support, or (at_draw not 0) as it computed what
 * it reports of a draw, of which only the parameters are then finite.  NULL: it never did.  Not while a run goes on; the plug-in's text. */
const char *dilate_plugin_complaint(const dilate_plugin *plugin, int at_draw);
void dilate_plugin_free(dilate_plugin *plugin); /* NULL is allowed */

#ifdef __cplusplus
}
#endif
#endif
