// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <boost/endian/conversion.hpp>
#include <cstdint>
#include <cstring>
#include <optional>
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

/// Counts bytes. What is gathered (see gather_sink) is counted apart, because it needs no room in the buffer.
class counting_sink {
 public:
  static constexpr bool counts_only = true;

  template <class Int>
  void integer(Int) noexcept {
    size_ += sizeof(Int);
  }
  void unsigned_varint(std::uint32_t value) noexcept { size_ += unsigned_varint_size(value); }
  void bytes(std::span<const std::byte> bytes) noexcept { size_ += bytes.size(); }
  void shared(const shared_bytes& bytes) noexcept {
    size_ += bytes.size();
    if (bytes.size() >= gathered_size_min) gathered_ += bytes.size();
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t gathered() const noexcept { return gathered_; }

  /// Byte fields of at least this size are handed to the socket as they are; smaller ones are copied, since a piece of
  /// its own costs more than the copy.
  static constexpr std::size_t gathered_size_min = 1024;

 private:
  std::size_t size_ = 0;
  std::size_t gathered_ = 0;
};

/// Writes into one buffer of exactly the counted size, cut into slices around the byte fields that are passed on
/// uncopied.
class gather_sink {
 public:
  static constexpr bool counts_only = false;

  explicit gather_sink(const counting_sink& counted) : buffer_(counted.size() - counted.gathered()) {
    at_ = buffer_.data();
  }

  template <class Int>
  void integer(Int value) noexcept {
    value = boost::endian::native_to_big(value);
    std::memcpy(at_, &value, sizeof(Int));
    at_ += sizeof(Int);
  }
  void unsigned_varint(std::uint32_t value) noexcept {
    while (value >= 0x80U) {
      *at_++ = static_cast<std::byte>(value | 0x80U);
      value >>= 7U;
    }
    *at_++ = static_cast<std::byte>(value);
  }
  void bytes(std::span<const std::byte> bytes) noexcept {
    if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  void shared(const shared_bytes& bytes) {
    if (bytes.size() < counting_sink::gathered_size_min) return this->bytes(bytes.span());
    cuts_.push_back({static_cast<std::size_t>(at_ - buffer_.data()), bytes});
  }

  /// The pieces in the order of the wire.
  [[nodiscard]] std::vector<shared_bytes> finish() &&;

 private:
  struct cut {
    std::size_t position;
    shared_bytes bytes;
  };

  unique_buffer buffer_;
  std::byte* at_ = nullptr;
  std::vector<cut> cuts_;
};

/// The visitor that sizes or writes a message of one version, depending on its sink. The counting pass finds every
/// value that the version cannot carry; the writing pass runs only after a clean count.
template <class Sink>
class encoder {
 public:
  encoder(Sink& sink, std::int16_t version, bool flexible) noexcept
      : sink_(sink), version_(version), flexible_(flexible) {}

  template <described M>
  void message(const M& value) {
    M::fields(value, *this);
    if (flexible_) write_tagged_fields(value);
  }

  template <class T, class... Attributes>
  void operator()(const char* name, const T& value, const Attributes&... attributes) {
    const field_spec spec = make_field_spec(attributes...);
    if (!spec.versions.contains(version_)) {
      if (Sink::counts_only && !spec.is_ignorable && !has_default(value, attributes...)) {
        fail(name, "has a value that this version cannot carry");
      }
      return;
    }
    if (spec.is_tagged) {
      if (Sink::counts_only && !flexible_) fail(name, "is tagged in a version without tags");
      return;
    }
    name_ = name;
    field(value, spec);
  }

  /// The first field that cannot be encoded; null while all can.
  [[nodiscard]] const char* bad_field() const noexcept { return bad_field_; }
  [[nodiscard]] const char* problem() const noexcept { return problem_; }

 private:
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
    std::size_t next_unknown = 0;

    template <class T, class... Attributes>
    void operator()(const char* name, const T& value, const Attributes&... attributes) {
      const field_spec spec = make_field_spec(attributes...);
      if (!spec.is_tagged || !spec.versions.contains(self.version_) || has_default(value, attributes...)) return;
      unknown_below(spec.tag);
      self.name_ = name;
      counting_sink counted;
      encoder<counting_sink> counter(counted, self.version_, self.flexible_);
      counter.field(value, spec);
      if (counter.bad_field()) self.fail(counter.bad_field(), counter.problem());
      self.sink_.unsigned_varint(spec.tag);
      self.sink_.unsigned_varint(static_cast<std::uint32_t>(counted.size()));
      self.field(value, spec);
    }

    void unknown_below(std::uint64_t tag) {
      for (; next_unknown < unknown.size() && unknown[next_unknown].tag < tag; ++next_unknown) {
        self.sink_.unsigned_varint(unknown[next_unknown].tag);
        self.sink_.unsigned_varint(static_cast<std::uint32_t>(unknown[next_unknown].data.size()));
        self.sink_.bytes(unknown[next_unknown].data.span());
      }
    }
  };

  template <class Other>
  friend class encoder;

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
    } else {
      if (value.size() > INT32_MAX) fail(name_, "is too long");
      contents(value, static_cast<std::uint32_t>(value.size()), flexible);
    }
  }

  void contents(const std::string& value, std::uint32_t length, bool flexible) {
    if (length > INT16_MAX) fail(name_, "is longer than 32767 bytes");
    if (flexible) {
      sink_.unsigned_varint(length + 1);
    } else {
      sink_.integer(static_cast<std::int16_t>(length));
    }
    sink_.bytes(std::as_bytes(std::span(value)));
  }

  void contents(const shared_bytes& value, std::uint32_t length, bool flexible) {
    write_length(length, flexible);
    sink_.shared(value);
  }

  template <class T>
  void contents(const std::vector<T>& values, std::uint32_t count, bool flexible) {
    write_length(count, flexible);
    for (const auto& value : values) {
      if constexpr (is_optional<T>) {
        optional_value(value, flexible, true);
      } else {
        required_value(static_cast<const T&>(value), flexible);
      }
    }
  }

  void write_length(std::uint32_t length, bool flexible) {
    if (flexible) {
      sink_.unsigned_varint(length + 1);
    } else {
      sink_.integer(static_cast<std::int32_t>(length));
    }
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

  Sink& sink_;
  std::int16_t version_;
  bool flexible_;
  const char* name_ = "";
  const char* bad_field_ = nullptr;
  const char* problem_ = nullptr;
};

/// The size of a message whose strings and arrays are empty: the least that one of this version can take. Optional
/// structs that are not yet nullable count as nothing.
template <described M>
std::size_t smallest_message_size(std::int16_t version, bool flexible) {
  counting_sink sink;
  encoder<counting_sink> counter(sink, version, flexible);
  const M smallest{};
  counter.message(smallest);
  return sink.size();
}

}  // namespace kafka::protocol
