// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

/// Kafka's variable-length integers: seven bits a byte, least significant first, the top bit set on all but the last
/// byte; signed ones are zigzag-mapped before that. 32-bit ones take at most 5 bytes, 64-bit ones at most 10.
namespace kafka::protocol {

inline constexpr std::size_t varint_bytes_max = 5;
inline constexpr std::size_t varlong_bytes_max = 10;

[[nodiscard]] constexpr std::uint32_t zigzag(std::int32_t value) noexcept {
  return (static_cast<std::uint32_t>(value) << 1U) ^ static_cast<std::uint32_t>(value >> 31);
}
[[nodiscard]] constexpr std::uint64_t zigzag_long(std::int64_t value) noexcept {
  return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
}
[[nodiscard]] constexpr std::int32_t unzigzag(std::uint32_t value) noexcept {
  return static_cast<std::int32_t>((value >> 1U) ^ (0U - (value & 1U)));
}
[[nodiscard]] constexpr std::int64_t unzigzag_long(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>((value >> 1U) ^ (0U - (value & 1U)));
}

/// How many bytes `value` takes.
[[nodiscard]] constexpr std::size_t varint_size(std::uint64_t value) noexcept {
  // Most are short, and counting leading zeros takes many cycles on processors that have it in microcode only.
  if (value < 0x80U) return 1;
  if (value < 0x4000U) return 2;
  // ceil(bits / 7) without a division.
  return (static_cast<std::size_t>(std::bit_width(value)) * 9U + 64U) >> 6U;
}

/// Writes `value` at `out`, which has room for varint_size(value) bytes; returns the end of what was written.
[[nodiscard]] inline std::byte* write_varint(std::byte* out, std::uint64_t value) noexcept {
  while (value >= 0x80U) {
    *out++ = static_cast<std::byte>(value | 0x80U);
    value >>= 7U;
  }
  *out++ = static_cast<std::byte>(value);
  return out;
}

/// What was read, and where it ended: null if it was malformed. Returned by value, in two registers, so that nobody's
/// variables need an address for the sake of the rare long varint.
struct varint_read {
  const std::byte* end = nullptr;
  std::uint64_t value = 0;
};
/// Any length up to 5 and 10 bytes, as near to the end as it may be.
[[nodiscard]] varint_read read_varint_slowly(const std::byte* at, const std::byte* end) noexcept;
[[nodiscard]] varint_read read_varlong_slowly(const std::byte* at, const std::byte* end) noexcept;

/// Reads an unsigned 32-bit varint from [at, end). Returns its end, or null (and leaves `value` alone) if the bytes end
/// too early, a fifth byte continues, or bits beyond the 32nd are set.
[[nodiscard]] inline const std::byte* read_varint(const std::byte* at, const std::byte* end,
                                                  std::uint32_t& value) noexcept {
  if (end - at >= 2) [[likely]] {
    const auto first = std::to_integer<std::uint32_t>(at[0]);
    if (first < 0x80U) {
      value = first;
      return at + 1;
    }
    const auto second = std::to_integer<std::uint32_t>(at[1]);
    if (second < 0x80U) [[likely]] {
      value = (first & 0x7FU) | (second << 7U);
      return at + 2;
    }
  }
  const varint_read read = read_varint_slowly(at, end);
  if (read.end) value = static_cast<std::uint32_t>(read.value);
  return read.end;
}

/// The same for 64 bits and ten bytes.
[[nodiscard]] inline const std::byte* read_varlong(const std::byte* at, const std::byte* end,
                                                   std::uint64_t& value) noexcept {
  if (end - at >= 2) [[likely]] {
    const auto first = std::to_integer<std::uint64_t>(at[0]);
    if (first < 0x80U) {
      value = first;
      return at + 1;
    }
    const auto second = std::to_integer<std::uint64_t>(at[1]);
    if (second < 0x80U) {
      value = (first & 0x7FU) | (second << 7U);
      return at + 2;
    }
  }
  const varint_read read = read_varlong_slowly(at, end);
  if (read.end) value = read.value;
  return read.end;
}

}  // namespace kafka::protocol
