// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/shared_bytes.hpp"
#include "protocol/schema.hpp"

namespace kafka::protocol {

/// `text` as Java reads it: each part that is not UTF-8 becomes one U+FFFD. A part is the longest start of a
/// well-formed sequence (Unicode, "substitution of maximal subparts"), and also a whole encoded surrogate.
[[nodiscard]] std::string replace_malformed_utf8(std::string_view text);
/// Appends `text` as a JSON string, after replace_malformed_utf8.
void append_json_string(std::string& out, std::string_view text);
/// Appends the base64 (RFC 4648, padded) of `bytes`, unquoted.
void append_base64(std::string& out, std::span<const std::byte> bytes);
/// Appends two lower-case hex digits a byte, unquoted.
void append_hex(std::string& out, std::span<const std::byte> bytes);
/// Appends the shortest decimal text that reads back as `value`, laid out as Java does (1.0, 2.5E-7); quoted when JSON
/// has no number for it.
void append_json_number(std::string& out, double value);

/// The visitor that prints a message as one line of JSON, in the form of Kafka's generated JSON converters.
class printer {
 public:
  printer(std::string& out, std::int16_t version, bool flexible) noexcept
      : out_(out), version_(version), flexible_(flexible) {}

  template <described M>
  void message(const M& value) {
    out_ += '{';
    first_ = true;
    M::fields(value, *this);
    if constexpr (taggable<M>) {
      if (flexible_ && !value.unknown_tagged_fields.empty()) unknown(value.unknown_tagged_fields);
    }
    out_ += '}';
    first_ = false;
  }

  template <class T, class... Attributes>
  void operator()(const char* name, const T& value, const Attributes&... attributes) {
    const field_spec spec = make_field_spec(attributes...);
    if (!spec.versions.contains(version_)) return;
    if (spec.is_tagged && has_default(value, attributes...)) return;
    key(name);
    print(value);
  }

 private:
  void key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    if (!name.empty()) out_ += name[0] >= 'A' && name[0] <= 'Z' ? static_cast<char>(name[0] - 'A' + 'a') : name[0];
    out_ += name.substr(name.empty() ? 0 : 1);
    out_ += "\":";
  }

  void unknown(const tagged_fields& fields);

  template <class T>
  void print(const std::optional<T>& value) {
    if (value) {
      print(*value);
    } else {
      out_ += "null";
    }
  }

  template <class T>
  void print(const std::vector<T>& values) {
    out_ += '[';
    bool first = true;
    for (const auto& value : values) {
      if (!first) out_ += ',';
      first = false;
      print(static_cast<const T&>(value));
    }
    out_ += ']';
  }

  template <class T>
  void print(const T& value) {
    if constexpr (described<T>) {
      message(value);
    } else if constexpr (std::is_same_v<T, bool>) {
      out_ += value ? "true" : "false";
    } else if constexpr (std::is_integral_v<T>) {
      out_ += std::to_string(value);
    } else if constexpr (std::is_same_v<T, double>) {
      append_json_number(out_, value);
    } else if constexpr (std::is_same_v<T, uuid>) {
      append_json_string(out_, value.str());
    } else if constexpr (std::is_same_v<T, std::string>) {
      append_json_string(out_, value);
    } else {
      out_ += '"';
      append_base64(out_, value.span());
      out_ += '"';
    }
  }

  std::string& out_;
  std::int16_t version_;
  bool flexible_;
  bool first_ = true;
};

}  // namespace kafka::protocol
