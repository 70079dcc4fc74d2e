// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <kafka/types.hpp>

namespace kafka {

/// The partition, in [0, partition_count), that Kafka's Java producer gives a record with this key: murmur2 of the key
/// with the sign bit cleared, modulo the count. `partition_count` must be positive; `key` must not be null.
[[nodiscard]] std::int32_t murmur2_partition(bytes_view key, std::int32_t partition_count) noexcept;

}  // namespace kafka
