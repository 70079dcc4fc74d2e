// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kafka {

/// A view of bytes that may also be *null*, which Kafka tells apart from empty: a record with a null value is a
/// tombstone. Borrows; the bytes must outlive the view. Converts from and to `std::string_view` (a null view converts
/// to an empty one).
class bytes_view {
 public:
  /// Null.
  constexpr bytes_view() noexcept = default;
  constexpr bytes_view(std::nullptr_t) noexcept {}
  constexpr bytes_view(std::nullopt_t) noexcept {}
  constexpr bytes_view(const char* text) noexcept : bytes_view(std::string_view(text)) {}
  constexpr bytes_view(std::string_view text) noexcept : data_(text.data() ? text.data() : ""), size_(text.size()) {}
  bytes_view(const std::string& text) noexcept : bytes_view(std::string_view(text)) {}
  bytes_view(std::span<const std::byte> bytes) noexcept
      : bytes_view(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())) {}
  bytes_view(const std::optional<std::string>& text) noexcept {
    if (text) *this = bytes_view(std::string_view(*text));
  }

  [[nodiscard]] constexpr bool is_null() const noexcept { return data_ == nullptr; }
  [[nodiscard]] constexpr const char* data() const noexcept { return data_; }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] constexpr std::string_view view() const noexcept { return {data_, size_}; }
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
    return {reinterpret_cast<const std::byte*>(data_), size_};
  }
  [[nodiscard]] std::string str() const { return std::string(view()); }
  constexpr operator std::string_view() const noexcept { return view(); }

  /// Null equals null only; otherwise bytes are compared.
  friend constexpr bool operator==(bytes_view left, bytes_view right) noexcept {
    return left.is_null() == right.is_null() && left.view() == right.view();
  }

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

/// A 128-bit identifier, as Kafka gives to topics (KIP-516). All zero means none.
struct uuid {
  std::array<std::uint8_t, 16> bytes{};

  [[nodiscard]] constexpr bool is_zero() const noexcept { return *this == uuid{}; }
  /// Kafka's spelling: URL-safe base64 of the 16 bytes without padding, 22 characters.
  [[nodiscard]] std::string str() const;
  /// The inverse of str(); nothing if `text` is not 22 characters of URL-safe base64.
  [[nodiscard]] static std::optional<uuid> parse(std::string_view text) noexcept;

  friend constexpr auto operator<=>(const uuid&, const uuid&) noexcept = default;
};

/// One partition of one topic.
struct topic_partition {
  std::string topic{};
  std::int32_t partition = 0;

  friend auto operator<=>(const topic_partition&, const topic_partition&) = default;
};

/// `topic-partition`, as Kafka's own tools print it.
[[nodiscard]] std::string to_string(const topic_partition& value);
std::ostream& operator<<(std::ostream& out, const topic_partition& value);

/// A record's timestamp: milliseconds since the Unix epoch on the wall clock of whoever stamped it. -1 means none.
using timestamp_ms = std::int64_t;

/// How many replicas must have a record before the broker acknowledges it (`acks` of Produce).
enum class acks : std::int16_t { all = -1, none = 0, leader = 1 };

/// How the records of a batch are compressed (the low three bits of a batch's attributes).
enum class compression : std::uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };

/// `none`, `gzip`, `snappy`, `lz4`, `zstd`.
[[nodiscard]] std::string_view to_string(compression codec) noexcept;
/// The inverse of to_string(compression); nothing for any other word.
[[nodiscard]] std::optional<compression> parse_compression(std::string_view text) noexcept;

/// What a record's timestamp means (bit 3 of a batch's attributes, KIP-32).
enum class timestamp_type : std::uint8_t { create_time = 0, log_append_time = 1, none = 2 };

/// A broker as Metadata or FindCoordinator names it.
struct node {
  std::int32_t id = -1;
  std::string host{};
  std::int32_t port = 0;
  std::optional<std::string> rack{};

  friend bool operator==(const node&, const node&) = default;
};

/// `host:port (id N)`, or `host:port` for a bootstrap address whose id is not known yet (negative).
[[nodiscard]] std::string to_string(const node& value);

}  // namespace kafka

template <>
struct std::hash<kafka::topic_partition> {
  std::size_t operator()(const kafka::topic_partition& value) const noexcept {
    return std::hash<std::string>{}(value.topic) * 31U + static_cast<std::size_t>(value.partition);
  }
};

template <>
struct std::hash<kafka::uuid> {
  std::size_t operator()(const kafka::uuid& value) const noexcept {
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()});
  }
};
