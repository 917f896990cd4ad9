// SPDX-License-Identifier: GPL-3.0-or-later
// A plug-in for the tests that lets an exception out: where it is opened (-DTHROW_WHEN_opening), or in its density.
#include <dilate.h>

#include <stdexcept>

static int logp(size_t dim, const double *x, double *value, double *grad, void *) {
  if (x[0] > 1) throw std::domain_error("sigma is negative");
  *value = 0;
  for (size_t j = 0; j < dim; j++) {
    *value -= 0.5 * x[j] * x[j];
    if (grad) grad[j] = -x[j];
  }
  return 0;
}

extern "C" int dilate_plugin_abi(void) {
  return DILATE_PLUGIN_ABI;
}

extern "C" int dilate_plugin_open(const char *, dilate_target *target, dilate_error *) {
#ifdef THROW_WHEN_opening
  throw std::runtime_error("no such\nprior");
#endif
  target->dim = 2;
  target->logp = logp;
  return 0;
}

extern "C" void dilate_plugin_close(dilate_target *) {}
