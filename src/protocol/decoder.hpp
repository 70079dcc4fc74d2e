// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "protocol/encoder.hpp"
#include "protocol/reader.hpp"
#include "protocol/schema.hpp"

namespace kafka::protocol {

/// The limits that Kafka's newest readers (4.4) apply to any one array and to the tagged fields of one struct.
inline constexpr std::uint64_t array_elements_max = 1'000'000;
inline constexpr std::uint32_t tagged_fields_max = 10'000;

/// The visitor that reads a message of one version. Fields that the version lacks keep their defaults. As Kafka's own
/// readers, it takes any non-zero byte for true, any negative length for null and any non-negative marker for a struct
/// that is there, and refuses a tag that the schema knows in other versions only. Unlike them, it refuses tags that are
/// not in order and a known tagged field that is shorter or longer than its size says: both mean that the writer and we
/// disagree about the schema.
class decoder {
 public:
  decoder(reader& input, std::int16_t version, bool flexible) noexcept
      : input_(input), version_(version), flexible_(flexible) {}

  template <described M>
  void message(M& out) {
    M::fields(out, *this);
    if (flexible_) read_tagged_fields(out);
  }

  template <class T, class... Attributes>
  void operator()(const char* name, T& value, const Attributes&... attributes) {
    const field_spec spec = make_field_spec(attributes...);
    if (spec.is_tagged || !spec.versions.contains(version_) || !input_.ok()) return;
    input_.enter(name);
    field(value, spec);
  }

 private:
  /// Offers one tagged field to the member that has its tag.
  struct tag_match {
    decoder& self;
    std::uint32_t tag;
    bool found = false;

    template <class T, class... Attributes>
    void operator()(const char* name, T& value, const Attributes&... attributes) {
      const field_spec spec = make_field_spec(attributes...);
      if (found || !spec.is_tagged || spec.tag != tag) return;
      found = true;
      self.input_.enter(name);
      if (!spec.versions.contains(self.version_)) return self.input_.fail("tag is not valid in this version");
      self.field(value, spec);
    }
  };

  template <class T>
  void field(T& value, const field_spec& spec) {
    const bool flexible = flexible_ && !spec.is_never_flexible;
    if constexpr (is_optional<T>) {
      optional_value(value, flexible, version_ >= spec.nullable_since);
    } else {
      required_value(value, flexible);
    }
  }

  template <class T>
  void optional_value(std::optional<T>& value, bool flexible, bool nullable) {
    if constexpr (described<T>) {
      // A nullable struct has a marker byte in front.
      if (nullable && input_.integer<std::int8_t>() < 0) return value.reset();
      // Not emplace(): clang takes a nested type for one without a default constructor while its class is incomplete,
      // and remembers that.
      T made{};
      message(made);
      value = std::move(made);
    } else {
      const std::int64_t length = length_of<T>(flexible);
      if (length >= 0) return contents(value.emplace(), static_cast<std::uint64_t>(length), flexible);
      if (!nullable) input_.fail("null where null is not allowed");
      value.reset();
    }
  }

  template <class T>
  void required_value(T& value, bool flexible) {
    if constexpr (std::is_same_v<T, bool>) {
      value = input_.integer<std::int8_t>() != 0;
    } else if constexpr (std::is_integral_v<T>) {
      value = input_.integer<T>();
    } else if constexpr (std::is_same_v<T, double>) {
      value = input_.float64();
    } else if constexpr (std::is_same_v<T, uuid>) {
      const auto bytes = input_.take(value.bytes.size());
      if (!bytes.empty()) std::memcpy(value.bytes.data(), bytes.data(), bytes.size());
    } else if constexpr (described<T>) {
      message(value);
    } else {
      const std::int64_t length = length_of<T>(flexible);
      if (length < 0) return input_.fail("null where null is not allowed");
      contents(value, static_cast<std::uint64_t>(length), flexible);
    }
  }

  /// A length or count, still unchecked, or a negative number for null. In 64 bits, so that nothing wraps.
  template <class T>
  std::int64_t length_of(bool flexible) {
    if (flexible) return std::int64_t{input_.unsigned_varint()} - 1;
    return std::is_same_v<T, std::string> ? std::int64_t{input_.integer<std::int16_t>()}
                                          : std::int64_t{input_.integer<std::int32_t>()};
  }

  void contents(std::string& value, std::uint64_t length, bool) {
    if (length > INT16_MAX) return input_.fail("string is too long", client_errc::limit_exceeded);
    const auto bytes = input_.take(length);
    value.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }

  void contents(shared_bytes& value, std::uint64_t length, bool) { value = input_.take_shared(length); }

  template <class T>
  void contents(std::vector<T>& values, std::uint64_t count, bool flexible) {
    if (count == 0 || !input_.ok()) return;
    // An element takes a byte at least. What it takes exactly is worth finding out only where a lie would be costly.
    if (count > input_.remaining() ||
        (count > array_elements_trusted && count * smallest_size<T>(flexible) > input_.remaining())) {
      return input_.fail("array is longer than its message");
    }
    if (count > array_elements_max) return input_.fail("array is too long", client_errc::limit_exceeded);
    if (!input_.charge(count, sizeof(T))) return;
    values.reserve(std::min<std::uint64_t>(count, 1024));
    for (std::uint64_t index = 0; index < count && input_.ok(); ++index)
      required_value(values.emplace_back(), flexible);
  }

  static constexpr std::uint64_t array_elements_trusted = 16;

  /// What an element takes at least: a default one has empty strings and arrays, and nulls where it may.
  template <class T>
  [[nodiscard]] std::size_t smallest_size(bool flexible) const {
    if constexpr (described<T>) {
      return std::max<std::size_t>(1, smallest_message_size<T>(version_, flexible_));
    } else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, uuid>) {
      return sizeof(T);
    } else {
      return flexible ? 1 : 2;
    }
  }

  template <class M>
  void read_tagged_fields(M& out) {
    if (!input_.ok()) return;
    input_.enter("tagged fields");
    const std::uint32_t count = input_.unsigned_varint();
    if (count > input_.remaining() / 2) return input_.fail("more tagged fields than bytes");
    if (count > tagged_fields_max) return input_.fail("too many tagged fields", client_errc::limit_exceeded);
    std::int64_t previous = -1;
    for (std::uint32_t index = 0; index < count && input_.ok(); ++index) {
      input_.enter("tagged fields");
      const std::uint32_t tag = input_.unsigned_varint();
      const std::uint32_t size = input_.unsigned_varint();
      if (tag <= previous) return input_.fail("tags are not in order");
      previous = tag;
      read_tagged_field(out, tag, size);
    }
  }

  template <class M>
  void read_tagged_field(M& out, std::uint32_t tag, std::uint32_t size) {
    const std::size_t end = input_.limit_to(size);
    if (!input_.ok()) return;
    tag_match match{*this, tag};
    M::fields(out, match);
    if constexpr (taggable<M>) {
      if (!match.found && input_.charge(1, sizeof(unknown_tagged_field))) {
        out.unknown_tagged_fields.push_back({tag, input_.take_shared(size)});
      }
    }
    if (input_.remaining() != 0) input_.fail("tagged field is longer than its content");
    input_.restore_end(end);
  }

  reader& input_;
  std::int16_t version_;
  bool flexible_;
};

}  // namespace kafka::protocol
