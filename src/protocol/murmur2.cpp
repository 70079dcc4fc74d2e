// SPDX-License-Identifier: Apache-2.0
#include "protocol/murmur2.hpp"

#include <boost/endian/conversion.hpp>

namespace kafka::protocol {

std::int32_t murmur2(std::span<const std::byte> bytes) noexcept {
  constexpr std::uint32_t multiplier = 0x5BD1E995U;
  constexpr std::uint32_t seed = 0x9747B28CU;
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  std::uint32_t hash = seed ^ static_cast<std::uint32_t>(bytes.size());
  std::size_t left = bytes.size();
  for (; left >= 4; left -= 4, at += 4) {
    std::uint32_t word = boost::endian::load_little_u32(at) * multiplier;
    word ^= word >> 24U;
    hash = (hash * multiplier) ^ (word * multiplier);
  }
  if (left != 0) {
    for (std::size_t index = 0; index < left; ++index) hash ^= static_cast<std::uint32_t>(at[index]) << (8 * index);
    hash *= multiplier;
  }
  hash ^= hash >> 13U;
  hash *= multiplier;
  hash ^= hash >> 15U;
  return static_cast<std::int32_t>(hash);
}

std::int32_t murmur2_partition(std::span<const std::byte> key, std::int32_t partition_count) noexcept {
  return (murmur2(key) & 0x7FFFFFFF) % partition_count;
}

}  // namespace kafka::protocol
