// SPDX-License-Identifier: Apache-2.0
#include "protocol/crc32c.hpp"

#include <array>
#include <atomic>

#include "protocol/crc32c_tables.hpp"

namespace kafka::protocol {

namespace {

constexpr crc::tables castagnoli_tables = crc::make_tables<crc::castagnoli>();

// Element n: what 2^n bytes that follow multiply a CRC by, which is x^(8 * 2^n).
constexpr std::array<std::uint32_t, 64> over_bytes = [] {
  std::array<std::uint32_t, 64> made{crc::power_of_x(8)};
  for (std::size_t index = 1; index < made.size(); ++index)
    made[index] = crc::multiply(made[index - 1], made[index - 1]);
  return made;
}();

std::uint32_t choose_first(std::span<const std::byte> bytes, std::uint32_t seed) noexcept;

// Constant-initialised, so that a CRC computed while other globals are still being built is right too. Threads that
// meet here choose the same.
constinit std::atomic<crc32c_function> chosen{choose_first};

std::uint32_t choose_first(std::span<const std::byte> bytes, std::uint32_t seed) noexcept {
  const crc32c_function hardware = crc32c_hardware();
  const crc32c_function function = hardware ? hardware : crc32c_software;
  chosen.store(function, std::memory_order_relaxed);
  return function(bytes, seed);
}

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed) noexcept {
  return chosen.load(std::memory_order_relaxed)(bytes, seed);
}

std::uint32_t crc32c_software(std::span<const std::byte> bytes, std::uint32_t seed) noexcept {
  return ~crc::update(castagnoli_tables, ~seed, bytes);
}

std::uint32_t crc32c_shift(std::uint32_t crc, std::uint64_t bytes) noexcept {
  for (std::size_t index = 0; bytes != 0; bytes >>= 1U, ++index)
    if ((bytes & 1U) != 0) crc = crc::multiply(crc, over_bytes[index]);
  return crc;
}

std::uint32_t crc32c_combine(std::uint32_t crc_of_a, std::uint32_t crc_of_b, std::uint64_t size_of_b) noexcept {
  return crc32c_shift(crc_of_a, size_of_b) ^ crc_of_b;  // the ones before and after cancel out
}

}  // namespace kafka::protocol
