// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <kafka/types.hpp>

/// Messages of format 0 and 1, which brokers before 0.11 wrote and logs may still hold:
///
///      0 offset      int64   in a compressed message of format 1 relative to the first inside
///      8 size        int32   bytes after this field
///     12 CRC-32      uint32  (zlib's polynomial) of everything from byte 16 on
///     16 magic       int8    0 or 1
///     17 attributes  int8    codec in the low three bits, log-append time in the fourth
///     18 timestamp   int64   format 1 only (KIP-32)
///        key         int32 length (-1: null) and bytes
///        value       int32 length (-1: null) and bytes; messages, compressed as a whole, if there is a codec
namespace kafka::protocol {

inline constexpr std::size_t legacy_size_end = 12;        ///< Where the bytes begin that `size` counts.
inline constexpr std::size_t legacy_body_bytes_min = 14;  ///< The smallest `size`: format 0, null key, null value.

struct legacy_message {
  std::int64_t offset = 0;
  std::uint32_t crc = 0;
  std::int8_t magic = 0;
  std::uint8_t attributes = 0;
  timestamp_ms timestamp = -1;
  bytes_view key;
  bytes_view value;
  /// All of it, from the offset on.
  std::size_t size = 0;
};

/// Reads the message at the front of `bytes`, which it borrows. Null, or what is wrong with it. The CRC is not looked
/// at.
[[nodiscard]] const char* read_legacy_message(std::span<const std::byte> bytes, legacy_message& out) noexcept;

/// Does the message at the front of `bytes` end behind them?
[[nodiscard]] bool legacy_message_is_cut_off(std::span<const std::byte> bytes) noexcept;

/// Is the CRC right of the one message that is `message`? It is at least 16 bytes long.
[[nodiscard]] bool legacy_crc_matches(std::span<const std::byte> message) noexcept;

}  // namespace kafka::protocol
