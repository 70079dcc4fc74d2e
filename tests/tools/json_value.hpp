// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace kafka::tools {

/// A JSON value. A number is kept as its text, so that neither 64-bit integers nor doubles lose anything.
struct json_value {
  struct number {
    std::string text;
    /// Neither a point nor an exponent.
    [[nodiscard]] bool is_integer() const { return text.find_first_of(".eE") == std::string::npos; }
  };
  using array = std::vector<json_value>;
  struct entry;  // a std::pair would have to be complete here
  using object = std::vector<entry>;

  std::variant<std::nullptr_t, bool, number, std::string, array, object> value;

  template <class T>
  [[nodiscard]] const T* get_if() const noexcept {
    return std::get_if<T>(&value);
  }
  [[nodiscard]] bool is_null() const noexcept { return value.index() == 0; }
  /// The last member of that name; null if there is none, or if this is no object.
  [[nodiscard]] const json_value* member(std::string_view name) const noexcept;
};

struct json_value::entry {
  std::string name;
  json_value value;
};

/// Reads one JSON value (RFC 8259) with nothing but white space around it. An escaped surrogate without its partner
/// becomes a question mark, as when Java writes such a string. Nothing if `text` is no JSON or nests deeper than 100.
[[nodiscard]] std::optional<json_value> parse_json(std::string_view text);

}  // namespace kafka::tools
