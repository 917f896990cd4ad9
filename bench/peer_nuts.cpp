/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One chain of Stan's NUTS (Hoffman & Gelman 2014; Betancourt 2017) with its default settings on a target in C, or on a Stan program that
 * `dilate stan` has made a shared object of (any with BridgeStan's interface will do):
 *
 *   peer_nuts PEER_TARGETS.so TARGET SEED CHAIN
 *   peer_nuts MODEL.so DATA.json SEED CHAIN
 *
 * It says what bench/peers_child.h asks for.  Nothing is differentiated in this program: value and gradient come from the shared object, and
 * precomputed_gradients() hands them on. */
#include <stan/callbacks/interrupt.hpp>
#include <stan/callbacks/logger.hpp>
#include <stan/callbacks/writer.hpp>
#include <stan/io/empty_var_context.hpp>
#include <stan/math/rev/core.hpp>
#include <stan/model/model_base_crtp.hpp>
#include <stan/services/sample/hmc_nuts_diag_e_adapt.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <dlfcn.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

const int warm_up = 1000, first_stage = 1000, many = 1 << 29; // draws: until we are told to stop
const std::size_t most_rows = 4000;

double processor_seconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

[[noreturn]] void give_up(const std::string &why) {
  std::fprintf(stderr, "peer_nuts: %s\n", why.c_str());
  std::exit(2);
}

// The functions of peer_targets.c, or what stands for them.
struct functions {
  void *(*open)(const char *);
  std::size_t (*dim)(const void *);
  int (*evaluate)(const void *, std::size_t, const double *, double *, double *);
};

template <typename F> void take(void *object, const char *name, F *function) {
  *function = reinterpret_cast<F>(dlsym(object, name));
  if (*function == nullptr) give_up(dlerror());
}

// A Stan program's, by BridgeStan's interface.  There is one, so that its functions may be the program's.
namespace bridge {

void *(*construct)(const char *, unsigned, char **);
int (*unconstrained)(const void *);
int (*differentiate)(const void *, bool, bool, const double *, double *, double *, char **);
int (*value)(const void *, bool, bool, const double *, double *, char **);
void (*release)(char *);

void *open(const char *data) {
  char *error = nullptr;
  void *const model = construct(data, 1, &error);
  if (model == nullptr) give_up(error != nullptr ? error : "the model was not made");
  return model;
}

std::size_t dim(const void *model) { return std::size_t(unconstrained(model)); }

// Constants are kept; what throws is outside the support.
int evaluate(const void *model, std::size_t, const double *x, double *logp, double *grad) {
  char *error = nullptr;
  const int status = grad != nullptr ? differentiate(model, false, true, x, logp, grad, &error) : value(model, false, true, x, logp, &error);
  if (error != nullptr) release(error);
  return status;
}

functions load(void *object) {
  take(object, "bs_model_construct", &construct);
  take(object, "bs_param_unc_num", &unconstrained);
  take(object, "bs_log_density_gradient", &differentiate);
  take(object, "bs_log_density", &value);
  take(object, "bs_free_error_msg", &release);
  return {open, dim, evaluate};
}

} // namespace bridge

functions load(const char *path) {
  functions f;
  void *const object = dlopen(path, RTLD_NOW);
  if (object == nullptr) give_up(dlerror());
  if (dlsym(object, "bs_model_construct") != nullptr) return bridge::load(object);
  take(object, "peer_open", &f.open);
  take(object, "peer_dim", &f.dim);
  take(object, "peer_evaluate", &f.evaluate);
  return f;
}

class c_target : public stan::model::model_base_crtp<c_target> {
  const functions f;
  const void *const target;
  mutable std::vector<double> x, slope;

  // A point outside the support is what Stan calls a domain error: it rejects it.
  double evaluate(double *gradient) const {
    double value = 0;
    evaluations++;
    if (f.evaluate(target, 1, x.data(), &value, gradient) != 0 || !std::isfinite(value)) throw std::domain_error("outside the support");
    return value;
  }

public:
  mutable unsigned long long evaluations = 0;

  c_target(const functions &given, const void *opened)
      : model_base_crtp(given.dim(opened)), f(given), target(opened), x(given.dim(opened)), slope(given.dim(opened)) {}

  template <bool propto, bool jacobian, typename V> double value_of(const V &theta, double) const {
    for (std::size_t j = 0; j < x.size(); j++) x[j] = theta[j];
    return evaluate(nullptr);
  }
  template <bool propto, bool jacobian, typename V> stan::math::var value_of(const V &theta, stan::math::var) const {
    std::vector<stan::math::var> operands(x.size());
    for (std::size_t j = 0; j < x.size(); j++) x[j] = (operands[j] = theta[j]).val();
    const double value = evaluate(slope.data());
    return stan::math::precomputed_gradients(value, operands, slope);
  }
  template <bool propto, bool jacobian, typename T> T log_prob(Eigen::Matrix<T, -1, 1> &theta, std::ostream *) const {
    return value_of<propto, jacobian>(theta, T());
  }
  template <bool propto, bool jacobian, typename T> T log_prob(std::vector<T> &theta, std::vector<int> &, std::ostream *) const {
    return value_of<propto, jacobian>(theta, T());
  }

  std::string model_name() const override { return "target"; }
  void get_param_names(std::vector<std::string> &names) const override { names = {"x"}; }
  void get_dims(std::vector<std::vector<std::size_t>> &dims) const override { dims = {{x.size()}}; }
  void constrained_param_names(std::vector<std::string> &names, bool = true, bool = true) const override {
    for (std::size_t j = 0; j < x.size(); j++) names.push_back("x." + std::to_string(j + 1));
  }
  void unconstrained_param_names(std::vector<std::string> &names, bool = true, bool = true) const override {
    constrained_param_names(names);
  }
  // Chains begin at random, so that nobody gives initial values.
  void transform_inits(const stan::io::var_context &, Eigen::VectorXd &, std::ostream *) const override { give_up("initial values"); }
  void transform_inits(const stan::io::var_context &, std::vector<int> &, std::vector<double> &, std::ostream *) const override {
    give_up("initial values");
  }
  // Every parameter is unconstrained.
  template <typename RNG>
  void write_array(RNG &, Eigen::VectorXd &in, Eigen::VectorXd &out, bool = true, bool = true, std::ostream * = 0) const {
    out = in;
  }
  template <typename RNG>
  void write_array(RNG &, std::vector<double> &in, std::vector<int> &, std::vector<double> &out, bool = true, bool = true,
                   std::ostream * = 0) const {
    out = in;
  }
};

// Keeps every stride-th draw and, at the end of each stage, sends them and waits for the word to go on.
class stages : public stan::callbacks::writer {
  const c_target &model;
  const double start = processor_seconds();
  std::vector<double> kept;
  unsigned long long draws = 0, stride = 1, stage_end = first_stage;

  void thin() {
    const std::size_t dim = model.num_params_r(), rows = kept.size() / dim;
    for (std::size_t i = 1; 2 * i < rows; i++) std::copy_n(kept.begin() + long(2 * i * dim), dim, kept.begin() + long(i * dim));
    kept.resize((rows + 1) / 2 * dim);
    stride *= 2;
  }

  void send() {
    std::printf("%.9g %llu %llu %zu\n", processor_seconds() - start, model.evaluations, model.evaluations,
                kept.size() / model.num_params_r());
    std::fwrite(kept.data(), sizeof kept[0], kept.size(), stdout);
    std::fflush(stdout);
    if (std::getchar() == EOF) std::exit(0);
  }

public:
  explicit stages(const c_target &m) : model(m) {}
  using writer::operator();
  void operator()(const std::vector<double> &state) override {
    if (draws++ % stride == 0) kept.insert(kept.end(), state.end() - long(model.num_params_r()), state.end());
    if (kept.size() >= 2 * most_rows * model.num_params_r()) thin();
    if (draws < stage_end) return;
    send();
    stage_end *= 2;
  }
};

} // namespace

int main(int argc, char **argv) {
  if (argc != 5) give_up("usage: peer_nuts PEER_TARGETS.so|MODEL.so TARGET|DATA.json SEED CHAIN");
  const functions f = load(argv[1]);
  void *const target = f.open(argv[2]);
  if (target == nullptr) return 2;
  if (std::getchar() == EOF) return 0;
  c_target model(f, target);
  stages draws(model);
  stan::callbacks::interrupt never;
  stan::callbacks::logger silent;
  stan::callbacks::writer nothing;
  stan::io::empty_var_context random_start;
  return stan::services::sample::hmc_nuts_diag_e_adapt(model, random_start, unsigned(std::atoi(argv[3])), unsigned(std::atoi(argv[4])), 2,
                                                       warm_up, many, 1, false, 0, 1, 0, 10, 0.8, 0.05, 0.75, 10, 75, 50, 25, never, silent,
                                                       nothing, draws, nothing);
}
