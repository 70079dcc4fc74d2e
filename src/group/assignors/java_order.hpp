// SPDX-License-Identifier: Apache-2.0
// Java's sticky assignors leave a few choices to the order in which a HashMap goes through its keys. To choose alike we
// go through them in that order too: by bucket, of which there are at least 16 and more than the keys need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kafka::group {

/// String.hashCode(), of UTF-8: over the units of UTF-16.
[[nodiscard]] constexpr std::uint32_t java_hash(std::string_view text) noexcept {
  std::uint32_t hash = 0;
  std::uint32_t point = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80U) {
      point = byte;
    } else if (byte < 0xC0U) {
      point = point << 6U | (byte & 0x3FU);
    } else {
      point = byte & (byte < 0xE0U ? 0x1FU : byte < 0xF0U ? 0x0FU : 0x07U);
    }
    const bool goes_on = at + 1 < text.size() && (static_cast<unsigned char>(text[at + 1]) & 0xC0U) == 0x80U;
    if (goes_on) continue;
    if (point > 0xFFFFU) hash = hash * 31U + (0xD7C0U + (point >> 10U));
    hash = hash * 31U + (point > 0xFFFFU ? 0xDC00U + (point & 0x3FFU) : point);
  }
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
