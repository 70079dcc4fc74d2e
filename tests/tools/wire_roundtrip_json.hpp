// SPDX-License-Identifier: Apache-2.0
// The visitors of wire-roundtrip: one that fills a message from JSON, one that repairs its strings.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/printer.hpp"
#include "protocol/schema.hpp"
#include "tools/json_value.hpp"

namespace kafka::tools {

/// Fills a message from JSON. What does not depend on the message is in the .cpp, to compile fast.
class json_reader {
 public:
  explicit json_reader(std::int16_t version) noexcept : version_(version) {}

  template <protocol::described M>
  void message(M& out, const json_value& node) {
    const json_value* const outer = std::exchange(object_, &node);
    M::fields(out, *this);
    if constexpr (protocol::taggable<M>) unknown_fields(out.unknown_tagged_fields);
    object_ = outer;
  }

  template <class T, class... Attributes>
  void operator()(const char* name, T& value, const Attributes&... attributes) {
    if (const json_value* node = enter(name, protocol::make_field_spec(attributes...))) read(value, *node);
  }

  /// Empty if all went well.
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

 private:
  /// The member of this field, if it is there.
  const json_value* enter(const char* name, const protocol::field_spec& spec);
  /// The elements; null and failed if it is no array.
  const json_value::array* elements(const json_value& node);
  /// An integer between the bounds.
  std::int64_t integer(const json_value& node, std::int64_t min, std::int64_t max);
  void unknown_fields(protocol::tagged_fields& out);
  void fail(std::string_view problem);

  void read(bool& value, const json_value& node);
  void read(double& value, const json_value& node);
  void read(std::string& value, const json_value& node);
  void read(shared_bytes& value, const json_value& node);
  void read(uuid& value, const json_value& node);

  template <class T>
  void read(std::optional<T>& value, const json_value& node) {
    if (node.is_null()) return value.reset();
    T made{};
    read(made, node);
    value = std::move(made);
  }

  template <class T>
  void read(std::vector<T>& values, const json_value& node) {
    values.clear();
    const json_value::array* const list = elements(node);
    for (std::size_t index = 0; list && index < list->size() && problem_.empty(); ++index) {
      read(values.emplace_back(), (*list)[index]);
    }
  }

  template <class T>
  void read(T& value, const json_value& node) {
    if constexpr (protocol::described<T>) {
      message(value, node);
    } else {
      static_assert(std::is_integral_v<T>);
      value = static_cast<T>(integer(node, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
    }
  }

  std::int16_t version_;
  const json_value* object_ = nullptr;
  const char* name_ = "the body";
  std::string problem_;
};

/// Repairs the strings of a message.
struct text_replacer {
  template <class T, class... Attributes>
  void operator()(const char*, T& value, const Attributes&...) {
    replace(value);
  }

  void replace(std::string& value) { value = protocol::replace_malformed_utf8(value); }

  template <class T>
  void replace(std::optional<T>& value) {
    if (value) replace(*value);
  }

  template <class T>
  void replace(std::vector<T>& values) {
    if constexpr (protocol::described<T> || std::is_same_v<T, std::string>) {
      for (T& value : values) replace(value);
    }
  }

  template <class T>
  void replace(T& value) {
    if constexpr (protocol::described<T>) T::fields(value, *this);
  }
};

}  // namespace kafka::tools
