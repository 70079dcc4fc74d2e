// SPDX-License-Identifier: Apache-2.0
// Java's sticky assignors leave a few choices to the order in which a HashMap goes through its keys. To choose alike we
// go through them in that order too: by bucket, of which there are at least 16 and more than the keys need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kafka::group {

/// String.hashCode(). Of text beyond ASCII it is another number than Java's; nothing depends on it but an order.
[[nodiscard]] constexpr std::uint32_t java_hash(std::string_view text) noexcept {
  std::uint32_t hash = 0;
  for (const char unit : text) hash = hash * 31U + static_cast<unsigned char>(unit);
  return hash;
}

/// TopicPartition.hashCode().
[[nodiscard]] constexpr std::uint32_t java_hash(std::string_view topic, std::uint32_t partition) noexcept {
  return (partition + 31U) * 31U + java_hash(topic);
}

/// The bucket of a key with this hash in a HashMap that has grown to hold `keys` keys.
[[nodiscard]] constexpr std::uint32_t java_bucket(std::uint32_t hash, std::size_t keys) noexcept {
  std::size_t buckets = 16;
  while (keys > buckets / 4 * 3) buckets *= 2;
  return (hash ^ (hash >> 16U)) & static_cast<std::uint32_t>(buckets - 1);
}

}  // namespace kafka::group
