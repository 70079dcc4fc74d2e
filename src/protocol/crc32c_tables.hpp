// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/endian/conversion.hpp>
#include <cstddef>
#include <cstdint>
#include <span>

/// What CRC32C (record batches) and CRC-32 (messages of format 0 and 1) have in common: both are computed bit-reversed
/// ("reflected"), with all ones before and after.
namespace kafka::protocol::crc {

/// The reflected polynomials: the coefficient of x^31 is the lowest bit.
inline constexpr std::uint32_t castagnoli = 0x82F63B78U;
inline constexpr std::uint32_t ieee = 0xEDB88320U;

using tables = std::array<std::array<std::uint32_t, 256>, 8>;

/// table[n][b]: what byte b contributes once n more bytes have followed it.
template <std::uint32_t polynomial>
[[nodiscard]] constexpr tables make_tables() noexcept {
  tables made{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1U) ^ ((value & 1U) != 0 ? polynomial : 0U);
    made[0][byte] = value;
  }
  for (std::size_t byte = 0; byte < 256; ++byte) {
    for (std::size_t distance = 1; distance < made.size(); ++distance) {
      const std::uint32_t before = made[distance - 1][byte];
      made[distance][byte] = (before >> 8U) ^ made[0][before & 0xFFU];
    }
  }
  return made;
}

/// Eight bytes a step through eight tables. `state` is the bare register, without the ones before and after.
[[nodiscard]] inline std::uint32_t update(const tables& table, std::uint32_t state,
                                          std::span<const std::byte> bytes) noexcept {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    const std::uint32_t low = state ^ boost::endian::load_little_u32(at);
    const std::uint32_t high = boost::endian::load_little_u32(at + 4);
    state = table[7][low & 0xFFU] ^ table[6][(low >> 8U) & 0xFFU] ^ table[5][(low >> 16U) & 0xFFU] ^
            table[4][low >> 24U] ^ table[3][high & 0xFFU] ^ table[2][(high >> 8U) & 0xFFU] ^
            table[1][(high >> 16U) & 0xFFU] ^ table[0][high >> 24U];
  }
  for (; left != 0; --left, ++at) state = (state >> 8U) ^ table[0][(state ^ *at) & 0xFFU];
  return state;
}

/// The product of two reflected polynomials modulo the Castagnoli polynomial.
[[nodiscard]] constexpr std::uint32_t multiply(std::uint32_t left, std::uint32_t right) noexcept {
  std::uint32_t product = 0;
  for (std::uint32_t bit = 0x80000000U; bit != 0; bit >>= 1U) {
    if ((left & bit) != 0) product ^= right;
    right = (right >> 1U) ^ ((right & 1U) != 0 ? castagnoli : 0U);
  }
  return product;
}

/// x to the power of `exponent` modulo the Castagnoli polynomial, reflected.
[[nodiscard]] constexpr std::uint32_t power_of_x(std::uint64_t exponent) noexcept {
  std::uint32_t result = 0x80000000U;  // x^0
  std::uint32_t square = 0x40000000U;  // x^1, x^2, x^4, ...
  for (; exponent != 0; exponent >>= 1U) {
    if ((exponent & 1U) != 0) result = multiply(result, square);
    square = multiply(square, square);
  }
  return result;
}

}  // namespace kafka::protocol::crc
