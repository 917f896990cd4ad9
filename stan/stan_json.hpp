/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Stan program's data from JSON, in the form that CmdStan's guide describes: one object, a variable a member; numbers, and nested arrays
 * of them, the first index outermost; what is not finite as one of the texts "NaN", "Inf", "-Inf", "Infinity" and "-Infinity".
 *
 * Stan asks for the values with the first index fastest.  Stan 2.21 as packaged reads no JSON itself; Jansson does. */
#ifndef DILATE_STAN_JSON_HPP
#define DILATE_STAN_JSON_HPP

#include <stan/io/array_var_context.hpp>
#include <stan/io/empty_var_context.hpp>

#include <algorithm>
#include <jansson.h>
#include <limits>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

class json_context : public stan::io::var_context {
  struct variable {
    std::vector<std::size_t> dims;
    std::vector<double> values;
    bool whole = true; /* integers only */
    std::string fault; /* why it is no array of numbers, which concerns only a program that asks for it */
  };
  std::map<std::string, variable> variables;
  const variable none;

  [[noreturn]] static void refuse(const std::string &name, const std::string &why) {
    throw std::runtime_error("the variable '" + name + "' in the data " + why);
  }

  static double number_of_text(const std::string &name, const std::string &text) {
    const double infinity = std::numeric_limits<double>::infinity();
    if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (text == "Inf" || text == "+Inf" || text == "Infinity" || text == "+Infinity") return infinity;
    if (text == "-Inf" || text == "-Infinity") return -infinity;
    refuse(name, "holds the text '" + text + "'; of texts only NaN, Inf, -Inf, Infinity and -Infinity are numbers");
  }

  /* A whole number beyond int is a real one. */
  static double number_of(const std::string &name, const json_t *value, bool *whole) {
    if (json_is_integer(value)) {
      const json_int_t number = json_integer_value(value);
      if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max()) *whole = false;
      return double(number);
    }
    *whole = false;
    if (json_is_real(value)) return json_real_value(value);
    if (json_is_string(value)) return number_of_text(name, json_string_value(value));
    refuse(name, json_is_boolean(value) ? "is true or false: write 1 or 0"
                 : json_is_null(value)  ? "is null"
                                        : "is an object; only numbers and arrays of them are data");
  }

  static std::vector<std::size_t> dims_of(const json_t *value) {
    std::vector<std::size_t> dims;
    for (; json_is_array(value); value = json_array_get(value, 0)) dims.push_back(json_array_size(value));
    return dims;
  }

  /* Puts the numbers of the array that `level` indices lead to where they belong: `at` is the place of its first, and its own index
   * moves by `stride`. */
  static void read(const std::string &name, const json_t *value, std::size_t level, std::size_t at, std::size_t stride, variable *out) {
    if (json_is_array(value) != (level < out->dims.size()) || (json_is_array(value) && json_array_size(value) != out->dims[level]))
      refuse(name, "is no rectangular array: its rows are of different lengths");
    if (!json_is_array(value)) {
      out->values[at] = number_of(name, value, &out->whole);
      return;
    }
    for (std::size_t i = 0; i < out->dims[level]; i++)
      read(name, json_array_get(value, i), level + 1, at + i * stride, stride * out->dims[level], out);
  }

  static variable read_variable(const std::string &name, const json_t *value) {
    variable out;
    out.dims = dims_of(value);
    std::size_t size = 1;
    for (const std::size_t dim : out.dims) size *= dim;
    out.values.resize(size);
    read(name, value, 0, 0, 1, &out);
    return out;
  }

  static variable read_entry(const std::string &name, const json_t *value) {
    variable out;
    try {
      out = read_variable(name, value);
    } catch (const std::runtime_error &e) {
      out.fault = e.what();
    }
    return out;
  }

  explicit json_context(json_t *root) {
    if (!json_is_object(root)) throw std::runtime_error("the data are no JSON object { \"name\": value, ... }");
    const char *name;
    json_t *value;
    json_object_foreach(root, name, value) variables[name] = read_entry(name, value);
  }

  /* Takes the root over. */
  static json_context *of_root(json_t *root, const json_error_t &error) {
    if (!root)
      throw std::runtime_error("the data are not valid JSON: line " + std::to_string(error.line) + ", column " +
                               std::to_string(error.column) + ": " + error.text);
    const std::unique_ptr<json_t, void (*)(json_t *)> owner(root, json_decref);
    return new json_context(root);
  }

  const variable &find(const std::string &name) const {
    const auto at = variables.find(name);
    if (at == variables.end()) return none;
    if (!at->second.fault.empty()) throw std::runtime_error(at->second.fault);
    return at->second;
  }

public:
  static json_context *of_text(const std::string &text) {
    json_error_t error;
    return of_root(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &error), error);
  }
  static json_context *of_file(const std::string &path) {
    json_error_t error;
    return of_root(json_load_file(path.c_str(), JSON_REJECT_DUPLICATES, &error), error);
  }

  bool contains_r(const std::string &name) const override { return &find(name) != &none; }
  bool contains_i(const std::string &name) const override { return contains_r(name) && find(name).whole; }
  std::vector<double> vals_r(const std::string &name) const override { return find(name).values; }
  std::vector<int> vals_i(const std::string &name) const override {
    const variable &v = find(name);
    return v.whole ? std::vector<int>(v.values.begin(), v.values.end()) : std::vector<int>();
  }
  std::vector<std::size_t> dims_r(const std::string &name) const override { return find(name).dims; }
  std::vector<std::size_t> dims_i(const std::string &name) const override { return find(name).dims; }
  void names_r(std::vector<std::string> &names) const override {
    names.clear();
    for (const auto &entry : variables)
      if (!entry.second.whole) names.push_back(entry.first);
  }
  void names_i(std::vector<std::string> &names) const override {
    names.clear();
    for (const auto &entry : variables)
      if (entry.second.whole) names.push_back(entry.first);
  }
};

/* Stan's own check of dimensions, but that [] is every array without elements: JSON has no other way to write no rows of three columns. */
inline void json_check_dims(const stan::io::var_context &data, const std::string &stage, const std::string &name, const std::string &type,
                            const std::vector<std::size_t> &declared) {
  const bool is_empty = std::count(declared.begin(), declared.end(), std::size_t(0)) > 0;
  if (is_empty && data.contains_r(name) && data.dims_r(name) == std::vector<std::size_t>{0}) return;
  data.validate_dims(stage, name, type, declared);
}

#endif
