// SPDX-License-Identifier: Apache-2.0
// How a message describes itself. Each message has one function, `fields(self, visit)`, that names every field with its
// attributes; visitors (encoder, decoder, printer, schema dump) turn that into bytes, text or a comparison with Kafka's
// own definitions. Nothing else in the project knows the order or the versions of fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <kafka/api_key.hpp>
#include <kafka/types.hpp>

#include "base/shared_bytes.hpp"

namespace kafka::protocol {

/// An inclusive range of versions; empty when min > max.
struct version_range {
  std::int16_t min = 0;
  std::int16_t max = INT16_MAX;

  [[nodiscard]] constexpr bool contains(std::int16_t version) const noexcept {
    return min <= version && version <= max;
  }
  friend constexpr bool operator==(version_range, version_range) noexcept = default;
};

/// No version: a message that never became flexible, a field that is never null.
inline constexpr std::int16_t no_version = INT16_MAX;

/// What there is to say about an API as a whole (KIP-482 for flexible versions).
struct api_spec {
  api_key key{};
  /// What we encode and decode.
  version_range versions{};
  /// The first version with compact lengths and tagged fields; no_version when there is none.
  std::int16_t flexible_since = no_version;
  /// The highest version ever negotiated; lower than versions.max while Kafka calls the newest one unstable.
  std::int16_t stable_max = versions.max;

  [[nodiscard]] constexpr bool flexible(std::int16_t version) const noexcept { return version >= flexible_since; }
  /// The version of the request header that goes before a request of this version.
  [[nodiscard]] constexpr std::int16_t request_header_version(std::int16_t version) const noexcept {
    return flexible(version) ? 2 : 1;
  }
  /// The version of the response header. ApiVersions is always answered with version 0, so that a client can read the
  /// answer before it knows anything of the broker (KIP-511).
  [[nodiscard]] constexpr std::int16_t response_header_version(std::int16_t version) const noexcept {
    return key != api_key::api_versions && flexible(version) ? 1 : 0;
  }
};

/// A tagged field that this library does not know. Kept and written back, so that nothing is lost on the way through.
struct unknown_tagged_field {
  std::uint32_t tag = 0;
  shared_bytes data;

  friend bool operator==(const unknown_tagged_field&, const unknown_tagged_field&) = default;
};

/// In order of their tags. Every struct of a flexible message has one, named `unknown_tagged_fields`.
using tagged_fields = std::vector<unknown_tagged_field>;

// --- attributes, given after the member in `visit("Name", self.name, ...)` ------------------------------------------

struct since_attribute {
  std::int16_t version;
};
/// The field exists from this version on.
constexpr since_attribute since(std::int16_t version) noexcept {
  return {version};
}

struct until_attribute {
  std::int16_t version;
};
/// The field exists up to and including this version.
constexpr until_attribute until(std::int16_t version) noexcept {
  return {version};
}

struct nullable_attribute {
  std::int16_t version;
};
/// The field may be null from this version on; a std::optional member without this may be null in every version.
constexpr nullable_attribute nullable_since(std::int16_t version) noexcept {
  return {version};
}

struct tagged_attribute {
  std::uint32_t tag;
};
/// The field is a tagged one: optional on the wire, left out while it has its default.
constexpr tagged_attribute tagged(std::uint32_t tag) noexcept {
  return {tag};
}

template <class T>
struct default_attribute {
  T value;
};
/// The value that stands for "not given" where it is not zero, empty or null. The member's initialiser says the same
/// (a test compares them).
template <class T>
constexpr default_attribute<T> default_value(T value) noexcept {
  return {value};
}

struct ignorable_attribute {};
/// A value other than the default is silently dropped in versions that lack the field; without this it is an error.
inline constexpr ignorable_attribute ignorable{};

struct empty_by_default_attribute {};
/// A std::optional member whose default is the empty value, not null.
inline constexpr empty_by_default_attribute empty_by_default{};

struct never_flexible_attribute {};
/// Keeps the old encoding even in flexible versions (ClientId of the request header).
inline constexpr never_flexible_attribute never_flexible{};

/// All attributes of one field.
struct field_spec {
  version_range versions{};
  std::int16_t nullable_since = 0;
  std::uint32_t tag = 0;
  bool is_tagged = false;
  bool is_ignorable = false;
  bool is_empty_by_default = false;
  bool is_never_flexible = false;

  constexpr void add(since_attribute attribute) noexcept { versions.min = attribute.version; }
  constexpr void add(until_attribute attribute) noexcept { versions.max = attribute.version; }
  constexpr void add(nullable_attribute attribute) noexcept { nullable_since = attribute.version; }
  constexpr void add(tagged_attribute attribute) noexcept {
    tag = attribute.tag;
    is_tagged = true;
  }
  template <class T>
  constexpr void add(const default_attribute<T>&) noexcept {}
  constexpr void add(ignorable_attribute) noexcept { is_ignorable = true; }
  constexpr void add(empty_by_default_attribute) noexcept { is_empty_by_default = true; }
  constexpr void add(never_flexible_attribute) noexcept { is_never_flexible = true; }
};

template <class... Attributes>
constexpr field_spec make_field_spec(const Attributes&... attributes) noexcept {
  field_spec spec;
  (spec.add(attributes), ...);
  return spec;
}

// --- what kind of member it is --------------------------------------------------------------------------------------

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_default_value = false;
template <class T>
inline constexpr bool is_default_value<default_attribute<T>> = true;

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

struct any_visitor {
  template <class... T>
  constexpr void operator()(T&&...) const noexcept {}
};

/// A struct with a `fields` function of its own.
template <class T>
concept described = requires(T& self, any_visitor& visit) { T::fields(self, visit); };

/// A struct that can carry tagged fields.
template <class T>
concept taggable = requires(T& self) { self.unknown_tagged_fields; };

namespace schema_detail {

/// Without an attribute that says otherwise the default is zero, empty or null; of a struct, all its defaults.
template <class T>
bool equals_default(const T& value) {
  if constexpr (is_optional<T>) {
    return !value;
  } else if constexpr (is_vector<T> || std::is_same_v<T, std::string> || std::is_same_v<T, shared_bytes>) {
    return value.empty();
  } else {
    return value == T{};
  }
}

template <class T, class First, class... Rest>
bool equals_default(const T& value, const First& first, const Rest&... rest) {
  if constexpr (is_default_value<First>) {
    return value == first.value;
  } else if constexpr (std::is_same_v<First, empty_by_default_attribute>) {
    return value && equals_default(*value);
  } else {
    return equals_default(value, rest...);
  }
}

}  // namespace schema_detail

/// Whether a field has its default, given its attributes.
template <class T, class... Attributes>
bool has_default(const T& value, const Attributes&... attributes) {
  return schema_detail::equals_default(value, attributes...);
}

}  // namespace kafka::protocol
