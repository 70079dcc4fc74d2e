// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/schema.hpp"

namespace kafka::protocol {

/// What the schema says of one field, in words that can be compared with Kafka's definitions.
struct field_facts {
  std::string path;        // Topics.Partitions.FetchOffset
  std::string type;        // int32, []string, struct, []struct
  version_range versions;  // in which the field can occur at all: those of its parents, too
  std::optional<version_range> null_in;
  std::optional<std::uint32_t> tag;
  std::string default_text;  // a number, true, false, empty, null, zero (of a uuid) or struct
  bool ignorable = false;
  bool never_flexible = false;
  bool initialiser_is_the_default = true;  // whether a fresh message holds the declared default

  friend bool operator==(const field_facts&, const field_facts&) = default;
};

/// The visitor that lists the fields of a message, those of nested structs after the field that holds them.
class schema_dump {
 public:
  /// All fields of M.
  template <described M>
  [[nodiscard]] static std::vector<field_facts> of() {
    schema_dump dump(M::api.versions, "");
    const M fresh{};
    M::fields(fresh, dump);
    return std::move(dump.facts_);
  }

  template <class T, class... Attributes>
  void operator()(const char* name, const T& value, const Attributes&... attributes) {
    const field_spec spec = make_field_spec(attributes...);
    field_facts facts;
    facts.path = path_ + name;
    facts.type = type_name<T>();
    facts.versions = {std::max(spec.versions.min, versions_.min), std::min(spec.versions.max, versions_.max)};
    if (is_optional<T>) facts.null_in = {std::max(spec.nullable_since, facts.versions.min), facts.versions.max};
    if (spec.is_tagged) facts.tag = spec.tag;
    facts.default_text = default_text<T>(attributes...);
    facts.ignorable = spec.is_ignorable;
    facts.never_flexible = spec.is_never_flexible;
    facts.initialiser_is_the_default = has_default(value, attributes...);
    facts_.push_back(facts);
    nested<T>(facts);
  }

 private:
  schema_dump(version_range versions, std::string path) : versions_(versions), path_(std::move(path)) {}

  template <class T>
  void nested(const field_facts& parent) {
    if constexpr (is_optional<T> || is_vector<T>) {
      nested<typename T::value_type>(parent);
    } else if constexpr (described<T>) {
      schema_dump dump(parent.versions, parent.path + '.');
      const T fresh{};
      T::fields(fresh, dump);
      facts_.insert(facts_.end(), dump.facts_.begin(), dump.facts_.end());
    }
  }

  template <class T>
  static std::string type_name() {
    if constexpr (is_optional<T>) {
      return type_name<typename T::value_type>();
    } else if constexpr (is_vector<T>) {
      return "[]" + type_name<typename T::value_type>();
    } else if constexpr (described<T>) {
      return "struct";
    } else if constexpr (std::is_same_v<T, bool>) {
      return "bool";
    } else if constexpr (std::is_integral_v<T>) {
      return (std::is_signed_v<T> ? "int" : "uint") + std::to_string(8 * sizeof(T));
    } else if constexpr (std::is_same_v<T, double>) {
      return "float64";
    } else if constexpr (std::is_same_v<T, uuid>) {
      return "uuid";
    } else {
      return std::is_same_v<T, std::string> ? "string" : "bytes";
    }
  }

  template <class T>
  static std::string default_text() {
    if constexpr (is_optional<T>) return "null";
    if constexpr (std::is_same_v<T, bool>) return "false";
    if constexpr (std::is_arithmetic_v<T>) return "0";
    if constexpr (std::is_same_v<T, uuid>) return "zero";
    return described<T> ? "struct" : "empty";
  }

  template <class T, class First, class... Rest>
  static std::string default_text(const First& first, const Rest&... rest) {
    if constexpr (is_default_value<First>) {
      return std::is_same_v<T, bool> ? (first.value ? "true" : "false") : std::to_string(first.value);
    } else if constexpr (std::is_same_v<First, empty_by_default_attribute>) {
      return "empty";
    } else {
      return default_text<T>(rest...);
    }
  }

  version_range versions_;
  std::string path_;
  std::vector<field_facts> facts_;
};

}  // namespace kafka::protocol
