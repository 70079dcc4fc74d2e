// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <kafka/partitioner.hpp>

#include "protocol/murmur2.hpp"

namespace kafka {

namespace {

/// The CRC of zlib and Ethernet, a byte at a time: keys are short, and zlib may not be built in.
constexpr std::array<std::uint32_t, 256> crc32_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1U) ^ ((rest & 1U) != 0 ? 0xEDB88320U : 0U);
    table[byte] = rest;
  }
  return table;
}();

}  // namespace

std::int32_t murmur2_partition(bytes_view key, std::int32_t partition_count) noexcept {
  return (protocol::murmur2(key.bytes()) & 0x7FFFFFFF) % partition_count;
}

std::int32_t crc32_partition(bytes_view key, std::int32_t partition_count) noexcept {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const std::byte byte : key.bytes()) {
    crc = crc32_table[(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xFFU] ^ (crc >> 8U);
  }
  return static_cast<std::int32_t>((crc ^ 0xFFFFFFFFU) % static_cast<std::uint32_t>(partition_count));
}

}  // namespace kafka
