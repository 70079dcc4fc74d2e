// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <kafka/config.hpp>
#include <kafka/partitioner.hpp>
#include <kafka/record.hpp>

namespace kafka::client {

/// Chooses the partitions of one topic's records. Thread-safe, without a lock.
class partition_chooser {
 public:
  /// How many full batches of a partition wait; null: all partitions are alike.
  using backlog_of = std::function<std::uint32_t(std::int32_t partition)>;

  /// `available`: the partitions with a leader; must not be empty.
  partition_chooser(const producer_config& config, std::int32_t partition_count, std::vector<std::int32_t> available,
                    backlog_of backlog, std::uint64_t seed);

  /// The partition of a record that names none; -1 if none can be chosen (partitioning::manual). What a user's own
  /// function says is passed on unchecked.
  [[nodiscard]] std::int32_t choose(const message& record);

 private:
  /// Keyless records stay with one partition until so many bytes have gone there, so that batches fill (KIP-794).
  static constexpr std::size_t sticky_bytes_max = 64U << 10U;

  [[nodiscard]] std::int32_t sticky(const message& record);
  [[nodiscard]] std::int32_t pick();
  [[nodiscard]] std::uint64_t draw(std::uint64_t bound) noexcept;

  partitioning kind_;
  bool adaptive_;
  partition_function custom_;
  std::int32_t count_;
  std::vector<std::int32_t> available_;
  backlog_of backlog_;
  std::atomic<std::uint64_t> random_;
  std::atomic<std::int32_t> current_;
  std::atomic<std::size_t> bytes_{0};
  std::atomic<std::uint32_t> turn_;
};

}  // namespace kafka::client
