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
  // ceil(bits / 7) for 1..64 bits without a division.
  return (static_cast<std::size_t>(std::bit_width(value | 1U)) * 9U + 64U) >> 6U;
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

/// Reads up to `bits` bits; null if the bytes end too early, go on too long, or carry bits beyond `bits`.
template <unsigned bits>
[[nodiscard]] inline const std::byte* read_varint_slowly(const std::byte* at, const std::byte* end,
                                                         std::uint64_t& value) noexcept {
  std::uint64_t read = 0;
  for (unsigned shift = 0; shift < bits && at != end; shift += 7U) {
    const auto byte = std::to_integer<std::uint64_t>(*at++);
    if (shift + 7U > bits && (byte >> (bits - shift)) != 0) return nullptr;
    read |= (byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) {
      value = read;
      return at;
    }
  }
  return nullptr;
}

/// Reads an unsigned 32-bit varint from [at, end). Returns its end, or null (and leaves `value` alone) if the bytes end
/// too early, a fifth byte continues, or bits beyond the 32nd are set.
[[nodiscard]] inline const std::byte* read_varint(const std::byte* at, const std::byte* end,
                                                  std::uint32_t& value) noexcept {
  if (at != end && (*at & std::byte{0x80}) == std::byte{0}) [[likely]] {
    value = std::to_integer<std::uint32_t>(*at);
    return at + 1;
  }
  std::uint64_t wide = 0;
  at = read_varint_slowly<32>(at, end, wide);
  if (at) value = static_cast<std::uint32_t>(wide);
  return at;
}

/// The same for 64 bits and ten bytes.
[[nodiscard]] inline const std::byte* read_varlong(const std::byte* at, const std::byte* end,
                                                   std::uint64_t& value) noexcept {
  if (at != end && (*at & std::byte{0x80}) == std::byte{0}) [[likely]] {
    value = std::to_integer<std::uint64_t>(*at);
    return at + 1;
  }
  return read_varint_slowly<64>(at, end, value);
}

}  // namespace kafka::protocol
