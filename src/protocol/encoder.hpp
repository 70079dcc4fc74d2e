// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <boost/endian/conversion.hpp>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <kafka/error.hpp>

#include "base/shared_bytes.hpp"
#include "protocol/schema.hpp"

namespace kafka::protocol {

/// How many bytes an unsigned varint takes.
constexpr std::size_t unsigned_varint_size(std::uint32_t value) noexcept {
  return value == 0 ? 1 : (static_cast<std::size_t>(std::bit_width(value)) + 6) / 7;
}

/// Where encoded bytes go: first nowhere, to be counted, then into one buffer of exactly that size, which is cut into
/// slices around the large byte fields that are passed on uncopied.
class wire_sink {
 public:
  /// Counts only.
  wire_sink() noexcept = default;
  /// Writes what `counted` counted.
  explicit wire_sink(const wire_sink& counted, std::in_place_t) : buffer_(counted.size_ - counted.gathered_) {
    at_ = buffer_.data();
  }
  wire_sink(const wire_sink&) = delete;
  wire_sink& operator=(const wire_sink&) = delete;

  [[nodiscard]] bool counts_only() const noexcept { return at_ == nullptr; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  template <class Int>
  void integer(Int value) noexcept {
    size_ += sizeof(Int);
    if (!at_) return;
    value = boost::endian::native_to_big(value);
    std::memcpy(at_, &value, sizeof(Int));
    at_ += sizeof(Int);
  }
  void unsigned_varint(std::uint32_t value) noexcept {
    size_ += unsigned_varint_size(value);
    if (!at_) return;
    while (value >= 0x80U) {
      *at_++ = static_cast<std::byte>(value | 0x80U);
      value >>= 7U;
    }
    *at_++ = static_cast<std::byte>(value);
  }
  void bytes(std::span<const std::byte> bytes) noexcept {
    size_ += bytes.size();
    if (!at_ || bytes.empty()) return;
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  /// Byte fields of at least this size are handed to the socket as they are; smaller ones are copied, since a piece of
  /// its own costs more than the copy.
  static constexpr std::size_t gathered_size_min = 1024;
  void shared(const shared_bytes& bytes) {
    if (bytes.size() < gathered_size_min) return this->bytes(bytes.span());
    size_ += bytes.size();
    gathered_ += bytes.size();
    if (at_) cuts_.push_back({static_cast<std::size_t>(at_ - buffer_.data()), bytes});
  }

  /// The pieces in the order of the wire.
  [[nodiscard]] std::vector<shared_bytes> finish() &&;

 private:
  struct cut {
    std::size_t position;
    shared_bytes bytes;
  };

  std::size_t size_ = 0;
  std::size_t gathered_ = 0;
  unique_buffer buffer_;
  std::byte* at_ = nullptr;
  std::vector<cut> cuts_;
};

/// The visitor that counts or writes a message of one version, as its sink does. The counting pass finds every value
/// that the version cannot carry; the writing pass runs only after a clean count.
class encoder {
 public:
  encoder(wire_sink& sink, std::int16_t version, bool flexible) noexcept
      : sink_(sink), version_(version), flexible_(flexible) {}

  template <described M>
  void message(const M& value) {
    M::fields(value, *this);
    if (flexible_) {
      write_tagged_fields(value);
    } else if constexpr (taggable<M>) {
      if (!value.unknown_tagged_fields.empty()) fail("tagged fields", "need a flexible version");
    }
  }

  template <class T, class... Attributes>
  void operator()(const char* name, const T& value, const Attributes&... attributes) {
    const field_spec spec = make_field_spec(attributes...);
    if (!spec.versions.contains(version_)) {
      if (sink_.counts_only() && !spec.is_ignorable && !has_default(value, attributes...)) {
        fail(name, "has a value that this version cannot carry");
      }
    } else if (!spec.is_tagged) {
      name_ = name;
      field(value, spec);
    }
  }

  /// The first field that cannot be encoded; null while all can.
  [[nodiscard]] const char* bad_field() const noexcept { return bad_field_; }
  [[nodiscard]] const char* problem() const noexcept { return problem_; }

 private:
  /// How many known tagged fields will be written.
  struct tag_counter {
    std::int16_t version;
    std::uint32_t count = 0;

    template <class T, class... Attributes>
    void operator()(const char*, const T& value, const Attributes&... attributes) {
      const field_spec spec = make_field_spec(attributes...);
      if (spec.is_tagged && spec.versions.contains(version) && !has_default(value, attributes...)) ++count;
    }
  };

  /// Writes known and unknown tagged fields merged in order of their tags; `fields` lists known ones in that order.
  struct tag_writer {
    encoder& self;
    const tagged_fields& unknown;
    std::size_t next = 0;

    template <class T, class... Attributes>
    void operator()(const char* name, const T& value, const Attributes&... attributes) {
      const field_spec spec = make_field_spec(attributes...);
      if (!spec.is_tagged || !spec.versions.contains(self.version_)) return;
      unknown_below(spec.tag);
      if (next < unknown.size() && unknown[next].tag == spec.tag) self.fail(name, "is also among the unknown tags");
      if (has_default(value, attributes...)) return;
      self.name_ = name;
      wire_sink counted;
      encoder counter(counted, self.version_, self.flexible_);
      counter.name_ = name;
      counter.field(value, spec);
      if (counter.bad_field_) self.fail(counter.bad_field_, counter.problem_);
      self.sink_.unsigned_varint(spec.tag);
      self.sink_.unsigned_varint(static_cast<std::uint32_t>(counted.size()));
      self.field(value, spec);
    }

    void unknown_below(std::uint64_t limit) {
      for (; next < unknown.size() && unknown[next].tag < limit; ++next) {
        if (next > 0 && unknown[next].tag <= unknown[next - 1].tag) {
          self.fail("unknown tagged fields", "are not in order of their tags");
        }
        if (unknown[next].tag >= INT32_MAX) self.fail("unknown tagged fields", "have a tag that Kafka cannot hold");
        self.sink_.unsigned_varint(unknown[next].tag);
        self.sink_.unsigned_varint(static_cast<std::uint32_t>(unknown[next].data.size()));
        self.sink_.bytes(unknown[next].data.span());
      }
    }
  };

  void fail(const char* name, const char* problem) noexcept {
    if (bad_field_) return;
    bad_field_ = name;
    problem_ = problem;
  }

  template <class T>
  void field(const T& value, const field_spec& spec) {
    const bool flexible = flexible_ && !spec.is_never_flexible;
    if constexpr (is_optional<T>) {
      optional_value(value, flexible, version_ >= spec.nullable_since);
    } else {
      required_value(value, flexible);
    }
  }

  template <class T>
  void optional_value(const std::optional<T>& value, bool flexible, bool nullable) {
    if (!value && !nullable) fail(name_, "is null where this version does not allow null");
    if constexpr (described<T>) {
      if (nullable) sink_.integer(static_cast<std::int8_t>(value ? 1 : -1));
      if (value) message(*value);
    } else if (value) {
      required_value(*value, flexible);
    } else if (flexible) {
      sink_.unsigned_varint(0);
    } else if constexpr (std::is_same_v<T, std::string>) {
      sink_.integer(std::int16_t{-1});
    } else {
      sink_.integer(std::int32_t{-1});
    }
  }

  template <class T>
  void required_value(const T& value, bool flexible) {
    if constexpr (std::is_same_v<T, bool>) {
      sink_.integer(static_cast<std::int8_t>(value));
    } else if constexpr (std::is_integral_v<T>) {
      sink_.integer(value);
    } else if constexpr (std::is_same_v<T, double>) {
      sink_.integer(std::bit_cast<std::uint64_t>(value));
    } else if constexpr (std::is_same_v<T, uuid>) {
      sink_.bytes(std::as_bytes(std::span(value.bytes)));
    } else if constexpr (described<T>) {
      message(value);
    } else if constexpr (std::is_same_v<T, std::string>) {
      string(value, flexible);
    } else {
      if (value.size() > INT32_MAX) fail(name_, "is too long");
      length(value.size(), flexible);
      contents(value, flexible);
    }
  }

  void string(const std::string& value, bool flexible) {
    if (value.size() > INT16_MAX) fail(name_, "is longer than 32767 bytes");
    if (flexible) {
      length(value.size(), true);
    } else {
      sink_.integer(static_cast<std::int16_t>(value.size()));
    }
    sink_.bytes(std::as_bytes(std::span(value)));
  }

  void length(std::size_t value, bool flexible) {
    if (flexible) {
      sink_.unsigned_varint(static_cast<std::uint32_t>(value) + 1);
    } else {
      sink_.integer(static_cast<std::int32_t>(value));
    }
  }

  void contents(const shared_bytes& value, bool) { sink_.shared(value); }

  template <class T>
  void contents(const std::vector<T>& values, bool flexible) {
    for (const auto& value : values) required_value(static_cast<const T&>(value), flexible);
  }

  template <class M>
  void write_tagged_fields(const M& value) {
    static const tagged_fields none;
    const tagged_fields* unknown = &none;
    if constexpr (taggable<M>) unknown = &value.unknown_tagged_fields;
    tag_counter counter{version_};
    M::fields(value, counter);
    sink_.unsigned_varint(counter.count + static_cast<std::uint32_t>(unknown->size()));
    tag_writer writer{*this, *unknown};
    M::fields(value, writer);
    writer.unknown_below(UINT64_MAX);
  }

  wire_sink& sink_;
  std::int16_t version_;
  bool flexible_;
  const char* name_ = "";
  const char* bad_field_ = nullptr;
  const char* problem_ = nullptr;
};

/// The size of a message whose strings and arrays are empty and whose nullable structs are null: the least that one of
/// this version can take.
template <described M>
std::size_t smallest_message_size(std::int16_t version, bool flexible) {
  wire_sink sink;
  encoder counter(sink, version, flexible);
  counter.message(M{});
  return sink.size();
}

}  // namespace kafka::protocol
