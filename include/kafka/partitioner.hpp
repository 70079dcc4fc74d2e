// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include <kafka/record.hpp>
#include <kafka/types.hpp>

namespace kafka {

/// Who chooses the partition of a record that names none. All producers of a keyed topic should choose alike, or equal
/// keys end up in different partitions.
enum class partitioning : std::uint8_t {
  /// As Java's: a key by murmur2; without one, batches are spread evenly over the partitions, with fewer for those
  /// whose
  /// brokers are slow (KIP-794). An empty key is a key.
  murmur2_uniform,
  /// As librdkafka's default: a key by CRC32; without one, or with an empty one, at random. For those who migrate.
  consistent_random,
  /// A key by CRC32; no key counts as an empty one. librdkafka's `consistent`.
  consistent,
  /// Keys play no part: as murmur2_uniform does without one.
  uniform,
  /// One after the other. Batches fill more slowly than with uniform.
  round_robin,
  /// Each record at random.
  random,
  /// Only records that name their partition are taken.
  manual,
};

/// A partitioner of the user's own: the partition, in [0, partition_count), of a record that names none. `available`
/// are the partitions that have a leader (never empty). Called by the sending threads, by several at once if several
/// send; must not block or throw. A partition out of range fails the record with invalid_argument.
using partition_function = std::function<std::int32_t(const message& record, std::int32_t partition_count,
                                                      std::span<const std::int32_t> available)>;

/// The partition, in [0, partition_count), that Kafka's Java producer gives a record with this key: murmur2 of the key
/// with the sign bit cleared, modulo the count. `partition_count` must be positive; `key` must not be null.
[[nodiscard]] std::int32_t murmur2_partition(bytes_view key, std::int32_t partition_count) noexcept;

/// The partition that librdkafka's `consistent` gives: CRC32 (that of zlib) of the key, modulo the count. A null key
/// counts as an empty one. `partition_count` must be positive.
[[nodiscard]] std::int32_t crc32_partition(bytes_view key, std::int32_t partition_count) noexcept;

}  // namespace kafka
