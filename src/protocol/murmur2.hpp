// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace kafka::protocol {

/// MurmurHash2 with the seed of Kafka's Java clients, so that a key meets the same partition whoever wrote it.
[[nodiscard]] std::int32_t murmur2(std::span<const std::byte> bytes) noexcept;

/// The partition that Java's default partitioner gives to a key: the hash without its sign bit, modulo
/// `partition_count`, which must be positive.
[[nodiscard]] std::int32_t murmur2_partition(std::span<const std::byte> key, std::int32_t partition_count) noexcept;

}  // namespace kafka::protocol
