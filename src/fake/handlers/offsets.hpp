// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace kafka::fake {

/// As Kafka's offset.metadata.max.bytes.
inline constexpr std::size_t offset_metadata_bytes_max = 4096;

[[nodiscard]] inline bool is_too_large(const std::optional<std::string>& metadata) noexcept {
  return metadata && metadata->size() > offset_metadata_bytes_max;
}

}  // namespace kafka::fake
