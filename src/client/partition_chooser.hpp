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

  struct choice {
    std::int32_t partition = -1;
    /// How many of the records, from the first on, go there.
    std::size_t count = 1;
  };
  /// The partition of the first of these records, which must not be empty: the one it names, or else the one chosen for
  /// it; -1 if none can be chosen (partitioning::manual). What a user, or a user's own function, says is passed on
  /// unchecked. Choosing for several at once is cheaper where they go the same way.
  [[nodiscard]] choice choose(std::span<const message> records);
  [[nodiscard]] std::int32_t choose(const message& record) { return choose({&record, 1}).partition; }

 private:
  /// Keyless records stay with one partition until so many bytes have gone there, so that batches fill (KIP-794).
  static constexpr std::size_t sticky_bytes_max = 64U << 10U;

  [[nodiscard]] std::int32_t choose_one(const message& record);
  /// Whether the record goes where the last such one went.
  [[nodiscard]] bool is_sticky(const message& record) const noexcept;
  [[nodiscard]] choice sticky(std::span<const message> records);
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
