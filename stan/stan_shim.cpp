/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Stan program as a shared object with BridgeStan's C interface (version 2; its documentation describes each function), over the C++ that
 * rstan's stanc makes of it and Debian's headers of Stan 2.21.  `dilate stan` compiles this file; model.hpp is what stanc made.
 *
 * Threads: the tape of Stan's automatic differentiation is one a thread in these headers, and here lives in the thread's workspace, so any
 * number may evaluate at once; stanc's number of the current line is made thread_local by `dilate stan`.  After every evaluation, a failed
 * one too, the tape is given back.  Hessians are left out. */
#include <stan/model/model_header.hpp>

#include "stan_json.hpp"

#include "model.hpp"

#include <stan/version.hpp>

#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>

#define EXPORTED extern "C" __attribute__((visibility("default")))

/* ---- What is handed out ---- */

struct bs_rng {
  boost::ecuyer1988 state;
};

/* Names, and how many there are, with and without transformed parameters and generated quantities. */
struct name_list {
  std::string joined;
  int count;
};

class bs_model {
  static name_list join(const std::vector<std::string> &names) {
    std::string joined;
    for (const std::string &name : names) joined += (joined.empty() ? "" : ",") + name;
    return {joined, int(names.size())};
  }

public:
  const std::unique_ptr<stan_model> model;
  std::string name, info;
  name_list constrained[2][2], unconstrained;

  explicit bs_model(std::unique_ptr<stan_model> made) : model(std::move(made)), name(model->model_name()) {
    std::vector<std::string> names;
    for (int tp = 0; tp < 2; tp++)
      for (int gq = 0; gq < 2; gq++) {
        names.clear();
        model->constrained_param_names(names, tp, gq);
        constrained[tp][gq] = join(names);
      }
    names.clear();
    model->unconstrained_param_names(names, false, false);
    unconstrained = join(names);
    info = "Stan version: " + stan::MAJOR_VERSION + "." + stan::MINOR_VERSION + "." + stan::PATCH_VERSION +
           "\nStan C++ Defines:\n\tSTAN_THREADS=true\nMade by: dilate stan\n";
  }
};

namespace {

/* ---- What the program prints ---- */

typedef void (*print_function)(const char *text, std::size_t size);
std::atomic<print_function> print_to{nullptr};

/* To standard output, unless the host has said where. */
void hand_on(const std::string &text) {
  static std::mutex one_at_a_time;
  const std::lock_guard<std::mutex> lock(one_at_a_time);
  const print_function print = print_to;
  if (print)
    print(text.data(), text.size());
  else
    std::cout << text << std::flush;
}

/* ---- Errors ---- */

void tell(char **error, const std::string &text) {
  if (error) *error = strdup(text.c_str());
}

/* Runs what may throw: 0, or -1 with the text of the exception. */
template <typename F> int attempt(char **error, const F &work) {
  try {
    work();
    return 0;
  } catch (const std::exception &e) {
    tell(error, e.what());
  } catch (...) {
    tell(error, "unknown exception");
  }
  return -1;
}

/* ---- Evaluation ---- */

/* One thread's: the tape, and what keeps its size from call to call. */
struct workspace {
  stan::math::ChainableStack tape;
  std::ostringstream printed;
  std::vector<stan::math::var> active;
  std::vector<double> point, slope;
  std::vector<int> none;

  static workspace &of_thread() {
    static thread_local const std::unique_ptr<workspace> here(new workspace); /* by pointer: see the TLS model in `dilate stan` */
    return *here;
  }
};

/* The workspace for one call.  After it, however it ends, the tape is given back, from inside a nested evaluation too, and what the
 * program printed is handed on. */
class session {
  workspace &w;

public:
  session() : w(workspace::of_thread()) {}
  session(const session &) = delete;
  workspace *operator->() const { return &w; }
  std::ostream *messages() const { return &w.printed; }
  ~session() {
    while (!stan::math::empty_nested()) stan::math::recover_memory_nested();
    stan::math::recover_memory();
    if (w.printed.tellp() <= 0) return;
    hand_on(w.printed.str());
    w.printed.str(std::string());
  }
};

template <bool propto, bool jacobian> double differentiate(const bs_model &m, const double *theta, double *gradient) {
  const session s;
  s->active.assign(theta, theta + m.unconstrained.count);
  stan::math::var value = m.model->template log_prob<propto, jacobian>(s->active, s->none, s.messages());
  if (gradient) {
    value.grad(s->active, s->slope);
    std::copy(s->slope.begin(), s->slope.end(), gradient);
  }
  return value.val();
}

/* With propto every term is constant to Stan unless it is differentiated. */
template <bool propto, bool jacobian> double value_of(const bs_model &m, const double *theta) {
  if (propto) return differentiate<propto, jacobian>(m, theta, nullptr);
  const session s;
  s->point.assign(theta, theta + m.unconstrained.count);
  return m.model->template log_prob<propto, jacobian>(s->point, s->none, s.messages());
}

/* Eigen's norms set constants at their first call, which two threads at once must not make: those of vectors and of matrices' columns,
 * which the algebra solver takes. */
void prepare_norms() {
  const Eigen::MatrixXd columns = Eigen::MatrixXd::Ones(1, 1);
  const Eigen::VectorXd norms = columns.colwise().blueNorm();
  (void)norms.blueNorm();
}

/* ---- Data ---- */

std::unique_ptr<stan::io::var_context> data_context(const char *data) {
  if (!data || !data[0]) return std::unique_ptr<stan::io::var_context>(new stan::io::empty_var_context());
  const std::string text(data);
  const bool is_path = text.size() >= 5 && text.compare(text.size() - 5, 5, ".json") == 0;
  return std::unique_ptr<stan::io::var_context>(is_path ? json_context::of_file(text) : json_context::of_text(text));
}

/* ---- Constrained and unconstrained ---- */

void constrain(const bs_model &m, bool tp, bool gq, const double *theta, double *out, bs_rng *rng) {
  if (gq && !rng) throw std::invalid_argument("generated quantities need a random number generator");
  const session s;
  boost::ecuyer1988 unused(1);
  std::vector<double> values;
  s->point.assign(theta, theta + m.unconstrained.count);
  m.model->write_array(rng ? rng->state : unused, s->point, s->none, values, tp, gq, s.messages());
  if (int(values.size()) != m.constrained[tp][gq].count)
    throw std::logic_error("the program writes another number of values than of names");
  std::copy(values.begin(), values.end(), out);
}

void unconstrain(const bs_model &m, const stan::io::var_context &values, double *out) {
  const session s;
  std::vector<int> none;
  std::vector<double> theta;
  m.model->transform_inits(values, none, theta, s.messages());
  std::copy(theta.begin(), theta.end(), out);
}

/* The parameters themselves, which come first among all that are named. */
std::unique_ptr<stan::io::var_context> parameter_context(const bs_model &m, const double *theta) {
  std::vector<std::string> names;
  std::vector<std::vector<std::size_t>> dims;
  m.model->get_param_names(names);
  m.model->get_dims(dims);
  std::size_t parameters = 0, values = 0;
  while (values < std::size_t(m.constrained[0][0].count)) {
    std::size_t size = 1;
    for (const std::size_t dim : dims[parameters]) size *= dim;
    values += size;
    parameters++;
  }
  names.resize(parameters);
  dims.resize(parameters);
  return std::unique_ptr<stan::io::var_context>(new stan::io::array_var_context(names, std::vector<double>(theta, theta + values), dims));
}

} // namespace

/* ---- The interface ---- */

EXPORTED const int bs_major_version = 2;
EXPORTED const int bs_minor_version = 0;
EXPORTED const int bs_patch_version = 0;

EXPORTED bs_model *bs_model_construct(const char *data, unsigned int seed, char **error) {
  bs_model *made = nullptr;
  attempt(error, [&] {
    const session s;
    prepare_norms();
    const std::unique_ptr<stan::io::var_context> context = data_context(data);
    made = new bs_model(std::unique_ptr<stan_model>(new stan_model(*context, seed, s.messages())));
  });
  return made;
}

EXPORTED void bs_model_destruct(bs_model *m) {
  delete m;
}

EXPORTED void bs_free_error_msg(char *text) {
  std::free(text);
}

EXPORTED const char *bs_name(const bs_model *m) {
  return m->name.c_str();
}

EXPORTED const char *bs_model_info(const bs_model *m) {
  return m->info.c_str();
}

EXPORTED const char *bs_param_names(const bs_model *m, bool include_tp, bool include_gq) {
  return m->constrained[include_tp][include_gq].joined.c_str();
}

EXPORTED const char *bs_param_unc_names(const bs_model *m) {
  return m->unconstrained.joined.c_str();
}

EXPORTED int bs_param_num(const bs_model *m, bool include_tp, bool include_gq) {
  return m->constrained[include_tp][include_gq].count;
}

EXPORTED int bs_param_unc_num(const bs_model *m) {
  return m->unconstrained.count;
}

EXPORTED int bs_param_constrain(const bs_model *m, bool include_tp, bool include_gq, const double *theta_unc, double *theta, bs_rng *rng,
                                char **error) {
  return attempt(error, [&] { constrain(*m, include_tp, include_gq, theta_unc, theta, rng); });
}

EXPORTED int bs_param_unconstrain(const bs_model *m, const double *theta, double *theta_unc, char **error) {
  return attempt(error, [&] { unconstrain(*m, *parameter_context(*m, theta), theta_unc); });
}

EXPORTED int bs_param_unconstrain_json(const bs_model *m, const char *json, double *theta_unc, char **error) {
  return attempt(error, [&] { unconstrain(*m, *std::unique_ptr<stan::io::var_context>(json_context::of_text(json)), theta_unc); });
}

EXPORTED int bs_log_density(const bs_model *m, bool propto, bool jacobian, const double *theta, double *value, char **error) {
  return attempt(error, [&] {
    *value = propto     ? jacobian ? value_of<true, true>(*m, theta) : value_of<true, false>(*m, theta)
                 : jacobian ? value_of<false, true>(*m, theta)
                        : value_of<false, false>(*m, theta);
  });
}

EXPORTED int bs_log_density_gradient(const bs_model *m, bool propto, bool jacobian, const double *theta, double *value, double *gradient,
                                     char **error) {
  return attempt(error, [&] {
    *value = propto     ? jacobian ? differentiate<true, true>(*m, theta, gradient) : differentiate<true, false>(*m, theta, gradient)
                 : jacobian ? differentiate<false, true>(*m, theta, gradient)
                        : differentiate<false, false>(*m, theta, gradient);
  });
}

EXPORTED bs_rng *bs_rng_construct(unsigned int seed, char **error) {
  bs_rng *made = nullptr;
  attempt(error, [&] { made = new bs_rng{boost::ecuyer1988(seed)}; });
  return made;
}

EXPORTED void bs_rng_destruct(bs_rng *rng) {
  delete rng;
}

EXPORTED int bs_set_print_callback(print_function print, char **error) {
  (void)error;
  print_to = print;
  return 0;
}
