/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A shared object with BridgeStan's C interface for the tests, in C: theta.1 ~ N(0, 1) and tau = exp(u) with log tau ~ N(0, 1), so that
 * log Z is 0 if both the constants and the Jacobian are asked for; transformed, L = (1, 2; 3, 4) theta.1; generated, u in (0, 1).
 *
 * A word in the data asks for a fault.  Built with all functions, with -DVERSION=1 and 3, and, with -Dbs_...=left_out, without each. */
#define _POSIX_C_SOURCE 200809L /* sched_yield */
#include <math.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_ROOT_TWO_PI 0.91893853320467274178

typedef struct bs_model {
  char data[256];
} bs_model;
typedef struct bs_rng {
  unsigned state;
} bs_rng;
typedef void (*print_function)(const char *text, size_t size);

bs_model *bs_model_construct(const char *data, unsigned seed, char **error);
void bs_model_destruct(bs_model *m);
void bs_free_error_msg(char *text);
const char *bs_model_info(const bs_model *m);
const char *bs_param_names(const bs_model *m, bool tp, bool gq);
int bs_param_num(const bs_model *m, bool tp, bool gq);
int bs_param_unc_num(const bs_model *m);
int bs_param_constrain(const bs_model *m, bool tp, bool gq, const double *x, double *out, bs_rng *rng, char **error);
int bs_log_density(const bs_model *m, bool propto, bool jacobian, const double *x, double *value, char **error);
int bs_log_density_gradient(const bs_model *m, bool propto, bool jacobian, const double *x, double *value, double *grad, char **error);
bs_rng *bs_rng_construct(unsigned seed, char **error);
void bs_rng_destruct(bs_rng *rng);
int bs_set_print_callback(print_function print, char **error);

#if VERSION != 1 /* which told none */
extern const int bs_major_version;
const int bs_major_version = VERSION;
#endif

static print_function print_to;
static atomic_int inside;

static int asked(const bs_model *m, const char *word) {
  return strstr(m->data, word) != NULL;
}

static int refuse(char **error, const char *text) {
  if (error && (*error = malloc(strlen(text) + 1))) strcpy(*error, text);
  return -1;
}

bs_model *bs_model_construct(const char *data, unsigned seed, char **error) {
  bs_model *m = malloc(sizeof *m);
  (void)seed;
  if (!m) return NULL;
  snprintf(m->data, sizeof m->data, "%s", data);
  const int silent = asked(m, "silent");
  if (!silent && !asked(m, "missing")) return m;
  free(m);
  if (!silent) refuse(error, "variable does not exist;\n\tvariable name=J\n");
  return NULL;
}

void bs_model_destruct(bs_model *m) {
  free(m);
}

void bs_free_error_msg(char *text) {
  free(text);
}

const char *bs_model_info(const bs_model *m) {
  return asked(m, "serial") ? "Stan C++ Defines:\n\tSTAN_THREADS=false\n" : "Stan C++ Defines:\n\tSTAN_THREADS=true\n";
}

const char *bs_param_names(const bs_model *m, bool tp, bool gq) {
  if (asked(m, "twice")) return "theta.1,theta.1,L.1.1,L.2.1,L.1.2,L.2.2,u";
  if (asked(m, "few")) return "theta.1,tau";
  return tp && gq ? "theta.1,tau,L.1.1,L.2.1,L.1.2,L.2.2,u" : "theta.1,tau";
}

int bs_param_num(const bs_model *m, bool tp, bool gq) {
  (void)m;
  return 2 + (tp ? 4 : 0) + (gq ? 1 : 0);
}

int bs_param_unc_num(const bs_model *m) {
  return asked(m, "nothing") ? 0 : 2;
}

int bs_param_constrain(const bs_model *m, bool tp, bool gq, const double *x, double *out, bs_rng *rng, char **error) {
  out[0] = x[0];
  out[1] = exp(x[1]);
  if (asked(m, "lost")) return refuse(error, "the parameters themselves");
  for (int k = 0; tp && k < 4; k++) out[2 + k] = (k / 2 + 1 + k % 2 * 2) * x[0];
  if (gq) out[tp ? 6 : 2] = rng->state / 4294967296.0;
  return gq && asked(m, "draws") && x[0] > 1 ? refuse(error, "poisson_rng: rate is inf") : 0;
}

/* A model that must be alone stays long enough for others to come in, if they may. */
static int evaluate(const bs_model *m, bool propto, bool jacobian, const double *x, double *value, double *grad, char **error) {
  const int others = atomic_fetch_add(&inside, 1);
  const double log_tau = x[1];
  *value = (propto ? 0 : -2 * LOG_ROOT_TWO_PI) - x[0] * x[0] / 2 - log_tau * log_tau / 2 - (jacobian ? 0 : log_tau);
  if (grad) grad[0] = -x[0], grad[1] = -log_tau - (jacobian ? 0 : 1);
  for (int k = 0; k < 5 && asked(m, "alone"); k++) sched_yield();
  atomic_fetch_sub(&inside, 1);
  if (!print_to) return refuse(error, "it would print on standard output");
  print_to("printed\n", 8);
  if (others && asked(m, "alone")) return refuse(error, "two at once");
  if (asked(m, "number")) *value = (double)NAN;
  if (asked(m, "never")) return refuse(error, "reject: always\n");
  return asked(m, "half") && x[0] < 0 ? refuse(error, "theta must be positive") : 0;
}

int bs_log_density(const bs_model *m, bool propto, bool jacobian, const double *x, double *value, char **error) {
  return evaluate(m, propto, jacobian, x, value, NULL, error);
}

int bs_log_density_gradient(const bs_model *m, bool propto, bool jacobian, const double *x, double *value, double *grad, char **error) {
  return evaluate(m, propto, jacobian, x, value, grad, error);
}

bs_rng *bs_rng_construct(unsigned seed, char **error) {
  bs_rng *rng = malloc(sizeof *rng);
  (void)error;
  if (rng) rng->state = seed;
  return rng;
}

void bs_rng_destruct(bs_rng *rng) {
  free(rng);
}

int bs_set_print_callback(print_function print, char **error) {
  (void)error;
  print_to = print;
  return 0;
}
