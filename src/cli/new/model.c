/* @NAME@: a model to start from.  `make` makes @NAME@.so of it, and then
 *
 *     dilate check ./@NAME@.so         are the gradient and all else as they should be?
 *     dilate sample ./@NAME@.so        draws, log evidence, modes; --output DIR for files and a report
 *
 * The model: what decays was measured at times t_i,
 *
 *     y_i ~ Normal(background + height exp(-rate t_i), sigma),
 *     background ~ Uniform(0, 5), height ~ Exponential(1/10), rate ~ Exponential(1), sigma ~ Exponential(1).
 *
 * To make it yours change, in this order: read_data(), declarations[], log_density().  Everything that this file calls is described in
 * dilate.h. */
#include <dilate.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The data: a line "t,y" for each measurement, in data.csv or what --data names; lines that begin with # are comments ---- */

/* Read once, and not written to afterwards: the density is called from several threads at once. */
static struct data {
  size_t n;
  double *t, *y;
} data;

static int complain(dilate_error *err, const char *path, size_t line, const char *what) {
  snprintf(err->message, sizeof err->message, "%.300s, line %zu: %s", path, line, what);
  return DILATE_EINVAL;
}

/* Room for one row more. */
static int grow(void) {
  double *t = realloc(data.t, (data.n + 1) * sizeof *t);
  if (t) data.t = t;
  double *y = realloc(data.y, (data.n + 1) * sizeof *y);
  if (y) data.y = y;
  return t && y;
}

static int read_row(const char *text, const char *path, size_t line, dilate_error *err) {
  char rest;
  if (text[0] == '#' || text[strspn(text, " \r\n")] == '\0') return DILATE_OK;
  if (!grow()) return complain(err, path, line, "out of memory");
  if (sscanf(text, "%lf ,%lf %c", &data.t[data.n], &data.y[data.n], &rest) != 2)
    return complain(err, path, line, "not two numbers with a comma between them, as in 0.5,7.2");
  if (!isfinite(data.t[data.n]) || !isfinite(data.y[data.n])) return complain(err, path, line, "a number is not finite");
  data.n++;
  return DILATE_OK;
}

static int read_data(const char *path, dilate_error *err) {
  char text[1024];
  int status = DILATE_OK;
  FILE *file = fopen(path, "r");
  if (!file) {
    snprintf(err->message, sizeof err->message, "cannot read the data in %.300s: %s; --data FILE names other ones", path, strerror(errno));
    return DILATE_EINVAL;
  }
  for (size_t line = 1; !status && fgets(text, sizeof text, file); line++) status = read_row(text, path, line, err);
  fclose(file);
  if (!status && data.n == 0) status = complain(err, path, 1, "no data; a line for each measurement, as 0.5,7.2");
  return status;
}

/* ---- The parameters: names, shapes, and what values they may take ---- */

/* DILATE_UNCONSTRAINED, _LOWER, _UPPER, _INTERVAL, _ORDERED, _SIMPLEX, ...; with .rank = 1, .shape = {3} it is a vector of three values. */
static const dilate_declaration declarations[] = {
    {.struct_size = sizeof(dilate_declaration), .name = "background", .constraint = DILATE_INTERVAL, .lower = 0, .upper = 5},
    {.struct_size = sizeof(dilate_declaration), .name = "height", .constraint = DILATE_LOWER, .lower = 0},
    {.struct_size = sizeof(dilate_declaration), .name = "rate", .constraint = DILATE_LOWER, .lower = 0},
    {.struct_size = sizeof(dilate_declaration), .name = "sigma", .constraint = DILATE_LOWER, .lower = 0},
};

/* ---- The density: of the parameters as they are declared; dilate adds what the constraints need ---- */

/* x: the parameters in the order of the declarations.  *logp: log prior plus log likelihood; with all its constants the log evidence is
 * that of the model, too.  grad: its derivatives by each of x, or NULL when they are not needed.  Returns 0, or 1 where the density is 0.
 * Nothing here may be static, or shared otherwise, that is written to. */
static int log_density(size_t dim, const double *x, double *logp, double *grad, void *params) {
  const double background = x[0], height = x[1], rate = x[2], sigma = x[3];
  const double log_2pi = 1.83787706640934548356;
  (void)dim, (void)params;

  /* Priors. */
  double sum = -log(5) - log(10) - height / 10 - rate - sigma;
  double by_background = 0, by_height = -1.0 / 10, by_rate = -1, by_sigma = -1;

  /* Likelihood. */
  for (size_t i = 0; i < data.n; i++) {
    const double decayed = exp(-rate * data.t[i]);
    const double residual = (data.y[i] - background - height * decayed) / sigma;
    sum += -0.5 * residual * residual - log(sigma) - 0.5 * log_2pi;
    by_background += residual / sigma;
    by_height += residual / sigma * decayed;
    by_rate -= residual / sigma * height * data.t[i] * decayed;
    by_sigma += (residual * residual - 1) / sigma;
  }
  if (sum == -INFINITY) return 1; /* but a NaN is a mistake, which `dilate check` is to see */
  *logp = sum;
  if (grad) grad[0] = by_background, grad[1] = by_height, grad[2] = by_rate, grad[3] = by_sigma;
  return 0;
}

/* ---- What dilate looks for in a plug-in ---- */

int dilate_plugin_abi(void) {
  return DILATE_PLUGIN_ABI;
}

void dilate_plugin_close(dilate_target *target) {
  dilate_model_free(target->params);
  free(data.t);
  free(data.y);
  data = (struct data){0};
}

/* data_path: what --data names, or NULL.  Returns 0, or says in err->message what is wrong. */
int dilate_plugin_open(const char *data_path, dilate_target *target, dilate_error *err) {
  dilate_target natural;
  dilate_model *model = NULL;
  if (data.n) {
    snprintf(err->message, sizeof err->message, "it is open already; it has one set of data");
    return DILATE_EINVAL;
  }
  int status = read_data(data_path ? data_path : "data.csv", err);
  dilate_target_init(&natural);
  natural.logp = log_density;
  if (!status) status = dilate_model_create(&natural, declarations, sizeof declarations / sizeof *declarations, &model, err);
  if (!status)
    *target = *dilate_model_target(model);
  else
    dilate_plugin_close(&natural); /* its params are NULL */
  return status;
}
