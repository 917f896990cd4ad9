/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result's structs by value. */
#include "io/outcome.h"

dilate_parameter outcome_parameter(const outcome *o, size_t i) {
  dilate_parameter parameter = {.struct_size = sizeof parameter};
  dilate_result_parameter(o->result, i, &parameter);
  return parameter;
}

dilate_mode outcome_mode(const outcome *o, size_t i) {
  dilate_mode mode = {.struct_size = sizeof mode};
  dilate_result_mode_info(o->result, i, &mode);
  return mode;
}

dilate_trace outcome_trace(const outcome *o, size_t i) {
  dilate_trace trace = {.struct_size = sizeof trace};
  dilate_result_trace_info(o->result, i, &trace);
  return trace;
}
