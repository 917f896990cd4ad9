/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stan models through BridgeStan's C interface (Roualdes et al. 2023, Journal of Open Source Software 8(87), 5236), version 2.
 *
 * The density keeps all of its constants (propto false), so that log Z means what the program says, and has the Jacobian of Stan's
 * transforms.  Whatever the program throws at a point, and NaN, puts the point outside the support.  Its random numbers of a draw come from
 * a generator of their own, seeded by a hash of the point: no thread and no order of draws can change them. */
#include "target/stan.h"
#include "base/memory.h"
#include "target/check.h"

#include <dlfcn.h>
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { INTERFACE_VERSION = 2, MODEL_SEED = 1, COMPLAINT_SIZE = 400 };

#define NO_REASON "it gave no reason"

typedef struct bs_model bs_model;
typedef struct bs_rng bs_rng;

/* What is called of the interface. */
typedef struct stan_functions {
  bs_model *(*model_construct)(const char *data, unsigned seed, char **text);
  void (*model_destruct)(bs_model *m);
  void (*free_error_msg)(char *text);
  const char *(*model_info)(const bs_model *m);
  const char *(*param_names)(const bs_model *m, bool transformed, bool generated);
  int (*param_num)(const bs_model *m, bool transformed, bool generated);
  int (*param_unc_num)(const bs_model *m);
  int (*param_constrain)(const bs_model *m, bool transformed, bool generated, const double *x, double *out, bs_rng *rng, char **text);
  int (*log_density)(const bs_model *m, bool propto, bool jacobian, const double *x, double *logp, char **text);
  int (*log_density_gradient)(const bs_model *m, bool propto, bool jacobian, const double *x, double *logp, double *grad, char **text);
  bs_rng *(*rng_construct)(unsigned seed, char **text);
  void (*rng_destruct)(bs_rng *rng);
  int (*set_print_callback)(void (*print)(const char *text, size_t size), char **text);
} stan_functions;

/* What the program said the first time that it threw. */
typedef struct complaint {
  atomic_bool taken;
  char text[COMPLAINT_SIZE];
} complaint;

struct stan_model {
  stan_functions call;
  bs_model *model;
  size_t n_parameters; /* values of the parameters themselves, which come first among the reported ones */
  size_t n_out;
  char **names;
  complaint at_point, at_draw;
};

/* ---- The interface ---- */

static const struct {
  const char *name;
  size_t place;
} functions[] = {{"bs_model_construct", offsetof(stan_functions, model_construct)},
                 {"bs_model_destruct", offsetof(stan_functions, model_destruct)},
                 {"bs_free_error_msg", offsetof(stan_functions, free_error_msg)},
                 {"bs_model_info", offsetof(stan_functions, model_info)},
                 {"bs_param_names", offsetof(stan_functions, param_names)},
                 {"bs_param_num", offsetof(stan_functions, param_num)},
                 {"bs_param_unc_num", offsetof(stan_functions, param_unc_num)},
                 {"bs_param_constrain", offsetof(stan_functions, param_constrain)},
                 {"bs_log_density", offsetof(stan_functions, log_density)},
                 {"bs_log_density_gradient", offsetof(stan_functions, log_density_gradient)},
                 {"bs_rng_construct", offsetof(stan_functions, rng_construct)},
                 {"bs_rng_destruct", offsetof(stan_functions, rng_destruct)},
                 {"bs_set_print_callback", offsetof(stan_functions, set_print_callback)}};
#define FUNCTIONS (sizeof functions / sizeof *functions)

int stan_is_model(void *handle) {
  for (size_t i = 0; i < FUNCTIONS; i++)
    if (dlsym(handle, functions[i].name)) return 1;
  return 0;
}

/* Objects of version 1 do not tell their version. */
static int check_version(void *handle, const char *path, dilate_error *err) {
  const int *version = dlsym(handle, "bs_major_version");
  const int found = version ? *version : 1;
  if (found == INTERFACE_VERSION) return DILATE_OK;
  return error_set(err, DILATE_EPLUGIN, "Stan model %s: it has version %d of BridgeStan's interface, and %d is needed; compile it again",
                   path, found, INTERFACE_VERSION);
}

static int find_functions(void *handle, const char *path, stan_functions *out, dilate_error *err) {
  for (size_t i = 0; i < FUNCTIONS; i++) {
    void *const found = dlsym(handle, functions[i].name);
    if (!found)
      return error_set(err, DILATE_EPLUGIN, "Stan model %s: it does not export %s, which BridgeStan's interface has; compile it again",
                       path, functions[i].name);
    memcpy((char *)out + functions[i].place, &found, sizeof found);
  }
  return DILATE_OK;
}

/* Takes over what the interface allocated, which may be nothing; line ends become blanks. */
static void take_text(const stan_model *m, char *text, const char *otherwise, char *to, size_t size) {
  (void)snprintf(to, size, "%s", text ? text : otherwise);
  for (char *end = to + strlen(to); end > to && (end[-1] == '\n' || end[-1] == ' ');) *--end = '\0';
  for (; *to; to++)
    if (*to == '\n' || *to == '\t') *to = ' ';
  if (text) m->call.free_error_msg(text);
}

/* ---- Callbacks ---- */

static void note(const stan_model *m, complaint *c, char *text, const char *otherwise) {
  if (!atomic_load(&c->taken) && !atomic_exchange(&c->taken, true))
    take_text(m, text, otherwise, c->text, sizeof c->text);
  else if (text)
    m->call.free_error_msg(text);
}

/* NaN counts as what is thrown does: so Stan's own samplers have it, and far out, where numbers overflow, programs cannot help it. */
static int log_density(size_t dim, const double *x, double *logp, double *grad, void *params) {
  stan_model *m = params;
  char *text = NULL;
  (void)dim;
  const int status = grad ? m->call.log_density_gradient(m->model, false, true, x, logp, grad, &text)
                          : m->call.log_density(m->model, false, true, x, logp, &text);
  if (status == 0 && !isnan(*logp)) return 0;
  note(m, &m->at_point, text, status ? NO_REASON : "its log-density is NaN");
  return 1;
}

/* FNV-1a over the point's bytes, mixed as in MurmurHash3's end. */
static unsigned seed_of(size_t dim, const double *x) {
  const unsigned char *bytes = (const unsigned char *)x;
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < dim * sizeof *x; i++) hash = (hash ^ bytes[i]) * 0x100000001b3u;
  hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdu;
  return (unsigned)(hash ^ hash >> 33);
}

/* Where a transformed parameter or a generated quantity fails all of them are NaN, as Stan itself has it; the parameters are not. */
static int constrain(size_t dim, const double *x, double *out, void *params) {
  stan_model *m = params;
  char *text = NULL;
  bs_rng *rng = m->call.rng_construct(seed_of(dim, x), NULL);
  if (!rng) return -1;
  const int status = m->call.param_constrain(m->model, true, true, x, out, rng, &text);
  m->call.rng_destruct(rng);
  if (status == 0) return 0;
  note(m, &m->at_draw, text, NO_REASON);
  for (size_t i = m->n_parameters; i < m->n_out; i++) out[i] = (double)NAN;
  return m->call.param_constrain(m->model, false, false, x, out, NULL, NULL);
}

/* ---- Life ---- */

/* What the program prints: nothing is printed here. */
static void print_nothing(const char *text, size_t size) {
  (void)text, (void)size;
}

static int refuse_data(const char *path, const char *why, dilate_error *err) {
  return error_set(err, DILATE_EPLUGIN, "data file %s: %s; Stan's data are a JSON object", path, why);
}

/* The whole file and a zero, *out, which stays NULL on failure. */
static int read_data(const char *path, char **out, dilate_error *err) {
  FILE *stream = fopen(path, "rb");
  const int is_folder = stream && fgetc(stream) == EOF && ferror(stream); /* whose size is no number of bytes */
  const long size = stream && !is_folder && fseek(stream, 0, SEEK_END) == 0 ? ftell(stream) : -1;
  char *text = size > 0 ? NEW(char, (size_t)size + 1) : NULL;
  const size_t length = text && fseek(stream, 0, SEEK_SET) == 0 ? fread(text, 1, (size_t)size, stream) : 0;
  if (stream) (void)fclose(stream);
  if (size < 0) return refuse_data(path, "it cannot be read", err);
  if (size == 0) return refuse_data(path, "it is empty", err);
  if (!text) return error_memory(err, "reading a data file");
  if (length == (size_t)size && strlen(text) == length) {
    *out = text;
    return DILATE_OK;
  }
  memory_free(text);
  return refuse_data(path, "it is no text", err);
}

static int construct(stan_model *m, const char *path, const char *data_path, dilate_error *err) {
  char *data = NULL, *text = NULL, said[COMPLAINT_SIZE];
  const int status = data_path ? read_data(data_path, &data, err) : DILATE_OK;
  if (status != DILATE_OK) return status;
  (void)m->call.set_print_callback(print_nothing, NULL);
  m->model = m->call.model_construct(data ? data : "", MODEL_SEED, &text);
  memory_free(data);
  if (m->model) return DILATE_OK;
  take_text(m, text, NO_REASON, said, sizeof said);
  return error_set(err, DILATE_EPLUGIN, "Stan model %s, %s%s: %s", path, data_path ? "data file " : "without a data file",
                   data_path ? data_path : "", said);
}

/* Sizes and names; what the program says of itself must fit together. */
static int describe(stan_model *m, const char *path, dilate_target *target, dilate_error *err) {
  const int dim = m->call.param_unc_num(m->model), parameters = m->call.param_num(m->model, false, false),
            all = m->call.param_num(m->model, true, true);
  const char *list = m->call.param_names(m->model, true, true);
  if (dim < 1) return error_set(err, DILATE_EPLUGIN, "Stan model %s: it has no parameters, so there is nothing to sample", path);
  const size_t named = list ? stan_names(list, &m->names) : 0;
  if (list && !m->names) return error_memory(err, "naming a Stan model's parameters");
  if (parameters < 0 || all < parameters || named != (size_t)all)
    return error_set(err, DILATE_EPLUGIN, "Stan model %s: it counts %d parameters and %d reported values, and names %zu; compile it again",
                     path, parameters, all, named);
  m->n_parameters = (size_t)parameters;
  m->n_out = target->n_out = named;
  target->dim = (size_t)dim;
  target->names = (const char *const *)m->names;
  return DILATE_OK;
}

static int fill_target(stan_model *m, const char *path, dilate_target *target, dilate_error *err) {
  const char *info = m->call.model_info(m->model);
  dilate_target full;
  dilate_error reason;
  dilate_error_init(&reason);
  dilate_target_init(target);
  int status = describe(m, path, target, err);
  if (status != DILATE_OK) return status;
  target->flags = info && strstr(info, "STAN_THREADS=true") ? 0 : DILATE_TARGET_SERIAL;
  target->logp = log_density;
  target->constrain = constrain;
  target->params = m;
  status = target_check(target, &full, &reason);
  if (status == DILATE_OK) return DILATE_OK;
  if (status == DILATE_ENOMEM) return error_memory(err, "opening a Stan model");
  return error_set(err, DILATE_EPLUGIN, "Stan model %s: %s", path, reason.message);
}

int stan_open(void *handle, const char *path, const char *data_path, stan_model **out, dilate_target *target, dilate_error *err) {
  stan_model *m = NEW(stan_model, 1);
  if (!m) return error_memory(err, "opening a Stan model");
  int status = check_version(handle, path, err);
  if (status == DILATE_OK) status = find_functions(handle, path, &m->call, err);
  if (status == DILATE_OK) status = construct(m, path, data_path, err);
  if (status == DILATE_OK) status = fill_target(m, path, target, err);
  if (status != DILATE_OK) {
    stan_close(m);
    return status;
  }
  *out = m;
  return DILATE_OK;
}

void stan_close(stan_model *m) {
  if (!m) return;
  if (m->model) m->call.model_destruct(m->model);
  memory_free(m->names);
  memory_free(m);
}

const char *stan_complaint(const stan_model *m, int at_draw) {
  const complaint *c = m ? at_draw ? &m->at_draw : &m->at_point : NULL;
  return c && atomic_load(&c->taken) ? c->text : NULL;
}
